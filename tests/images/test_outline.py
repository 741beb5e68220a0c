"""Discs and meshes are drawn where the seen frame's camera sees them; depths say how far the outline is."""

import numpy as np
import pytest
import torch
import trimesh

from inference.anatomy import Mesh
from inference.images.outline import centres_at, draw_discs, draw_mesh, outline_of, overlap, places_of
from training.rendering.cameras import Camera, stack, to_torch
from training.rendering.raster import pack
from training.rendering.shading import silhouettes

torch.set_num_threads(1)


def test_discs_cover_the_pixels_whose_centres_they_hold():
    rng = np.random.default_rng(0)
    places, radii = rng.uniform(-5, 55, (40, 2)), rng.uniform(0.1, 9, 40)
    x, y = np.meshgrid(np.arange(50) + 0.5, np.arange(50) + 0.5)
    expected = (np.hypot(x[..., None] - places[:, 0], y[..., None] - places[:, 1]) <= radii).any(2)
    assert (draw_discs(places, radii, 50) == expected).all()


def test_a_mesh_is_drawn_as_the_papers_camera_sees_it():
    knot = trimesh.creation.torus(0.3, 0.12)
    knot.apply_transform(trimesh.transformations.rotation_matrix(0.7, [1, 0.3, 0.2]))
    mesh = Mesh(np.asarray(knot.vertices) + np.array([0.05, 0.1, -0.08]), np.asarray(knot.faces, np.int32))
    cameras = to_torch(stack([Camera(0.0, 0.0, 96)]))
    assert overlap(draw_mesh(mesh, 96), silhouettes(pack([mesh]), cameras, [0])[0].numpy() > 0.5) > 0.998


def test_places_and_depth_lead_back_to_centres():
    centres = np.random.default_rng(1).uniform(-0.5, 0.5, (20, 3))
    places, scale = places_of(centres, 64)
    assert centres_at(places, centres[:, 1], 64) == pytest.approx(centres)
    assert scale[centres[:, 1].argmin()] == scale.max()  # near things look large


def test_depth_is_the_distance_to_the_outline_and_negative_outside():
    alpha = np.zeros((40, 40))
    alpha[10:30, 8:32] = 1.0
    outline = outline_of(alpha)
    assert outline.depth_at(np.array([[20.0, 20.0], [10.0, 20.0], [4.0, 20.0]])) == pytest.approx([9.5, 2.0, -4.0])
    assert outline.uphill_at(np.array([[10.0, 20.0]]))[0] == pytest.approx([1.0, 0.0])
