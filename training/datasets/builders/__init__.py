"""Makes datasets of meshes: skeleton points, volumes, signed distances, rigs."""
