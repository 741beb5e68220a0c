"""The verdict on a rig: features, weighed by a small model that learned from right and wrong rigs, with its reasons.

The model is a sum of small decision trees; its numbers and how they were found stand in weights/judge.json.
Another judge can take its place by giving a `Judgement` of a `PlacedRig`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from ...anatomy import Report
from ...errors import WeightsError
from ...verdicts import Verdict
from .fingers import about_fingers
from .fit import about_fit
from .forest import Tree
from .heard import HEARD, about_heard
from .limbs import about_limbs
from .notes import Features
from .placed import PlacedRig
from .stance import about_stance

FILE = Path(__file__).resolve().parents[2] / "weights" / "judge.json"
MOST_REASONS = 3
MOST_OUTSIDE = 2  # bones named among them, the outermost of their limbs
IN_THE_AIR = 0.3  # share of a limb inside the shape; 2 % of artists' rigs have a limb with less
HARDLY_FITS = 0.4  # score of a rig of a kind that was asked for
EVEN = 0.5
WEIGHTY = 0.25  # what a reason adds to the score at least


@dataclass(frozen=True)
class Judgement:
    """What a judge says."""

    verdict: Verdict
    certainty: float  # chance that the rig is right, 0..1
    reasons: tuple[str, ...]  # what speaks against it, the weightiest first


@dataclass(frozen=True)
class Judge:
    """A model: scores above 0 speak for a wrong rig."""

    trees: tuple[Tree, ...]
    bias: float
    slope: float  # from the score to the logarithm of the odds of being wrong
    look: float  # chance of being wrong from which somebody should look
    wrong: float  # chance from which it probably is

    @property
    def listens(self) -> bool:
        """Whether what points of the surface say counts; asking them takes a moment."""
        return any(HEARD in tree.features for tree in self.trees)

    def judge(self, found: Features) -> Judgement:
        """Weigh what was measured."""
        added: dict[str, float] = {}
        score = self.bias + sum(tree.score(found.values, added) for tree in self.trees)
        chance = float(1 / (1 + np.exp(-self.slope * score)))
        verdict: Verdict = "wrong" if chance >= self.wrong else "look" if chance >= self.look else "good"
        return Judgement(verdict, 1 - chance, () if verdict == "good" else _reasons(added, found))


def features_of(rig: PlacedRig) -> Features:
    """What is measured on a rig: plain numbers, each about one part of it, not a number where it does not apply."""
    found = Features()
    about_fit(rig, found)
    about_stance(rig, found)
    about_limbs(rig, found)
    about_fingers(rig, found)
    about_heard(rig, found)
    return found


def judged(report: Report, rig: PlacedRig, *, told: bool = False) -> Report:
    """The report with a verdict. A rig that keeps not even the rules is wrong; `told`: a user has said what it is."""
    if not report.valid:
        return replace(report, verdict="wrong", certainty=0.0, reasons=("rules that every rig must keep",))
    found = features_of(rig)
    given = shipped_judge().judge(found)
    if given.verdict == "good" and (reason := _plainly_bad(report, found, told=told)):
        given = Judgement("look", min(given.certainty, EVEN), (reason,))
    return replace(report, verdict=given.verdict, certainty=given.certainty, reasons=given.reasons)


def doubted(report: Report, reason: str) -> Report:
    """A report that is not good where no measurement of the rig can tell whether `reason` is right."""
    if report.verdict != "good":
        return report
    return replace(report, verdict="look", certainty=min(report.certainty, EVEN), reasons=(reason,))


def _plainly_bad(report: Report, found: Features, *, told: bool) -> str:
    """What nobody would call good, whatever else speaks for the rig: a limb in the air, a kind that hardly fits."""
    if found.values["limb inside"] < IN_THE_AIR:
        return found.about["limb inside"]
    return "kind" if told and report.score < HARDLY_FITS else ""


@lru_cache(maxsize=1)
def shipped_judge() -> Judge:
    """The model that comes with the program."""
    return read_judge(FILE)


def read_judge(path: Path) -> Judge:
    """The model in a file; a named error where it cannot be read."""
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        fields = [field.name for field in dataclasses.fields(Tree)]
        trees = tuple(Tree(*(tuple(part[name]) for name in fields)) for part in card["trees"])
        return Judge(trees, card["bias"], card["slope"], card["look"], card["wrong"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"The judge's numbers in '{path}' cannot be read. Install Bonewright again.") from error


def _reasons(added: Mapping[str, float], found: Features) -> tuple[str, ...]:
    """Bones that lie outside, then what the features that speak loudest against the rig are about."""
    about = found.about
    against: dict[str, float] = {}
    for name, value in added.items():
        if name in about and value > 0:
            against[about[name]] = against.get(about[name], 0.0) + value
    order = sorted(against, key=lambda reason: -against[reason])
    weighty = [reason for reason in order if against[reason] >= WEIGHTY]
    return tuple(dict.fromkeys((*found.outside[-MOST_OUTSIDE:], *(weighty or order))))[:MOST_REASONS]
