"""Controls and motion measured, in Blender."""
