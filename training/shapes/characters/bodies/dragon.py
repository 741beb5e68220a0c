"""Dragons: four legs or two, and wings of skin."""

# ruff: noqa: RUF005 - arrays are added to lists here, not joined with them
from __future__ import annotations

import numpy as np

from training.shapes.shape import KnownShape

from ..build import build
from ..draw import start
from ..limbs.muzzle import add_animal_head
from ..limbs.wings import draws, skin_wing
from ..plan import Plan, along
from .quadruped import Animal, add_body, add_four_legs, add_neck, add_tail


def dragon(seed: int) -> KnownShape:
    """One dragon."""
    plan = start("creature", "dragon", seed, 7)
    girth = plan.uniform(0.18, 0.3)
    animal = Animal(
        legs=plan.uniform(0.45, 0.85),
        girth=girth,
        neck=plan.uniform(0.35, 1.0),
        rise=plan.uniform(0.4, 1.2),
        skull=girth * plan.uniform(0.7, 1.2),
        slope=plan.uniform(0.0, 0.2),
        leg=plan.uniform(0.08, 0.13),
        hoof=False,
        tail=plan.uniform(1.0, 1.8),
        waist=plan.uniform(0.7, 1.05),
    )
    spine = add_body(plan, animal)
    add_four_legs(plan, animal, spine, ("front", "hind") if plan.chance(0.75) else ("hind",))
    add_animal_head(plan, add_neck(plan, animal, spine), animal.skull, "dragon")
    tail = add_tail(plan, animal, spine[0])
    drawn = draws(plan)
    span, chord = plan.uniform(0.8, 1.6), plan.uniform(0.45, 0.8)
    root = plan.bones[spine[-1]].head + [0.45 * girth, 0.02, 0.55 * girth]
    for side in plan.sides():
        skin_wing(plan, root, span, chord, spine[-1], side, drawn)
    if plan.chance(0.5):
        _spikes(plan, spine, tail, girth)
    return build(plan, seed)


def _spikes(plan: Plan, spine: list[int], tail: list[int], girth: float) -> None:
    """A row of points along the back."""
    for bones, above in ((spine, 0.95 * girth), (tail, 0.3 * girth)):
        for at in along(plan.ends(bones), np.linspace(0.15, 0.85, 4)):
            base = at + [0, 0, 0.6 * above]
            tip = at + [0, 0.08, above + 0.45 * girth]
            nearest = min(bones, key=lambda bone: float(np.linalg.norm(plan.bones[bone].head - at)))
            plan.body(
                np.stack([base, tip]), girth * np.array([[0.08, 0.2], [0.02, 0.04]]), [nearest], make="tube", grip=False
            )
