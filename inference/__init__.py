"""From a mesh to a named, skinned armature. Pure NumPy/SciPy: knows neither Blender nor training."""
