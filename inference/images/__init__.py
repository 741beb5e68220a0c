"""Pictures of objects: what is the object in them, and the square around it that networks look at."""
