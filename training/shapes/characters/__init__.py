"""Characters and creatures with rigs, one generator for each kind."""

from __future__ import annotations

from training.shapes.shape import Generator

from .bodies.bat import bat
from .bodies.biped import biped
from .bodies.bird import bird
from .bodies.blob import blob
from .bodies.butterfly import butterfly
from .bodies.dragon import dragon
from .bodies.fish import fish
from .bodies.insect import insect
from .bodies.machine import machine
from .bodies.mech import mech
from .bodies.octopus import octopus
from .bodies.quadruped import quadruped
from .bodies.serpent import serpent
from .limbs.hand import hand

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
    "butterfly": butterfly,
    "octopus": octopus,
    "bat": bat,
    "machine": machine,
}
