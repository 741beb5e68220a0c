"""From Image, From View and Blend Images with surfaces that networks draw."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import bpy
import numpy as np
import pytest

from blender_tests.clicks import points_of, select
from blender_tests.scene.test_pictures import write_png
from blender_tests.scene.test_view import add_camera
from bonewright.addon.networks import missing_surfaces
from bonewright.addon.operators.pictures.blend import BlendedPictures
from bonewright.addon.scene.previews.marks import preview_objects
from bonewright.addon.session import jobs
from bonewright.inference.images.surfaces.cameras import looking_along
from bonewright.inference.networks.skeletonnet.apply import SkeletonNetwork, SurfaceNetwork
from bonewright.inference.pipelines import surfaces as drawing
from bonewright.inference.requests import ImageOptions

pytestmark = pytest.mark.usefixtures("extension")
HEIGHT = 0.45  # of a rod that stands


def rod(points: np.ndarray, radius: float) -> np.ndarray:
    """How far inside a rod points (..., 3) are."""
    along = np.clip(points[..., 2], -HEIGHT, HEIGHT)
    return radius - np.sqrt(points[..., 0] ** 2 + points[..., 1] ** 2 + (points[..., 2] - along) ** 2)


@pytest.fixture
def rods(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks that see a rod in every picture, the thicker the brighter it is, from straight ahead."""
    axis = (np.arange(32) + 0.5) / 32 - 0.5
    cells = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)
    volume = (rod(cells, 0.05) > 0).astype(np.float32)[None]
    points = np.zeros((1, 6, 3), np.float32)
    points[0, :, 2] = np.linspace(-HEIGHT, HEIGHT, 6)

    def field(inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        values = 60 * rod(inputs["points"], float(inputs["code"].max()))
        return [np.stack([-values, values], -1).astype(np.float32)]

    def seen(inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        bright = 0.05 + 0.15 * inputs["crops"][:, :, 0].max((1, 2, 3), keepdims=True)[:, :, 0, 0]
        return [bright.astype(np.float32), np.zeros((1, inputs["crops"].shape[1], 1, 4, 4), np.float32)]

    def networks(options: ImageOptions) -> drawing.Networks:
        drawing.check(options)
        skeletons = SkeletonNetwork(
            lambda inputs: [inputs["crops"].max((1, 3, 4))],
            lambda inputs: [points],
            lambda inputs: [volume],
            size=32,
            lines=1,
            along=2,
            squares=1,
            across=2,
            resolution=32,
        )
        is_field = options.surface == "implicit"
        decoder = field if is_field else lambda inputs: [inputs["vertices"]]
        straight = looking_along(np.eye(3)).matrix[None]
        return drawing.Networks(
            skeletons,
            SurfaceNetwork(seen, decoder, 32),
            is_field,
            lambda inputs: [np.repeat(straight, len(inputs["crops"]), 0)],
            32,
        )

    monkeypatch.setattr(drawing, "surface_networks", networks)
    scene = bpy.context.scene.bonewright
    scene.method = scene.weights = "geometric"
    scene.seen.surface, scene.seen.detail = "implicit", 32


def picture(folder: Path, name: str, bright: int) -> Path:
    pixels = np.zeros((80, 60, 4), np.uint8)
    pixels[8:72, 24:36] = (bright, 90, 60, 255)
    return write_png(folder / name, pixels)


def armatures() -> list[bpy.types.Object]:
    return [item for item in bpy.data.objects if item.type == "ARMATURE"]


def test_an_image_becomes_a_drawn_surface_that_follows_its_armature(rods: None, tmp_path: Path):
    path = picture(tmp_path, "rod.png", 200)
    bpy.context.scene.cursor.location = (1, 2, 3)
    assert bpy.ops.bonewright.from_image(filepath=str(path)) == {"FINISHED"}
    surface = bpy.data.objects["rod_surface"]
    points = points_of(surface)
    assert points[:, 2].min() == pytest.approx(3, abs=1e-3)
    assert np.ptp(points, axis=0).argmax() == 2
    assert surface.modifiers[0].object == armatures()[0]
    assert armatures()[0].bonewright.reported
    assert not preview_objects(bpy.context.scene, "volume")


def test_the_skeletal_volume_is_shown_where_it_is_wanted(rods: None, tmp_path: Path):
    path = picture(tmp_path, "rod.png", 200)
    bpy.ops.bonewright.from_image(filepath=str(path))
    token = str(jobs._runner.count)
    bpy.ops.bonewright.apply_picture(token=token, name="Again", volume=True, from_image=True)
    (volume,) = preview_objects(bpy.context.scene, "volume")
    inner, outer = (np.ptp(points_of(bpy.data.objects[name]), axis=0) for name in (volume.name, "Again_surface"))
    assert (inner <= outer + 0.05).all()
    assert inner[2] > 0.7 * outer[2]


def test_several_images_of_one_object_are_looked_at_together(rods: None, tmp_path: Path):
    paths = [picture(tmp_path, f"{number}.png", 200) for number in range(2)]
    files = [{"name": path.name} for path in paths]
    assert bpy.ops.bonewright.from_image(directory=str(tmp_path), files=files) == {"FINISHED"}
    assert "0_surface" in bpy.data.objects
    scene = bpy.context.scene.bonewright
    scene.picture = bpy.data.images.load(str(paths[0]))
    assert bpy.ops.bonewright.add_picture() == {"FINISHED"}
    scene.seen.more[0].picture = bpy.data.images.load(str(paths[1]))
    assert bpy.ops.bonewright.from_image() == {"FINISHED"}
    assert len(armatures()) == 2
    assert bpy.ops.bonewright.remove_picture(number=0) == {"FINISHED"}
    assert len(scene.seen.more) == 0


def test_a_blend_goes_from_one_image_to_the_other(rods: None, tmp_path: Path):
    scene = bpy.context.scene.bonewright
    scene.picture = bpy.data.images.load(str(picture(tmp_path, "thin.png", 20)))
    with pytest.raises(RuntimeError, match="Add the one to blend"):
        bpy.ops.bonewright.blend_images()
    bpy.ops.bonewright.add_picture()
    scene.seen.more[0].picture = bpy.data.images.load(str(picture(tmp_path, "thick.png", 250)))
    assert bpy.ops.bonewright.blend_images() == {"FINISHED"}
    token = str(jobs._runner.count)
    assert isinstance(jobs.kept(token), BlendedPictures)
    widths = []
    for share in (0.0, 0.5, 1.0):
        bpy.ops.bonewright.apply_picture_blend(token=token, name=f"at{share}", share=share)
        points = points_of(bpy.data.objects[f"at{share}_surface"])
        widths.append(np.ptp(points[:, 0]) / np.ptp(points[:, 2]))
    assert widths[0] < widths[1] < widths[2]


def test_a_view_is_seen_by_the_camera_that_is_known_and_lies_where_it_was_seen(figure: bpy.types.Object, rods: None):
    before = points_of(figure)
    add_camera((3, -5, 2))
    select(figure)
    assert bpy.ops.bonewright.from_view() == {"FINISHED"}
    surface = preview_objects(bpy.context.scene, "surface")[0]
    points = points_of(surface)
    middle, size = (before.min(0) + before.max(0)) / 2, np.ptp(before, axis=0).max()
    assert np.linalg.norm((points.min(0) + points.max(0)) / 2 - middle) < 0.3 * size
    assert 0.5 * size < np.ptp(points, axis=0).max() < 2 * size
    np.testing.assert_array_equal(points_of(figure), before)


def test_without_its_networks_a_surface_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(drawing, "missing_parts", lambda surface: ("skeletonnet-points",))
    bpy.context.scene.bonewright.seen.surface = "deformed"
    path = picture(tmp_path, "rod.png", 200)
    with pytest.raises(RuntimeError, match=r"skeletonnet-points.*weights file"):
        bpy.ops.bonewright.from_image(filepath=str(path))
    assert not armatures()


@pytest.mark.parametrize("surface", ["implicit", "deformed"])
def test_the_trained_networks_draw_a_surface(surface: str, tmp_path: Path):
    if missing_surfaces(surface):
        pytest.skip("the trained networks that draw surfaces are not here")
    scene = bpy.context.scene.bonewright
    scene.seen.surface, scene.seen.detail = surface, 64
    assert bpy.ops.bonewright.from_image(filepath=str(picture(tmp_path, "rod.png", 200))) == {"FINISHED"}
    assert len(points_of(bpy.data.objects["rod_surface"])) > 100
