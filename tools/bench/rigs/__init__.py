"""Rigs and skin weights measured."""
