"""A mesh made ready to be bound: its solid is the dear part, and is kept for the next time the same mesh comes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np

from ..anatomy import Mesh, SkinWeights, Solid
from ..frames import Frame
from ..geometry.mesh.clean import clean_mesh
from ..geometry.mesh.surface import unit_frame
from ..geometry.solid.make import make_solid
from ..progress import Progress
from ..rigging.skin.bind import Ground, make_ground
from ..rigging.standing.canonical import shape_in


@dataclass(frozen=True)
class ReadyMesh:
    """A mesh in its unit frame, and what it encloses."""

    shape: Mesh  # cleaned, in `frame`
    merged: np.ndarray  # (V,) the cleaned vertex of each vertex of the input, -1 for none
    frame: Frame
    solid: Solid
    grounds: dict[int, Ground] = field(default_factory=dict)  # by the most vertices that are looked at

    def ground(self, most: int) -> Ground:
        """What binding needs to know of it, made when it is first asked for."""
        if most not in self.grounds:
            self.grounds[most] = make_ground(self.shape, self.solid, most)
        return self.grounds[most]


_last: dict[bytes, ReadyMesh] = {}  # of the mesh that came last: joints are moved one after another on the same one


def ready_mesh(mesh: Mesh, progress: Progress) -> ReadyMesh:
    """`mesh`, ready to be bound; the same for the same mesh, whether it is made or remembered."""
    key = _fingerprint(mesh)
    known = _last.get(key)
    if known is None:
        cleaned, merged = clean_mesh(mesh)
        frame = unit_frame(cleaned)
        shape = shape_in(frame, cleaned)
        solid = make_solid(shape, progress=progress)
        known = ReadyMesh(shape, merged, frame, solid)
        _last.clear()
        _last[key] = known
    return known


def to_input(skin: SkinWeights, merged: np.ndarray) -> SkinWeights:
    """Weights of the cleaned vertices, handed to every input vertex; those without a place follow the first one."""
    source = np.maximum(merged, 0)
    return SkinWeights(skin.bones[source], skin.weights[source])


def to_cleaned(skin: SkinWeights, merged: np.ndarray, count: int) -> SkinWeights:
    """Weights of the input vertices on the cleaned ones: the first input vertex of each speaks for it."""
    first = np.zeros(count, np.int64)
    usable = np.flatnonzero(merged >= 0)[::-1]
    first[merged[usable]] = usable
    return SkinWeights(skin.bones[first], skin.weights[first])


def _fingerprint(mesh: Mesh) -> bytes:
    parts = hashlib.blake2b(digest_size=16)
    for array in (mesh.vertices, mesh.triangles):
        parts.update(repr((array.shape, array.dtype.str)).encode())
        parts.update(np.ascontiguousarray(array).data)
    return parts.digest()
