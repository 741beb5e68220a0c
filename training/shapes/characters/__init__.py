"""Characters and creatures with rigs, one generator for each kind."""

from __future__ import annotations

from training.shapes.shape import Generator

from .biped import biped
from .bird import bird
from .blob import blob
from .dragon import dragon
from .fish import fish
from .hand import hand
from .insect import insect
from .mech import mech
from .quadruped import quadruped
from .serpent import serpent

CHARACTERS: dict[str, Generator] = {
    "biped": biped,
    "quadruped": quadruped,
    "bird": bird,
    "fish": fish,
    "insect": insect,
    "serpent": serpent,
    "dragon": dragon,
    "hand": hand,
    "mech": mech,
    "blob": blob,
}
