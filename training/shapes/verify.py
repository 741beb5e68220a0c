"""Whether a shape is what it says it is, measured on its triangles."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from inference.anatomy import Armature, SkinWeights

from .making.inscribed import distances, inside
from .making.union import components_and_genus, is_watertight
from .shape import KnownShape

FRAME = 1e-5  # how far the box may be from its place, of the longest side
TOUCH = 0.002  # how far a sphere may end before or beyond the surface, and a line lie outside it
WEIGHT = 1e-5  # how far weights may be from summing to 1
CHECKS = (
    "arrays",
    "frame",
    "watertight",
    "outward",
    "genus",
    "spheres inside",
    "spheres touch",
    "skeleton inside",
    "armature",
    "weights",
    "repeats",
    "differs",
)


def faults(shape: KnownShape) -> dict[str, str]:
    """For each check that fails, what is wrong; empty when all is as claimed."""
    broken = dict(_arrays(shape))
    if broken:
        return broken  # nothing else can be measured
    return dict([*_surface(shape), *_anatomy(shape), *_rig(shape)])


def digest(shape: KnownShape) -> str:
    """A fingerprint of every number in the shape."""
    summed = hashlib.sha256(f"{shape.family} {shape.watertight} {shape.genus}".encode())
    for array in _all_arrays(shape):
        summed.update(f"{array.dtype} {array.shape}".encode())
        summed.update(np.ascontiguousarray(array).tobytes())
    if shape.rig is not None:
        summed.update(f"{shape.rig.armature.kind} {shape.rig.armature.names}".encode())
    return summed.hexdigest()


def _all_arrays(shape: KnownShape) -> Iterator[np.ndarray]:
    yield from (shape.mesh.vertices, shape.mesh.triangles)
    for line in (*shape.curves, *shape.sheets):
        yield from (line.points, line.radii)
    yield from (shape.spheres.centres, shape.spheres.radii, shape.spheres.sheet)
    if shape.rig is not None:
        a, skin = shape.rig.armature, shape.rig.skin
        yield from (a.parents, a.heads, a.tails, a.rolls, a.connected, a.deform, a.radii, skin.bones, skin.weights)


def _arrays(shape: KnownShape) -> Iterator[tuple[str, str]]:
    vertices, triangles = shape.mesh.vertices, shape.mesh.triangles
    if any(array.dtype.kind == "f" and not np.isfinite(array).all() for array in _all_arrays(shape)):
        yield "arrays", "numbers that are not finite"
    elif len(triangles) == 0 or triangles.min() < 0 or triangles.max() >= len(vertices):
        yield "arrays", "triangles of vertices that do not exist"
    elif len(shape.spheres.radii) == 0:
        yield "arrays", "no medial spheres"
    elif not shape.curves and not shape.sheets:
        yield "arrays", "neither lines nor middle surfaces"
    elif any(line.points.shape[:-1] != line.radii.shape for line in (*shape.curves, *shape.sheets)):
        yield "arrays", "a line or middle surface has not one radius for each point"
    elif any((line.radii < 0).any() for line in (*shape.curves, *shape.sheets)) or (shape.spheres.radii <= 0).any():
        yield "arrays", "radii below zero"


def _surface(shape: KnownShape) -> Iterator[tuple[str, str]]:
    mesh = shape.mesh
    used = mesh.vertices[np.unique(mesh.triangles)]
    low, high = used.min(0), used.max(0)
    size, middle = float((high - low).max()), float(np.abs(low + high).max() / 2)
    if abs(size - 1) > FRAME or middle > FRAME:
        yield "frame", f"longest side {size:.6f}, middle {middle:.6f} from the origin"
    if not shape.watertight:
        if shape.genus is not None:
            yield "genus", "handles claimed for a surface that is not watertight"
        return
    if not is_watertight(mesh):
        yield "watertight", "edges without two triangles turned alike"
        return
    a, b, c = mesh.vertices[mesh.triangles].transpose(1, 0, 2)
    volume = float(np.einsum("ij,ij->", a, np.cross(b, c))) / 6
    if volume <= 0:
        yield "outward", f"volume {volume:.6f}"
    handles = components_and_genus(mesh)[1]
    if handles != shape.genus:
        yield "genus", f"{handles} handles, not {shape.genus}"


def _anatomy(shape: KnownShape) -> Iterator[tuple[str, str]]:
    """Spheres and lines, measured in one go."""
    lines = [line.points.reshape(-1, 3) for line in (*shape.curves, *shape.sheets)]
    count = len(shape.spheres.radii)
    points = np.concatenate([shape.spheres.centres, *lines])
    within, (away, _) = inside(shape.mesh, points), distances(shape.mesh, points)
    outside = int((~within[:count]).sum())
    if outside:
        yield "spheres inside", f"{outside} of {count} centres outside"
    wrong = np.abs(away[:count] - shape.spheres.radii)
    if (wrong > TOUCH).any():
        yield "spheres touch", f"{int((wrong > TOUCH).sum())} of {count}, the worst by {wrong.max():.4f}"
    beyond = ~within[count:] & (away[count:] > TOUCH)
    if beyond.any():
        far = float(away[count:][beyond].max())
        yield "skeleton inside", f"{int(beyond.sum())} of {len(beyond)} points outside, the worst by {far:.4f}"


def _rig(shape: KnownShape) -> Iterator[tuple[str, str]]:
    if shape.rig is None:
        return
    wrong = _armature(shape.rig.armature)
    if wrong:
        yield "armature", wrong
    wrong = _weights(shape.rig.skin, len(shape.mesh.vertices), shape.rig.armature)
    if wrong:
        yield "weights", wrong


def _armature(armature: Armature) -> str:
    count = len(armature.names)
    if len(set(armature.names)) != count:
        return "two bones share a name"
    if (armature.parents < 0).sum() != 1:
        return f"{int((armature.parents < 0).sum())} roots"
    if (armature.parents >= np.arange(count)).any():
        return "a bone comes before its parent"
    if (armature.lengths < 1e-6).any():
        return f"{armature.names[int(armature.lengths.argmin())]} has no length"
    hung = np.flatnonzero(armature.connected & (armature.parents >= 0))
    if (np.abs(armature.heads[hung] - armature.tails[armature.parents[hung]]) > 1e-6).any():
        return "a connected bone does not start at its parent's tail"
    return ""


def _weights(skin: SkinWeights, vertices: int, armature: Armature) -> str:
    if len(skin.bones) != vertices or skin.bones.shape != skin.weights.shape:
        return f"weights of {len(skin.bones)} vertices, not {vertices}"
    if skin.bones.min() < 0 or skin.bones.max() >= len(armature.names):
        return "weights of bones that do not exist"
    if (skin.weights < 0).any():
        return "weights below zero"
    off = np.abs(skin.weights.sum(1, dtype=float) - 1)
    if (off > WEIGHT).any():
        return f"{int((off > WEIGHT).sum())} vertices' weights do not sum to 1, the worst off by {off.max():.5f}"
    if ((skin.weights > 0) & ~armature.deform[skin.bones]).any():
        return "weights of bones that do not deform"
    return ""
