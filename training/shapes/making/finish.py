"""The last step of a generator: the house's frame, the balls measured, the claims held against the mesh."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.spatial import KDTree

from inference.anatomy import MedialSpheres, Mesh

from ..shape import Curve, KnownShape, Sheet
from .inscribed import THINNEST, distances, inscribed, inside, maximal
from .parts import Part, tube
from .union import components_and_genus, union

ATTEMPTS = 20
BALLS = 500  # about so many along the lines of one shape
FOUND = 300  # tries at balls on the mesh of a thick shape
ASTRAY = 0.0015  # no point of a line may lie farther outside
FIT = 0.12  # a line's ball is still medial while it is its part's own within this share


@dataclass(frozen=True)
class Draft:
    """A shape in any frame and size, and what it should turn out to be."""

    mesh: Mesh
    pieces: int | None  # connected surfaces, inner ones of shells too; None where parts may meet by chance
    genus: int | None  # summed over them; None likewise
    curves: tuple[Curve, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    centres: np.ndarray = field(default_factory=lambda: np.zeros((0, 3)))  # (N, 3) of further balls
    thick: bool = False  # the balls are found on the mesh, not along the lines, whose radii are measured on it as well


@dataclass(frozen=True)
class Limb:
    """One tube from where it leaves another to its tip; a fork's thicker side goes on in the same limb."""

    points: np.ndarray  # (N, 3)
    radii: np.ndarray  # (N,)


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
            found = components_and_genus(draft.mesh)
            if draft.pieces in (None, found[0]) and draft.genus in (None, found[1]):
                return finished(family, seed, replace(draft, genus=found[1]), rng)
        except Misfit:
            continue
    raise RuntimeError(f"{family} {seed}: none of {ATTEMPTS} drafts had the topology it was drawn with")


def finished(family: str, seed: int, draft: Draft, rng: np.random.Generator) -> KnownShape:
    """Moved into the unit frame, with the balls measured there."""
    low, high = draft.mesh.vertices.min(0), draft.mesh.vertices.max(0)
    centre, size = (low + high) / 2, float((high - low).max())
    mesh = Mesh((draft.mesh.vertices - centre) / size, draft.mesh.triangles)
    curves = tuple(Curve((curve.points - centre) / size, curve.radii / size) for curve in draft.curves)
    sheets = tuple(Sheet((sheet.points - centre) / size, sheet.radii / size) for sheet in draft.sheets)
    if draft.thick:
        draft = replace(draft, centres=(draft.centres - centre) / size)
        curves, sheets, spheres = _thick(draft, mesh, curves, sheets, rng)
    else:
        spheres = _thin(mesh, curves, sheets)
    return KnownShape(
        family, seed, mesh, watertight=True, genus=draft.genus, curves=curves, sheets=sheets, spheres=spheres
    )


def _thin(mesh: Mesh, curves: tuple[Curve, ...], sheets: tuple[Sheet, ...]) -> MedialSpheres:
    """Balls along lines and middle surfaces. Lines lie inside their tubes; blades may have folded over themselves."""
    along, _ = _along(curves)
    flat = np.concatenate([np.zeros((0, 3)), *(sheet.points.reshape(-1, 3) for sheet in sheets)])
    if not len(flat):
        return inscribed(mesh, along, np.zeros(len(along), bool))
    spheres = inscribed(mesh, np.concatenate([along, flat]), np.arange(len(along) + len(flat)) >= len(along))
    within = inside(mesh, spheres.centres)
    if (~within & (spheres.radii > ASTRAY)).any():
        raise Misfit
    return MedialSpheres(spheres.centres[within], spheres.radii[within], spheres.sheet[within])


def _thick(
    draft: Draft, mesh: Mesh, curves: tuple[Curve, ...], sheets: tuple[Sheet, ...], rng: np.random.Generator
) -> tuple[tuple[Curve, ...], tuple[Sheet, ...], MedialSpheres]:
    """Balls found on the mesh, with those of lines and middle surfaces that are still right; the lines measured."""
    found = np.concatenate([maximal(mesh, FOUND, rng), draft.centres])
    along, nominal = _along(curves)
    flat = np.concatenate([np.zeros((0, 3)), *(sheet.points.reshape(-1, 3) for sheet in sheets)])
    line = np.concatenate([np.zeros((0, 3)), *(curve.points for curve in curves)])
    places = np.concatenate([found, along, flat, line])
    radii, within = distances(mesh, places)[0], inside(mesh, places)
    first, second, third = np.cumsum([len(found), len(along), len(flat)])
    if (~within[second:] & (radii[second:] > ASTRAY)).any():
        raise Misfit
    due = radii[:third].copy()
    due[first:second] = nominal
    due[second:third] = np.concatenate([np.zeros(0), *(sheet.radii.ravel() for sheet in sheets)])
    kept = within[:third] & (radii[:third] > THINNEST) & (np.abs(radii[:third] - due) <= FIT * due)
    is_sheet = np.arange(third) >= second
    is_sheet[:first] = _near_sheets(found, curves, sheets)
    return (
        tuple(map(Curve, [curve.points for curve in curves], _cut(radii[third:], curves))),
        tuple(map(Sheet, [sheet.points for sheet in sheets], _cut(radii[second:third], sheets))),
        MedialSpheres(places[:third][kept], radii[:third][kept], is_sheet[kept]),
    )


def _cut(values: np.ndarray, lines: Sequence[Curve] | Sequence[Sheet]) -> list[np.ndarray]:
    """Values of all points, dealt out to the lines they belong to."""
    ends = np.cumsum([line.radii.size for line in lines])[:-1]
    return [part.reshape(line.radii.shape) for part, line in zip(np.split(values, ends), lines, strict=False)]


def _near_sheets(places: np.ndarray, curves: tuple[Curve, ...], sheets: tuple[Sheet, ...]) -> np.ndarray:
    """Whether each place (N, 3) is nearer to a middle surface than to a line."""
    if not sheets or not curves:
        return np.full(len(places), bool(sheets))
    to_line = KDTree(np.concatenate([curve.points for curve in curves])).query(places)[0]
    to_sheet = KDTree(np.concatenate([sheet.points.reshape(-1, 3) for sheet in sheets])).query(places)[0]
    return to_sheet < to_line


def _along(curves: Sequence[Curve]) -> tuple[np.ndarray, np.ndarray]:
    """Places on the lines (N, 3) with their radii (N,), close enough for their balls to fill the tubes."""
    if not curves:
        return np.zeros((0, 3)), np.zeros(0)
    start = np.concatenate([curve.points[:-1] for curve in curves])
    step = np.concatenate([np.diff(curve.points, axis=0) for curve in curves])
    radii = np.concatenate([(curve.radii[:-1] + curve.radii[1:]) / 2 for curve in curves])
    length = np.linalg.norm(step, axis=1)
    gap = np.maximum(0.7 * radii, length.sum() / BALLS)
    counts = np.maximum(np.ceil(length / gap).astype(int), 1)
    segment = np.repeat(np.arange(len(start)), counts)
    share = (np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)) / counts[segment]
    first, last = (
        np.concatenate([curve.radii[part] for curve in curves]) for part in (slice(None, -1), slice(1, None))
    )
    ends = np.stack([curve.points[-1] for curve in curves])
    thick = first[segment] + share * (last - first)[segment]
    points = np.concatenate([start[segment] + share[:, None] * step[segment], ends])
    return points, np.append(thick, [curve.radii[-1] for curve in curves])
