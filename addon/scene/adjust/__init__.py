"""Joints and bones put right by hand: what edit mode shows and changes, and weights that follow."""
