"""A rig on the solid it is for: what every feature of the judge is measured on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import KDTree

from ...anatomy import Armature, Mesh, Solid
from ...geometry.mesh.surface import sample_surface
from ..skin.reach import Segments
from .evidence import Impression
from .parts import Parts

UP = np.array([0.0, 0.0, 1.0])
CELLS = 1500  # of the solid that are looked at
SURFACE = 1000  # points of the surface that are
LEVEL = 0.02  # left and right lie this far apart at least, as a share of the size, where they tell where left is


@dataclass(frozen=True)
class PlacedRig:
    """All of one frame, in which the shape stands on +Z."""

    mesh: Mesh
    solid: Solid
    armature: Armature
    evidence: Impression | None = None

    @cached_property
    def parts(self) -> Parts:
        """Which bone is what."""
        return Parts(self.armature)

    @cached_property
    def size(self) -> float:
        """The longest side of the shape."""
        return max(float(np.ptp(self.solid.centres, axis=0).max()), 1e-9)

    @cached_property
    def judged(self) -> np.ndarray:
        """The bones that deform, or all, (J,)."""
        deform = self.armature.deform
        return np.flatnonzero(deform) if deform.any() else np.arange(len(deform))

    @cached_property
    def _sampled(self) -> tuple[np.ndarray, np.ndarray]:
        step = max(self.solid.spacing, 0.004 * self.size)
        heads, tails = self.armature.heads[self.judged], self.armature.tails[self.judged]
        points, bone = Segments(heads, tails).points(step)
        return points, self.judged[bone]

    @property
    def points(self) -> np.ndarray:
        """Along the bones, (N, 3)."""
        return self._sampled[0]

    @property
    def bone(self) -> np.ndarray:
        """The bone of each point, (N,)."""
        return self._sampled[1]

    @cached_property
    def within(self) -> np.ndarray:
        """Which points lie in the solid, (N,) bool."""
        return self.inside(self.points)

    def inside(self, points: np.ndarray) -> np.ndarray:
        """Which points (N, 3) lie in the solid or within a cell of it, (N,) bool."""
        found = self.solid.cells_at(points) >= 0
        lost = np.flatnonzero(~found)
        if len(lost):
            found[lost] = np.isfinite(
                self.solid.tree.query(points[lost], distance_upper_bound=0.9 * self.solid.spacing)[0]
            )
        return found

    @cached_property
    def cells(self) -> np.ndarray:
        """Cells spread evenly through the solid, (C,)."""
        count = len(self.solid.cells)
        return np.linspace(0, count - 1, min(CELLS, count)).astype(np.int64)

    @cached_property
    def _owned(self) -> tuple[np.ndarray, np.ndarray]:
        away, nearest = KDTree(self.points).query(self.solid.centres[self.cells])
        return np.asarray(away) / self.size, self.bone[nearest]

    @property
    def away(self) -> np.ndarray:
        """How far each of those cells is from the nearest bone, as a share of the size, (C,)."""
        return self._owned[0]

    @property
    def owner(self) -> np.ndarray:
        """The bone nearest to each of those cells, (C,)."""
        return self._owned[1]

    @cached_property
    def surface(self) -> np.ndarray:
        """Points on the surface, (S, 3)."""
        return sample_surface(self.mesh, SURFACE, 0)[0]

    @cached_property
    def left(self) -> np.ndarray | None:
        """Where the names say that the character's left is, level and of length 1; None where they do not."""
        sides = self.parts.sides
        middles = (self.armature.heads + self.armature.tails) / 2
        if not (sides > 0).any() or not (sides < 0).any():
            return None
        apart = middles[sides > 0].mean(0) - middles[sides < 0].mean(0)
        level = apart - (apart @ UP) * UP
        length = float(np.linalg.norm(level))
        return level / length if length > LEVEL * self.size else None

    @cached_property
    def forward(self) -> np.ndarray | None:
        """Where it looks, if the names of the sides are right."""
        return None if self.left is None else np.cross(self.left, UP)

    @cached_property
    def middle(self) -> float:
        """Where along `left` the mirror plane of the bones lies."""
        assert self.left is not None
        central = self.parts.sides == 0
        if central.any():
            return float(np.median(self.armature.heads[central] @ self.left))
        return float((self.armature.heads @ self.left).mean())

    def limb_of(self, bone: int) -> tuple[str, int]:
        """Limb and side of a bone."""
        return self.parts.placed[bone][0], int(self.parts.sides[bone])
