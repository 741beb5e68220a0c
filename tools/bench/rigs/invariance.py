"""The same shape moved, scaled, turned or mirrored must give the same rig, moved along and re-sided where mirrored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import numpy as np

from inference.anatomy import Armature, Mesh, Rig
from inference.geometry.mesh.surface import unit_frame
from inference.pipelines.meshes import rig_mesh
from inference.requests import RigOptions
from inference.rigging.bones.names import other_side
from training.datasets.rigged_glb import list_assets, read_rigged
from training.shapes.figures import creature, person
from training.shapes.making.implicit import mesh_around

from ..isolated import run_each
from ..record import Cell, console, show

LIMIT_S = 120.0
Points = np.ndarray


@dataclass(frozen=True)
class Move:
    """A change of the input that the rig should follow."""

    name: str
    do: Callable[[Points], Points]
    mirrors: bool = False


@dataclass(frozen=True)
class Difference:
    """Between the moved rig and the rig of the moved mesh. Distances are shares of the longest side."""

    move: str
    same_names: bool  # and parents
    joints: float  # largest distance of a head or tail to the one it should be
    weights: float  # mean L1 of the skin weights, 0..2
    same_bytes: bool


def moves(size: float) -> list[Move]:
    """Sizes as shares of the mesh's own."""
    return [
        Move("again", lambda points: points.copy()),
        Move("moved", lambda points: points + size * np.array([3.7, -2.1, 9.3])),
        Move("100 times as large", lambda points: points * 100),
        Move("100 times as small", lambda points: points * 0.01),
        *[Move(f"turned {degrees}", _turn(degrees)) for degrees in (90, 180, 270, 30, 77)],
        Move("mirrored left to right", lambda points: points * [-1, 1, 1], mirrors=True),
        Move("mirrored front to back", lambda points: points * [1, -1, 1], mirrors=True),
    ]


@dataclass(frozen=True)
class Compared:
    """One mesh and everything it was moved to."""

    asymmetry: float | None  # of the rig itself, as a share of the longest side; None when it claims no symmetry
    differences: list[Difference]


def compare_moves(mesh: Mesh) -> Compared:
    """Rig a mesh and everything it can be moved to."""
    size = unit_frame(mesh).size
    plain = rig_mesh(mesh, RigOptions())
    result = []
    for move in moves(size):
        triangles = mesh.triangles[:, ::-1].copy() if move.mirrors else mesh.triangles
        moved = rig_mesh(Mesh(move.do(mesh.vertices), triangles), RigOptions())
        result.append(_difference(move, plain, moved, unit_frame(Mesh(move.do(mesh.vertices), triangles)).size))
    off = asymmetry(plain.armature)
    return Compared(None if off is None else off / size, result)


def asymmetry(armature: Armature) -> float | None:
    """Largest distance of a bone's end from the mirror image of its other side; None when no plane is given."""
    if armature.symmetry is None:
        return None
    twin = [armature.names.index(n) if n in armature.names else -1 for n in map(other_side, armature.names)]
    if min(twin) < 0:
        return float("inf")
    ends = np.stack([armature.heads, armature.tails], 1)
    image = armature.symmetry.mirror(ends[twin].reshape(-1, 3)).reshape(-1, 2, 3)
    return float(np.linalg.norm(image - ends, axis=2).max())


def invariance(folder: Path, limit: int | None) -> list[dict[str, object]]:
    """Plain figures and val assets of every kind; prints the worst and the median over the meshes."""
    meshes = {"person": mesh_around(person(), 60), "creature": mesh_around(creature(), 60)}
    seen: set[str] = set()
    for listing in list_assets(folder, "val") if folder.exists() else []:
        if listing.kind not in seen:
            seen.add(listing.kind)
            meshes[listing.name] = read_rigged(listing).mesh
    chosen = dict(list(meshes.items())[:limit])
    records: list[dict[str, object]] = []
    everything: list[Difference] = []
    for name, outcome in zip(chosen, run_each(compare_moves, chosen.values(), LIMIT_S), strict=True):
        found = outcome.value
        if found is None:
            records.append({"mesh": name, "error": outcome.reason})
            console.print(f"failed: {name}: {outcome.reason}")
            continue
        records += [{"mesh": name, "asymmetry": found.asymmetry, **asdict(d)} for d in found.differences]
        everything += found.differences
        symmetric = "no symmetry" if found.asymmetry is None else f"own mirror image off by {found.asymmetry:.2g}"
        rows = [[d.move, d.same_names, d.joints, d.weights, d.same_bytes] for d in found.differences]
        show(f"{name}: {symmetric}", ("input", "same names", "joints off", "weights L1", "same bytes"), rows)
    show(f"Over {len(chosen)} meshes", SUMMARY_COLUMNS, [_summary(m, everything) for m in _names(everything)])
    return records


SUMMARY_COLUMNS = (
    "input",
    "same names",
    "joints off (median)",
    "joints off (most)",
    "weights L1 (median)",
    "under 1e-4",
)


def _names(found: list[Difference]) -> list[str]:
    return list(dict.fromkeys(d.move for d in found))


def _summary(move: str, found: list[Difference]) -> list[Cell]:
    """A rig with other names is infinitely far off."""
    mine = [d for d in found if d.move == move]
    joints = [d.joints for d in mine]
    close = sum(j < 1e-4 for j in joints)
    same = f"{sum(d.same_names for d in mine)} of {len(mine)}"
    return [move, same, median(joints), max(joints), median(d.weights for d in mine), f"{close} of {len(mine)}"]


def _turn(degrees: float) -> Callable[[Points], Points]:
    angle = np.deg2rad(degrees)
    axes = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    return lambda points: points @ axes.T


def _difference(move: Move, plain: Rig, moved: Rig, size: float) -> Difference:
    names = tuple(map(other_side, plain.armature.names)) if move.mirrors else plain.armature.names
    found = moved.armature.names
    heads, tails = move.do(plain.armature.heads), move.do(plain.armature.tails)
    if set(names) != set(found):
        return Difference(move.name, same_names=False, joints=float("inf"), weights=2.0, same_bytes=False)
    place = [found.index(name) for name in names]
    off = max(
        np.linalg.norm(moved.armature.heads[place] - heads, axis=1).max(),
        np.linalg.norm(moved.armature.tails[place] - tails, axis=1).max(),
    )
    weights = float("nan")
    if plain.skin is not None and moved.skin is not None:
        count = len(names)
        weights = float(np.abs(plain.skin.dense(count) - moved.skin.dense(count)[:, place]).sum(1).mean())
    return Difference(
        move.name, same_names=True, joints=float(off / size), weights=weights, same_bytes=_bytes(plain) == _bytes(moved)
    )


def _bytes(rig: Rig) -> bytes:
    bones = rig.armature
    parts = [bones.heads, bones.tails, bones.rolls, bones.parents]
    if rig.skin is not None:
        parts += [rig.skin.bones, rig.skin.weights]
    return "\n".join(bones.names).encode() + b"".join(part.tobytes() for part in parts)
