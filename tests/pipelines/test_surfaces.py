"""From pictures to a surface that networks draw, with networks that make no mistakes but in cameras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from inference.anatomy import Grid, Imagined, Mesh
from inference.errors import BadRequestError, EmptyPictureError, PictureError, WeightsError
from inference.geometry.contour import contour
from inference.images.camera import DISTANCE
from inference.images.crop import crop_of
from inference.images.outline import draw_mesh
from inference.images.surfaces.cameras import TANGENT, Looking
from inference.networks.skeletonnet.apply import SkeletonNetwork, SurfaceNetwork
from inference.pipelines import surfaces as drawing
from inference.pipelines.pictures import rig_images
from inference.pipelines.surfaces import Networks, blend_images, see_surface
from inference.requests import ImageOptions, RigOptions, Surface

QUICK = RigOptions(bind=False, method="geometric")
ROOM = 300  # pixels of a picture
OFF = 6.0  # degrees by which cameras are guessed wrong


def chair(points: np.ndarray) -> np.ndarray:
    """How far inside a chair points (..., 3) are: four legs, a seat, a back with an opening; it faces -Y."""

    def box(low: Sequence[float], high: Sequence[float]) -> np.ndarray:
        return np.minimum(points - low, np.array(high) - points).min(-1)

    solid = np.maximum(box((-0.3, -0.3, -0.1), (0.3, 0.3, 0.0)), box((-0.3, 0.2, -0.1), (0.3, 0.3, 0.5)))
    solid = np.minimum(solid, -box((-0.18, 0.1, 0.12), (0.18, 0.4, 0.4)))
    for x in (-0.3, 0.22):
        for y in (-0.3, 0.22):
            solid = np.maximum(solid, box((x, y, -0.5), (x + 0.08, y + 0.08, -0.05)))
    return solid


def cells(resolution: int) -> np.ndarray:
    axis = (np.arange(resolution) + 0.5) / resolution - 0.5
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)


def camera_at(azimuth: float, elevation: float) -> np.ndarray:
    """Right, down and forward, (3, 3), of a camera that went so many degrees round to its right from before a face."""
    a, e = np.radians([azimuth, elevation])
    eye = np.array([np.sin(a) * np.cos(e), -np.cos(a) * np.cos(e), np.sin(e)])
    right = np.array([np.cos(a), np.sin(a), 0.0])
    return np.stack([right, np.cross(-eye, right), -eye])


def picture(azimuth: float = 30.0, elevation: float = 20.0) -> np.ndarray:
    """The chair before nothing, as the papers' camera sees it."""
    mesh = contour(Grid(cells(96)[0, 0, 0], 1 / 96, chair(cells(96))))
    camera = Looking(camera_at(azimuth, elevation), 1.0, np.zeros(2))
    made = np.zeros((ROOM, ROOM, 4), np.uint8)
    made[draw_mesh(Mesh(camera.seen(mesh.vertices), mesh.triangles), ROOM)] = (150, 120, 90, 255)
    return made


def true_camera(made: np.ndarray, azimuth: float, elevation: float = 20.0) -> Looking:
    crop = crop_of(made[:, :, 3])
    shift = TANGENT * (np.array([crop.x, crop.y]) - ROOM / 2) / (ROOM / 2)
    return Looking(camera_at(azimuth, elevation), crop.size / ROOM, shift)


class Oracle:
    """Networks that know the chair, and cameras that are a little off."""

    def __init__(self) -> None:
        self.turns = [camera_at(30.0, 20.0)]
        self.asked = 0

    def volumes(self, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        inside = chair(cells(32))
        return [np.where(inside > 0, 0.9, 0.0)[None].astype(np.float32)]

    def field(self, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        self.asked += inputs["points"].shape[1]
        values = 40 * chair(inputs["points"])
        return [np.stack([-values, values], -1).astype(np.float32)]

    def cameras(self, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        return [np.stack([Looking(turn, 0.7, np.zeros(2)).matrix for turn in self.turns])]

    def networks(self, options: ImageOptions) -> Networks:
        drawing.check(options)
        points = np.linspace(-0.3, 0.3, 18, dtype=np.float32).reshape(1, 6, 3)
        skeletons = SkeletonNetwork(
            lambda inputs: [inputs["crops"].max((1, 3, 4))],
            lambda inputs: [points],
            self.volumes,
            size=32,
            lines=1,
            along=2,
            squares=1,
            across=2,
            resolution=32,
        )
        nothing = [np.zeros((1, 4), np.float32), np.zeros((1, 1, 1, 4, 4), np.float32)]
        is_field = options.surface == "implicit"
        decoder = self.field if is_field else lambda inputs: [inputs["vertices"]]
        return Networks(skeletons, SurfaceNetwork(lambda inputs: nothing, decoder, 32), is_field, self.cameras, 32)


@pytest.fixture
def oracle(monkeypatch: pytest.MonkeyPatch) -> Oracle:
    made = Oracle()
    monkeypatch.setattr(drawing, "surface_networks", made.networks)
    return made


def watertight(mesh: Mesh) -> bool:
    sides = np.sort(mesh.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    return bool((np.unique(sides, axis=0, return_counts=True)[1] % 2 == 0).all())


def share_inside(mesh: Mesh) -> float:
    """Of a mesh's vertices, those that are near the chair's surface."""
    return float((np.abs(chair(mesh.vertices)) < 0.04).mean())


@pytest.mark.parametrize("surface", ["implicit", "deformed"])
def test_a_picture_becomes_a_closed_surface_with_a_rig_that_fills_the_outline(oracle: Oracle, surface: Surface) -> None:
    found = rig_images((picture(),), ImageOptions(surface=surface, rig=QUICK))
    assert watertight(found.surface)
    assert found.seen[0] > 0.92
    assert found.rig.report.valid
    assert len(found.spheres.radii) > 10
    assert len(found.curves.points) > 5
    assert watertight(found.volume)
    # what is seen frame of the crop: its own axes lie as the camera was held
    up = found.own[2]
    assert up[2] > 0.85
    assert np.allclose(found.own @ found.own.T, np.eye(3), atol=1e-6)


def test_the_surface_is_the_shape_and_finer_with_more_detail(oracle: Oracle) -> None:
    coarse, fine = (see_surface((picture(),), ImageOptions(surface="implicit", detail=n)) for n in (32, 96))
    assert share_inside(fine.surface) > 0.95
    assert len(fine.surface.triangles) > 5 * len(coarse.surface.triangles)


@pytest.mark.parametrize("wrong", [(OFF, 0.0), (0.0, OFF), (-OFF, -OFF)])
def test_a_camera_that_is_guessed_roughly_is_put_right_by_the_outline(
    oracle: Oracle, wrong: tuple[float, float]
) -> None:
    made = picture(40.0, 15.0)
    oracle.turns = [camera_at(40.0 + wrong[0], 15.0 + wrong[1])]
    found, true = see_surface((made,), ImageOptions(surface="implicit")).cameras[0], true_camera(made, 40.0, 15.0)
    angle = np.degrees(np.arccos((np.trace(found.turn @ true.turn.T) - 1) / 2))
    assert angle < 0.75 * np.linalg.norm(wrong)
    assert found.scale == pytest.approx(true.scale, rel=0.03)
    assert np.abs(found.shift - true.shift).max() < 0.01


@pytest.mark.parametrize("azimuth", [-60.0, 100.0])
def test_a_camera_that_is_guessed_wrong_is_looked_for_all_round(oracle: Oracle, azimuth: float) -> None:
    made = picture(25.0, 20.0)
    oracle.turns = [camera_at(25.0 + azimuth, 5.0)]
    found = see_surface((made,), ImageOptions(surface="implicit")).cameras[0]
    turned = found.turn @ camera_at(25.0, 20.0).T
    assert np.degrees(np.arccos(min((np.trace(turned) - 1) / 2, 1.0))) < 8.0


def test_a_known_camera_is_not_turned(oracle: Oracle) -> None:
    made = picture(-20.0, 10.0)
    own = tuple(true_camera(made, -20.0, 10.0).axes.ravel().tolist())
    found = see_surface((made,), ImageOptions(surface="implicit", own=own))
    turned = found.cameras[0].turn @ camera_at(-20.0, 10.0).T
    assert np.degrees(np.arccos(min((np.trace(turned) - 1) / 2, 1.0))) < 2.0
    assert drawing.filled(found.surface, found.cameras, found.outlines)[0] > 0.92


def test_several_pictures_tell_how_far_the_camera_went(oracle: Oracle) -> None:
    oracle.turns = [camera_at(30.0, 20.0), camera_at(120.0, 20.0)]
    both = (picture(30.0), picture(120.0))
    found = rig_images(both, ImageOptions(surface="implicit", rig=QUICK))
    assert found.azimuths[0] == 0.0
    assert found.azimuths[1] == pytest.approx(90.0, abs=8.0)
    assert min(found.seen) > 0.85
    told = see_surface(both, ImageOptions(surface="implicit", azimuths=(90.0,)))
    assert min(drawing.filled(told.surface, told.cameras, told.outlines)) > 0.85


def test_what_the_network_did_not_see_is_added_and_what_it_imagined_goes(
    oracle: Oracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        points = inputs["points"]
        values = np.where(points[..., 2] < -0.15, -1.0, 40 * chair(points))  # no legs ...
        values = np.maximum(values, 40 * (0.12 - np.linalg.norm(points - [0.0, -0.1, 0.25], axis=-1)))  # ... and a ball
        return [np.stack([-values, values], -1).astype(np.float32)]

    made = picture(0.0, 5.0)
    own = tuple(true_camera(made, 0.0, 5.0).axes.ravel().tolist())
    monkeypatch.setattr(oracle, "field", wrong)
    monkeypatch.setattr(drawing, "_aligned", lambda networks, seen, found: known(seen, made))

    def known(seen: drawing.Seen, made: np.ndarray) -> drawing.Seen:
        return replace(seen, cameras=(true_camera(made, 0.0, 5.0),))

    options = ImageOptions(surface="implicit", own=own)
    kept, plain = see_surface((made,), options), see_surface((made,), replace(options, refine=False))
    filled = drawing.filled(kept.surface, kept.cameras, kept.outlines)[0]
    plain_cameras = (true_camera(made, 0.0, 5.0),)
    assert filled > 0.92
    assert drawing.filled(plain.surface, plain_cameras, plain.outlines)[0] < 0.8


def test_a_blend_stands_in_its_own_frame_and_its_ends_are_what_the_pictures_show(oracle: Oracle) -> None:
    options = ImageOptions(surface="implicit", rig=QUICK)
    found = blend_images((picture(),), (picture(80.0),), 0.3, options)
    assert isinstance(found, Imagined)
    assert (found.crops, found.seen) == ((), ())
    assert np.array_equal(found.own, np.eye(3))
    assert share_inside(found.surface) > 0.9
    for share in (-0.1, 1.5, float("nan")):
        with pytest.raises(BadRequestError, match="Share"):
            blend_images((picture(),), (picture(),), share, options)
    with pytest.raises(BadRequestError, match="Spheres"):
        blend_images((picture(),), (picture(),), 0.5, replace(options, surface="spheres"))


def test_a_picture_of_what_no_network_sees_is_refused(oracle: Oracle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oracle, "volumes", lambda inputs: [np.zeros((1, 32, 32, 32), np.float32)])
    with pytest.raises(PictureError, match="spheres"):
        see_surface((picture(),), ImageOptions(surface="implicit"))


def test_bad_requests_and_empty_pictures_are_named(oracle: Oracle) -> None:
    made = picture()
    for options, word in (
        (ImageOptions(surface="implicit", detail=8), "Detail"),
        (ImageOptions(surface="implicit", detail=4000), "Detail"),
        (ImageOptions(surface="implicit", own=(1.0, 2.0)), "axes"),
        (ImageOptions(surface="implicit", azimuths=(90.0, 10.0)), "azimuths"),
    ):
        with pytest.raises(BadRequestError, match=word):
            see_surface((made, made), options)
    with pytest.raises(BadRequestError, match="no picture"):
        see_surface((), ImageOptions(surface="implicit"))
    with pytest.raises(EmptyPictureError):
        see_surface((np.zeros((40, 40, 4), np.uint8),), ImageOptions(surface="implicit"))
    tiny = np.zeros((3, 3, 4), np.uint8)
    tiny[1, 1] = 255
    see_surface((tiny,), ImageOptions(surface="implicit", detail=32))


def test_missing_networks_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "missing_parts", lambda surface: ("skeletonnet-points", "skeletonnet-camera"))
    with pytest.raises(WeightsError, match=r"skeletonnet-points, skeletonnet-camera.*spheres"):
        rig_images((picture(),), ImageOptions(surface="deformed"))


def test_seen_frames_and_cameras_agree_on_places() -> None:
    random = np.random.default_rng(0)
    points = random.random((50, 3)) - 0.5
    camera = Looking(camera_at(50.0, -10.0), 0.8, np.array([0.02, -0.05]))
    again = drawing.looking_by(camera.matrix)
    assert np.allclose(again.turn, camera.turn)
    assert again.scale == pytest.approx(camera.scale)
    assert np.allclose(again.shift, camera.shift)
    seen = camera.seen(points)
    whole = points @ camera.matrix[:, :3].T + camera.matrix[:, 3]
    by_frame = seen[:, [0, 2]] * [1, -1] / (TANGENT * (DISTANCE + seen[:, 1]))[:, None]
    assert np.allclose(by_frame, whole[:, :2] / whole[:, 2:])
