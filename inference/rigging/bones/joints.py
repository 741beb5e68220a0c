"""The joints of an armature: places that ends of bones share, moved as one, with what is across and what hangs between.

Symbols: B bones, J joints. A bone goes from joint `ends[b, 0]` to joint `ends[b, 1]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from ...anatomy import Symmetry
from .names import plain_name

SAME = 1e-5  # of the armature's size: ends this close are one joint
ON_PLANE = 1e-3  # of its size: a joint this close to the mirror plane stays on it
NOT_ACROSS = -1  # of a joint on one side whose namesake is missing


@dataclass(frozen=True)
class JointGraph:
    """Where the ends of bones meet."""

    places: np.ndarray  # (J, 3)
    ends: np.ndarray  # (B, 2) int64, joint of the head and of the tail
    across: np.ndarray  # (J,) int64, the joint on the other side; a joint of the middle itself; NOT_ACROSS
    words: tuple[str, ...]  # (B,) names of bones without side and number
    riders: np.ndarray  # (J,) bool, ends of nothing but twist helpers: they follow the bone that carries these
    carriers: np.ndarray  # (B,) int64, the bone whose line a twist helper lies on, -1 for all other bones

    @property
    def size(self) -> float:
        """The longest side of the box around all joints."""
        return float(np.ptp(self.places, axis=0).max()) or 1.0


def find_joints(
    heads: np.ndarray, tails: np.ndarray, names: Sequence[str], parents: np.ndarray, pairs: np.ndarray
) -> JointGraph:
    """Joints of bones with `heads` and `tails` (B, 3) and `names` as ours are.

    `pairs` (B,) has each bone's namesake across, the bone itself in the middle, -1 where there is none.
    """
    points = np.stack([heads, tails], 1).reshape(-1, 3)  # head, tail, head, tail ...
    reach = SAME * (float(np.ptp(points, axis=0).max()) or 1.0)
    near = KDTree(points).query_pairs(reach, output_type="ndarray")
    links = coo_matrix((np.ones(len(near), np.int8), (near[:, 0], near[:, 1])), (len(points), len(points)))
    count, label = connected_components(links, directed=False)
    first = np.full(count, len(points))
    np.minimum.at(first, label, np.arange(len(points)))
    ends = label.reshape(-1, 2).astype(np.int64)
    words = tuple(plain_name(name) for name in names)
    helper = np.array([word.endswith(".twist") for word in words], bool)
    ridden = np.ones(count, bool)
    ridden[ends[~helper]] = False
    carriers = np.where(helper, parents, -1).astype(np.int64)
    return JointGraph(points[first], ends, _across(ends, count, pairs), words, ridden, carriers)


def _across(ends: np.ndarray, count: int, pairs: np.ndarray) -> np.ndarray:
    """For each joint the one across; what a bone of the middle shares is its own, whatever else meets there."""
    own = np.arange(len(pairs))
    across = np.arange(count)
    across[ends[pairs < 0]] = NOT_ACROSS
    sided = (pairs >= 0) & (pairs != own)
    across[ends[sided]] = ends[pairs[sided]]
    across[ends[pairs == own]] = ends[pairs == own]
    return across


def per_joint_least(joints: JointGraph, values: np.ndarray) -> np.ndarray:
    """For each joint the least of `values` (B,) among the bones that begin there or, at tips, that end there, (J,)."""
    least = np.full(len(joints.places), np.inf)
    np.minimum.at(least, joints.ends[:, 0], values)
    ending = np.full(len(joints.places), np.inf)
    np.minimum.at(ending, joints.ends[:, 1], values)
    return np.where(np.isfinite(least), least, ending)


def titles(joints: JointGraph, names: Sequence[str]) -> list[str]:
    """What each joint is called: the bone that begins there, or the tip of the one that ends there."""
    found = [""] * len(joints.places)
    for bone, name in enumerate(names):
        if joints.carriers[bone] < 0 and not found[joints.ends[bone, 0]]:
            found[joints.ends[bone, 0]] = name
    for bone, name in enumerate(names):
        if not found[joints.ends[bone, 1]]:
            found[joints.ends[bone, 1]] = f"tip of {name}"
    return found


def moved_joint(
    joints: JointGraph, joint: int, target: np.ndarray, mirror: Symmetry | None = None, *, straight: bool = False
) -> np.ndarray:
    """All places (J, 3) once `joint` is at `target` (3,).

    With `mirror` the joint across goes to the mirrored place, and a joint of the middle stays there. `straight` spreads
    the joints of the same chain, up and down to where it changes its name or branches, over the lines to the target.
    """
    places = joints.places.copy()
    target = np.asarray(target, np.float64)
    together = [joint]
    if mirror is not None:
        other = int(joints.across[joint])
        if other == joint:
            on_plane = abs(float(mirror.side(places[[joint]])[0])) < ON_PLANE * joints.size
            target = target - mirror.side(target[None])[0] * mirror.normal if on_plane else target
        elif other != NOT_ACROSS:
            places[other] = mirror.mirror(target[None])[0]
            together.append(other)
    places[joint] = target
    if straight:
        for one in together:
            for line in lines_from(joints, one):
                _spread(places, joints.places, line)
    _carry(joints, places)
    return places


def lines_from(joints: JointGraph, joint: int) -> list[list[int]]:
    """Ways from `joint` over joints between bones of one name to the nearest that is more than that, `joint` first."""
    starts = [(bone, end) for bone in range(len(joints.ends)) for end in (0, 1) if joints.ends[bone, end] == joint]
    lines = []
    for bone, end in starts:
        if joints.carriers[bone] >= 0:
            continue
        line, here = [joint], bone
        while True:
            line.append(int(joints.ends[here, 1 - end]))
            onward = _next_of(joints, here, line[-1])
            if onward is None or line[-1] in line[:-1]:
                break
            here = onward
        if len(line) > 2:
            lines.append(line)
    return lines


def _next_of(joints: JointGraph, bone: int, joint: int) -> int | None:
    """The one bone of the same name that goes on from `bone` through `joint`, where nothing else meets."""
    others = [
        other
        for other in np.flatnonzero((joints.ends == joint).any(1)).tolist()
        if other != bone and joints.carriers[other] < 0
    ]
    if len(others) != 1 or joints.words[others[0]] != joints.words[bone]:
        return None
    through = (joints.ends[bone] == joint) != (joints.ends[others[0]] == joint)
    return others[0] if through.all() else None


def _spread(places: np.ndarray, before: np.ndarray, line: list[int]) -> None:
    """Put the joints between the ends of `line` on the straight line, spaced as they were."""
    steps = np.linalg.norm(np.diff(before[line], axis=0), axis=1)
    run = np.concatenate([[0.0], np.cumsum(steps)]) / max(float(steps.sum()), 1e-30)
    places[line] = places[line[0]] + run[:, None] * (places[line[-1]] - places[line[0]])


def _carry(joints: JointGraph, places: np.ndarray) -> None:
    """Let the free ends of twist helpers keep their share of the bone that carries them."""
    for bone in np.flatnonzero(joints.carriers >= 0):
        start, stop = joints.ends[joints.carriers[bone]]
        along = joints.places[stop] - joints.places[start]
        for joint in joints.ends[bone]:
            if joints.riders[joint]:
                offset = joints.places[joint] - joints.places[start]
                share = float(offset @ along) / max(float(along @ along), 1e-30)
                places[joint] = places[start] + share * (places[stop] - places[start])


def hit_joint(seen: np.ndarray, reach: np.ndarray, depth: np.ndarray, mouse: np.ndarray) -> int:
    """The joint under the mouse, -1 for none.

    `seen` (J, 2) and `mouse` (2,) are pixels, NaN for what is not in sight; `reach` (J,) how far each can be caught.
    Where several can, the one that the mouse is deepest in wins; of those that lie over each other, the nearer one.
    """
    gap = np.linalg.norm(seen - mouse, axis=1)
    caught = np.flatnonzero(gap <= reach)  # NaN is not caught
    if not len(caught):
        return -1
    share = np.round(gap[caught] / reach[caught], 1)
    return int(caught[np.lexsort((depth[caught], share))[0]])
