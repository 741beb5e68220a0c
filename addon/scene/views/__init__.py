"""What is seen in Blender, as pictures."""
