"""From crops and the spheres that a network sees in them to one medial mesh that fills what is seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..anatomy import MedialMesh, MedialSpheres, Mesh
from ..errors import BadRequestError
from ..frames import SAME, Frame
from ..geometry.medial.envelope import envelope
from ..geometry.medial.join import Rule, join_spheres
from ..geometry.solid.gaps import Gaps
from .fitting import added_spheres, fit_spheres
from .joining import draw_medial, keep_within
from .outline import places_of
from .several import SeenFrom, distinct, find_azimuth, joined, merged_spheres, place

RULE = Rule(k_coarse=6, p=1.5, touching=1.5, k_touching=4)  # leaner than what is best: half the time, the same shape
RESOLUTION = 48  # of the surface
GAP = 0.04  # radius of the ball that does not fit between spheres that belong together
SMALL = 1.7  # sides of a slab in its smallest radii up to which the cones along them hide nearly all of it
MOST_ADDED = 200  # spheres for what a picture shows and the network did not see


@dataclass(frozen=True)
class Sight:
    """One object as several views show it, in the first one's seen frame."""

    medial: MedialMesh
    views: tuple[SeenFrom, ...]
    placements: tuple[Frame, ...]  # the frame of the medial mesh as it lies in each view's seen frame
    azimuths: tuple[float, ...]  # degrees, of each view


def understand(views: Sequence[SeenFrom], azimuths: Sequence[float], *, refine: bool) -> Sight:
    """Put the views together; without azimuths for all but the first, these are found."""
    if azimuths and len(azimuths) != len(views) - 1:
        raise BadRequestError(
            f"There are {len(views)} pictures and {len(azimuths)} azimuths. Give one for each picture after the first."
        )
    if not all(np.isfinite(azimuths)):
        raise BadRequestError("An azimuth is not a finite number. Give degrees.")
    if refine:
        views = [replace(view, spheres=fit_spheres(view.spheres, view.outline)) for view in views]
    found = list(azimuths) if azimuths else [find_azimuth(views[0], view) for view in views[1:]]
    placements = [SAME, *(place(views[0], view, angle) for view, angle in zip(views[1:], found, strict=True))]
    medial = _refined(views, placements) if refine else _plain(views, placements)
    return Sight(medial, tuple(views), tuple(placements), (0.0, *found))


def _plain(views: Sequence[SeenFrom], placements: Sequence[Frame]) -> MedialMesh:
    """What the network sees, and nothing else."""
    parts = [placement.into(view.spheres) for placement, view in zip(placements, views, strict=True)]
    return join_spheres(parts[0] if len(parts) == 1 else distinct(joined(parts)), RULE)


def _refined(views: Sequence[SeenFrom], placements: Sequence[Frame]) -> MedialMesh:
    """The same within all outlines, and with spheres for what they show beside it."""
    spheres = merged_spheres(views, placements)
    for view, placement in zip(views, placements, strict=True):
        medial = _joined_within(spheres, views, placements)
        drawn = draw_medial(placement.out(medial), view.outline.size)
        added = added_spheres(placement.out(spheres), drawn, view.outline, MOST_ADDED)
        spheres = joined([spheres, placement.into(added)])
    return _joined_within(spheres, views, placements)


def _joined_within(spheres: MedialSpheres, views: Sequence[SeenFrom], placements: Sequence[Frame]) -> MedialMesh:
    medial = join_spheres(spheres, RULE)
    for view, placement in zip(views, placements, strict=True):
        seen = keep_within(placement.out(medial), view.outline)
        medial = replace(seen, spheres=spheres)
    return medial


def surface_around(sight: Sight) -> Mesh:
    """The closed surface of spheres, cones and slabs, but for slabs that hardly come out of the cones around them.

    Spheres that were guessed leave gaps between them. Those in which no picture shows the background are closed.
    """
    medial = sight.medial
    corners = medial.spheres.centres[medial.faces]
    longest = np.linalg.norm(corners - np.roll(corners, 1, 1), axis=2).max(1)
    large = longest > SMALL * medial.spheres.radii[medial.faces].min(1)

    def covered(points: np.ndarray) -> np.ndarray:
        seen = np.ones(len(points), bool)
        for view, placement in zip(sight.views, sight.placements, strict=True):
            places = places_of(placement.points_out(points), view.outline.size)[0]
            seen &= view.outline.depth_at(places) > 0
        return seen

    return envelope(replace(medial, faces=medial.faces[large]), resolution=RESOLUTION, gaps=Gaps(GAP, covered))
