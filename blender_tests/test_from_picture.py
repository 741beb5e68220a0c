"""From View and From Image as a script would call them: what is seen comes to lie where it was seen."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import bpy
import numpy as np
import pytest
from mathutils import Vector

from blender_tests.clicks import generate, points_of, select, weights_of
from blender_tests.scene.test_pictures import write_png
from blender_tests.scene.test_view import add_camera, counts
from bonewright.addon.operators.from_picture import PictureResult
from bonewright.addon.scene.meshes import read_mesh
from bonewright.addon.scene.previews.marks import preview_objects
from bonewright.addon.scene.views.view import Sighting, see_objects
from bonewright.addon.session import jobs
from bonewright.inference.anatomy import Imagined, MedialMesh, Mesh
from bonewright.inference.frames import Frame
from bonewright.inference.images.crop import crop_of
from bonewright.inference.images.placing import fitted, placed, placement
from bonewright.inference.networks.s3ds.apply import SphereNetwork
from bonewright.inference.networks.shelf import find_network
from bonewright.inference.pipelines import pictures as imaging
from bonewright.inference.pipelines.meshes import curve_skeleton, medial_spheres, rig_mesh
from bonewright.inference.requests import RigOptions

KINDS = ("spheres", "curves", "surface")


pytestmark = pytest.mark.usefixtures("extension")


@pytest.fixture
def guessing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that has learned nothing sees a cloud of spheres in everything."""
    random = np.random.default_rng(0)
    away = random.normal(size=(1, 400, 3))
    away *= 0.45 * random.random((1, 400, 1)) ** (1 / 3) / np.linalg.norm(away, axis=2, keepdims=True)
    network = SphereNetwork(lambda inputs: (away, np.full((1, 400), 0.04)), 64, 200)
    monkeypatch.setattr(imaging, "image_network", lambda: network)


@lru_cache(maxsize=1)
def known(vertices: bytes, triangles: bytes) -> Imagined:
    """All about a mesh (world coordinates); taken as seen by nobody."""
    mesh = Mesh(np.frombuffer(vertices).reshape(-1, 3), np.frombuffer(triangles, np.int32).reshape(-1, 3))
    spheres = medial_spheres(mesh)
    rig = rig_mesh(mesh, RigOptions(method="geometric", weights="geometric"))
    medial = MedialMesh(spheres, np.zeros((0, 2), np.int32), np.zeros((0, 3), np.int32))
    return Imagined(spheres, medial, mesh, curve_skeleton(mesh), rig, (), (0.0,), (1.0,))


def truth(figure: bpy.types.Object, sighting: Sighting) -> Imagined:
    """What a network that makes no mistakes would say of the picture."""
    mesh = read_mesh([figure]).mesh
    whole, frame = known(mesh.vertices.tobytes(), mesh.triangles.tobytes()), rough_frame(sighting)
    back = Frame(frame.axes.T, 1 / frame.size, -frame.origin @ frame.axes.T / frame.size)
    return replace(placed(whole, back), crops=(crop_of(sighting.picture[..., 3]),))


def rough_frame(sighting: Sighting) -> Frame:
    return placement(sighting.viewpoint, crop_of(sighting.picture[..., 3]), sighting.depth)


def balls() -> np.ndarray:
    """Centre and radius of every sphere that is shown, (S, 4) world."""
    shown = bpy.context.evaluated_depsgraph_get().object_instances
    places = [item.matrix_world.copy() for item in shown if item.is_instance and item.parent.name.endswith("_spheres")]
    return np.array([[*place.translation, place.to_scale()[0]] for place in places])


@pytest.mark.parametrize("place", [(0, -6, 1), (5, -4, 3), (-2, 5, 0.2)])
@pytest.mark.parametrize("kind", ["PERSP", "ORTHO"])
def test_true_spheres_come_to_lie_in_the_mesh_that_was_seen(figure: bpy.types.Object, place: tuple, kind: str):
    before = points_of(figure)
    add_camera(place).data.type = kind
    sighting = see_objects(bpy.context, "CAMERA", [figure])
    result = truth(figure, sighting)
    frame = rough_frame(sighting)
    if kind == "PERSP":
        frame = fitted(frame, result.spheres, sighting.viewpoint, result.crops[0])
    token = jobs.keep(PictureResult(result, frame, (figure.name,)))
    assert bpy.ops.bonewright.apply_picture(token=token, name="Seen") == {"FINISHED"}
    found, size = balls(), np.ptp(before, axis=0).max()
    low, high = (found[:, :3] - found[:, 3:]).min(0), (found[:, :3] + found[:, 3:]).max(0)
    np.testing.assert_allclose((low + high) / 2, (before.min(0) + before.max(0)) / 2, atol=0.02 * size)
    np.testing.assert_allclose(high - low, np.ptp(before, axis=0), atol=0.05 * size)
    armature = bpy.context.view_layer.objects.active
    hand = np.array(armature.matrix_world @ armature.data.bones["hand.L"].head_local)
    assert np.linalg.norm(before - hand, axis=1).min() < 0.1
    assert hand[0] > 0.5
    np.testing.assert_array_equal(points_of(figure), before)


def test_the_mesh_that_was_seen_is_bound_by_one_more_click(figure: bpy.types.Object):
    add_camera((3, -5, 2))
    sighting = see_objects(bpy.context, "CAMERA", [figure])
    result = truth(figure, sighting)
    vision = PictureResult(result, rough_frame(sighting), (figure.name,))
    for _ in range(2):  # the second look replaces the first
        bpy.ops.bonewright.apply_picture(token=jobs.keep(vision), name="Seen")
    armature = bpy.context.view_layer.objects.active
    assert (armature.name, armature.bonewright.seen) == ("Seen_rig", True)
    assert [len(preview_objects(bpy.context.scene, kind)) for kind in KINDS] == [1, 1, 1]
    assert not figure.modifiers
    assert bpy.ops.bonewright.bind() == {"FINISHED"}
    assert [modifier.object for modifier in figure.modifiers] == [armature]
    np.testing.assert_allclose(weights_of(figure), 1, atol=1e-5)
    bpy.ops.bonewright.apply_picture(token=jobs.keep(vision), name="Seen")
    assert figure.modifiers[0].object == armature  # one that moves something is not taken away
    select(figure)
    assert generate().name == f"{figure.name}_rig"


def test_what_an_image_shows_stands_at_the_cursor_and_follows_its_armature(figure: bpy.types.Object):
    add_camera((1, -6, 1))
    sighting = see_objects(bpy.context, "CAMERA", [figure])
    result = truth(figure, sighting)
    bpy.data.objects.remove(figure)
    token = jobs.keep(PictureResult(result, None, ()))
    bpy.ops.bonewright.apply_picture(token=token, name="Fox", location=(1, 2, 3), size=2.0, from_image=True)
    surface, armature = bpy.data.objects["Fox_surface"], bpy.data.objects["Fox_rig"]
    points = points_of(surface)
    assert np.ptp(points, axis=0).max() == pytest.approx(2, rel=1e-4)
    assert points[:, 2].min() == pytest.approx(3, abs=1e-4)
    np.testing.assert_allclose((points.min(0) + points.max(0))[:2] / 2, [1, 2], atol=1e-4)
    assert surface.modifiers[0].object == armature
    assert armature.bonewright.reported
    armature.pose.bones["upper_arm.L"].rotation_quaternion = (0.92, 0.38, 0, 0)
    assert np.abs(points_of(surface) - points).max() > 0.1


@pytest.mark.parametrize("part", ["spheres", "curves", "surface", "armature"])
def test_only_what_is_wanted_is_made(figure: bpy.types.Object, part: str):
    add_camera((3, -5, 2))
    sighting = see_objects(bpy.context, "CAMERA", [figure])
    result = truth(figure, sighting)
    before = set(bpy.data.objects)
    wanted = {name: name == part for name in ("spheres", "curves", "surface", "armature")}
    bpy.ops.bonewright.apply_picture(token=jobs.keep(PictureResult(result, None, ())), name="Fox", **wanted)
    made = [item.name for item in bpy.context.scene.objects if item not in before]
    assert made == ["Fox_rig" if part == "armature" else f"Fox_{part}"]


def test_an_armature_that_blender_cannot_hold_leaves_nothing_behind(figure: bpy.types.Object):
    add_camera((3, -5, 2))
    sighting = see_objects(bpy.context, "CAMERA", [figure])
    result = truth(figure, sighting)
    armature = result.rig.armature
    flat = replace(result, rig=replace(result.rig, armature=replace(armature, tails=armature.heads)))
    for meshes in ((), (figure.name,)):
        before = counts()
        with pytest.raises(RuntimeError, match="too short"):
            bpy.ops.bonewright.apply_picture(token=jobs.keep(PictureResult(flat, None, meshes)), name="Fox")
        assert counts() == before
    with pytest.raises(RuntimeError, match="'Nobody' is gone"):
        bpy.ops.bonewright.apply_picture(token=jobs.keep(PictureResult(result, None, ("Nobody",))), name="Fox")
    with pytest.raises(RuntimeError, match="not remembered"):
        bpy.ops.bonewright.apply_picture(token="9999", name="Fox")


def test_one_click_looks_and_makes_something_where_the_object_is(figure: bpy.types.Object, guessing: None):
    before = points_of(figure)
    add_camera((3, -5, 2))
    bpy.context.scene.bonewright.method = "geometric"
    select(figure)
    assert bpy.ops.bonewright.from_view() == {"FINISHED"}
    armature = bpy.context.view_layer.objects.active
    assert armature.type == "ARMATURE"
    assert [link.item for link in armature.bonewright.meshes] == [figure]
    middle, size = (before.min(0) + before.max(0)) / 2, np.ptp(before, axis=0).max()
    surface = preview_objects(bpy.context.scene, "surface")[0]
    assert np.linalg.norm(points_of(surface).mean(0) - middle) < 0.3 * size
    assert 0.4 * size < np.ptp(points_of(surface), axis=0).max() < 2 * size
    np.testing.assert_array_equal(points_of(figure), before)


def test_an_image_or_a_file_is_looked_at(guessing: None, tmp_path: Path):
    pixels = np.zeros((60, 40, 4), np.uint8)
    pixels[10:50, 12:28] = (200, 150, 100, 255)
    bpy.context.scene.bonewright.method = "geometric"
    bpy.context.scene.cursor.location = (4, 5, 6)
    path = write_png(tmp_path / "Füchse.png", pixels)
    assert bpy.ops.bonewright.from_image(filepath=str(path)) == {"FINISHED"}
    assert not bpy.data.images
    assert points_of(bpy.data.objects["Füchse_surface"])[:, 2].min() == pytest.approx(6, abs=1e-4)
    bpy.context.scene.bonewright.picture = bpy.data.images.load(str(path))
    assert bpy.ops.bonewright.from_image() == {"FINISHED"}
    assert len([item for item in bpy.data.objects if item.type == "ARMATURE"]) == 2


def test_what_cannot_be_looked_at_is_refused_with_a_reason(figure: bpy.types.Object, guessing: None, tmp_path: Path):
    select(figure)
    figure.select_set(state=False)
    before = counts()
    with pytest.raises(RuntimeError, match="Nothing with a surface is selected"):
        bpy.ops.bonewright.from_view()
    bpy.context.scene.bonewright.subject = "EVERYTHING"
    with pytest.raises(RuntimeError, match="no camera"):
        bpy.ops.bonewright.from_view()
    with pytest.raises(RuntimeError, match="No image is chosen"):
        bpy.ops.bonewright.from_image()
    with pytest.raises(RuntimeError, match="no such file"):
        bpy.ops.bonewright.from_image(filepath=str(tmp_path / "none.png"))
    clear = write_png(tmp_path / "clear.png", np.zeros((20, 20, 4), np.uint8))
    with pytest.raises(RuntimeError, match="transparent"):
        bpy.ops.bonewright.from_image(filepath=str(clear))
    assert counts() == before


@pytest.mark.skipif(find_network("s3ds") is None, reason="there are no weights of 's3ds'")
def test_what_is_seen_looks_at_the_one_who_sees_it_unless_its_front_is_chosen(figure: bpy.types.Object):
    add_camera((2.0, -5.0, 2.0), (0.0, 0.0, 0.9))
    for front, way in (("auto", -1), ("+y", 1), ("-y", -1)):
        bpy.context.scene.bonewright.front = front
        select(figure)
        assert bpy.ops.bonewright.from_view() == {"FINISHED"}
        armature = next(item for item in bpy.data.objects if item.type == "ARMATURE")
        ahead = armature.matrix_world.to_3x3() @ Vector((0.0, -1.0, 0.0))
        assert ahead.y * way > 0.7, front
        assert armature.bonewright.verdict != "wrong", armature.bonewright.reasons
