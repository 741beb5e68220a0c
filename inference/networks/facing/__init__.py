"""What a shape is and which way it faces."""
