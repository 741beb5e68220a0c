"""The words of the panel in other languages."""
