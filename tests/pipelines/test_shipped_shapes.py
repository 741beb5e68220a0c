"""What the shipped networks draw can be used: it is closed, has a valid rig, and looks like what it was made of."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh

from inference.anatomy import Mesh, Shape
from inference.networks.skeldiff.apply import needed_shape_network
from inference.pipelines.shapes import blend_shapes, complete_shape, generate_shapes, vary_shape
from inference.requests import RigOptions, ShapeOptions

OPTIONS = ShapeOptions(resolution=48, rig=RigOptions(method="geometric", weights="geometric"))


def checked(shape: Shape) -> trimesh.Trimesh:
    solid = trimesh.Trimesh(shape.surface.vertices, shape.surface.triangles, process=False)
    assert solid.is_watertight
    assert solid.is_winding_consistent
    assert shape.rig is not None, shape.trouble
    assert shape.rig.report.valid
    assert shape.rig.skin is not None
    return solid


@pytest.mark.parametrize("category", ["kidney", "colon", "quadruped", "chair"])
def test_a_generated_shape_is_closed_and_rigged(category: str) -> None:
    assert category in needed_shape_network().categories
    (shape,) = generate_shapes(category, 1, 1, OPTIONS)
    solid = checked(shape)
    assert 1.0 < solid.extents.max() < 2.2  # it fills the frame it was learned in
    assert shape.rig is not None
    if category == "quadruped":
        assert shape.rig.armature.kind == "quadruped"


def test_a_body_with_a_hole_keeps_its_size_when_it_is_completed() -> None:
    whole = trimesh.creation.icosphere(subdivisions=4)
    whole.apply_scale((1.0, 1.5, 2.0))
    open_faces = whole.faces[np.linalg.norm(whole.triangles_center - [0.9, 0, 0.5], axis=1) > 0.5]
    assert len(open_faces) < len(whole.faces)
    solid = checked(complete_shape(Mesh(whole.vertices.copy(), open_faces.astype(np.int32)), OPTIONS))
    assert solid.body_count == 1
    assert solid.volume == pytest.approx(whole.volume, rel=0.2)
    assert np.allclose(solid.bounds, whole.bounds, atol=0.25)


def test_what_lies_between_and_near_two_organs_is_one_piece() -> None:
    (kidney,), (liver,) = (generate_shapes(name, 2, 1, OPTIONS) for name in ("kidney", "liver"))
    for share in (0.3, 0.7):
        assert checked(blend_shapes(kidney.latent, liver.latent, share, OPTIONS).shape).body_count == 1
    (near,) = vary_shape(kidney.latent, 0.2, 3, 1, "kidney", OPTIONS)
    assert checked(near).body_count == 1
    assert not np.array_equal(near.latent.points, kidney.latent.points)
