"""Pictures of what is seen: from where Blender looks, of what it shows, and without a trace."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Euler, Matrix, Vector

from bonewright.addon.errors import SceneError
from bonewright.addon.scene.meshes import read_mesh
from bonewright.addon.scene.views.view import Sighting, see_everything, see_objects, viewpoint_from
from bonewright.inference.anatomy import Mesh
from bonewright.inference.images.camera import DISTANCE
from bonewright.inference.images.crop import crop_picture
from bonewright.inference.images.drawing import draw
from bonewright.inference.images.placing import placement
from bonewright.inference.images.viewpoint import Viewpoint

SEEN = Viewpoint(
    np.array([0, -DISTANCE, 0.0]),
    np.eye(3),
    np.tan(np.radians(15)) * np.array([-1.0, 1, -1, 1]),
    parallel=False,
    near=1e-6,
)


def add_camera(place: tuple[float, float, float], target: tuple[float, float, float] = (0, 0, 0.9)) -> bpy.types.Object:
    """A camera at `place` that looks at `target`; the scene's own."""
    item = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    bpy.context.scene.collection.objects.link(item)
    item.location = place
    item.rotation_euler = (Vector(target) - Vector(place)).to_track_quat("-Z", "Y").to_euler()
    bpy.context.scene.camera = item
    bpy.context.view_layer.update()
    return item


def counts() -> list[int]:
    """How many data-blocks of each kind there are."""
    kinds = [kind for kind in dir(bpy.data) if isinstance(getattr(bpy.data, kind), bpy.types.bpy_prop_collection)]
    return [len(getattr(bpy.data, kind)) for kind in kinds]


def alpha_in_the_seen_frame(mesh: Mesh, sighting: Sighting) -> float:
    """IoU of the crop with a drawing of the mesh that was moved into the seen frame."""
    crop, square = crop_picture(sighting.picture, 112)
    frame = placement(sighting.viewpoint, square, sighting.depth)
    colours, points = np.full((len(mesh.triangles), 3), 0.5), frame.points_in(mesh.vertices)
    if sighting.viewpoint.parallel:  # what the camera of the seen frame would have to see for the same picture
        points = points * np.where([True, False, True], 1 + points[:, 1:2] / DISTANCE, 1.0)
    again = draw(points, mesh.triangles, colours, SEEN, 112).picture[..., 3] >= 128
    return float((again & (crop[3] >= 0.5)).sum() / (again | (crop[3] >= 0.5)).sum())


@pytest.mark.parametrize(
    "lens",
    [
        {"lens": 35.0, "shift_x": 0.2, "shift_y": -0.1},
        {"type": "ORTHO", "ortho_scale": 5.0, "shift_x": 0.1},
        {"sensor_fit": "VERTICAL", "sensor_height": 20.0},
    ],
)
def test_a_camera_sees_every_point_where_blender_says(blender: None, lens: dict[str, object]):
    camera = add_camera((4, -7, 3))
    camera.rotation_euler = Euler((1.2, 0.3, 0.5))
    camera.scale = (2, 2, 2)
    for name, value in lens.items():
        setattr(camera.data, name, value)
    render = bpy.context.scene.render
    render.resolution_x, render.resolution_y, render.pixel_aspect_y = 640, 360, 1.5
    bpy.context.view_layer.update()
    viewpoint = viewpoint_from(bpy.context, "CAMERA")
    left, right, bottom, top = viewpoint.window
    world = np.array(camera.matrix_world)
    for x, y, depth in np.random.default_rng(0).uniform((-1, -1, 2), (1, 1, 9), (20, 3)):
        point = world[:3, 3] + (x * world[:3, 0] + y * world[:3, 1] - depth * world[:3, 2]) / 2
        wanted = world_to_camera_view(bpy.context.scene, camera, Vector(point.tolist()))
        found = (viewpoint.in_window(point[None])[0] - [left, bottom]) / [right - left, top - bottom]
        np.testing.assert_allclose(found, [wanted.x, wanted.y], atol=2e-4)


@pytest.mark.parametrize("place", [(0, -6, 1), (5, -4, 3), (-3, 5, 0.2), (1, -1, 9)])
@pytest.mark.parametrize("kind", ["PERSP", "ORTHO"])
def test_what_was_seen_alone_lies_in_the_seen_frame_as_it_does_in_its_picture(figure, place, kind):
    add_camera(place).data.type = kind
    sighting = see_objects(bpy.context, "CAMERA", [figure])
    assert max(sighting.picture.shape[:2]) == 224
    assert sighting.names == (figure.name,)
    assert alpha_in_the_seen_frame(read_mesh([figure]).mesh, sighting) > 0.93


def test_the_picture_leaves_no_trace(figure: bpy.types.Object):
    add_camera((3, -5, 2))
    bpy.ops.object.mode_set(mode="EDIT")
    before, chosen = counts(), [item.name for item in bpy.context.selected_objects]
    for _ in range(2):
        see_objects(bpy.context, "VIEW", [figure])
        see_everything(bpy.context, "CAMERA")
    assert counts() == before
    assert [item.name for item in bpy.context.selected_objects] == chosen
    assert bpy.context.mode == "EDIT_MESH"


def test_something_in_front_hides_it_unless_it_is_seen_alone(figure: bpy.types.Object):
    add_camera((0, -6, 1))
    bpy.ops.mesh.primitive_cube_add(size=3, location=(0, -2, 1))
    wall = bpy.context.view_layer.objects.active
    assert see_objects(bpy.context, "CAMERA", [figure]).names == (figure.name,)
    assert see_everything(bpy.context, "CAMERA").names == (wall.name,)
    wall.hide_render = True
    assert see_everything(bpy.context, "CAMERA").names == (figure.name,)
    wall.hide_render = False
    wall.display_type = "WIRE"
    assert see_everything(bpy.context, "CAMERA").names == (figure.name,)


def test_what_reaches_past_the_eye_or_out_of_the_picture_is_cut_as_in_the_view(blender: None):
    add_camera((0, -6, 1), (0, 0, 1))
    bpy.ops.mesh.primitive_plane_add(size=100)
    sighting = see_everything(bpy.context, "CAMERA")
    height, width = sighting.picture.shape[:2]
    assert (width, height) == (224, 126)
    assert (sighting.picture[70:, :, 3] == 255).all()
    assert (sighting.picture[:60, :, 3] == 0).all()


def test_modifiers_instances_curves_and_materials_are_seen_as_they_are_shown(blender: None):
    add_camera((0, -8, 0), (0, 0, 0))
    bpy.ops.mesh.primitive_cube_add(size=1)
    cube = bpy.context.view_layer.objects.active
    array = cube.modifiers.new("Array", "ARRAY")
    array.count, array.relative_offset_displace = 3, (0, 0, 1)
    sighting = see_objects(bpy.context, "CAMERA", [cube])
    rows, columns = np.nonzero(sighting.picture[..., 3] > 127)
    assert np.ptp(rows) == pytest.approx(3 * np.ptp(columns), rel=0.15)
    red = bpy.data.materials.new("Red")
    red.diffuse_color = (0.8, 0.05, 0.05, 1)
    cube.data.materials.append(red)
    picture = see_objects(bpy.context, "CAMERA", [cube]).picture
    assert picture[112, 112, 0] > 2 * picture[112, 112, 1]

    group = bpy.data.collections.new("Group")
    group.objects.link(cube)
    bpy.context.scene.collection.objects.unlink(cube)
    empty = bpy.data.objects.new("Instance", None)
    empty.instance_type, empty.instance_collection = "COLLECTION", group
    bpy.context.scene.collection.objects.link(empty)
    assert see_objects(bpy.context, "CAMERA", [empty]).names == ("Instance",)

    bpy.ops.curve.primitive_bezier_circle_add()
    curve = bpy.context.view_layer.objects.active
    with pytest.raises(SceneError, match="no faces"):
        see_objects(bpy.context, "CAMERA", [curve])
    curve.data.bevel_depth = 0.2
    assert see_objects(bpy.context, "CAMERA", [curve]).names == (curve.name,)


def test_changes_in_edit_mode_are_seen(blender: None):
    add_camera((0, -8, 0), (0, 0, 0))
    bpy.ops.mesh.primitive_cube_add(size=1)
    cube = bpy.context.view_layer.objects.active
    before = see_everything(bpy.context, "CAMERA").picture.shape
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.transform.resize(value=(3, 1, 1))
    after = see_everything(bpy.context, "CAMERA").picture.shape
    assert before[0] == pytest.approx(before[1], abs=2)
    assert after[1] > 2.5 * after[0]
    assert cube.mode == "EDIT"


def test_what_cannot_be_seen_is_named(blender: None):
    bpy.ops.mesh.primitive_cube_add(size=1)
    cube = bpy.context.view_layer.objects.active
    for see in (lambda: see_objects(bpy.context, "VIEW", [cube]), lambda: see_everything(bpy.context, "VIEW")):
        with pytest.raises(SceneError, match="no camera"):
            see()
    add_camera((0, -8, 0), (0, -20, 0))
    with pytest.raises(SceneError, match="Nothing with a surface"):
        see_everything(bpy.context, "CAMERA")
    add_camera((0, -8, 0), (0, 0, 0))
    for scale in ((0, 0, 0), (0, 1, 1)):  # a point, and a square seen edge on
        cube.matrix_world = Matrix.Diagonal((*scale, 1))
        bpy.context.view_layer.update()
        with pytest.raises(SceneError, match="'Cube' cannot be seen"):
            see_objects(bpy.context, "CAMERA", [cube])
    bpy.data.objects.remove(cube)
    with pytest.raises(SceneError, match="Nothing with a surface"):
        see_everything(bpy.context, "CAMERA")
