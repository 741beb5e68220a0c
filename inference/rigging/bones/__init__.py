"""Bones as riggers know them: names, rolls, other programs' conventions."""
