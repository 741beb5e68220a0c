"""What shapes are made with."""
