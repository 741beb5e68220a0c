"""glTF files without Blender: read them, add a rig, write them back with nothing lost."""
