"""What every generator gives: a mesh together with the anatomy it was made from.

Frame: Z up, facing -Y, left at +X, the longest bounding-box side is 1 and the box is centred at the origin.
The same seed gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inference.anatomy import Armature, MedialSpheres, Mesh, SkinWeights


@dataclass(frozen=True)
class Curve:
    """A tube-like part's centre line, in order along it."""

    points: np.ndarray  # (N, 3)
    radii: np.ndarray  # (N,) distance to the part's own surface


@dataclass(frozen=True)
class Sheet:
    """A slab-like part's middle surface, as a grid."""

    points: np.ndarray  # (R, C, 3)
    radii: np.ndarray  # (R, C) half the thickness


@dataclass(frozen=True)
class KnownRig:
    """What an artist would have made of the shape."""

    armature: Armature  # `kind` says what it is; bones are named by the house's conventions
    skin: SkinWeights  # of the mesh's vertices


@dataclass(frozen=True)
class KnownShape:
    """A mesh and the truth about it."""

    family: str  # "chair", "quadruped", "vessel tree", ...
    seed: int
    mesh: Mesh
    watertight: bool  # every edge has two triangles, turned alike; False where the family leaves shells open or loose
    genus: int | None  # handles, summed over the mesh's connected components; None where it is not watertight
    curves: tuple[Curve, ...]  # the meso-skeleton's lines ...
    sheets: tuple[Sheet, ...]  # ... and its middle surfaces
    spheres: MedialSpheres  # inside the mesh and touching its surface
    rig: KnownRig | None = None


Generator = Callable[[int], KnownShape]  # seed -> shape
