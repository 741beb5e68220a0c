"""Predicted medial spheres against reference ones, as S3DS's tables print them.

Frame: longest bounding-box side 1, as everywhere here (S3DS normalises the same way; its tables are probably x100).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.anatomy import MedialSpheres, Mesh

from .skeleton import radius_error, sphere_distance, surface_distance, volume_iou


@dataclass(frozen=True)
class SphereScore:
    """Spheres against spheres. A different number of spheres changes both figures: it stands beside them."""

    cd: float  # squared, sum of the two directed means, x100
    radius: float  # R: sum over both directions of the mean |r - r of the nearest centre|, x100
    count: int


@dataclass(frozen=True)
class EnvelopeScore:
    """The surface that spheres, cones and slabs envelop against the mesh they stand for."""

    cd: float  # unsquared, half the sum of both directions, x100
    hd: float  # the larger direction, x100
    iou: float  # at 64^3, 0..1
    count: int  # of spheres


def score_spheres(spheres: MedialSpheres, reference: MedialSpheres) -> SphereScore:
    """CD and R at once."""
    if len(spheres.radii) == 0 or len(reference.radii) == 0:
        raise ValueError("A set without spheres has no distance to anything.")
    cd = sphere_distance(spheres.centres, reference.centres)
    radius = radius_error(spheres.centres, spheres.radii, reference.centres, reference.radii)
    return SphereScore(100 * cd, 100 * radius, len(spheres.radii))


def score_envelope(envelope: Mesh, mesh: Mesh, count: int) -> EnvelopeScore:
    """Reconstruction error of `count` spheres; both watertight."""
    cd, hd = surface_distance(envelope, mesh)
    return EnvelopeScore(100 * cd, 100 * hd, volume_iou(envelope, mesh), count)


def nearest_radius_gap(spheres: MedialSpheres) -> float:
    """Mean |r - r of the nearest other sphere|: how suddenly thickness changes, in units of the frame; no reference."""
    if len(spheres.radii) < 2:
        return 0.0
    squared = ((spheres.centres[:, None] - spheres.centres[None]) ** 2).sum(2)
    np.fill_diagonal(squared, np.inf)
    return float(np.abs(spheres.radii - spheres.radii[squared.argmin(1)]).mean())
