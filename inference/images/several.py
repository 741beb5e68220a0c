"""Several pictures of one object: where each was taken from, and what they leave of each other's spheres.

The pictures show the object upright from about the same height; between two of them the camera (or the object) turned
about the upward axis. All is brought into the seen frame of the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..anatomy import MedialSpheres
from ..frames import Frame
from .camera import DISTANCE
from .outline import Outline, draw_discs, overlap, places_of

AZIMUTHS = tuple(15.0 * number for number in range(24))
SURE = 0.25  # how much the middles of the spheres count beside the outlines when views are put together
SEARCH = np.sort(np.linspace(-0.6, 0.6, 41))[np.argsort(np.abs(np.linspace(-0.6, 0.6, 41)), kind="stable")]
ROOM = 0.7  # share of its radius that a sphere must have to each outline to stay at its depth
SLACK = 0.01  # share of a map's side by which outlines of different pictures may disagree
SAME = 0.5  # spheres nearer than this share of the smaller radius are one


@dataclass(frozen=True)
class SeenFrom:
    """One picture's outline and the spheres seen in it, in its own seen frame."""

    outline: Outline
    spheres: MedialSpheres


def place(first: SeenFrom, other: SeenFrom, azimuth: float) -> Frame:
    """How the frame of `first` lies in that of `other`, when the camera went `azimuth` degrees round the object.

    Counted to the camera's right.
    """
    angle = np.radians(azimuth)
    turn = np.array([[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    scale = _height(other.outline) / _height(first.outline)
    here = Frame(turn.T, scale, np.zeros(3))
    moved, returned = here.out(first.spheres), here.into(other.spheres)
    # Each picture's crop is centred on its outline: so must be what the other one's spheres look like in it.
    rows = [np.array([1.0, 0.0]), turn[:2, 0]]
    wanted = [-_middle(moved, 0), _middle(returned, 0) * scale]
    gap = other.spheres.centres.mean(0) - moved.centres.mean(0)
    rows += [np.array([SURE, 0.0]), np.array([0.0, SURE])]
    wanted += [SURE * gap[0], SURE * gap[1]]
    offset = np.linalg.lstsq(np.array(rows), np.array(wanted), rcond=None)[0]
    return Frame(turn.T, scale, np.array([*offset, 0.0]))


def find_azimuth(first: SeenFrom, other: SeenFrom) -> float:
    """The one of the 24 azimuths at which both pictures' spheres fit the other's outline best."""
    scores = []
    for azimuth in AZIMUTHS:
        placement = place(first, other, azimuth)
        scores.append(
            _agreement(placement.out(first.spheres), other.outline)
            + _agreement(placement.into(other.spheres), first.outline)
        )
    return AZIMUTHS[int(np.argmax(scores))]


def merged_spheres(views: Sequence[SeenFrom], placements: Sequence[Frame]) -> MedialSpheres:
    """The spheres of all views in the first one's frame, carved by the outlines of the others."""
    carved = [_carved(number, views, placements) for number in range(len(views))]
    return distinct(joined([placement.into(spheres) for placement, spheres in zip(placements, carved, strict=True)]))


def _carved(number: int, views: Sequence[SeenFrom], placements: Sequence[Frame]) -> MedialSpheres:
    """One view's spheres moved along their rays to where all other outlines have room for them, else made smaller."""
    spheres = views[number].spheres
    others = [k for k in range(len(views)) if k != number]
    if not others or len(spheres.radii) == 0:
        return spheres
    room = np.empty((len(SEARCH), len(spheres.radii)))
    for step, along in enumerate(SEARCH):
        moved = _moved(spheres, along)
        world = placements[number].into(moved)
        rooms = []
        for k in others:
            seen = placements[k].out(world)
            places, scale = places_of(seen.centres, views[k].outline.size)
            slack = SLACK * views[k].outline.size
            share = scale * placements[k].size / placements[number].size
            rooms.append((views[k].outline.depth_at(places) + slack) / share)
        room[step] = np.min(rooms, axis=0)
    enough = room >= ROOM * spheres.radii
    chosen = np.where(enough.any(0), enough.argmax(0), room.argmax(0))
    left = room[chosen, np.arange(len(chosen))]
    kept = left > 0.2 * spheres.radii
    moved = _moved(spheres, SEARCH[chosen])
    return MedialSpheres(moved.centres[kept], np.minimum(moved.radii, left)[kept], spheres.sheet[kept])


def _moved(spheres: MedialSpheres, along: np.ndarray | float) -> MedialSpheres:
    """Spheres moved away from the eye, each on its ray: they look the same."""
    eye = np.array([0.0, -DISTANCE, 0.0])
    ray = spheres.centres - eye
    share = 1 + np.asarray(along) / ray[:, 1]
    return replace(spheres, centres=eye + ray * share[:, None], radii=spheres.radii * share)


def _agreement(spheres: MedialSpheres, outline: Outline) -> float:
    places, scale = places_of(spheres.centres, outline.size)
    return overlap(draw_discs(places, spheres.radii * scale, outline.size), outline.inside)


def _height(outline: Outline) -> float:
    rows = np.flatnonzero(outline.inside.any(1))
    return (rows[-1] + 1 - rows[0]) / outline.size


def _middle(spheres: MedialSpheres, axis: int) -> float:
    low, high = (spheres.centres[:, axis] - spheres.radii).min(), (spheres.centres[:, axis] + spheres.radii).max()
    return float(low + high) / 2


def joined(parts: Sequence[MedialSpheres]) -> MedialSpheres:
    """All of them."""
    return MedialSpheres(
        np.concatenate([part.centres for part in parts]),
        np.concatenate([part.radii for part in parts]),
        np.concatenate([part.sheet for part in parts]),
    )


def distinct(spheres: MedialSpheres) -> MedialSpheres:
    """Without spheres that lie in a larger one, or where one of about their size is already."""
    order = np.argsort(-spheres.radii, kind="stable")
    centres, radii, sheet = spheres.centres[order], spheres.radii[order], spheres.sheet[order]
    gap = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    same = (gap + radii[:, None] <= radii[None]) | (gap < SAME * radii[:, None])  # (smaller, larger)
    kept = ~np.tril(same, -1).any(1)
    return MedialSpheres(centres[kept], radii[kept], sheet[kept])
