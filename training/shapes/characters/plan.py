"""A character before it is a mesh: bones, and flesh along lines that follows them.

Planners give the left side and the middle; `side` -1 mirrors what they give. Lengths are in any unit: the finished
shape is scaled to the unit box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from inference.rigging.bones.names import sided

LEFT_RIGHT = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True)
class Bone:
    """One bone of the plan."""

    name: str
    side: int  # 1 left, -1 right, 0 in the middle
    parent: int  # -1 for the root
    head: np.ndarray  # (3,)
    tail: np.ndarray  # (3,)


@dataclass(frozen=True)
class Flesh:
    """A volume along a line; its cross-section is an ellipse, or a rounded rectangle where it is boxy."""

    line: np.ndarray  # (M, 3)
    radii: np.ndarray  # (M, 2) along `across` and at right angles to it
    across: np.ndarray  # (3,)
    bones: tuple[int, ...]  # the chain it follows, in order
    blend: float  # width of the seam to what it grows out of
    boxy: bool
    side: int
    part: str  # what has the same part is blended into one surface
    make: str  # "blend": with its part; "tube": swept for itself, then joined exactly; "loose": swept and not joined
    band: float  # half the width over which weights change at a joint, in radii
    cap: float  # how far the round ends stand out, in the smaller radius there
    grip: bool  # its first bone shares its beginning with the parent


@dataclass(frozen=True)
class Panel:
    """A slab: a grid of points with a thickness; closed panels go round."""

    points: np.ndarray  # (R, C, 3)
    thickness: np.ndarray  # (R, C)
    bones: tuple[int, ...]  # those it hangs on; the nearest count most
    closed: bool
    loose: bool  # it is not joined to the body
    side: int


@dataclass
class Appearance:
    """How a shape is made of its plan; drawn once per shape."""

    made: str  # "field": one blended surface; "tubes": polygon tubes joined; "loose": the same, not joined
    vertices: int  # about how many a blended surface has
    sides: int  # corners of a tube's section
    band: float  # softness of the weights at joints; 0: each vertex has one bone


@dataclass
class Plan:
    """What a planner fills in."""

    kind: str
    family: str
    rng: np.random.Generator
    look: Appearance
    symmetric: bool = True
    bones: list[Bone] = field(default_factory=list)
    flesh: list[Flesh] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)

    def sides(self) -> tuple[int, int]:
        """What there is on both sides is planned once for each."""
        return (1, -1)

    def uniform(self, low: float, high: float) -> float:
        """A number between two bounds."""
        return float(self.rng.uniform(low, high))

    def chance(self, probability: float) -> bool:
        """Whether something that happens this often happens now."""
        return bool(self.rng.random() < probability)

    def chain(
        self,
        names: Sequence[str],
        joints: np.ndarray | Sequence[Sequence[float] | np.ndarray],
        parent: int,
        side: int = 0,
    ) -> list[int]:
        """Bones one after the other through `joints` (K + 1, 3); their numbers."""
        joints = _on_side(np.asarray(joints, float), side)
        made = []
        for place, name in enumerate(names):
            self.bones.append(Bone(sided(name, side), side, parent, joints[place], joints[place + 1]))
            parent = len(self.bones) - 1
            made.append(parent)
        return made

    def body(
        self,
        line: np.ndarray,
        radii: np.ndarray | Sequence[float] | Sequence[Sequence[float]],
        bones: Sequence[int],
        side: int = 0,
        across: Sequence[float] | np.ndarray = (1.0, 0.0, 0.0),
        blend: float = 0.02,
        *,
        boxy: bool = False,
        part: str = "body",
        make: str = "blend",
        band: float = 0.8,
        cap: float = 1.0,
        grip: bool = True,
    ) -> None:
        """A volume along a line (M, 3); radii (M,) for round sections, (M, 2) for others."""
        thick = np.asarray(radii, float)
        thick = np.stack([thick, thick], 1) if thick.ndim == 1 else thick
        line = _on_side(np.asarray(line, float), side)
        thick = np.broadcast_to(thick, (len(line), 2)).copy()
        toward = np.asarray(across, float) * (LEFT_RIGHT if side < 0 else 1.0)
        self.flesh.append(Flesh(line, thick, toward, tuple(bones), blend, boxy, side, part, make, band, cap, grip))

    def panel(
        self,
        points: np.ndarray,
        thickness: np.ndarray | float,
        bones: Sequence[int],
        side: int = 0,
        *,
        closed: bool = False,
        loose: bool = False,
    ) -> None:
        """A slab on a grid of points (R, C, 3)."""
        points = _on_side(np.asarray(points, float), side)
        thick = np.broadcast_to(np.asarray(thickness, float), points.shape[:2]).copy()
        self.panels.append(Panel(points, thick, tuple(bones), closed, loose, side))

    def bone(self, name: str) -> int:
        """The number of the bone with this name."""
        return next(number for number, bone in enumerate(self.bones) if bone.name == name)

    def ends(self, bones: Sequence[int]) -> np.ndarray:
        """The joints of a chain and its end, (K + 1, 3)."""
        return np.stack([self.bones[bone].head for bone in bones] + [self.bones[bones[-1]].tail])


def _on_side(points: np.ndarray, side: int) -> np.ndarray:
    return points * LEFT_RIGHT if side < 0 else points


def smooth_line(joints: np.ndarray, count: int) -> np.ndarray:
    """A rounded line through `joints` (K, 3), (count, 3), evenly spaced over the joints' numbers."""
    joints = np.asarray(joints, float)
    if len(joints) < 3:
        return joints[0] + np.linspace(0, 1, count)[:, None] * (joints[-1] - joints[0])
    before = np.concatenate([2 * joints[:1] - joints[1:2], joints, 2 * joints[-1:] - joints[-2:-1]])
    at = np.linspace(0, len(joints) - 1, count)
    left = np.minimum(at.astype(int), len(joints) - 2)
    t = (at - left)[:, None]
    a, b, c, d = (before[left + k] for k in range(4))
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def along(points: np.ndarray, shares: Sequence[float] | np.ndarray) -> np.ndarray:
    """Points at shares of a line's length, (S, 3); shares beyond 0..1 go straight on."""
    points = np.asarray(points, float)
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    run = np.concatenate([[0], np.cumsum(steps)])
    at = np.asarray(shares, float) * run[-1]
    result = np.stack([np.interp(at, run, axis) for axis in points.T], 1)
    first, last = points[0] - points[1], points[-1] - points[-2]
    result += np.minimum(at, 0)[:, None] * -first / max(float(np.linalg.norm(first)), 1e-9)
    return result + np.maximum(at - run[-1], 0)[:, None] * last / max(float(np.linalg.norm(last)), 1e-9)


def unit(vector: Sequence[float] | np.ndarray) -> np.ndarray:
    """The same direction with length 1."""
    vector = np.asarray(vector, float)
    return vector / max(float(np.linalg.norm(vector)), 1e-12)
