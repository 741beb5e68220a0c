"""Centre lines and medial meshes measured."""
