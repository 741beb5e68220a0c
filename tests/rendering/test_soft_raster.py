"""The mesh-based soft rasteriser: a fair rival must draw and differentiate rightly too."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from training.rendering.cameras import Pinholes
from training.rendering.hulls import Hulls, hull_distance, triangle_distance, triangle_foot
from training.rendering.silhouettes import sphere_silhouettes
from training.rendering.soft_raster import soft_raster, soft_raster_closed, sphere_polygons, spheres_as_meshes

torch.set_num_threads(1)
FOCAL = 1 / (2 * math.tan(math.radians(15)))  # for an image one pixel wide


def straight_on(side: int, dtype: torch.dtype = torch.float32) -> Pinholes[Tensor]:
    eye = torch.tensor([[0, 0, -2.732]], dtype=dtype)
    return Pinholes(torch.eye(3, dtype=dtype)[None], eye, torch.tensor([FOCAL * side], dtype=dtype), side)


def spheres(count: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    made = torch.Generator().manual_seed(seed)
    centres = 0.8 * (torch.rand(1, count, 3, generator=made, dtype=dtype) - 0.5)
    return centres, 0.05 + 0.1 * torch.rand(1, count, generator=made, dtype=dtype)


def test_the_distance_to_a_triangle_is_that_to_the_hull_of_three_points() -> None:
    rng = np.random.default_rng(0)
    x, y = (torch.tensor(rng.uniform(0, 30, (60, 3))) for _ in range(2))
    corners = Hulls(x, y, torch.zeros_like(x))
    px, py = (torch.tensor(rng.uniform(-5, 35, 200)) for _ in range(2))
    for found in (triangle_distance(corners, px, py), triangle_foot(corners, px, py).distance):
        torch.testing.assert_close(found, hull_distance(corners, px, py))


def test_a_triangle_covers_its_area() -> None:
    corners = torch.tensor([[[-0.5, -0.4, 0.0], [0.5, -0.4, 0.0], [0.1, 0.5, 0.0]]])
    picture = soft_raster(corners, torch.tensor([[0, 1, 2]]), straight_on(64), 0.2)
    assert picture.sum().item() == pytest.approx(0.45 * (FOCAL * 64 / 2.732) ** 2, rel=0.01)
    swapped = soft_raster(corners, torch.tensor([[0, 2, 1]]), straight_on(64), 0.2)
    torch.testing.assert_close(picture, swapped)


def test_leaving_out_the_triangles_that_face_away_leaves_the_silhouette() -> None:
    vertices, triangles = spheres_as_meshes(*spheres(5), 1)
    both, facing = (draw(vertices, triangles, straight_on(64), 0.1) for draw in (soft_raster, soft_raster_closed))
    assert ((both > 0.5) == (facing > 0.5)).float().mean() > 0.995


@pytest.mark.parametrize("sides", [16, 32])
def test_polygons_and_icospheres_draw_nearly_what_discs_draw(sides: int) -> None:
    centres, radii = spheres(8)
    discs = sphere_silhouettes(centres, radii, straight_on(96), 0.15)
    flat = sphere_polygons(centres, radii, sides, straight_on(96), 0.15)
    assert (discs - flat).abs().mean() < 0.01
    vertices, triangles = spheres_as_meshes(centres, radii, 2)
    assert (discs - soft_raster_closed(vertices, triangles, straight_on(96), 0.15)).abs().mean() < 0.02  # seams show


def test_gradients_are_those_of_finite_differences() -> None:
    centres, radii = spheres(3, 2, torch.float64)
    weights = torch.rand(17, 17, dtype=torch.float64, generator=torch.Generator().manual_seed(1))

    def score(c: Tensor, r: Tensor) -> Tensor:
        return (weights * sphere_polygons(c, r, 7, straight_on(17, torch.float64), 0.8)).sum()

    assert torch.autograd.gradcheck(score, (centres.requires_grad_(), radii.requires_grad_()), eps=1e-7, atol=1e-4)
