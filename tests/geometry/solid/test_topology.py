"""Pieces, loops and hollows of shapes whose answer is known."""

from typing import cast

import igl
import numpy as np
import pytest
import trimesh

from inference.anatomy import Mesh
from inference.geometry.mesh.clean import clean_mesh
from inference.geometry.solid.make import make_solid
from inference.geometry.solid.topology import betti_numbers

create = trimesh.creation


def rings_in_a_row(centres: list[float], radius: float, tube: float) -> trimesh.Trimesh:
    """Fused tori whose middles lie along x."""
    axis = np.linspace(-1.4, 1.4, 80)
    points = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)
    distance = [np.hypot(np.hypot(points[:, 0] - c, points[:, 1]) - radius, points[:, 2]) - tube for c in centres]
    vertices, faces, *_ = igl.marching_cubes(np.min(distance, axis=0), points, 80, 80, 80, 0.0)
    return trimesh.Trimesh(vertices, faces)


def upright(ring: trimesh.Trimesh, shift: float) -> trimesh.Trimesh:
    turn = trimesh.transformations.rotation_matrix(np.pi / 2, [1, 0, 0])
    return ring.apply_transform(turn).apply_translation([shift, 0, 0])


def hollow_ball() -> trimesh.Trimesh:
    inner = create.icosphere(3, 0.6)
    inner.invert()
    return cast(trimesh.Trimesh, trimesh.util.concatenate([create.icosphere(3, 1.0), inner]))


def box(size: list[float], at: list[float]) -> trimesh.Trimesh:
    return create.box(size).apply_translation(at)


SHAPES = {
    "ball": (create.icosphere(3), (1, 0, 0)),
    "two balls": ([create.icosphere(3), create.icosphere(2).apply_translation([3, 0, 0])], (2, 0, 0)),
    "hollow ball": (hollow_ball(), (1, 0, 1)),
    "torus": (create.torus(0.7, 0.2), (1, 1, 0)),
    "slender torus": (create.torus(0.7, 0.02), (1, 1, 0)),
    "pipe": (create.annulus(0.4, 0.5, 1.0), (1, 1, 0)),
    "double torus": (rings_in_a_row([-0.45, 0.45], 0.4, 0.12), (1, 2, 0)),
    "genus 3": (rings_in_a_row([-0.8, 0.0, 0.8], 0.4, 0.12), (1, 3, 0)),
    "chain of three rings": (
        [
            create.torus(0.4, 0.1),
            upright(create.torus(0.4, 0.1), 0.5),
            create.torus(0.4, 0.1).apply_translation([1, 0, 0]),
        ],
        (3, 3, 0),
    ),
    "mug": ([create.cylinder(0.4, 1.0), upright(create.torus(0.3, 0.08), 0.4)], (1, 1, 0)),
    "touching boxes": ([box([1, 1, 1], [0, 0, 0]), box([1, 1, 1], [1, 0, 0])], (2, 0, 0)),
    "legs pressed together under hips": (
        [box([0.2, 0.2, 1], [0, 0, 0]), box([0.2, 0.2, 1], [0.202, 0, 0]), box([0.42, 0.2, 0.3], [0.1, 0, 0.6])],
        (1, 0, 0),
    ),
    "needle": (create.box([1, 0.001, 0.001]), (1, 0, 0)),
    "single triangle": (trimesh.Trimesh([[0, 0, 0], [1, 0, 0.1], [0.3, 0.8, 0.3]], [[0, 1, 2]]), (1, 0, 0)),
}


@pytest.mark.parametrize("name", SHAPES)
def test_pieces_loops_and_hollows_are_those_of_the_shape(name: str):
    shapes, expected = SHAPES[name]
    whole = cast(trimesh.Trimesh, trimesh.util.concatenate(shapes) if isinstance(shapes, list) else shapes)
    vertices = np.asarray(whole.vertices, np.float64)
    vertices = (vertices - vertices.mean(0)) / np.ptp(vertices, axis=0).max()
    mesh, _ = clean_mesh(Mesh(vertices, np.asarray(whole.faces, np.int32)))
    assert betti_numbers(make_solid(mesh)) == expected
