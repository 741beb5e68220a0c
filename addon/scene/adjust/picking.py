"""Which dot is under the mouse, and how large each of them is."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from ....inference.rigging.bones.joints import hit_joint
from ...typed import armature_data
from ..meshes import matrix
from .aim import eye_of
from .joints import JointLooks, read_looks

SURE, UNSURE = 5.0, 11.0  # pixels at scale 1, radius of a certain joint and of a mere guess
LEAST = 2.5  # no dot is smaller, however many lie together
CATCH = 4.0  # pixels around a dot where the mouse still catches it
SHARE = 0.55  # of the way to the next dot that a dot takes at most


@dataclass(frozen=True)
class Picked:
    """A joint under the mouse."""

    looks: JointLooks
    joint: int
    pixel: np.ndarray  # (2,) where it is seen in the region
    world: np.ndarray  # (3,)


def pick(context: bpy.types.Context, armature: bpy.types.Object, mouse: tuple[float, float]) -> Picked | None:
    """The joint under the mouse, in pixels of the region; None where there is none."""
    eye = eye_of(context)
    if eye is None:
        return None
    looks = read_looks(armature_data(armature))
    places = places_in_world(armature, looks)
    seen, depth = eye.pixels(places)
    seen = np.where(looks.shown[:, None], seen, np.nan)
    scale = context.preferences.system.ui_scale
    joint = hit_joint(seen, radii_of(looks, seen, scale) + CATCH * scale, depth, np.array(mouse, np.float64))
    return None if joint < 0 else Picked(looks, joint, seen[joint], places[joint])


def radii_of(looks: JointLooks, seen: np.ndarray, scale: float) -> np.ndarray:
    """Pixels from the middle of each dot to its rim, (J,)."""
    radii = scale * (SURE + (UNSURE - SURE) * (1.0 - np.clip(looks.certainty, 0.0, 1.0)))
    there = np.flatnonzero(looks.shown & np.isfinite(seen).all(1))
    apart = np.linalg.norm(seen[there, None] - seen[None, there], axis=2)
    apart[apart < 1.0] = np.inf  # over each other, as left and right from the side: both as large as they are
    nearest = apart.min(1, initial=np.inf)
    radii[there] = np.minimum(radii[there], np.maximum(SHARE * nearest, LEAST * scale))
    return radii


def places_in_world(armature: bpy.types.Object, looks: JointLooks) -> np.ndarray:
    """The joints in world coordinates, (J, 3)."""
    world = matrix(armature.matrix_world)
    return looks.graph.places @ world[:3, :3].T + world[:3, 3]
