"""How a shape stands: up, front and mirror plane, and the frame it is rigged in."""
