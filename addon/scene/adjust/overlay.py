"""Joints drawn over the mesh: a dot each, larger where it is a guess; left blue, right red, the middle yellow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, cast

import blf
import gpu
import numpy as np
from gpu_extras.batch import batch_for_shader

from ....inference.images.portraits import COLOURS
from ...typed import numbers
from .aim import Eye
from .joints import JointLooks
from .picking import radii_of

CORNERS = 24
Rows: TypeAlias = Sequence[Sequence[int]]
DARK, WHITE = np.array([0.05, 0.05, 0.06, 0.9]), np.array([1.0, 1.0, 1.0, 1.0])
LOCKED = np.array([0.16, 0.16, 0.18, 1.0])


def draw_joints(eye: Eye, places: np.ndarray, looks: JointLooks, hovered: int, scale: float) -> None:
    """Draw in pixels of the region, the farthest first; `hovered` is white around and named."""
    seen, depth = eye.pixels(places)
    radii = radii_of(looks, seen, scale)
    order = [joint for joint in np.argsort(-depth).tolist() if looks.shown[joint] and np.isfinite(seen[joint]).all()]
    if not order:
        return
    vertices, colours, triangles = [], [], []
    for joint in order:
        here = joint == hovered
        radius = radii[joint] + (1.5 * scale if here else 0.0)
        rim = WHITE if here or looks.selected[joint] else DARK
        own = np.array([*(part / 255 for part in COLOURS[int(looks.sides[joint])]), 1.0])
        fill, rim = (LOCKED, own if not here else WHITE) if looks.locked[joint] else (own, rim)
        corners = 4 if looks.locked[joint] else CORNERS
        shape = _dot(seen[joint], float(radius), fill, rim, (2.0 if here else 1.5) * scale, corners)
        triangles.append(shape[2] + sum(len(part) for part in vertices))
        vertices.append(shape[0])
        colours.append(shape[1])
    shader = gpu.shader.from_builtin("SMOOTH_COLOR")
    content = {"pos": numbers(np.concatenate(vertices)), "color": numbers(np.concatenate(colours))}
    batch = batch_for_shader(shader, "TRIS", {**content}, indices=cast("Rows", np.concatenate(triangles)))
    gpu.state.blend_set("ALPHA")
    batch.draw(shader)
    gpu.state.blend_set("NONE")
    if 0 <= hovered < len(seen) and hovered in order:
        _write(looks.titles[hovered], seen[hovered] + [radii[hovered] + 3 * scale, radii[hovered] + 5 * scale], scale)


def _dot(
    middle: np.ndarray, radius: float, fill: np.ndarray, rim: np.ndarray, width: float, corners: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertices (N, 3), colours (N, 4) and triangles (M, 3) of a disc with a rim that fades out over a pixel."""
    angles = 2 * np.pi * (np.arange(corners) + 0.5) / corners
    wide = 1.0 if corners > 4 else 1.25  # a square as large as the disc
    circle = wide * np.stack([np.cos(angles), np.sin(angles), np.zeros(corners)], 1)
    inner = max(radius - width, 0.5)
    rings = ((0.0, fill), (inner - 0.5, fill), (inner + 0.5, rim), (radius, rim), (radius + 1.0, [*rim[:3], 0.0]))
    vertices = np.concatenate([[*middle, 0.0] + reach * circle for reach, _ in rings])
    colours = np.repeat([colour for _, colour in rings], corners, axis=0)
    first = np.arange(corners)
    second = (first + 1) % corners
    quads = [
        np.concatenate(
            [np.stack([first, second, first + corners], 1), np.stack([second, second + corners, first + corners], 1)]
        )
        + corners * ring
        for ring in range(len(rings) - 1)
    ]
    return vertices.astype(np.float32), colours.astype(np.float32), np.concatenate(quads).astype(np.int32)


def _write(text: str, place: np.ndarray, scale: float) -> None:
    """A label that can be read on any ground."""
    blf.size(0, 13 * scale)
    blf.enable(0, blf.SHADOW)
    blf.shadow(0, 5, 0.0, 0.0, 0.0, 0.9)
    blf.shadow_offset(0, 1, -1)
    blf.color(0, 1.0, 1.0, 1.0, 1.0)
    blf.position(0, float(place[0]), float(place[1]), 0.0)
    blf.draw(0, text)
    blf.disable(0, blf.SHADOW)
