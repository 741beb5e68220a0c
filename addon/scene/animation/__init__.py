"""Clips <-> the scene: files that importers read, and actions on armatures and their controls."""
