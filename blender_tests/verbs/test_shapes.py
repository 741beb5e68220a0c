"""Shapes in Blender: generated, varied, blended, completed and reshaped, each in one undo step with its rig."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest

from blender_tests.clicks import select
from bonewright.addon import networks as shape_networks
from bonewright.addon.operators.base import AND_UNDO
from bonewright.addon.scene.shapes.skeleton import FEATURES, points_of, read_skeleton, skeletons
from bonewright.inference.networks import shelf
from tests.ball_networks import SKELETON, use_networks

pytestmark = pytest.mark.usefixtures("extension")


@pytest.fixture(autouse=True)
def networks(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, extension: None) -> None:
    use_networks(monkeypatch, tmp_path_factory.getbasetemp() / "balls", shelf)
    options = bpy.context.scene.bonewright
    options.method = options.weights = "geometric"
    options.shape.resolution = 32
    bpy.context.preferences.edit.use_global_undo = True
    bpy.ops.ed.undo_push(message="Before")


def names(kind: str) -> set[str]:
    return {item.name for item in bpy.context.scene.objects if item.type == kind}


def places(item: bpy.types.Object) -> np.ndarray:
    """World places of the mesh's vertices."""
    points = np.empty(3 * len(item.data.vertices))
    item.data.vertices.foreach_get("co", points)
    world = np.array(item.matrix_world)
    return points.reshape(-1, 3) @ world[:3, :3].T + world[:3, 3]


def closed(item: bpy.types.Object) -> bool:
    """Every edge has two faces."""
    counts = dict.fromkeys(item.data.edge_keys, 0)
    for polygon in item.data.polygons:
        for key in polygon.edge_keys:
            counts[key] += 1
    return set(counts.values()) == {2}


def active() -> bpy.types.Object:
    item = bpy.context.view_layer.objects.active
    assert item is not None
    return item


def generate(category: str, **options: object) -> bpy.types.Object:
    """The first of the shapes."""
    for name, value in {"category": category, **options}.items():
        setattr(bpy.context.scene.bonewright.shape, name, value)
    assert bpy.ops.bonewright.generate_shape("EXEC_DEFAULT", AND_UNDO) == {"FINISHED"}
    return active()


def add_ball(name: str, x: float = 0.0) -> bpy.types.Object:
    bpy.ops.mesh.primitive_uv_sphere_add(location=(x, 0, 1), segments=24, ring_count=12)
    item = active()
    item.name = name
    return item


def test_a_category_becomes_a_mesh_with_curves_armature_and_weights_at_the_cursor() -> None:
    bpy.context.scene.cursor.location = (3, 0, 1)
    item = generate("biped", seed=4)
    assert closed(item)
    low, high = places(item).min(0), places(item).max(0)
    assert low[2] == pytest.approx(1.0, abs=1e-4)
    assert (high - low).max() == pytest.approx(2.0, abs=1e-3)
    assert (low + high)[0] / 2 == pytest.approx(3.0, abs=1e-3)
    armature = bpy.data.objects[f"{item.name}_rig"]
    assert item.modifiers[0].object == armature
    assert {"head", "thigh.L"} <= set(armature.data.bones.keys())
    assert all(vertex.groups for vertex in item.data.vertices)
    curves = bpy.data.objects[f"{item.name}_curves"]
    assert curves.type == "CURVE"
    before = places(item)
    again = generate("biped", seed=4)
    assert np.allclose(places(again), before, atol=1e-5)


def test_a_row_is_one_step_to_undo() -> None:
    generate("aorta", count=3)
    rows = sorted(places(bpy.data.objects[name]).mean(0)[0] for name in names("MESH"))
    assert len(rows) == 3
    assert rows[2] - rows[1] > 0.5
    assert rows[1] - rows[0] > 0.5
    assert len(names("ARMATURE")) == 3
    assert len(bpy.context.selected_objects) == 3
    bpy.ops.ed.undo()
    assert not bpy.context.scene.objects[:]


def test_the_redo_panel_may_leave_parts_out() -> None:
    generate("aorta")
    token = _last_token()
    bpy.ops.ed.undo()
    done = bpy.ops.bonewright.apply_shapes(
        token=token, name="Tube", free=True, armature=False, curves=False, location=(0, 0, 0), size=0.5
    )
    assert done == {"FINISHED"}
    assert [item.name for item in bpy.context.scene.objects] == ["Tube"]
    assert np.ptp(places(bpy.data.objects["Tube"]), axis=0).max() == pytest.approx(0.5, abs=1e-4)


def test_variations_stand_beside_the_mesh_which_stays() -> None:
    ball = add_ball("Ball")
    before = places(ball)
    bpy.context.scene.bonewright.shape.count = 2
    bpy.context.scene.bonewright.shape.strength = 0.1
    assert bpy.ops.bonewright.vary_shape() == {"FINISHED"}
    assert np.array_equal(places(ball), before)
    made = [bpy.data.objects[name] for name in names("MESH") - {"Ball"}]
    assert len(made) == 2
    assert all(closed(item) and places(item)[:, 0].min() > 1.0 for item in made)
    assert len(names("ARMATURE")) == 2


def test_a_blend_lies_between_and_its_slider_draws_what_it_is_set_to() -> None:
    first, second = add_ball("A"), add_ball("B", 6.0)
    second.scale = (0.5, 0.5, 0.5)
    select(first, second)
    assert bpy.ops.bonewright.blend_shapes() == {"FINISHED"}
    made = active()
    assert closed(made)
    assert places(made).mean(0)[0] == pytest.approx(3.0, abs=0.5)
    for share, middle in ((0.0, 0.0), (1.0, 6.0)):
        bpy.ops.bonewright.apply_blend(token=_last_token(), name="blend", share=share)
        end = active()
        assert places(end).mean(0)[0] == pytest.approx(middle, abs=0.5)
    select(first)
    assert not bpy.ops.bonewright.blend_shapes.poll()


def _last_token() -> str:
    from bonewright.addon.session import jobs

    return max(jobs._runner.results, key=int)


def test_a_scan_with_holes_comes_back_closed_and_is_kept() -> None:
    ball = add_ball("Scan")
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="DESELECT")
    bpy.ops.object.mode_set(mode="OBJECT")
    for polygon in ball.data.polygons:
        polygon.select = polygon.center.z > 0.5
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.delete(type="FACE")
    bpy.ops.object.mode_set(mode="OBJECT")
    assert not closed(ball)
    assert bpy.ops.bonewright.complete_shape() == {"FINISHED"}
    made = active()
    assert made.name == "Scan_complete"
    assert closed(made)
    assert not closed(ball)


def test_the_shape_follows_skeleton_points_that_are_moved_resized_copied_and_deleted() -> None:
    item = generate("aorta")
    select(item)
    assert bpy.ops.bonewright.show_skeleton() == {"FINISHED"}
    (holder,) = skeletons(bpy.context.scene)
    balls = points_of(holder)
    assert len(balls) == SKELETON
    assert len(balls[0][FEATURES]) == 4
    assert bpy.ops.bonewright.decode_skeleton() == {"FINISHED"}
    first = active()
    assert closed(first)
    top = places(first)[:, 2].max()
    balls[0].location.z += 1.5
    balls[1].scale *= 1.5
    copy = balls[2].copy()
    copy.location.x += 0.3
    holder.users_collection[0].objects.link(copy)
    bpy.data.objects.remove(balls[3])
    latent = read_skeleton(holder)
    assert len(latent.radii) == SKELETON
    select(copy)
    assert bpy.ops.bonewright.decode_skeleton() == {"FINISHED"}
    second = active()
    assert places(second)[:, 2].max() > top + 0.3
    assert len(names("MESH") - {ball.name for ball in points_of(holder)}) == 2, "the earlier one is replaced"
    assert bpy.ops.bonewright.remove_skeleton(name=holder.name) == {"FINISHED"}
    assert not skeletons(bpy.context.scene)
    assert not [item for item in bpy.data.objects if FEATURES in item]
    assert second.name in bpy.context.scene.objects


def test_what_cannot_be_drawn_is_refused_with_words() -> None:
    points = bpy.data.meshes.new("Points")
    points.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [])
    item = bpy.data.objects.new("Points", points)
    bpy.context.scene.collection.objects.link(item)
    select(item)
    for verb in ("vary_shape", "complete_shape", "show_skeleton"):
        with pytest.raises(RuntimeError, match="no faces"):
            getattr(bpy.ops.bonewright, verb)()
    with pytest.raises(RuntimeError, match="Show the skeleton"):
        bpy.ops.bonewright.decode_skeleton()


def test_soup_two_pieces_and_many_faces_are_completed() -> None:
    rng = np.random.default_rng(0)
    corners = rng.normal(size=(2000, 1, 3))
    corners /= np.linalg.norm(corners, axis=2, keepdims=True)
    soup = (corners + rng.normal(scale=0.05, size=(2000, 3, 3))).reshape(-1, 3)
    data = bpy.data.meshes.new("Soup")
    data.from_pydata(soup.tolist(), [], np.arange(6000).reshape(-1, 3).tolist())
    item = bpy.data.objects.new("Soup", data)
    bpy.context.scene.collection.objects.link(item)
    add_ball("Other", 4.0)
    select(item, bpy.data.objects["Other"])
    assert bpy.ops.bonewright.complete_shape() == {"FINISHED"}
    assert closed(active())


def test_without_networks_the_buttons_say_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shelf, "FOLDER", tmp_path)
    monkeypatch.setenv(shelf.USERS_FOLDER, str(tmp_path))
    assert shape_networks.missing_networks() == shape_networks.NETWORKS
    assert not bpy.ops.bonewright.generate_shape.poll()
    with pytest.raises(RuntimeError, match="in the weights file: Preferences"):
        bpy.ops.bonewright.generate_shape()
    assert [item[0] for item in shape_networks.category_items(None, None)] == ["NONE"]
