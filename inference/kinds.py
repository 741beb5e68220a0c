"""What a shape can be: the one list of kinds, and what follows from each.

A new kind is a word of `Kind` and a line of `KINDS`; users can ask for it once it is a word of `Choice` too. Networks
know kinds by their place in lists of their own, which the weights fix; every word there is one of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["biped", "quadruped", "bird", "fish", "insect", "serpent", "creature", "hand", "mech", "plant", "object"]
Choice = Literal["auto", "biped", "quadruped", "creature", "object"]
Family = Literal["person", "animal", "creature", "thing"]
Plan = Literal["biped", "animal", "fish", "serpent", "creature"]


@dataclass(frozen=True)
class KindFacts:
    """What follows from being of a kind."""

    label: str  # what menus call it
    about: str  # one line for menus
    family: Family  # joints of persons and animals have usual places, those of creatures and things have none
    plan: Plan  # the module of rigging/plans that makes its bones
    upright: bool = False  # it is stood up when it was handed over lying down


KINDS: dict[Kind, KindFacts] = {
    "biped": KindFacts("Biped", "Two legs, two arms, a head", "person", "biped", upright=True),
    "quadruped": KindFacts("Quadruped", "Four legs", "animal", "animal", upright=True),
    "bird": KindFacts("Bird", "Two legs and wings", "animal", "animal"),
    "fish": KindFacts("Fish", "A body with fins", "animal", "fish"),
    "insect": KindFacts("Insect", "Six legs or more", "animal", "creature"),
    "serpent": KindFacts("Serpent", "A long body without limbs", "animal", "serpent"),
    "creature": KindFacts("Creature", "Any other animal or monster", "creature", "creature"),
    "hand": KindFacts("Hand", "A hand without an arm", "person", "creature"),
    "mech": KindFacts("Mech", "A machine that moves", "thing", "creature"),
    "plant": KindFacts("Plant", "A trunk with branches, or leaves", "thing", "creature"),
    "object": KindFacts("Object", "A thing without limbs that have names", "thing", "creature"),
}
ALIASES: dict[str, Choice] = {"humanoid": "biped"}  # other words that the command line takes


def choices() -> tuple[Choice, ...]:
    """What a user can ask for; "auto" first."""
    return get_args(Choice)
