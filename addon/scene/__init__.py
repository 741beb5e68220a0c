"""Scene <-> nouns: everything that reads from or writes to Blender's data, and nothing that computes."""
