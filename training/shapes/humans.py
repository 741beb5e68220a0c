"""People from a linear human shape space: random bodies, three artists' rigs under the house's names, posed.

The space is a file of its own (mean, basis, coefficients of 6,000 bodies, rigs; CC0), read once per process.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import igl
import numpy as np
from scipy.spatial.transform import Rotation

from inference.anatomy import Armature, MedialSpheres, Mesh, SkinWeights, Symmetry
from inference.rigging.bones.names import other_side, sign_of_side
from inference.rigging.bones.rolls import bone_rolls
from inference.rigging.judging.posing import bend, pose

from .characters.truth import distances, handles
from .shape import Curve, KnownRig, KnownShape
from .varied.augment import without_bones
from .varied.posing import fitted, posed_armature, posed_shape

HUMANS = Path(__file__).resolve().parents[2] / "../shared/data/humans.npz"
COMPONENTS = 225
LEVELS = (0.1, 0.22, 0.45, 1.0)  # shares of the triangles, each level made once
LEVEL_ODDS = (0.35, 0.4, 0.2, 0.05)
BODY_DETAILS = 40  # from this component on, details may come from somebody else
RIGS = ("game_engine", "cmu_mb", "mixamo_unity")
LEAST_RADIUS = 0.003
ALONG = 5  # places looked at on each bone
_SIDE = {"l": ".L", "r": ".R", "Left": ".L", "Right": ".R", "L": ".L", "R": ".R"}
_MIDDLE = {
    "game_engine": {
        "pelvis": "hips",
        "spine_01": "spine",
        "spine_02": "spine.001",
        "spine_03": "chest",
        "neck_01": "neck",
        "head": "head",
    },
    "cmu_mb": {
        "Hips": "hips",
        "LowerBack": "spine",
        "Spine": "spine.001",
        "Spine1": "chest",
        "Neck": "neck",
        "Neck1": "neck.001",
        "Head": "head",
    },
    "mixamo_unity": {
        "Hips": "hips",
        "Spine": "spine",
        "Spine1": "spine.001",
        "Spine2": "chest",
        "Neck": "neck",
        "Head": "head",
        "Jaw": "jaw",
    },
}
_PAIRED = {
    "clavicle": "shoulder", "Shoulder": "shoulder", "upperarm": "upper_arm", "Arm": "upper_arm",
    "lowerarm": "forearm", "ForeArm": "forearm", "hand": "hand", "Hand": "hand", "thigh": "thigh",
    "UpLeg": "thigh", "calf": "shin", "Leg": "shin", "foot": "foot", "Foot": "foot", "ball": "toe", "ToeBase": "toe",
    "Thumb": "thumb.01", "HandFinger1": "f_middle.01", "Eye": "eye",
}  # fmt: skip


class HumansMissingError(FileNotFoundError):
    """The file of the human shape space is not there."""


@dataclass(frozen=True)
class Part:
    """One group of the mesh at one level of detail."""

    rows: np.ndarray  # (V,) rows of the space
    triangles: np.ndarray  # (F, 3) into `rows`


class Space:
    """The file, with what is worked out once."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise HumansMissingError(f"'{path}' is not there: it holds the human shape space. Put humans.npz there.")
        with np.load(path) as file:
            self._file = {name: file[name] for name in file.files if name != "basis_half"}
            half = file["basis_half"][:COMPONENTS].astype(np.float32)
        half *= self._file["basis_scale"][:COMPONENTS, None, None]
        self.odd = self._file["basis_anti"][:COMPONENTS].astype(bool)  # components that make left and right differ
        self.coefficients = self._file["coef"][:, :COMPONENTS].astype(np.float32)
        self.mean = self._file["mean"].astype(np.float32)
        rows, mirror = self._file["half_rows"], self._file["row_mirror"]
        self._basis = np.empty((COMPONENTS, len(self.mean), 3), np.float32)
        sign = np.where(self.odd, -1, 1)[:, None, None].astype(np.float32)
        self._basis[:, mirror[rows]] = sign * half * np.array([-1, 1, 1], np.float32)
        self._basis[:, rows] = half
        self.vertex_count = int(self._file["n_verts"])
        self._parts: dict[tuple[str, int], Part] = {}

    def part(self, group: str, level: int) -> Part:
        """The triangles of a group, decimated on the mean body."""
        if (group, level) not in self._parts:
            names = [str(name) for name in self._file["group_names"]]
            wanted = [place for place, name in enumerate(names) if name.startswith(group)]
            triangles = self._file["tri"][np.isin(self._file["tri_group"], wanted)].astype(np.int32)
            rows, corners = np.unique(triangles, return_inverse=True)
            corners = corners.reshape(-1, 3).astype(np.int32)
            if LEVELS[level] < 1 and group in ("body", "helper-hair", "helper-tights", "helper-skirt"):
                goal = max(int(LEVELS[level] * len(corners)), 200)
                done = igl.qslim(np.asfortranarray(self.mean[rows], float), np.asfortranarray(corners), goal)
                rows, corners = rows[np.asarray(done[3]).ravel()], np.asarray(done[1], np.int32)
            self._parts[group, level] = Part(rows, corners)
        return self._parts[group, level]

    def places(self, coefficients: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Rows of the body with these coefficients, (R, 3), Z up, facing -Y."""
        used = np.flatnonzero(coefficients)
        found = self.mean[rows] + np.tensordot(coefficients[used], self._basis[np.ix_(used, rows)], 1)
        return np.stack([found[:, 0], -found[:, 2], found[:, 1]], 1).astype(np.float64)

    def rig(self, name: str, rows: np.ndarray) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray, SkinWeights]:
        """Names, parents, rows of heads and tails, weights at `rows`; without a root on the ground."""
        names = [str(bone) for bone in self._file[f"{name}_bones"]]
        parents = self._file[f"{name}_parent"].astype(np.int32)
        heads, tails = self._file[f"{name}_head"], self._file[f"{name}_tail"]
        bones = self._file[f"{name}_wi"][rows].astype(np.int32)
        weights = self._file[f"{name}_ww"][rows].astype(np.float32) / 255
        if names[0].endswith("Root"):
            names, parents, heads, tails = names[1:], parents[1:] - 1, heads[1:], tails[1:]
            bones = np.maximum(bones - 1, 0)
        order = np.argsort(-weights, axis=1, kind="stable")
        bones, weights = np.take_along_axis(bones, order, 1), np.take_along_axis(weights, order, 1)
        weights /= weights.sum(1, keepdims=True)
        return names, parents, heads, tails, SkinWeights(np.where(weights > 0, bones, 0).astype(np.int32), weights)


@lru_cache(maxsize=2)
def space(path: Path) -> Space:
    """The space of a file, read once."""
    return Space(path)


def house_name(rig: str, bone: str) -> str | None:
    """What a bone of one of the rigs is called here; None for helpers that a rigger would not make."""
    bone = bone.removeprefix("mixamorig:")
    if bone in _MIDDLE[rig]:
        return _MIDDLE[rig][bone]
    found = re.fullmatch(r"(.+?)_(l|r)", bone)
    stem, side = (found[1], found[2]) if found else ("", "")
    if not found:
        found = re.fullmatch(r"(Left|Right|L|R)([A-Z].*)", bone)
        if not found:
            return None
        side, stem = found[1], found[2]
    finger = re.fullmatch(r"(?:Hand)?([Ii]ndex|[Mm]iddle|[Rr]ing|[Pp]inky|[Tt]humb)_?0?([1-3])", stem)
    if finger:
        name = finger[1].lower()
        return f"{name if name == 'thumb' else 'f_' + name}.0{finger[2]}{_SIDE[side]}"
    return _PAIRED[stem] + _SIDE[side] if stem in _PAIRED else None


def human(seed: int, path: Path = HUMANS) -> KnownShape:
    """One person: random body, rig, clothing-like layers and pose."""
    whole = space(path)
    rng = np.random.default_rng([0x40A5, seed])
    coefficients, symmetric = _coefficients(whole, rng)
    level = int(rng.choice(len(LEVELS), p=LEVEL_ODDS))
    groups = ["body"] + [
        group
        for group, odds in (
            ("helper-tights", 0.12),
            ("helper-skirt", 0.12),
            ("helper-hair", 0.3),
            ("helper-l-eye", 0.4),
        )
        if rng.random() < odds
    ]
    if "helper-l-eye" in groups:
        groups[-1:] = ["helper-l-eye", "helper-r-eye"]
    rig = str(rng.choice(RIGS))
    parts = [whole.part(group, level) for group in groups]
    rows = np.concatenate([part.rows for part in parts])
    starts = np.cumsum([0] + [len(part.rows) for part in parts[:-1]])
    triangles = np.concatenate([part.triangles + start for part, start in zip(parts, starts, strict=True)])
    vertices, known = _rigged(whole, rig, coefficients, rows, symmetric=symmetric)
    known = _simpler(known, rng)
    vertices, known = _big_head(vertices, known, rng)
    mesh = Mesh(vertices, triangles.astype(np.int32))
    closed = groups == ["body"]
    none = MedialSpheres(np.zeros((0, 3)), np.zeros(0), np.zeros(0, bool))
    shape = KnownShape("human", seed, mesh, closed, handles(mesh) if closed else None, (), (), none, known)
    return _measured(_in_pose(shape, rng))


def _coefficients(whole: Space, rng: np.random.Generator) -> tuple[np.ndarray, bool]:
    """Between two stored bodies, sometimes with a third one's details; mostly the same on both sides."""
    first, second, third = whole.coefficients[rng.integers(len(whole.coefficients), size=3)]
    mixed = first + rng.uniform(0, 0.5) * (second - first)
    if rng.random() < 0.5:
        mixed[BODY_DETAILS:] = third[BODY_DETAILS:]
    symmetric = bool(rng.random() < 0.85)
    if symmetric:
        mixed[whole.odd] = 0
    return mixed, symmetric


def _rigged(
    whole: Space, rig: str, coefficients: np.ndarray, rows: np.ndarray, *, symmetric: bool
) -> tuple[np.ndarray, KnownRig]:
    names, parents, heads, tails, skin = whole.rig(rig, rows)
    found = whole.places(coefficients, np.concatenate([rows, heads, tails]))
    vertices, joints = found[: len(rows)], found[len(rows) :]
    heads, tails = joints[: len(names)], joints[len(names) :]
    named = [house_name(rig, name) for name in names]
    middle = np.array([name is not None and sign_of_side(name) == 0 for name in named])
    if symmetric:
        heads[middle, 0] = tails[middle, 0] = 0.0
        heads, tails = _mirrored(named, heads), _mirrored(named, tails)
    count = len(names)
    armature = Armature(
        names=tuple(name or f"helper.{place}" for place, name in enumerate(named)),
        parents=parents,
        heads=heads,
        tails=tails,
        rolls=bone_rolls(heads, tails, parents),
        connected=np.zeros(count, bool),
        confidence=np.ones(count),
        deform=np.ones(count, bool),
        radii=np.full((count, 2), 0.01),
        kind="biped",
        symmetry=Symmetry(np.array([1.0, 0.0, 0.0]), 0.0) if symmetric else None,
    )
    return vertices, without_bones(KnownRig(armature, skin), np.array([name is None for name in named]))


def _mirrored(names: list[str | None], points: np.ndarray) -> np.ndarray:
    """Points (B, 3) of bones, those on the right made exact mirror images."""
    place = {name: number for number, name in enumerate(names) if name}
    points = points.copy()
    for name, number in place.items():
        if sign_of_side(name) < 0:
            points[number] = points[place[other_side(name)]] * [-1, 1, 1]
    return points


def _simpler(rig: KnownRig, rng: np.random.Generator) -> KnownRig:
    """Some riggers make no fingers, toes, jaw or eyes."""
    gone = [
        pattern
        for pattern, odds in ((r"f_|thumb", 0.25), (r"toe", 0.15), (r"jaw|eye", 0.6), (r"shoulder", 0.08))
        if rng.random() < odds
    ]
    if not gone:
        return rig
    return without_bones(rig, np.array([bool(re.match("|".join(gone), name)) for name in rig.armature.names]))


def _big_head(vertices: np.ndarray, rig: KnownRig, rng: np.random.Generator) -> tuple[np.ndarray, KnownRig]:
    """Sometimes larger heads, hands and feet, as in cartoons."""
    if rng.random() >= 0.3:
        return vertices, rig
    armature = rig.armature
    heads, tails = armature.heads.copy(), armature.tails.copy()
    dense = rig.skin.dense(len(armature.names))
    for pattern, scale in (
        ("head", rng.uniform(1.1, 2.3)),
        (r"hand\.", rng.uniform(1, 1.6)),
        (r"foot\.", rng.uniform(1, 1.5)),
    ):
        for bone in [place for place, name in enumerate(armature.names) if re.match(pattern, name)]:
            own = np.zeros(len(heads), bool)
            own[bone] = True
            for child in range(bone + 1, len(heads)):
                own[child] |= own[armature.parents[child]]
            share = np.minimum(dense[:, own].sum(1), 1)[:, None].astype(float)
            pivot = heads[bone].copy()
            vertices = vertices + (scale - 1) * share * (vertices - pivot)
            heads[own] += (scale - 1) * (heads[own] - pivot)
            tails[own] += (scale - 1) * (tails[own] - pivot)
    return vertices, KnownRig(replace(armature, heads=heads, tails=tails), rig.skin)


def _in_pose(shape: KnownShape, rng: np.random.Generator) -> KnownShape:
    """T-pose, A-pose, arms down, or any pose."""
    how = str(rng.choice(["T", "A", "down", "any"], p=[0.35, 0.27, 0.13, 0.25]))
    if how == "any":
        return posed_shape(shape, rng, rng.uniform(0.3, 1.0))
    if how == "A" or shape.rig is None:
        return fitted(shape)
    armature = shape.rig.armature
    angle = np.radians(rng.uniform(-8, 8) if how == "T" else rng.uniform(60, 78))
    turns = np.broadcast_to(np.eye(3), (len(armature.names), 3, 3)).copy()
    for side, sign in ((".L", 1), (".R", -1)):
        if f"upper_arm{side}" not in armature.names:
            continue
        bone = armature.names.index(f"upper_arm{side}")
        way = armature.tails[bone] - armature.heads[bone]
        now = np.arctan2(-way[2], sign * way[0])
        turns[bone] = Rotation.from_rotvec([0, sign * (angle - now), 0]).as_matrix()
    moves = pose(armature, turns)
    posed = replace(posed_armature(armature, moves), symmetry=armature.symmetry)
    mesh = Mesh(bend(shape.mesh.vertices, shape.rig.skin, moves), shape.mesh.triangles)
    return fitted(replace(shape, mesh=mesh, rig=KnownRig(posed, shape.rig.skin)))


def _measured(shape: KnownShape) -> KnownShape:
    """With what is connected, the flesh around the joints, and spheres along the bones."""
    assert shape.rig is not None
    armature, mesh = shape.rig.armature, shape.mesh
    parents, count = armature.parents, len(armature.names)
    shares = np.linspace(0, 1, ALONG)[:, None, None]
    points = (armature.heads + shares * (armature.tails - armature.heads)).reshape(-1, 3)
    away, kept = distances(mesh, points)
    kept &= away > LEAST_RADIUS
    # Lips and arm pits of decimated bodies fold over, and teeth lie open: what lies behind one is not always inside.
    kept[kept] = np.asarray(igl.fast_winding_number(mesh.vertices, mesh.triangles, points[kept])) > 0.5
    linked = (parents >= 0) & (np.linalg.norm(armature.heads - armature.tails[parents], axis=1) < 1e-6)
    reach, inner = away.reshape(ALONG, count), kept.reshape(ALONG, count)
    curves = tuple(
        Curve(points.reshape(ALONG, count, 3)[:, bone], reach[:, bone]) for bone in np.flatnonzero(inner.all(0))
    )
    armature = replace(armature, radii=np.stack([reach[0], reach[-1]], 1), connected=linked)
    spheres = MedialSpheres(points[kept], away[kept], np.zeros(int(kept.sum()), bool))
    return replace(shape, curves=curves, spheres=spheres, rig=KnownRig(armature, shape.rig.skin))
