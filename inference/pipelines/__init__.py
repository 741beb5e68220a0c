"""The named ways through the house."""
