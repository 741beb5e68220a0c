"""How good a rig is, told without the truth."""
