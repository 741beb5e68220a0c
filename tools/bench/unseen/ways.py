"""The ways an unseen asset is rigged: by itself, by other methods, and told what the truth knows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np

from inference.anatomy import Mesh, Pose, Rig
from inference.kinds import Choice
from inference.pipelines.meshes import rig_mesh
from inference.requests import RigOptions
from inference.rigging.standing.hint import AS_GIVEN, Way
from training.metrics.naming import KINDS_OF_PLANS, plan_fits

UP, FRONT = np.array([0.0, 0.0, 1.0]), np.array([0.0, -1.0, 0.0])  # of every file that has a front
SAME = np.cos(np.deg2rad(1.0))  # a direction this near to the truth is the same as being told it
AUTO, GEOMETRIC = "auto", "geometric"


@dataclass(frozen=True)
class Truth:
    """What is known of an asset beside its rig."""

    plan: str  # of the labels; empty where nobody has looked
    front: bool  # it has a front, and faces -Y

    @property
    def kind(self) -> str:
        """The kind of Armature.kind that a user would choose; empty where nobody knows."""
        return KINDS_OF_PLANS[self.plan][0] if self.plan else ""


@dataclass(frozen=True)
class Asked:
    """One way of rigging."""

    options: RigOptions = field(default_factory=lambda: RigOptions(bind=False))
    up: bool = False  # told
    front: bool = False  # told, and with it up
    kind: bool = False  # told


NO_SKIN = RigOptions(bind=False)
ASKED: dict[str, Asked] = {
    AUTO: Asked(RigOptions()),
    GEOMETRIC: Asked(RigOptions(method="geometric", weights="geometric")),
    "free": Asked(replace(NO_SKIN, method="free")),
    "few": Asked(replace(NO_SKIN, density="few")),
    "many": Asked(replace(NO_SKIN, density="many")),
    "quadruped": Asked(replace(NO_SKIN, kind="quadruped")),
    "creature": Asked(replace(NO_SKIN, kind="creature")),
    "told up": Asked(up=True),
    "told front": Asked(up=True, front=True),
    "told kind": Asked(kind=True),
    "told front and kind": Asked(up=True, front=True, kind=True),
}
DENSITIES = (AUTO, "few", "many")  # of them the one is told that has nearly as many joints as the artist's
PROPOSALS = (AUTO, GEOMETRIC, "free", "few", "many", "quadruped", "creature")  # told nothing


def adds_nothing(asked: Asked, truth: Truth, found: Rig) -> bool:
    """What would be told is known already, by the rig made without it (or nobody knows it): that rig is the answer."""
    known_up = not asked.up or found.pose.up @ UP > SAME
    known_front = not (asked.front and truth.front) or _faces_front(found.pose)
    known_kind = not (asked.kind and truth.plan) or found.armature.kind == truth.kind
    return known_up and known_front and known_kind


def rigged(mesh: Mesh, asked: Asked, truth: Truth) -> Rig:
    """The rig, told what is asked for as far as it is known."""
    standing: Way | None = AS_GIVEN if asked.up else None
    if asked.front and truth.front:
        standing = replace(AS_GIVEN, front=FRONT)
    options = asked.options
    if asked.kind and truth.kind:
        # The geometry knows more kinds than a user can choose.
        options = replace(options, kind=cast(Choice, truth.kind))
    return rig_mesh(mesh, options, standing=standing)


def kind_right(found: str, truth: Truth) -> bool | None:
    """Whether a kind is right; None where nobody knows."""
    return plan_fits(found, truth.plan) if truth.plan else None


def _faces_front(pose: Pose) -> bool:
    return bool(pose.forward @ FRONT > SAME)
