"""Primitive solids and their medial axes."""

from __future__ import annotations

import igl
import numpy as np
import pytest

from inference.anatomy import Mesh
from training.shapes.making.parts import (
    Part,
    bar,
    box,
    disc,
    ellipsoid,
    hull,
    mirrored,
    moved,
    slab,
    tube,
    turned,
    wing,
)
from training.shapes.making.union import components_and_genus, is_watertight, known_shape


def arc(count: int = 14) -> np.ndarray:
    turn = np.linspace(0, 2.5, count)
    return np.stack([np.cos(turn), np.sin(turn), 0.2 * turn], 1) * 0.4


def bowl() -> np.ndarray:
    u, v = np.meshgrid(np.linspace(-0.4, 0.4, 9), np.linspace(-0.5, 0.5, 9), indexing="ij")
    return np.stack([u, v, 0.3 * u**2 + 0.2 * v**2], -1)


def shade() -> np.ndarray:
    turn, height = 2 * np.pi * np.arange(24) / 24, np.linspace(0, 0.5, 5)[:, None]
    radius = 0.4 - 0.3 * height
    return np.stack([radius * np.cos(turn), radius * np.sin(turn), height + 0 * turn], -1)


def boat() -> np.ndarray:
    rings = []
    for y in np.linspace(-0.5, 0.5, 11):
        wide = 0.12 * np.sqrt(1.02 - 4 * y * y)
        turn = np.linspace(0, np.pi, 9)
        rings.append(np.stack([wide * np.cos(turn), np.full(9, y), -0.2 * np.sin(turn)], 1))
    return np.array(rings)


PARTS: dict[str, Part] = {
    "straight tube": tube([[0, 0, 0], [0, 0, 0.8]], 0.07),
    "flat-ended tube": tube([[0, 0, 0], [0.3, 0.5, 0.6]], [0.07, 0.03], ends="flat"),
    "square bar": tube([[0, 0, 0], [0, 0, 0.8]], 0.05, sides=4, ends="flat"),
    "bent tube": tube(arc(), np.linspace(0.03, 0.08, 14)),
    "ring": tube(np.stack([np.cos(t := np.arange(24) / 24 * 2 * np.pi), np.sin(t), 0 * t], 1) * 0.4, 0.06, closed=True),
    "bar": bar([[0, 0, 0], [0, 0.9, 0.1]], [1, 0, 0], 0.2, 0.05),
    "round bar": bar([[0, 0, 0], [0, 0.9, 0]], [1, 0, 0], [0.2, 0.15], 0.05, corner=0.8),
    "cushion": bar([[0, 0, 0], [0, 0.9, 0]], [1, 0, 0], 0.2, 0.08, corner=1, soft=0.06),
    "bent bar": bar(arc(), [0, 0, 1], 0.1, 0.03),
    "wing": wing([[0, 0, 0], [0.9, 0.1, 0]], [0, 1, 0], [0.15, 0.08], [0.02, 0.01]),
    "round wing": wing([[0, 0, 0], [0.9, 0.1, 0]], [0, 1, 0], [0.15, 0.08], [0.06, 0.04], ends="round"),
    "box": box([0, 0, 0], [0.9, 0.5, 0.3]),
    "sharp slab": slab(bowl(), 0.03),
    "round slab": slab(bowl(), 0.03, rim="round"),
    "shade": slab(shade(), 0.01, wrap=True),
    "round shade": slab(shade(), 0.02, rim="round", wrap=True),
    "disc": disc([0, 0, 0], [0, 0, 1], 0.4, 0.04),
    "wheel": disc([0, 0, 0], [1, 0, 0], 0.3, 0.06, rim="round"),
    "oval": disc([0, 0, 0], [0, 0, 1], (0.5, 0.3), 0.04, rim="round", power=4),
    "ball": ellipsoid([0, 0, 0], [0.5, 0.5, 0.5]),
    "cigar": ellipsoid([0, 0, 0], [0.5, 0.2, 0.2]),
    "pebble": ellipsoid([0, 0, 0], [0.3, 0.5, 0.2]),
    "pancake": ellipsoid([0, 0, 0], [0.5, 0.5, 0.1]),
    "boat": hull(boat()),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_part_is_closed_and_turned_outward(name: str) -> None:
    mesh = Mesh(PARTS[name].vertices, PARTS[name].triangles)
    corners = mesh.vertices[mesh.triangles]
    assert is_watertight(mesh)
    assert (np.cross(corners[:, 0], corners[:, 1]) * corners[:, 2]).sum() > 0


@pytest.mark.parametrize("name", PARTS)
def test_a_parts_medial_spheres_lie_inside_and_touch_its_surface(name: str) -> None:
    part = PARTS[name]
    points = np.concatenate(
        [*(c.points for c in part.curves), *(s.points.reshape(-1, 3) for s in part.sheets), part.balls[:, :3]]
    )
    radii = np.concatenate([*(c.radii for c in part.curves), *(s.radii.ravel() for s in part.sheets), part.balls[:, 3]])
    distance = np.sqrt(igl.point_mesh_squared_distance(points, part.vertices, part.triangles)[0])
    assert np.min(igl.fast_winding_number(part.vertices, part.triangles, points)) > 0.5
    good = np.abs(distance - radii) <= 0.15 * radii + 0.001
    assert good.mean() > 0.85, (good.mean(), distance[~good][:9], radii[~good][:9])


@pytest.mark.parametrize("name", PARTS)
def test_a_shape_of_one_part_is_that_part_in_the_common_frame(name: str) -> None:
    shape = known_shape("part", 0, [PARTS[name]])
    low, high = shape.mesh.vertices.min(0), shape.mesh.vertices.max(0)
    assert np.isclose((high - low).max(), 1)
    assert np.allclose(low + high, 0)
    assert shape.watertight
    assert shape.genus == (1 if "ring" in name or "shade" in name else 0)
    assert len(shape.spheres.radii)


def test_mirroring_and_turning_keep_a_part_outward() -> None:
    part = moved(mirrored(PARTS["bent tube"]), 2 * turned("z", 30), (1, 2, 3))
    assert components_and_genus(Mesh(part.vertices, part.triangles)) == (1, 0)
    corners = part.vertices[part.triangles] - part.vertices[0]
    assert (np.cross(corners[:, 0], corners[:, 1]) * corners[:, 2]).sum() > 0
    assert np.isclose(part.curves[0].radii.max(), 0.16)
