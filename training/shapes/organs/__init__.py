"""Vessels, bones and organs."""
