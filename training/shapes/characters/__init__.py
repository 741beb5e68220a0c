"""Characters and creatures with rigs, one generator for each kind."""

from __future__ import annotations

from training.shapes.shape import Generator

from .biped import biped
from .quadruped import quadruped

CHARACTERS: dict[str, Generator] = {"biped": biped, "quadruped": quadruped}
