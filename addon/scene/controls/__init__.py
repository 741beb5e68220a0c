"""Control rigs: a metarig of an armature, what Rigify builds of it, and the meshes that change hands."""
