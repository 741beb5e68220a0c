"""Rest poses and skeletons in files: a mesh brought into another rest pose, and the skeleton that a file has."""
