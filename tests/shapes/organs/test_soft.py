"""Organs and bones are what they claim."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from inference.anatomy import Mesh
from training.shapes.making.inscribed import distances, inside, maximal
from training.shapes.making.union import components_and_genus, is_watertight
from training.shapes.organs.blobs import blob, cup, plain
from training.shapes.organs.soft import ORGANS
from training.shapes.verify import digest, faults


@pytest.mark.parametrize("family", ORGANS)
def test_organs_are_what_they_claim_and_repeat(family: str) -> None:
    shapes = [ORGANS[family](seed) for seed in (0, 1)]
    assert [faults(shape) for shape in shapes] == [{}, {}]
    assert digest(shapes[0]) != digest(shapes[1])
    assert digest(ORGANS[family](1)) == digest(shapes[1])


def test_a_vertebra_has_one_hole_and_a_rib_cage_a_handle_for_each_rib_but_one() -> None:
    assert ORGANS["vertebra"](5).genus == 1
    assert (ORGANS["rib cage"](5).genus or 0) % 2 == 1


def test_a_skull_has_its_jaw_apart() -> None:
    assert components_and_genus(ORGANS["skull"](2).mesh)[0] == 2


def test_balls_found_in_a_slab_lie_in_its_middle_and_touch_both_sides() -> None:
    box = trimesh.creation.box((1, 1, 0.2)).subdivide().subdivide()
    mesh = Mesh(np.asarray(box.vertices, float), np.asarray(box.faces, np.int32))
    centres = maximal(mesh, 200, np.random.default_rng(0))
    middle = centres[(np.abs(centres[:, :2]) < 0.35).all(1)]
    assert len(middle) > 50
    assert np.abs(middle[:, 2]).max() < 0.005
    assert np.abs(distances(mesh, middle)[0] - 0.1).max() < 0.005


def test_the_middle_surface_of_a_long_flat_blob_lies_inside_it() -> None:
    part = blob(np.array([0.5, 0.3, 0.1]), plain)
    (sheet,) = part.sheets
    assert inside(Mesh(part.vertices, part.triangles), sheet.points.reshape(-1, 3)).all()


def test_a_cup_is_one_closed_shell_with_its_wall_as_thick_as_asked() -> None:
    turn = np.linspace(0, 2.0, 14)
    profile = np.stack([0.4 * np.sin(turn), -0.5 * np.cos(turn)], 1)
    part = cup(profile, np.full(14, 0.04))
    mesh = Mesh(part.vertices, part.triangles)
    assert is_watertight(mesh)
    assert components_and_genus(mesh) == (1, 0)
    points = part.sheets[0].points[3:-3].reshape(-1, 3)
    assert inside(mesh, points).all()
    assert np.abs(distances(mesh, points)[0] - 0.04).max() < 0.006
