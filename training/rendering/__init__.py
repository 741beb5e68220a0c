"""Pictures of shapes: through Blender, and quickly in plain torch."""
