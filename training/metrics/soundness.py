"""What a rig must fulfil without any truth: valid, inside, covering; and how often that failed.

Frame: the asset's own or the unit frame; shares have no unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.anatomy import Armature, Mesh, SkinWeights
from inference.geometry.mesh.surface import sample_surface
from inference.rigging.judging.validity import valid_problems

from .rig import sample_bones
from .skeleton import SURFACE_SAMPLES, coverage, covered_share, is_inside

INFLUENCES = 4  # per vertex, unless the request chose another number
STEP = 0.005  # of the longest side, between samples along bones


@dataclass(frozen=True)
class Tally:
    """A whole set of assets; every one counts in every figure."""

    assets: int
    failed: int  # no rig, an invalid rig or a crash

    @property
    def failure_rate(self) -> float:
        """Failed / all, 0..1."""
        return self.failed / self.assets if self.assets else 0.0


def is_valid(armature: Armature, skin: SkinWeights | None, influences: int = INFLUENCES) -> bool:
    """Valid rig: one root, acyclic, finite, no bone without length, unique names, every vertex weighted.

    Weights are >= 0 and sum to 1 within 1e-5, at most `influences` of them a vertex. A rig without weights is not
    valid. `inference.rigging.judging.validity` says what is wrong.
    """
    return skin is not None and not valid_problems(armature, skin, influences)


def tally(valid: Sequence[bool | None]) -> Tally:
    """Count failures: False is an invalid rig, None no rig at all or a crash."""
    return Tally(len(valid), sum(one is not True for one in valid))


def share_inside(armature: Armature, mesh: Mesh) -> float:
    """Share of the length of the bones that deform inside the solid, by winding number, 0..1."""
    along = bone_samples(armature, mesh)
    return float(is_inside(mesh, along).mean()) if len(along) else 0.0


def bone_coverage(armature: Armature, mesh: Mesh, seed: int = 0) -> float:
    """Share of 20,000 surface samples within 1.2 x the distance to the surface of a bone's point inside, 0..1."""
    along = bone_samples(armature, mesh)
    surface, _ = sample_surface(mesh, SURFACE_SAMPLES, seed)
    return coverage(along[is_inside(mesh, along)], surface, mesh)


def envelope_coverage(centres: np.ndarray, radii: np.ndarray, mesh: Mesh, seed: int = 0) -> float:
    """Share of 20,000 surface samples within 1.2 radii of some sphere (N, 3) and (N,), 0..1."""
    surface, _ = sample_surface(mesh, SURFACE_SAMPLES, seed)
    return covered_share(centres, radii, surface)


def bone_samples(armature: Armature, mesh: Mesh) -> np.ndarray:
    """Points every 0.005 of the longest side along the bones that deform (all, when none does), (N, 3)."""
    kept = armature.deform if armature.deform.any() else np.ones(len(armature.names), bool)
    bones = np.stack([armature.heads[kept], armature.tails[kept]], 1)
    size = float(np.ptp(mesh.vertices[np.unique(mesh.triangles)], axis=0).max())
    return sample_bones(bones, STEP * size) if len(bones) else np.zeros((0, 3))
