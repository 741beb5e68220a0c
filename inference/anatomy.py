"""The nouns: what flows through the house. Small frozen dataclasses of NumPy arrays.

Frame of everything: the mesh's own coordinates, right-handed, +Z up; a character that faces -Y has its left at +X.
Lengths are in the mesh's units. Symbols: V vertices, F triangles, C cells, S spheres, P curve points, B bones.
"""

# pyright: reportMissingTypeStubs=false

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .verdicts import Verdict

Array: TypeAlias = NDArray[Any]  # of the shape and kind of number that the comment beside it says


@dataclass(frozen=True)
class Mesh:
    """A triangle soup as the user made it; nothing about it is promised."""

    vertices: Array  # (V, 3) float64
    triangles: Array  # (F, 3) int32, indices into vertices


class NearestPoints(Protocol):
    """Many points, ready to be asked which of them is nearest: SciPy's KDTree."""

    def query(self, x: Array, k: int = 1, *, distance_upper_bound: float = np.inf) -> tuple[Array, Array]:
        """For points (N, 3), the distances (N,) to the nearest and their numbers (N,)."""
        ...


@dataclass(frozen=True)
class Solid:
    """The volume the mesh stands for: cells of a regular grid, linked where the inside is continuous."""

    origin: Array  # (3,) centre of the cell at grid position (0, 0, 0)
    spacing: float  # edge of a cell
    cells: Array  # (C, 3) int32, grid positions, sorted by (x, y, z); none negative
    depth: Array  # (C,) float64, distance from the cell's centre to the surface (half the thickness where thin)
    thin: Array  # (C,) bool, cells kept for sheets and needles that hold no volume at this spacing
    links: Array  # (L, 2) int32, pairs of cells (26-neighbours, lower index first) with no surface between them
    component: Array  # (C,) int32, connected component by `links`, 0 is the one with the most cells

    @cached_property
    def centres(self) -> Array:
        """Cell centres, (C, 3)."""
        return _fixed(self.origin + self.spacing * self.cells)

    @cached_property
    def grid(self) -> Array:
        """Number of the cell at each grid position plus one, -1 where there is none; one empty layer all around."""
        grid = np.full(tuple(self.cells.max(0) + 3), -1, np.int32)
        grid[tuple(self.cells.T + 1)] = np.arange(len(self.cells), dtype=np.int32)
        return _fixed(grid)

    @cached_property
    def tree(self) -> NearestPoints:
        """The cell centres, ready to be asked which is nearest."""
        from scipy.spatial import KDTree  # here: names alone must not cost its import

        return KDTree(self.centres)

    def cells_at(self, points: Array) -> Array:
        """The cell that holds each point (N, 3), -1 for a point in no cell, (N,)."""
        places = np.round((points - self.origin) / self.spacing).astype(np.int64) + 1
        return self.grid[tuple(np.clip(places, 0, np.array(self.grid.shape) - 1).T)]

    def nearest_cells(self, points: Array) -> Array:
        """The cell that holds each point (N, 3), or else the one whose centre is nearest, (N,)."""
        cells = self.cells_at(points)
        outside = np.flatnonzero(cells < 0)
        if len(outside):
            cells[outside] = self.tree.query(points[outside])[1]
        return cells


@dataclass(frozen=True)
class Grid:
    """A field on a regular grid, of which the surface is where it is 0; nothing but `known` places is promised."""

    origin: Array  # (3,) the place of the first value
    spacing: float  # between places next to each other
    values: Array  # (X, Y, Z) float, positive inside
    known: Array | None = None  # (X, Y, Z) bool; None: every value is


@dataclass(frozen=True)
class MedialSpheres:
    """Inscribed spheres that together cover the solid."""

    centres: Array  # (S, 3)
    radii: Array  # (S,) > 0
    sheet: Array  # (S,) bool: True = sheet-like (coarse), False = tube-like (fine)


@dataclass(frozen=True)
class SkeletalPoints:
    """Points on the curves and sheets of a skeleton, each on a line or a square that was bent to lie there."""

    points: Array  # (P, 3)
    primitive: Array  # (P,) int32, which line or square; its points are one after the other, a square's row by row
    sheet: Array  # (P,) bool: on a square, and so on a sheet


@dataclass(frozen=True)
class MedialMesh:
    """Spheres joined by cones (edges) and slabs (faces)."""

    spheres: MedialSpheres
    edges: Array  # (E, 2) int32, lower index first, unique
    faces: Array  # (T, 3) int32, every side of a face is in edges


@dataclass(frozen=True)
class CurveSkeleton:
    """Centre lines with radii: a graph of points."""

    points: Array  # (P, 3)
    radii: Array  # (P,) > 0, distance to the surface
    edges: Array  # (E, 2) int32, lower index first, unique
    component: Array  # (P,) int32, the solid's component each point lies in


@dataclass(frozen=True)
class SkeletalLatent:
    """A shape as skeleton points that carry what a network needs to know to draw the surface around them.

    Its own frame: the shape's box is centred at the origin and reaches from -1 to 1 along its longest side. A point p
    of it lies at p * size + origin in the mesh's coordinates. The order of the points means nothing.
    """

    points: Array  # (S, 3) float32
    radii: Array  # (S,) float32 > 0, distance to the surface
    features: Array  # (S, D) float32, what the surface looks like around each point; only the network knows how
    origin: Array = field(default_factory=lambda: np.zeros(3))  # (3,) where the middle of the box lies
    size: float = 1.0  # half the longest side of the box


@dataclass(frozen=True)
class Symmetry:
    """A mirror plane: points x with normal . x = offset."""

    normal: Array  # (3,) unit; points to the character's left once the facing is known
    offset: float

    def mirror(self, points: Array) -> Array:
        """Reflect points (N, 3) in the plane."""
        return points - 2.0 * (points @ self.normal - self.offset)[:, None] * self.normal

    def side(self, points: Array) -> Array:
        """Signed distance of points (N, 3) from the plane; positive on the side of the normal."""
        return points @ self.normal - self.offset


@dataclass(frozen=True)
class Pose:
    """Which way a shape stands and looks. Three unit vectors, left = up x forward turned right-handed."""

    up: Array  # (3,)
    forward: Array  # (3,), where the face or the nose points
    left: Array  # (3,), the character's own left
    certainty: float  # 0 (a guess) .. 1


@dataclass(frozen=True)
class Armature:
    """Bones with names a rigger would type. Parents come before their children."""

    names: tuple[str, ...]  # (B,) unique
    parents: Array  # (B,) int32, -1 for the one root
    heads: Array  # (B, 3)
    tails: Array  # (B, 3)
    rolls: Array  # (B,) radians, Blender's definition
    connected: Array  # (B,) bool: head sits on the parent's tail
    confidence: Array  # (B,) 0..1
    deform: Array  # (B,) bool: takes part in the skin weights
    radii: Array  # (B, 2) distance from head and tail to the surface
    kind: str = "object"  # one of kinds.KINDS; of data it may be what the data says
    symmetry: Symmetry | None = None  # the plane that .L and .R bones mirror each other in, exactly

    @property
    def lengths(self) -> Array:
        """Bone lengths, (B,)."""
        return np.linalg.norm(self.tails - self.heads, axis=1)


@dataclass(frozen=True)
class Clip:
    """An armature in motion."""

    name: str
    armature: Armature  # at rest
    turns: Array  # (T, B, 3, 3) how each bone is turned away from its rest, in the armature's own frame
    heads: Array  # (T, B, 3) where its head is
    rate: float  # frames a second
    marks: tuple[tuple[int, str], ...] = ()  # frames, and what begins there


@dataclass(frozen=True)
class SkinWeights:
    """For each vertex its bones, heaviest first; unused places have weight 0 and bone 0."""

    bones: Array  # (V, K) int32
    weights: Array  # (V, K) float32, >= 0, sum 1 in each row

    def dense(self, bone_count: int) -> Array:
        """The same as a full matrix, (V, bone_count) float32."""
        full = np.zeros((len(self.bones), bone_count), np.float32)
        rows = np.repeat(np.arange(len(self.bones)), self.bones.shape[1])
        np.add.at(full, (rows, self.bones.ravel()), self.weights.ravel())
        return full


@dataclass(frozen=True)
class Finding:
    """Something a rigger should look at."""

    message: str
    bones: tuple[str, ...] = ()
    vertices: Array = field(default_factory=lambda: np.zeros(0, np.int32))  # (N,) int32


@dataclass(frozen=True)
class Report:
    """What can be said about a rig without knowing the truth. Shares are 0..1, stretch is a ratio of lengths."""

    coverage: float  # share of the surface near some bone
    inside: float  # share of bone length inside the solid
    inside_worst: float  # the same for the worst bone
    stretch: float  # 99th percentile of edge stretch over five random poses; 0 when not bound
    valid: bool
    score: float  # 0..1, what candidates are ranked by
    warnings: tuple[Finding, ...] = ()
    method: str = ""  # how the joints were found, see requests.Method; nothing when they were made by hand
    verdict: Verdict = "look"
    certainty: float = 0.5  # chance that the rig is right, 0..1
    reasons: tuple[str, ...] = ()  # what speaks against it, the weightiest first: "left hand", "tail"
    forgotten: float = 0.0  # share of the surface far from every bone
    device: str = ""  # what networks ran on; nothing where none was asked


@dataclass(frozen=True)
class Spring:
    """A chain of bones that swings after the body, in the words of VRM's spring bones."""

    name: str
    bones: tuple[str, ...]  # from the body outwards
    stiffness: float  # how strongly it returns to its rest, from 0
    gravity: float  # how strongly it is drawn down
    drag: float  # how soon it comes to rest, 0..1
    radius: float  # how thick it is where it meets other bones
    around: tuple[str, ...] = ()  # bones that it does not pass through
    added: bool = False  # its bones are there for this alone


@dataclass(frozen=True)
class Swung:
    """A rig with chains for what hangs on it; the bones that it had come first."""

    armature: Armature
    skin: SkinWeights
    springs: tuple[Spring, ...]  # none: nothing swings, and nothing was changed
    told: str  # what was found, in a sentence


@dataclass(frozen=True)
class Rig:
    """What the user gets."""

    armature: Armature
    skin: SkinWeights | None
    report: Report
    pose: Pose
    springs: tuple[Spring, ...] = ()  # of what swings, where that was asked for


@dataclass(frozen=True)
class Shape:
    """What a network has drawn around a skeletal latent, ready to be posed."""

    latent: SkeletalLatent
    surface: Mesh  # watertight, in the latent's outer coordinates, as everything below
    curves: CurveSkeleton
    rig: Rig | None
    trouble: str = ""  # why there is no rig


@dataclass(frozen=True)
class Blended:
    """A shape between two others, and their latents: what another share of them is made of."""

    first: SkeletalLatent
    second: SkeletalLatent
    shape: Shape


@dataclass(frozen=True)
class Attempt:
    """Another way to rig a mesh, and what would come of it."""

    kind: str  # the options it was made with
    front: str
    method: str
    report: Report  # without skin weights
    picture: Array  # (H, W, 4) uint8, the upper row first


@dataclass(frozen=True)
class Tried:
    """What a user can choose from, the likeliest first."""

    attempts: tuple[Attempt, ...]


@dataclass(frozen=True)
class Crop:
    """The square of a picture that was looked at. Pixels: x right, y down, from the picture's upper left corner."""

    x: float  # centre
    y: float
    size: float  # side
    width: int  # of the whole picture
    height: int


@dataclass(frozen=True)
class Imagined:
    """What pictures of an object show, in the seen frame of the first one's crop (see images/camera.py).

    Its camera looks along +Y; +Z is up and +X right.
    """

    spheres: MedialSpheres
    medial: MedialMesh
    surface: Mesh  # watertight: the envelope of the medial mesh, or what a network has drawn
    curves: CurveSkeleton
    rig: Rig  # of `surface`
    crops: tuple[Crop, ...]  # one for each picture
    azimuths: tuple[float, ...]  # degrees that the object was turned by in each picture; 0 for the first
    seen: tuple[float, ...]  # for each picture, how well the surface fills its silhouette: IoU, 0..1
    volume: Mesh = field(default_factory=lambda: Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int32)))
    # the surface of the skeletal volume; without triangles where no network has drawn one
    own: Array = field(default_factory=lambda: np.eye(3))  # (3, 3) rows: the shape's own axes, as far as they are known


def _fixed(values: Array) -> Array:
    """The same array, which nobody can change any more: it is shared."""
    values.setflags(write=False)
    return values
