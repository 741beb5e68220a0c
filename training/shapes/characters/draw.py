"""How a shape is made: drawn once per seed."""

from __future__ import annotations

import numpy as np

from .plan import Appearance, Plan


def start(kind: str, family: str, seed: int, number: int) -> Plan:
    """An empty plan with a random look; `number` tells the families' seeds apart."""
    rng = np.random.default_rng([0xC4A7, number, seed])
    made = str(rng.choice(["field", "tubes", "loose"], p=[0.55, 0.33, 0.12]))
    look = Appearance(
        made=made,
        vertices=int(np.exp(rng.uniform(np.log(1200), np.log(4500)))),
        sides=int(rng.choice([6, 8, 10, 12])),
        band=0.0 if rng.random() < 0.1 else float(rng.uniform(0.35, 1.3)),
    )
    return Plan(kind, family, rng, look)
