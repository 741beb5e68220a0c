"""Poses and motions that test a rig."""
