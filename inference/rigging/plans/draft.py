"""Bones while they are being put together: one side only, mirrored at the end."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..bodies.interior import WELL_INSIDE, Interior
from .chain import at_shares

SHORTEST = 0.005  # bones are at least this long, as a share of the shape's size
RASTER = 0.35  # cells: how far outside a bone may seem to be only because sheets are drawn in cells


@dataclass
class Bone:
    """One bone of the draft."""

    name: str  # without side
    side: int  # 1 left, -1 right, 0 in the middle
    parent: int  # -1 for the root
    head: np.ndarray  # (3,)
    tail: np.ndarray  # (3,)
    connected: bool
    salience: float  # how clearly the shape asks for it, 0..1
    flex: np.ndarray | None = None  # (3,) where its tail moves when the joint bends


@dataclass
class Draft:
    """A growing armature. Of a symmetric shape it holds the middle and the left side."""

    interior: Interior
    symmetric: bool
    bones: list[Bone] = field(default_factory=list)

    def add(
        self,
        joints: np.ndarray,
        names: list[str],
        parent: int,
        side: int = 0,
        *,
        connected: bool = False,
        salience: float = 1.0,
        flex: np.ndarray | None = None,
    ) -> list[int]:
        """A chain of bones through `joints` (K + 1, 3), named `names` (K,); its bones' numbers.

        Joints are pulled into the shape; a bone that would be shorter than the shortest is left out.
        """
        joints = np.array(joints, float)
        if self.symmetric and side == 0:
            joints[:, 0] = 0.0
        joints = self.interior.pulled_in(joints)
        if connected and parent >= 0:
            joints[0] = self.bones[parent].tail
        joints[-1] = self._trimmed(joints[-2], joints[-1])
        added: list[int] = []
        head = joints[0]
        for i, (name, tail) in enumerate(zip(names, joints[1:], strict=True)):
            is_last = i == len(names) - 1
            if np.linalg.norm(tail - head) < SHORTEST:
                if not is_last or added:
                    continue
                tail = head + _stub(joints[-1] - joints[0])
            joined = connected if not added else True
            self.bones.append(Bone(name, side, added[-1] if added else parent, head, tail, joined, salience, flex))
            added.append(len(self.bones) - 1)
            head = tail
        return added

    def add_line(
        self,
        points: np.ndarray,
        shares: np.ndarray | list[float],
        names: list[str],
        parent: int,
        side: int = 0,
        *,
        connected: bool = False,
        salience: float = 1.0,
        flex: np.ndarray | None = None,
    ) -> list[int]:
        """A chain with joints at `shares` of a centre line; a bone that leaves the shape gets a joint at its bend."""
        at = list(np.asarray(shares, float))
        names = list(names)
        for _ in range(3):
            joints = at_shares(points, at)
            share = self.interior.share_inside(joints[:-1], joints[1:], RASTER)
            long = np.linalg.norm(np.diff(joints, axis=0), axis=1) > 4 * SHORTEST
            leaving = np.flatnonzero((share < WELL_INSIDE) & long)
            if len(leaving) == 0:
                break
            for bone in leaving[::-1]:
                at.insert(bone + 1, _bend(points, at[bone], at[bone + 1]))
                names.insert(bone + 1, f"{names[bone]}.bend")
        return self.add(at_shares(points, at), names, parent, side, connected=connected, salience=salience, flex=flex)

    def _trimmed(self, head: np.ndarray, tail: np.ndarray) -> np.ndarray:
        """The tail of a chain's last bone, drawn back until the bone lies inside the shape."""
        ends = head + np.array([1.0, 0.9, 0.8, 0.7, 0.6, 0.5])[:, None] * (tail - head)
        ends = ends[np.linalg.norm(ends - head, axis=1) > 2 * SHORTEST]
        if len(ends) == 0:
            return tail
        good = np.flatnonzero(
            self.interior.share_inside(np.broadcast_to(head, ends.shape), ends, RASTER) >= WELL_INSIDE
        )
        return ends[good[0]] if len(good) else tail

    def nearest(self, point: np.ndarray, side: int = 0, among: list[int] | None = None) -> int:
        """The bone that passes nearest to a point, of the same side or the middle; -1 when there is none."""
        numbers = among if among is not None else [i for i, b in enumerate(self.bones) if b.side in (0, side)]
        if not numbers:
            return -1
        heads = np.stack([self.bones[i].head for i in numbers])
        spans = np.stack([self.bones[i].tail for i in numbers]) - heads
        along = np.clip(((point - heads) * spans).sum(1) / np.maximum((spans**2).sum(1), 1e-12), 0, 1)
        gap = np.linalg.norm(heads + along[:, None] * spans - point, axis=1)
        return numbers[int(np.argmin(gap))]


def _stub(direction: np.ndarray) -> np.ndarray:
    """A shortest bone along a direction; upwards where there is none."""
    length = float(np.linalg.norm(direction))
    return 2 * SHORTEST * (direction / length if length > 1e-9 else np.array([0.0, 0.0, 1.0]))


def _bend(points: np.ndarray, start: float, end: float) -> float:
    """The share of a line between two others where it is farthest from the straight way."""
    between = np.linspace(start, end, 17)[2:-2]
    line = at_shares(points, between)
    head, tail = at_shares(points, [start, end])
    span = tail - head
    along = np.clip(((line - head) @ span) / max(float(span @ span), 1e-12), 0, 1)
    gap = np.linalg.norm(head + along[:, None] * span - line, axis=1)
    middle = 1e-6 * np.abs(between - (start + end) / 2)
    return float(between[int(np.argmax(gap - middle))])
