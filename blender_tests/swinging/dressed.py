"""The figure in a skirt, with a braid behind its head."""

from __future__ import annotations

import math

import bpy
import numpy as np

from ..figure import add_figure


def add_dressed(name: str = "Figure") -> bpy.types.Object:
    """One object: body, skirt from the waist to the knees, braid down the back."""
    figure = add_figure(name, details=1)
    data = figure.data
    body = [vertex.co[:] for vertex in data.vertices], [tuple(face.vertices) for face in data.polygons]
    vertices, faces = list(body[0]), list(body[1])
    for points, quads in (_skirt(), _braid()):
        start = len(vertices)
        vertices += points
        faces += [tuple(start + corner for corner in quad) for quad in quads]
    fresh = bpy.data.meshes.new(name)
    fresh.from_pydata(vertices, [], faces)
    fresh.update()
    figure.data = fresh
    return figure


def parts_of(figure: bpy.types.Object) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which vertices are the body's, the skirt's and the braid's, each (V,) bool."""
    count, skirt, braid = len(figure.data.vertices), len(_skirt()[0]), len(_braid()[0])
    number = np.arange(count)
    return (
        number < count - skirt - braid,
        (number >= count - skirt - braid) & (number < count - braid),
        number >= count - braid,
    )


def _skirt(around: int = 32, down: int = 12) -> tuple[list[tuple[float, float, float]], list[tuple[int, ...]]]:
    points = []
    for row in range(down + 1):
        share = row / down
        for turn in range(around):
            angle = 2 * math.pi * turn / around
            radius = 0.23 + 0.2 * share
            points.append((radius * math.cos(angle), 0.85 * radius * math.sin(angle), 1.0 - 0.5 * share))
    faces = [
        (
            row * around + turn,
            row * around + (turn + 1) % around,
            (row + 1) * around + (turn + 1) % around,
            (row + 1) * around + turn,
        )
        for row in range(down)
        for turn in range(around)
    ]
    return points, [tuple(reversed(face)) for face in faces]


def _braid(down: int = 14) -> tuple[list[tuple[float, float, float]], list[tuple[int, ...]]]:
    points, corners = [], ((-1, -1), (1, -1), (1, 1), (-1, 1))
    for row in range(down + 1):
        share, thick = row / down, 0.035 * (1 - 0.6 * row / down)
        points += [(thick * x, 0.14 + 0.06 * share + thick * y, 1.76 - 0.55 * share) for x, y in corners]
    faces = [
        (4 * row + side, 4 * row + 4 + side, 4 * row + 4 + (side + 1) % 4, 4 * row + (side + 1) % 4)
        for row in range(down)
        for side in range(4)
    ]
    return points, [*faces, (0, 1, 2, 3), tuple(4 * down + side for side in (3, 2, 1, 0))]
