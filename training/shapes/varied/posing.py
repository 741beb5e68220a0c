"""Random poses within what joints allow: the armature, the mesh and points move together.

Angles are about a bone's own axes: `flex` about x (positive: the way the joint bends), `side` about z, `twist` about y.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from inference.anatomy import Armature, MedialSpheres, Mesh, Symmetry
from inference.axes import bone_axes, rolls_towards
from inference.rigging.bones.names import BOTH_SIDES
from inference.rigging.judging.posing import bend, pose

from ..cloud import Cloud
from ..shape import KnownRig, KnownShape

# Pattern of the name -> flex from, flex to, side, twist in degrees. The first that fits counts.
LIMITS: tuple[tuple[str, tuple[float, float, float, float]], ...] = (
    (r"hips|root|trunk", (0, 0, 0, 0)),
    (r"spine|chest", (-12, 18, 10, 10)),
    (r"neck", (-20, 20, 15, 15)),
    (r"head", (-25, 25, 18, 25)),
    (r"jaw|beak", (-4, 22, 3, 0)),
    (r"shoulder|pelvis", (-10, 12, 10, 5)),
    (r"upper_arm", (-45, 70, 65, 35)),
    (r"forearm", (0, 110, 5, 30)),
    (r"hand", (-35, 35, 15, 10)),
    (r"thumb|f_", (-8, 45, 6, 3)),
    (r"thigh", (-75, 25, 22, 12)),
    (r"shin", (0, 95, 3, 4)),
    (r"foot\.|toe\.", (-28, 28, 6, 4)),
    (r"foot|toe", (-25, 25, 8, 6)),
    (r"upper_leg", (-32, 32, 12, 8)),
    (r"lower_leg", (-40, 40, 5, 4)),
    (r"leg", (-25, 25, 20, 8)),
    (r"tail|trunk\.", (-18, 18, 18, 6)),
    (r"wing\.finger", (-12, 12, 10, 4)),
    (r"wing", (-35, 35, 22, 12)),
    (r"ear|hair|antenna|crest", (-25, 25, 25, 10)),
    (r"horn|eye", (0, 0, 0, 0)),
    (r"fin", (-25, 25, 15, 15)),
)
OTHERS = (-22.0, 22.0, 18.0, 10.0)
ON_PLANE = 1e-5  # of the size: rounding of what is symmetric
STILL = 0.3  # share of the joints that stay as they are


def limits(names: tuple[str, ...]) -> np.ndarray:
    """How far each joint turns, (B, 4) radians: flex from, flex to, side, twist."""
    found = [next((angles for pattern, angles in LIMITS if re.match(pattern, name)), OTHERS) for name in names]
    return np.radians(np.array(found, float).reshape(-1, 4))


def random_turns(armature: Armature, rng: np.random.Generator, amount: float = 1.0) -> np.ndarray:
    """A turn of each bone about its head, (B, 3, 3); roots do not turn. `amount` scales the limits."""
    count = len(armature.names)
    low, high, side, twist = limits(armature.names).T
    flex = rng.uniform(0, 1, count) * np.where(rng.random(count) < high / np.maximum(high - low, 1e-9), high, low)
    angles = np.stack([flex, rng.uniform(-1, 1, count) * twist, rng.uniform(-1, 1, count) * side], 1)
    _curl_together(armature.names, angles, rng)
    angles *= amount * (rng.random(count) >= STILL)[:, None]
    angles[armature.parents < 0] = 0
    axes = bone_axes(armature.heads, armature.tails, armature.rolls)
    return Rotation.from_rotvec(np.einsum("ba,bac->bc", angles, axes)).as_matrix()


def _curl_together(names: tuple[str, ...], angles: np.ndarray, rng: np.random.Generator) -> None:
    """Fingers of one hand bend mostly alike."""
    for side in BOTH_SIDES:
        fingers = [place for place, name in enumerate(names) if name.startswith("f_") and name.endswith(side)]
        if fingers:
            angles[fingers, 0] = 0.3 * angles[fingers, 0] + 0.7 * np.radians(rng.uniform(-5, 60))


def posed_armature(armature: Armature, moves: np.ndarray) -> Armature:
    """The armature under `moves` (B, 3, 4), its rolls turned along; it is symmetric no more."""
    heads = np.einsum("bij,bj->bi", moves[:, :, :3], armature.heads) + moves[:, :, 3]
    tails = np.einsum("bij,bj->bi", moves[:, :, :3], armature.tails) + moves[:, :, 3]
    z = bone_axes(armature.heads, armature.tails, armature.rolls)[:, 2]
    z = np.einsum("bij,bj->bi", moves[:, :, :3], z)
    return replace(armature, heads=heads, tails=tails, rolls=rolls_towards(heads, tails, z), symmetry=None)


def posed_shape(shape: KnownShape, rng: np.random.Generator, amount: float = 1.0) -> KnownShape:
    """The shape in a random pose, in the unit box again.

    What was measured on the surface is no longer true and is left out: spheres, curves and sheets.
    """
    if shape.rig is None:
        raise ValueError(f"The {shape.family} of seed {shape.seed} has no rig to pose.")
    moves = pose(shape.rig.armature, random_turns(shape.rig.armature, rng, amount))
    vertices = bend(shape.mesh.vertices, shape.rig.skin, moves)
    rig = KnownRig(posed_armature(shape.rig.armature, moves), shape.rig.skin)
    return fitted(replace(bare(shape), mesh=Mesh(vertices, shape.mesh.triangles), rig=rig))


def posed_cloud(
    cloud: Cloud, armature: Armature, rng: np.random.Generator, amount: float = 1.0
) -> tuple[Cloud, Armature]:
    """The same for points only: the fast path. The frame stays; nothing is scaled."""
    moves = pose(armature, random_turns(armature, rng, amount))
    blended = (cloud.weights @ moves.reshape(len(moves), 12).astype(np.float32)).reshape(-1, 3, 4)
    points = np.einsum("nij,nj->ni", blended[:, :, :3], cloud.points) + blended[:, :, 3]
    normals = np.einsum("nij,nj->ni", blended[:, :, :3], cloud.normals)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    return Cloud(points, normals, cloud.weights), posed_armature(armature, moves)


def bare(shape: KnownShape) -> KnownShape:
    """The shape without what holds for its old surface only."""
    none = MedialSpheres(np.zeros((0, 3)), np.zeros(0), np.zeros(0, bool))
    return replace(shape, curves=(), sheets=(), spheres=none)


def fitted(shape: KnownShape) -> KnownShape:
    """Mesh and armature moved and scaled into the unit box; the mirror plane moves along."""
    used = shape.mesh.vertices[np.unique(shape.mesh.triangles)]
    low, high = used.min(0), used.max(0)
    centre, size = (low + high) / 2, float((high - low).max())
    if shape.rig is None:
        return replace(shape, mesh=Mesh((shape.mesh.vertices - centre) / size, shape.mesh.triangles))
    armature = shape.rig.armature
    mirror = armature.symmetry
    if mirror is not None:
        off = mirror.offset - float(mirror.normal @ centre)
        if abs(off) < ON_PLANE * size:
            centre, off = centre + off * mirror.normal, 0.0
        mirror = Symmetry(mirror.normal, off / size)
    armature = replace(
        armature,
        heads=(armature.heads - centre) / size,
        tails=(armature.tails - centre) / size,
        radii=armature.radii / size,
        symmetry=mirror,
    )
    mesh = Mesh((shape.mesh.vertices - centre) / size, shape.mesh.triangles)
    return replace(shape, mesh=mesh, rig=KnownRig(armature, shape.rig.skin))
