"""Other versions of a rigged shape: fewer bones or triangles, holes, noise, layers, props, stretched, warped, turned.

Each takes a shape and gives a new one. What no longer holds (spheres, curves, sheets) is left out.
"""

from __future__ import annotations

import re
from dataclasses import replace

import igl
import numpy as np
from scipy.spatial.transform import Rotation

from inference.anatomy import Armature, Mesh, SkinWeights, Symmetry
from inference.axes import bone_axes, rolls_towards

from ..shape import KnownRig, KnownShape
from .posing import bare, fitted

# What riggers leave out together, by the beginning of the names.
OPTIONAL = (
    r"f_|thumb",
    r"toe",
    r"shoulder|pelvis",
    r"ear|horn|crest|hair",
    r"jaw",
    r"tail",
    r"fin",
    r"antenna",
    r"claw",
)


def rig_of(shape: KnownShape) -> KnownRig:
    """The shape's rig; a named complaint where it has none."""
    if shape.rig is None:
        raise ValueError(f"The {shape.family} of seed {shape.seed} has no rig.")
    return shape.rig


def without_bones(rig: KnownRig, dropped: np.ndarray) -> KnownRig:
    """The rig without the bones in `dropped` (B,) bool: their weights and children go to the nearest kept ancestor.

    The root is always kept. Where a dropped bone carried on its parent's line to bones that stay, the parent now ends
    where it ended.
    """
    old = rig.armature
    count = len(old.names)
    dropped = dropped & (old.parents >= 0)
    heir = np.arange(count)
    tails = old.tails.copy()
    onward = np.bincount(old.parents[old.parents >= 0], minlength=count) > 0
    for bone in range(count):  # parents come first
        if dropped[bone]:
            heir[bone] = heir[old.parents[bone]]
            if onward[bone] and old.connected[bone] and np.allclose(tails[heir[bone]], old.heads[bone]):
                tails[heir[bone]] = old.tails[bone]
    kept = np.flatnonzero(~dropped)
    number = np.full(count, -1, np.int32)
    number[kept] = np.arange(len(kept))
    parents = np.array([number[heir[old.parents[bone]]] if old.parents[bone] >= 0 else -1 for bone in kept], np.int32)
    above = np.maximum(parents, 0)
    heads, tails = old.heads[kept], tails[kept]
    armature = replace(
        old,
        names=tuple(old.names[bone] for bone in kept),
        parents=parents,
        heads=heads,
        tails=tails,
        rolls=old.rolls[kept],
        connected=(parents >= 0) & (np.linalg.norm(heads - tails[above], axis=1) < 1e-6),
        confidence=old.confidence[kept],
        deform=old.deform[kept],
        radii=old.radii[kept],
    )
    return KnownRig(armature, _merged(rig.skin, number[heir]))


def _merged(skin: SkinWeights, number: np.ndarray) -> SkinWeights:
    """Weights under new numbers; those that now fall on one bone are added up."""
    bones, weights = number[skin.bones], skin.weights.copy()
    for later in range(1, bones.shape[1]):
        for earlier in range(later):
            same = (bones[:, later] == bones[:, earlier]) & (weights[:, later] > 0)
            weights[same, earlier] += weights[same, later]
            weights[same, later] = 0
    order = np.argsort(-weights, axis=1, kind="stable")
    bones, weights = np.take_along_axis(bones, order, 1), np.take_along_axis(weights, order, 1)
    return SkinWeights(np.where(weights > 0, bones, 0).astype(np.int32), weights)


def fewer_bones(shape: KnownShape, rng: np.random.Generator, share: float = 0.12) -> KnownShape:
    """Some optional parts lose all their bones, others go with probability `share`; pairs go together."""
    rig = rig_of(shape)
    stems = [re.sub(r"\.[LR]$", "", name) for name in rig.armature.names]
    gone = {stem for stem in sorted(set(stems)) if rng.random() < share}
    for pattern in OPTIONAL:
        if rng.random() < 0.25:
            gone |= {stem for stem in stems if re.match(pattern, stem)}
    return replace(shape, rig=without_bones(rig, np.array([stem in gone for stem in stems])))


def decimated(shape: KnownShape, share: float) -> KnownShape:
    """About `share` of the triangles, by collapsing edges; weights stay with the vertices that remain."""
    rig = rig_of(shape)
    goal = max(int(share * len(shape.mesh.triangles)), 60)
    done = igl.qslim(shape.mesh.vertices, shape.mesh.triangles.astype(np.int64), goal)
    vertices, triangles, born = np.asarray(done[0]), np.asarray(done[1], np.int32), np.asarray(done[3]).ravel()
    if len(triangles) < 20:
        return shape
    skin = SkinWeights(rig.skin.bones[born], rig.skin.weights[born])
    return fitted(replace(bare(shape), mesh=Mesh(vertices, triangles), rig=KnownRig(rig.armature, skin)))


def holed(shape: KnownShape, rng: np.random.Generator, holes: int = 3, radius: float = 0.06) -> KnownShape:
    """Without the triangles around some places of the surface."""
    mesh = shape.mesh
    middles = mesh.vertices[mesh.triangles].mean(1)
    kept = np.ones(len(middles), bool)
    for centre in middles[rng.integers(len(middles), size=holes)]:
        kept &= np.linalg.norm(middles - centre, axis=1) > radius * rng.uniform(0.4, 1.0)
    if kept.sum() < 0.5 * len(kept) or kept.all():
        return shape
    return _used_only(
        replace(bare(shape), mesh=Mesh(mesh.vertices, mesh.triangles[kept]), watertight=False, genus=None)
    )


def _used_only(shape: KnownShape) -> KnownShape:
    rig = rig_of(shape)
    used, triangles = np.unique(shape.mesh.triangles, return_inverse=True)
    mesh = Mesh(shape.mesh.vertices[used], triangles.reshape(-1, 3).astype(np.int32))
    skin = SkinWeights(rig.skin.bones[used], rig.skin.weights[used])
    return replace(shape, mesh=mesh, rig=KnownRig(rig.armature, skin))


def noisy(shape: KnownShape, rng: np.random.Generator, size: float = 0.003) -> KnownShape:
    """Every vertex a little off, as scans are."""
    vertices = shape.mesh.vertices + rng.normal(0, size, shape.mesh.vertices.shape)
    return replace(bare(shape), mesh=Mesh(vertices, shape.mesh.triangles))


def layered(shape: KnownShape, rng: np.random.Generator, gap: float = 0.012) -> KnownShape:
    """With a loose shell over part of the body, as clothes are: the flesh of some bones once more, further out."""
    rig, mesh = rig_of(shape), shape.mesh
    main = rig.skin.bones[:, 0]
    chosen = rng.random(len(rig.armature.names)) < rng.uniform(0.2, 0.6)
    covered = chosen[main][mesh.triangles].all(1)
    if not covered.any():
        return shape
    normals = np.nan_to_num(np.asarray(igl.per_vertex_normals(mesh.vertices, mesh.triangles)))
    used, triangles = np.unique(mesh.triangles[covered], return_inverse=True)
    outer = mesh.vertices[used] + gap * rng.uniform(0.4, 1.4) * normals[used]
    added = Mesh(
        np.concatenate([mesh.vertices, outer]),
        np.concatenate([mesh.triangles, triangles.reshape(-1, 3).astype(np.int32) + len(mesh.vertices)]),
    )
    skin = SkinWeights(
        np.concatenate([rig.skin.bones, rig.skin.bones[used]]),
        np.concatenate([rig.skin.weights, rig.skin.weights[used]]),
    )
    return fitted(replace(bare(shape), mesh=added, watertight=False, genus=None, rig=KnownRig(rig.armature, skin)))


def with_prop(shape: KnownShape, rng: np.random.Generator) -> KnownShape:
    """With a stick or a block held by a hand, or by any bone where there are no hands."""
    rig = rig_of(shape)
    names = rig.armature.names
    hands = [bone for bone, name in enumerate(names) if name.startswith("hand")] or list(range(len(names)))
    bone = int(rng.choice(hands))
    half = np.abs(rng.normal(0, 1, 3)) * [0.02, 0.02, 0.12] + 0.006
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * half
    turn = Rotation.random(None, rng).as_matrix()
    place = rig.armature.tails[bone] + [0, 0, 0]
    corners = corners @ turn.T + place + turn[:, 2] * half[2] * rng.uniform(-0.8, 0.8)
    sides = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]])
    faces = np.concatenate([sides[:, [0, 1, 2]], sides[:, [0, 2, 3]]]).astype(np.int32)
    mesh = Mesh(
        np.concatenate([shape.mesh.vertices, corners]),
        np.concatenate([shape.mesh.triangles, faces + len(shape.mesh.vertices)]),
    )
    bones, weights = (
        np.zeros((8, rig.skin.bones.shape[1]), np.int32),
        np.zeros((8, rig.skin.bones.shape[1]), np.float32),
    )
    bones[:, 0], weights[:, 0] = bone, 1
    skin = SkinWeights(np.concatenate([rig.skin.bones, bones]), np.concatenate([rig.skin.weights, weights]))
    armature = replace(rig.armature, symmetry=None)
    return fitted(replace(bare(shape), mesh=mesh, rig=KnownRig(armature, skin)))


def stretched(shape: KnownShape, scales: np.ndarray) -> KnownShape:
    """Scaled by (3,) along the axes: thin, broad, tall."""
    return _through(shape, lambda points: points * scales, keeps_mirror=True)


def warped(shape: KnownShape, rng: np.random.Generator, size: float = 0.03) -> KnownShape:
    """Bent and swollen by a few slow waves, so that left and right differ."""
    ways, offsets = rng.normal(0, 2.5, (3, 4, 3)), rng.uniform(0, 2 * np.pi, (3, 4))
    heights = rng.normal(0, size / 2, (3, 4))

    def wave(points: np.ndarray) -> np.ndarray:
        phases = np.einsum("kwc,nc->nkw", ways, points) + offsets
        return points + np.einsum("nkw,kw->nk", np.sin(phases), heights)

    return _through(shape, wave, keeps_mirror=False)


def turned(shape: KnownShape, rotation: np.ndarray) -> KnownShape:
    """Rotated by (3, 3) about the origin: facing and up are what they were, turned along."""
    rig = rig_of(shape)
    old = rig.armature
    heads, tails = old.heads @ rotation.T, old.tails @ rotation.T
    z = bone_axes(old.heads, old.tails, old.rolls)[:, 2] @ rotation.T
    mirror = None if old.symmetry is None else Symmetry(rotation @ old.symmetry.normal, old.symmetry.offset)
    armature = replace(old, heads=heads, tails=tails, rolls=rolls_towards(heads, tails, z), symmetry=mirror)
    mesh = Mesh(shape.mesh.vertices @ rotation.T, shape.mesh.triangles)
    return replace(bare(shape), mesh=mesh, rig=KnownRig(armature, rig.skin))


def random_rotation(rng: np.random.Generator) -> np.ndarray:
    """Any orientation alike, (3, 3)."""
    return Rotation.from_quat(rng.normal(size=4)).as_matrix()


def _through(shape: KnownShape, function, *, keeps_mirror: bool) -> KnownShape:
    rig = rig_of(shape)
    old = rig.armature
    heads, tails = function(old.heads), function(old.tails)
    grown = np.linalg.norm(tails - heads, axis=1) / np.maximum(old.lengths, 1e-12)
    armature: Armature = replace(
        old,
        heads=heads,
        tails=tails,
        radii=old.radii * grown[:, None],
        symmetry=old.symmetry if keeps_mirror else None,
    )
    mesh = Mesh(function(shape.mesh.vertices), shape.mesh.triangles)
    return fitted(replace(bare(shape), mesh=mesh, rig=KnownRig(armature, rig.skin)))


def augmented(shape: KnownShape, rng: np.random.Generator) -> KnownShape:
    """A random few of all these, the orientation kept."""
    if rng.random() < 0.5:
        shape = fewer_bones(shape, rng)
    if rng.random() < 0.3:
        shape = stretched(shape, rng.uniform(0.8, 1.25, 3))
    if rng.random() < 0.25:
        shape = warped(shape, rng, 0.02)
    if rng.random() < 0.1:
        shape = layered(shape, rng)
    if rng.random() < 0.05:
        shape = with_prop(shape, rng)
    if rng.random() < 0.1:
        shape = holed(shape, rng)
    return noisy(shape, rng, 0.002) if rng.random() < 0.15 else shape
