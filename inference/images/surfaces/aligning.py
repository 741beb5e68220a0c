"""A camera turned, shifted and zoomed so that a surface covers the silhouette that it should cover."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from ...anatomy import Mesh
from ..outline import Outline, draw_mesh, outline_of, overlap
from .cameras import TANGENT, USUAL, Looking

STEPS = (8.0, 4.0, 2.0)  # degrees of the turns that are tried
ROUNDS = 3  # of each
DOUBT = 0.003  # of overlap that a degree away from where the camera was found costs
AZIMUTHS = tuple(range(0, 360, 15))
ELEVATIONS = (0.0, 15.0, 30.0, 45.0)
ASTRAY = 0.001  # of overlap that a degree away from the guess costs, where all sides are tried
FITS = 3  # rounds of shifting and zooming
SIDE = 80  # pixels of the map that silhouettes are compared in


@dataclass(frozen=True)
class _Found:
    camera: Looking
    turned: np.ndarray  # (3,) degrees about the camera's own axes in all
    score: float


def aligned(camera: Looking, surface: Mesh, outline: Outline, *, turns: bool) -> Looking:
    """The camera that sees the surface as the outline has it; with `turns` it may also be turned a little."""
    if len(surface.triangles) == 0:
        return camera
    small = _smaller(outline)
    best = _scored(camera, np.zeros(3), surface, small)
    for step in STEPS if turns else ():
        for _ in range(ROUNDS):
            before = best
            for axis in range(3):
                for way in (-step, step):
                    turned = before.turned + way * np.eye(3)[axis]
                    found = _scored(camera, turned, surface, small)
                    best = found if found.score > best.score else best
            if best is before:
                break
    return best.camera


def found_by_outline(guessed: Looking, hull: Mesh, outline: Outline) -> Looking:
    """The camera, of those all round a shape that stands, from which its `hull` covers the outline best.

    What was guessed counts too: an outline tells front and back but poorly.
    """
    small = _smaller(outline)
    best, highest = guessed, -math.inf
    for camera in (guessed, *_all_round()):
        turned = math.degrees(math.acos(min((float(np.trace(camera.turn @ guessed.turn.T)) - 1) / 2, 1.0)))
        moved = fitted_to(camera, hull.vertices, small)
        drawn = draw_mesh(Mesh(moved.seen(hull.vertices), hull.triangles), small.size)
        score = overlap(drawn, small.inside) - ASTRAY * turned
        if score > highest:
            best, highest = moved, score
    return best


def _all_round() -> list[Looking]:
    found = []
    for azimuth in np.radians(AZIMUTHS):
        right = np.array([math.cos(azimuth), math.sin(azimuth), 0.0])
        for elevation in np.radians(ELEVATIONS):
            level = math.cos(elevation)
            eye = np.array([math.sin(azimuth) * level, -math.cos(azimuth) * level, math.sin(elevation)])
            found.append(Looking(np.stack([right, np.cross(-eye, right), -eye]), USUAL, np.zeros(2)))
    return found


def _scored(camera: Looking, turned: np.ndarray, surface: Mesh, outline: Outline) -> _Found:
    moved = fitted_to(replace(camera, turn=_rotation(turned) @ camera.turn), surface.vertices, outline)
    drawn = draw_mesh(Mesh(moved.seen(surface.vertices), surface.triangles), outline.size)
    return _Found(moved, turned, overlap(drawn, outline.inside) - DOUBT * float(np.linalg.norm(turned)))


def fitted_to(camera: Looking, points: np.ndarray, outline: Outline) -> Looking:
    """The same camera shifted and zoomed so that points (N, 3) fill the box of the outline."""
    rows, columns = (np.flatnonzero(outline.inside.any(axis)) for axis in (1, 0))
    if len(rows) == 0 or len(points) == 0:
        return camera
    low = 2 * np.array([columns[0], rows[0]]) / outline.size - 1
    high = 2 * np.array([columns[-1] + 1, rows[-1] + 1]) / outline.size - 1
    for _ in range(FITS):
        matrix = camera.matrix
        seen = points @ matrix[:, :3].T + matrix[:, 3]
        places = seen[:, :2] / np.maximum(seen[:, 2:], 0.1)
        least, most = places.min(0), places.max(0)
        ratio = float((most - least).max() / max((high - low).max(), 1e-6))
        # u = (tangent - shift) / (scale T): first the zoom, then the shift that centres what is seen then
        scale = camera.scale * ratio
        middle = camera.shift + camera.scale * TANGENT * (least + most) / 2
        camera = replace(camera, scale=scale, shift=middle - scale * TANGENT * (low + high) / 2)
    return camera


def _smaller(outline: Outline) -> Outline:
    """The outline in a map of SIDE pixels at most."""
    every = max(outline.size // SIDE, 1)
    size = outline.size // every * every
    cells = outline.inside[:size, :size].reshape(size // every, every, size // every, every)
    return outline_of(cells.mean((1, 3)))


def _rotation(degrees: np.ndarray) -> np.ndarray:
    """The turn (3, 3) about an axis (3,) by its length, Rodrigues' way."""
    angle = math.radians(float(np.linalg.norm(degrees)))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = degrees / np.linalg.norm(degrees)
    across = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + math.sin(angle) * across + (1 - math.cos(angle)) * across @ across
