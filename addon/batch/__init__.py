"""Many files, one after another or side by side. Only `rig_file` and `worker` import bpy: the rest starts at once."""
