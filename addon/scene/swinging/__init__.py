"""What swings: chains added to an armature that exists, what makes them swing when Blender plays, and the way back."""
