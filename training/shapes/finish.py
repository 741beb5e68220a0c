"""The last step of a generator: the house's frame, the balls measured, the claims held against the mesh."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from inference.anatomy import Mesh

from .branching import Limb
from .inscribed import inscribed
from .parts import Part, tube
from .shape import Curve, KnownShape, Sheet
from .union import components_and_genus, union

ATTEMPTS = 20
BALLS = 500  # about so many along the lines of one shape


@dataclass(frozen=True)
class Draft:
    """A shape in any frame and size, and what it should turn out to be."""

    mesh: Mesh
    pieces: int  # connected surfaces, inner ones of shells too
    genus: int  # summed over them
    curves: tuple[Curve, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    centres: np.ndarray | None = None  # (N, 3) of further balls


def limb_part(limb: Limb, sides: int) -> Part:
    """A round tube with round ends around the limb."""
    return tube(limb.points, limb.radii, sides)


def around_limbs(
    limbs: Sequence[Limb], pieces: int = 1, genus: int = 0, sides: int = 10, sacs: Sequence[Limb] = ()
) -> Draft:
    """The exact union of the tubes around `limbs`, the thickest with so many sides, and of the `sacs` on them."""
    thickest = max(float(limb.radii.max()) for limb in limbs)
    parts = [limb_part(limb, 6 if limb.radii.max() < 0.5 * thickest else sides) for limb in limbs]
    mesh = union([*parts, *(limb_part(sac, 12) for sac in sacs)])
    return Draft(mesh, pieces, genus, tuple(Curve(limb.points, limb.radii) for limb in [*limbs, *sacs]))


class Misfit(Exception):
    """Parts that should keep apart ran into each other: to be made again."""


def known_shape(family: str, number: int, seed: int, make: Callable[[np.random.Generator], Draft]) -> KnownShape:
    """The first draft that is what it was meant to be. `number` keeps families with one seed apart."""
    for attempt in range(ATTEMPTS):
        rng = np.random.default_rng([number, seed, attempt])
        try:
            draft = make(rng)
        except Misfit:
            continue
        if components_and_genus(draft.mesh) == (draft.pieces, draft.genus):
            return finished(family, seed, draft)
    raise RuntimeError(f"{family} {seed}: none of {ATTEMPTS} drafts had the topology it was drawn with")


def finished(family: str, seed: int, draft: Draft) -> KnownShape:
    """Moved into the unit frame, with the balls measured there."""
    low, high = draft.mesh.vertices.min(0), draft.mesh.vertices.max(0)
    centre, size = (low + high) / 2, float((high - low).max())
    mesh = Mesh((draft.mesh.vertices - centre) / size, draft.mesh.triangles)
    curves = tuple(Curve((curve.points - centre) / size, curve.radii / size) for curve in draft.curves)
    sheets = tuple(Sheet((sheet.points - centre) / size, sheet.radii / size) for sheet in draft.sheets)
    flat = [sheet.points.reshape(-1, 3) for sheet in sheets]
    if draft.centres is not None:
        flat.append((draft.centres - centre) / size)
    along = _along(curves)
    places = np.concatenate([along, *flat]) if flat else along
    spheres = inscribed(mesh, places, np.arange(len(places)) >= len(along))
    return KnownShape(family, seed, mesh, True, draft.genus, curves, sheets, spheres)


def _along(curves: Sequence[Curve]) -> np.ndarray:
    """Places on the lines (N, 3), close enough for their balls to fill the tubes."""
    if not curves:
        return np.zeros((0, 3))
    start = np.concatenate([curve.points[:-1] for curve in curves])
    step = np.concatenate([np.diff(curve.points, axis=0) for curve in curves])
    radii = np.concatenate([(curve.radii[:-1] + curve.radii[1:]) / 2 for curve in curves])
    length = np.linalg.norm(step, axis=1)
    gap = np.maximum(0.7 * radii, length.sum() / BALLS)
    counts = np.maximum(np.ceil(length / gap).astype(int), 1)
    segment = np.repeat(np.arange(len(start)), counts)
    share = (np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)) / counts[segment]
    ends = np.stack([curve.points[-1] for curve in curves])
    return np.concatenate([start[segment] + share[:, None] * step[segment], ends])
