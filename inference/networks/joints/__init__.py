"""The geometry's joints, put where riggers would put them."""
