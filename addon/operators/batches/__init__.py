"""Many assets: rig them, stop and go on, look at the results, and mark characters as assets."""
