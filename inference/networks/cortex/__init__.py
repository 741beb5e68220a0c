"""Joints and bones of anything, from surface points."""
