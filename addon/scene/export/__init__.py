"""Rigs for other programs."""
