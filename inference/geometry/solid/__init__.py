"""The volume inside a mesh, as linked cells of a grid."""
