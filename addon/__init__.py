"""Everything that imports bpy, and nothing that computes."""
