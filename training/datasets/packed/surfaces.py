"""Points on the surfaces of assets with what artists said of them: bones, weights, and what each joint is.

Frame: Z up, facing -Y, left at +X, the longest bounding-box side is 1 and the box is centred at the origin. The whole
library is one file of about 50 MB, small enough to be carried to a machine with a GPU. Made by
`python -m tools.build_dataset surfaces`.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np

from inference.anatomy import Armature, Mesh, SkinWeights
from inference.rigging.bodies.words import PLANS
from training.shapes.characters.words import labels_of, plan_of
from training.shapes.shape import KnownShape

from ..builders.build import Recipe, Records
from ..builders.sources import Generated, Library, Source
from ..labels import FIGURES, Known, read_artists, read_known
from ..likeness import left_of_truth
from ..rigged_glb import Listing, NotSkinnedError, RiggedAsset, as_armature, read_mesh, read_rigged
from ..store.errors import SkippedError
from ..store.records import Array, Record, read_all

STATIC_PLANS = {"plant/nature": "plant", "furniture": "furniture", "vehicle/mech": "vehicle"}
STEPS = 65534  # the longest side in steps of the stored coordinates: half a step is 8e-6


@dataclass(frozen=True)
class PackedAsset(Record):
    """One asset. The big arrays stay as small as they are in the file; ask for floats where they are used."""

    PREFIX: ClassVar[str] = "asset"
    name: str
    kind: str  # as the data says it
    split: str  # train or val
    faces_front: bool  # False: its front is not known, and it stands as it was found
    size: float  # longest side in the source's units
    quantised: Annotated[np.ndarray, Array("<i2", ("P", 3))]  # see `points`
    directions: Annotated[np.ndarray, Array("i1", ("P", 3))]  # see `normals`
    bones: Annotated[np.ndarray, Array("u1", ("R", 4))]  # of each point, heaviest first; all zero without a rig
    shares: Annotated[np.ndarray, Array("u1", ("R", 4))]  # sum 255 in each row; all zero without a rig
    names: tuple[str, ...]  # (J,) empty without a rig
    parents: Annotated[np.ndarray, Array("<i2", ("J",))]  # -1 for the root, parents first
    heads: Annotated[np.ndarray, Array("<f4", ("J", 3))]  # the joints
    tails: Annotated[np.ndarray, Array("<f4", ("J", 3))]
    labels: tuple[str, ...] = ()  # (J,) what each joint is; empty where nobody said
    plan: str = ""  # body plan, where somebody said
    pose: str = ""  # of the bind: T, A, natural ...
    artist: str = ""
    vertices: int = 0  # of the mesh; 0 where not known
    axes: Annotated[np.ndarray, Array("<f4", ("A", 3, 3))] = field(  # bind rotations of the joints, where known
        default_factory=lambda: np.zeros((0, 3, 3), np.float32)
    )

    @property
    def rigged(self) -> bool:
        """Whether there are joints."""
        return len(self.names) > 0

    @property
    def points(self) -> np.ndarray:
        """Surface points, uniform by area, in no order; (P, 3) float32."""
        return self.quantised.astype(np.float32) / STEPS

    @property
    def normals(self) -> np.ndarray:
        """Unit normals of the faces they lie on, (P, 3) float32."""
        long = self.directions.astype(np.float32)
        return long / np.maximum(np.linalg.norm(long, axis=1, keepdims=True), 1e-6)

    @property
    def skin(self) -> SkinWeights:
        """Weights of the points, interpolated over their faces."""
        return SkinWeights(self.bones.astype(np.int32), self.shares.astype(np.float32) / 255.0)

    @property
    def stored(self) -> PackedAsset:
        """As it is written: without a rig there are no zeros to keep."""
        return self if self.rigged else replace(self, bones=self.bones[:0], shares=self.shares[:0])


@dataclass(frozen=True)
class Surfaces(Recipe):
    """Points on the surface, with bones and weights where there is a rig."""

    points: int = 4096  # of each shape; 1024 are plenty of generated ones

    kind: ClassVar[str] = "surfaces"

    def make(self, source: Source, name: str) -> Records:
        """The record of one shape."""
        return [(pack(source, name, self.points).stored, None)]


def read_packed(path: Path) -> tuple[PackedAsset, ...]:
    """All surfaces of a dataset, in order."""
    found = []
    for _, asset in read_all(PackedAsset, path):
        if not asset.rigged:
            none = np.broadcast_to(np.zeros(4, np.uint8), (len(asset.quantised), 4))
            asset = replace(asset, bones=none, shares=none)
        found.append(asset)
    return tuple(found)


def pack(source: Source, name: str, count: int) -> PackedAsset:
    """`count` points of a shape of any source. Of generated shapes, all of them to learn from, only some have a front.

    Library files carry what people found out about them.
    """
    if isinstance(source, Generated):
        return pack_shape(source.known(name), count, name, faces_front=source.has_front(name))
    if isinstance(source, Library):
        return pack_listing(source.listing(name), count, source.folder)
    labels = source.labels(name)
    try:
        asset = source.asset(name)
    except (NotSkinnedError, SkippedError):
        kind, split = labels.get("kind", "unknown"), labels.get("split", "train")
        return pack_mesh(name, kind, split, source.mesh(name), count)
    return pack_rig(asset, count)


def pack_listing(listing: Listing, count: int, folder: Path | None = None) -> PackedAsset:
    """A GLB of the library. `folder` is that of SOURCES.csv, where labels and artists are looked up."""
    artist = read_artists(folder).get(listing.name, "") if folder is not None else ""
    if not listing.rigged:
        mesh = read_mesh(listing.path)
        packed = pack_mesh(listing.name, listing.kind, listing.split, mesh, count)
        return replace(packed, artist=artist, plan=STATIC_PLANS.get(listing.kind, ""), vertices=len(mesh.vertices))
    known = read_known(folder).get(listing.name) if folder is not None else None
    return replace(pack_rig(read_rigged(listing), count, known), artist=artist)


def pack_rig(asset: RiggedAsset, count: int, known: Known | None = None) -> PackedAsset:
    """An artist's rig, facing -Y; where nobody said what its joints are, turned by what they tell of left."""
    turn, front = np.eye(3), True
    if known is not None:
        front = known.front
    else:
        found = left_of_truth(asset)
        left = found[0] if found is not None else np.array([1.0, 0.0, 0.0])
        front = found is not None
        turn = np.array([left, np.cross([0.0, 0.0, 1.0], left), [0.0, 0.0, 1.0]])  # rows: left -> +X, backward -> +Y
    packed = pack_mesh(
        asset.name,
        asset.kind,
        asset.split,
        asset.mesh,
        count,
        faces_front=front,
        turn=turn,
        armature=as_armature(asset),
        skin=asset.skin,
    )
    packed = replace(packed, vertices=len(asset.mesh.vertices), axes=(turn @ asset.axes).astype(np.float32))
    if known is None:
        return packed
    labels = tuple(known.labels[place] for place in asset.order)
    return replace(packed, labels=labels, plan=known.plan, pose=known.pose)


def pack_shape(shape: KnownShape, count: int, name: str, *, faces_front: bool = True) -> PackedAsset:
    """A generated shape to learn from: its frame is ours already. A tree, say, has no front."""
    if shape.rig is None:
        return pack_mesh(name, shape.family, "train", shape.mesh, count, faces_front=faces_front)
    rig = shape.rig
    packed = pack_mesh(
        name,
        shape.family,
        "train",
        shape.mesh,
        count,
        faces_front=faces_front,
        turn=np.eye(3),
        armature=rig.armature,
        skin=rig.skin,
    )
    plan = plan_of(rig.armature, shape.family, np.ptp(shape.mesh.vertices, axis=0))
    if plan not in PLANS:
        return packed
    return replace(packed, labels=labels_of(rig.armature), plan=plan, artist=FIGURES, vertices=len(shape.mesh.vertices))


def pack_mesh(
    name: str,
    kind: str,
    split: str,
    mesh: Mesh,
    count: int,
    *,
    faces_front: bool = False,
    turn: np.ndarray | None = None,  # (3, 3), brings the mesh to face -Y
    armature: Armature | None = None,
    skin: SkinWeights | None = None,
) -> PackedAsset:
    """`count` points of any mesh; the same name and mesh give the same points."""
    turn = np.eye(3) if turn is None else turn
    vertices = mesh.vertices @ turn.T
    box = vertices[np.unique(mesh.triangles)]
    low, high = box.min(0), box.max(0)
    centre, size = (low + high) / 2, float((high - low).max())
    faces, shares, normals = quantised_samples(Mesh(vertices, mesh.triangles), count, zlib.crc32(name.encode()))
    corners = mesh.triangles[faces]
    points = np.einsum("pk,pkd->pd", shares, vertices[corners])
    bones, weights = np.zeros((count, 4), np.uint8), np.zeros((count, 4), np.uint8)
    if armature is not None and skin is not None:
        dense = skin.dense(len(armature.names))
        bones, weights = _four_heaviest(np.einsum("pk,pkj->pj", shares, dense[corners]))
    heads, tails = (
        ((ends @ turn.T - centre) / size).astype(np.float32)
        for ends in ((armature.heads, armature.tails) if armature is not None else (np.zeros((0, 3)),) * 2)
    )
    return PackedAsset(
        name,
        kind,
        split,
        faces_front,
        size,
        np.round((points - centre) / size * STEPS).astype(np.int16),
        np.round(normals * 127).astype(np.int8),
        bones,
        weights,
        armature.names if armature is not None else (),
        armature.parents.astype(np.int16) if armature is not None else np.zeros(0, np.int16),
        heads,
        tails,
    )


def quantised_samples(mesh: Mesh, count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points uniform by area: their faces (count,), barycentric coordinates (count, 3) and unit normals (count, 3)."""
    random = np.random.default_rng(seed)
    a, b, c = (mesh.vertices[mesh.triangles[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    doubled = np.linalg.norm(across, axis=1)
    ends = np.cumsum(doubled)
    # One point in each of `count` equal shares of the area: as random as needed, and no large gaps.
    faces = np.searchsorted(ends, (np.arange(count) + random.random(count)) / count * ends[-1], side="right")
    faces = random.permutation(np.minimum(faces, len(ends) - 1))
    u, v = random.random((2, count))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    normals = across[faces] / np.maximum(doubled[faces, None], 1e-30)
    return faces, np.stack([1 - u - v, u, v], 1), normals


def _four_heaviest(dense: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bones (P, 4) and their shares of 255 (P, 4), which sum to 255, of weights (P, J)."""
    if dense.shape[1] > 256:
        raise ValueError(f"{dense.shape[1]} bones do not fit: at most 256.")
    width = min(4, dense.shape[1])
    bones = np.argsort(-dense, axis=1, kind="stable")[:, :width]
    weights = np.take_along_axis(dense, bones, 1)
    shares = np.floor(255 * weights / np.maximum(weights.sum(1, keepdims=True), 1e-12)).astype(np.int64)
    shares[:, 0] += 255 - shares.sum(1)
    bones = np.where(shares > 0, bones, 0)
    pad = ((0, 0), (0, 4 - width))
    return np.pad(bones, pad).astype(np.uint8), np.pad(shares, pad).astype(np.uint8)
