"""What several networks are made of, in torch; imported by their network.py alone."""
