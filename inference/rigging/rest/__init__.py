"""Rest poses: what a body's bones are, how they turn into another rest pose, and the mesh with them."""
