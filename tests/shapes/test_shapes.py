"""Shapes made from a seed are what they claim to be."""

from collections.abc import Callable

import numpy as np
import pytest
import trimesh

from training.shapes import figures
from training.shapes.making.implicit import Sticks, mesh_around
from training.shapes.topology import KnownSolid, known_solids
from training.shapes.varied import broken

SOLIDS = known_solids(48)


@pytest.mark.parametrize("solid", SOLIDS, ids=lambda solid: solid.name)
def test_a_known_solid_is_watertight_and_has_the_loops_it_claims(solid: KnownSolid) -> None:
    surface = trimesh.Trimesh(solid.mesh.vertices, solid.mesh.triangles)
    assert surface.is_watertight
    assert surface.volume > 0
    shells = int(surface.body_count)
    assert shells == solid.components + solid.cavities
    assert shells - surface.euler_number / 2 == solid.loops


@pytest.mark.parametrize("figure", [figures.person, figures.creature])
def test_a_figure_is_one_watertight_piece_and_its_own_mirror_image(figure: Callable[[], Sticks]) -> None:
    sticks = figure()
    surface = mesh_around(sticks, 64)
    assert trimesh.Trimesh(surface.vertices, surface.triangles).is_watertight
    there = {tuple(point) for point in np.round(sticks.points, 9) + 0.0}
    assert {tuple(point) for point in np.round(sticks.points * [-1, 1, 1], 9) + 0.0} == there


@pytest.mark.parametrize("seed", range(0, 2 * len(broken.WAYS), 3))
def test_a_broken_mesh_is_the_same_each_time(seed: int) -> None:
    one, two = broken.broken_mesh(seed), broken.broken_mesh(seed)
    assert one.name == two.name
    assert one.mesh.vertices.tobytes() == two.mesh.vertices.tobytes()
    assert one.mesh.triangles.tobytes() == two.mesh.triangles.tobytes()


def test_every_way_of_breaking_is_reached() -> None:
    names = {broken.broken_mesh(seed).name.split(" after ")[0] for seed in range(len(broken.WAYS))}
    assert names == set(broken.WAYS)
