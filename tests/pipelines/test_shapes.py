"""What is drawn around skeletal latents is closed, in one piece where it should be, and comes with a valid rig."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from inference.anatomy import Mesh, Shape, SkeletalLatent
from inference.engine.local import LocalBackend, run
from inference.engine.wire import Done, read_message, write_message
from inference.errors import BadMeshError, BadRequestError, Cancelled, EmptyMeshError, ShapeError, WeightsError
from inference.networks import shelf
from inference.networks.skeldiff.apply import needed_shape_network
from inference.pipelines.shapes import (
    blend_shapes,
    complete_shape,
    decode_shape,
    encode_mesh,
    generate_shapes,
    refitted,
    vary_shape,
)
from inference.requests import BlendJob, EncodeJob, GenerateJob, RigOptions, ShapeOptions
from tests.ball_networks import balls_of, use_networks

COARSE = ShapeOptions(resolution=40)


@pytest.fixture(autouse=True)
def networks(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    use_networks(monkeypatch, tmp_path_factory.getbasetemp() / "balls", shelf)


def latent_of(balls: np.ndarray) -> SkeletalLatent:
    features = needed_shape_network().features
    return SkeletalLatent(balls[:, :3], balls[:, 3], np.zeros((len(balls), features), np.float32))


def solid_of(mesh: Mesh) -> trimesh.Trimesh:
    made = trimesh.Trimesh(mesh.vertices, mesh.triangles, process=False)
    assert made.is_watertight
    assert made.is_winding_consistent
    assert made.volume > 0
    return made


def check(shape: Shape) -> trimesh.Trimesh:
    """It is all there and fits together; the surface to look at."""
    solid = solid_of(shape.surface)
    assert shape.rig is not None, shape.trouble
    assert shape.rig.report.valid
    assert shape.rig.skin is not None
    assert len(shape.rig.skin.weights) == len(shape.surface.vertices)
    assert np.allclose(shape.rig.skin.weights.sum(1), 1, atol=1e-5)
    assert len(shape.curves.points)
    assert shape.trouble == ""
    return solid


def same(one: Shape, other: Shape) -> bool:
    return np.array_equal(one.surface.vertices, other.surface.vertices)


def test_a_category_and_a_seed_are_a_shape_with_its_rig() -> None:
    (figure,) = generate_shapes("biped", 3, 1, COARSE)
    assert check(figure).body_count == 1
    assert figure.rig is not None
    assert figure.rig.armature.kind == "biped"
    assert {"thigh.L", "upper_arm.R", "head"} <= set(figure.rig.armature.names)
    left = figure.rig.armature.heads[figure.rig.armature.names.index("thigh.L")]
    assert left[0] > 0  # it looks along -Y
    (vessel,) = generate_shapes("aorta", 0, 1, COARSE)
    check(vessel)
    assert vessel.rig is not None
    assert len(vessel.rig.armature.names) > 4
    (organ,) = generate_shapes("liver", 0, 1, COARSE)
    check(organ)


def test_a_seed_repeats_and_a_row_begins_as_the_single_one() -> None:
    row = generate_shapes("aorta", 5, 2, COARSE)
    (single,) = generate_shapes("aorta", 5, 1, COARSE)
    assert same(row[0], single)
    assert not same(row[0], row[1])
    assert not same(generate_shapes("aorta", 6, 1, COARSE)[0], single)


def test_variations_stay_where_the_shape_is_and_in_as_many_pieces() -> None:
    latent = replace(latent_of(balls_of("biped")), origin=np.array([10.0, 0, 0]), size=3.0)
    loose = vary_shape(latent, 0.3, 1, 1, None, COARSE)[0]  # by these networks: the skeleton shaken, as noise is
    assert check(loose).body_count == 1
    assert np.allclose(loose.surface.vertices.mean(0), [10, 0, 0], atol=3)
    still = vary_shape(latent, 0.0, 1, 1, None, COARSE)[0]
    assert same(still, decode_shape(latent, COARSE))
    held = vary_shape(latent, 1.0, 1, 1, "biped", COARSE)[0]
    assert held.rig is not None
    assert abs(check(held).volume / solid_of(still.surface).volume - 1) < 0.2


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_what_lies_between_two_shapes_is_one_piece_with_a_rig(share: float) -> None:
    figure, organ = latent_of(balls_of("biped")), latent_of(balls_of("liver"))
    blended = blend_shapes(figure, organ, share, COARSE)
    assert check(blended.shape).body_count == 1
    if share == 0.0:
        assert same(blended.shape, decode_shape(figure, COARSE))
    again = blend_shapes(blended.first, blended.second, share, COARSE)
    assert same(again.shape, blended.shape)


def test_what_has_holes_comes_back_closed_where_it_was() -> None:
    ball = trimesh.creation.icosphere(subdivisions=3, radius=2.0)
    faces = ball.faces[(ball.triangles_center[:, 2] < 1.2) & (ball.triangles_center[:, 0] < 1.8)]
    shape = complete_shape(Mesh(ball.vertices + np.array([5, 0, 0]), faces.astype(np.int32)), COARSE)
    solid = check(shape)
    assert np.allclose(solid.bounds.mean(0)[:2], [5, 0], atol=0.3)


def test_soup_and_meshes_of_two_pieces_are_encoded_and_others_refused_by_name() -> None:
    box = trimesh.creation.box((1, 2, 3))
    loose = Mesh(box.triangles.reshape(-1, 3), np.arange(36, dtype=np.int32).reshape(-1, 3)[:9])
    assert np.isfinite(encode_mesh(loose).points).all()
    corners = np.concatenate([box.vertices, box.vertices + np.array([4, 0, 0])])
    two = Mesh(corners, np.concatenate([box.faces, box.faces + len(box.vertices)]).astype(np.int32))
    check(complete_shape(two, COARSE))
    with pytest.raises(EmptyMeshError):
        encode_mesh(Mesh(np.random.default_rng(0).random((100, 3)), np.zeros((0, 3), np.int32)))
    with pytest.raises(BadMeshError):
        encode_mesh(Mesh(np.full((3, 3), np.nan), np.array([[0, 1, 2]], np.int32)))


def test_a_skeleton_point_that_is_moved_takes_the_surface_along() -> None:
    body = latent_of(balls_of("aorta"))
    before = check(decode_shape(body, COARSE))
    moved = body.points.copy()
    moved[-1] += [0, 0, 0.5]  # out of the frame
    after = solid_of(decode_shape(replace(body, points=moved), ShapeOptions(resolution=64)).surface)
    assert after.bounds[1, 2] == pytest.approx(before.bounds[1, 2] + 0.5, abs=0.1)
    assert after.body_count == 2
    thick = solid_of(decode_shape(replace(body, radii=1.5 * body.radii), COARSE).surface)
    assert thick.volume > 1.5 * before.volume
    fewer = replace(body, points=body.points[:40], radii=body.radii[:40], features=body.features[:40])
    assert solid_of(decode_shape(fewer, COARSE).surface).volume < before.volume
    nothing = replace(body, points=body.points[:0], radii=body.radii[:0], features=body.features[:0])
    with pytest.raises(ShapeError, match="No skeleton point"):
        decode_shape(nothing, COARSE)


def test_a_frame_is_only_widened_where_the_skeleton_leaves_it() -> None:
    body = latent_of(balls_of("aorta"))
    assert refitted(body) is body
    wide = replace(body, points=3 * body.points)
    fitted = refitted(wide)
    assert (np.abs(fitted.points) + fitted.radii[:, None]).max() <= 1 + 1e-6
    assert np.allclose(fitted.points * fitted.size + fitted.origin, wide.points, atol=1e-5)
    assert np.allclose(fitted.radii * fitted.size, wide.radii, atol=1e-6)


def test_requests_out_of_range_say_what_is_in_range() -> None:
    for bad in (ShapeOptions(resolution=500), ShapeOptions(guidance=-1)):
        with pytest.raises(BadRequestError, match="Choose a number from"):
            generate_shapes("biped", 0, 1, bad)
    with pytest.raises(BadRequestError, match="Choose a number from 1"):
        generate_shapes("biped", 0, 0)
    with pytest.raises(BadRequestError, match="Choose one of: biped, aorta, liver"):
        generate_shapes("unicorn")
    latent = latent_of(balls_of("biped"))
    with pytest.raises(BadRequestError, match="Strength"):
        vary_shape(latent, 2.0)
    with pytest.raises(BadRequestError, match="other weights"):
        decode_shape(replace(latent, features=latent.features[:, :1]))


def test_without_weights_the_error_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shelf, "FOLDER", tmp_path)
    monkeypatch.delenv(shelf.USERS_FOLDER)
    with pytest.raises(WeightsError, match="skeldiff-encoder"):
        generate_shapes("biped")


def test_jobs_come_back_over_the_pipe_and_can_be_cancelled() -> None:
    options = ShapeOptions(resolution=32, rig=RigOptions(method="geometric", weights="geometric"))
    (shape,) = run(GenerateJob("aorta", 1, 1, options))
    blended = run(BlendJob(shape.surface, shape.latent, 0.5, options))
    latent = run(EncodeJob(shape.surface))
    assert latent.points.shape == blended.first.points.shape
    pipe = io.BytesIO()
    write_message(pipe, Done(1, (shape, blended)))
    pipe.seek(0)
    back = read_message(pipe)
    assert isinstance(back, Done)
    assert isinstance(back.result, tuple)
    assert isinstance(back.result[0], Shape)
    assert same(back.result[0], shape)
    messages: list[str] = []
    ticket = LocalBackend().ask(
        GenerateJob("aorta", 1, 3, options), lambda ticket: (messages.append(ticket.message), ticket.cancel())[0]
    )
    with pytest.raises(Cancelled):
        ticket.result()
    assert len(messages) < 3
