"""Files are rigged without Blender where that is possible, and the result is the one that Blender gives."""

from __future__ import annotations

import json
from pathlib import Path

import bpy
import numpy as np
import pytest
from mathutils import Matrix
from scipy.spatial import KDTree

from blender_tests.cli.test_run import run
from bonewright.addon.batch.engines import with_engine
from bonewright.addon.batch.plan import FileJob, Views
from bonewright.addon.scene.files import old_armatures, rigged_meshes
from tests.gltf.documents import array, creature, opened, places, plain, shown_points

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
LEAST = 1e-4  # influences up to this Blender's exporter leaves out
REAL = (
    "static/furniture/house_interior_pack_chair_1.glb",
    "rigged/quadruped/animal_pack_vol_2_cat.glb",
    "static/vehicle_mech/ships_pack_sail_ship.glb",
)


def job(source: str, *outputs: str, **more: object) -> FileJob:
    return FileJob(Path(source), tuple(map(Path, outputs)), **more)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (job("fox.glb", "out.glb"), ""),
        (job("fox.gltf", "out.glb"), ""),
        (job("fox.OBJ", "out.glb"), ""),
        (job("fox.fbx", "out.glb"), ".fbx is read by Blender alone."),
        (job("fox.glb", "out.glb", "out.blend"), ".blend is written by Blender alone."),
        (job("fox.glb", "out.glb", picture=Path("out.png")), "Pictures of a rig are drawn by Blender alone."),
        (job("fox.png", "out.glb", views=Views()), "What a picture shows is written by Blender alone."),
    ],
)
def test_blender_is_taken_only_for_what_needs_it(asked: FileJob, reason: str) -> None:
    chosen = with_engine(asked, "auto")
    assert (chosen.engine, chosen.reason, chosen.error) == ("blender" if reason else "gltf", reason, "")
    assert with_engine(asked, "blender").engine == "blender"
    assert with_engine(asked, "gltf").error == (f"{reason} Use --engine auto." if reason else "")


def bones_and_weights(path: Path, names: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The frames of the joints called `names`, (B, 4, 4), all vertices as they are drawn, and their weights (V, B)."""
    document, binary = opened(path)
    where, dense, frames = places(document), [], np.zeros((len(names), 4, 4))
    for node in document["nodes"]:
        if "skin" not in node:
            continue
        joints = document["skins"][node["skin"]]["joints"]
        order = [names.index(document["nodes"][joint]["name"]) for joint in joints]
        frames[order] = [where[joint] for joint in joints]
        for primitive in document["meshes"][node["mesh"]]["primitives"]:
            bones, weights = (
                array(document, binary, primitive["attributes"][name]) for name in ("JOINTS_0", "WEIGHTS_0")
            )
            full = np.zeros((len(bones), len(names)))
            for column in range(4):
                full[np.arange(len(bones)), np.array(order)[bones[:, column].astype(int)]] += weights[:, column]
            dense.append(full)
    frames[:, :3, :3] /= np.linalg.norm(frames[:, :3, :3], axis=1, keepdims=True)  # Blender rounds quaternions
    return frames, shown_points(document, binary), np.concatenate(dense)


@pytest.mark.skipif(not (DATA / "SOURCES.csv").exists(), reason="no ../shared/data")
@pytest.mark.parametrize("name", REAL)
def test_both_engines_give_the_same_rig(tmp_path: Path, name: str) -> None:
    for engine in ("gltf", "blender"):
        report = tmp_path / f"{engine}.json"
        asked = ("-o", tmp_path / f"{engine}.glb", "--engine", engine, "--replace-rig", "--report", report)
        done = run(DATA / name, *asked)
        assert done.returncode == 0, done.stderr
    (record,) = json.loads((tmp_path / "gltf.json").read_text(encoding="utf-8"))["files"]
    names = [bone["name"] for bone in record["bones"]]
    frames, points, weights = bones_and_weights(tmp_path / "gltf.glb", names)
    expected_frames, expected_points, expected_weights = bones_and_weights(tmp_path / "blender.glb", names)
    size = np.ptp(points, axis=0).max()
    np.testing.assert_allclose(frames[:, :3, 3], expected_frames[:, :3, 3], atol=1e-5 * size)
    np.testing.assert_allclose(frames[:, :3, :3], expected_frames[:, :3, :3], atol=1e-5)
    far, nearest = KDTree(points).query(expected_points)
    assert far.max() < 1e-5 * size
    kept = np.where(weights[nearest] > LEAST, weights[nearest], 0)
    # Blender's single precision reaches the skin network, which makes more of it than of the bones: a step of the
    # whole numbers that weights are often kept in is 1.5e-5.
    np.testing.assert_allclose(kept / kept.sum(1, keepdims=True), expected_weights, atol=1e-4)


def test_blender_reads_the_rig_and_poses_it_as_gltf_says(tmp_path: Path) -> None:
    """Each bone in turn is turned in Blender and in the file: the mesh goes the same way."""
    turned = {"translation": [0.5, 1, -2], "rotation": [0, 0.6, 0, 0.8], "scale": [2, 2.5, 2]}
    source, target = tmp_path / "fox.glb", tmp_path / "rigged.glb"
    source.write_bytes(plain(*creature(40), **turned).glb())
    done = run(source, "-o", target, "--report", tmp_path / "report.json")
    assert done.returncode == 0, done.stderr
    (record,) = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["files"]
    assert record["engine"] == "gltf"
    assert "engine_reason" not in record
    document, binary = opened(target)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.import_scene.gltf(filepath=str(target), bone_heuristic="BLENDER")  # its axes are the joints' own
    (item,), (armature,) = rigged_meshes(target.name), old_armatures()
    assert armature.name == "fox_rig"
    for bone in ("head", "spine", record["bones"][-1]["name"]):
        turn = np.array(Matrix.Rotation(0.7, 4, (0.6, 0.0, 0.8)))
        for other in armature.pose.bones:
            other.matrix_basis = Matrix()
        armature.pose.bones[bone].matrix_basis = Matrix(turn)
        bpy.context.view_layer.update()
        posed = item.evaluated_get(bpy.context.evaluated_depsgraph_get())
        shown = np.array([posed.matrix_world @ vertex.co for vertex in posed.data.vertices])
        said = shown_points(document, binary, {bone: turn})
        said = np.stack([said[:, 0], -said[:, 2], said[:, 1]], 1)
        np.testing.assert_allclose(shown, said, atol=1e-4 * np.ptp(said, axis=0).max())


def test_a_file_that_turns_out_to_need_blender_goes_to_it_and_the_report_says_why(tmp_path: Path) -> None:
    made = plain(*creature(20))
    made.document["meshes"][0]["primitives"][0]["extensions"] = {"KHR_draco_mesh_compression": {"bufferView": 0}}
    made.document["extensionsUsed"] = made.document["extensionsRequired"] = ["KHR_draco_mesh_compression"]
    source, report = tmp_path / "packed.glb", tmp_path / "report.json"
    source.write_bytes(made.glb())
    run(source, "-o", tmp_path / "rigged.glb", "--report", report)  # not every Blender can read it either
    (record,) = json.loads(report.read_text(encoding="utf-8"))["files"]
    assert record["engine"] == "blender"
    assert "compressed with KHR_draco_mesh_compression, which only Blender reads" in record["engine_reason"]
    refused = run(source, "-o", tmp_path / "other.glb", "--engine", "gltf")
    assert "KHR_draco_mesh_compression" in refused.stderr


def test_gltf_with_a_buffer_beside_it_is_written_without_blender_alone(tmp_path: Path) -> None:
    source = tmp_path / "fox.glb"
    source.write_bytes(plain(*creature(20)).glb())
    asked = ("--format", "glb,gltf", "--method", "geometric", "--no-bind")
    done = run(source, "-o", tmp_path / "out", *asked)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "out").glob("fox.*")} == {"fox.glb", "fox.gltf", "fox.bin"}
    refused = run(source, "-o", tmp_path / "other", *asked, "--engine", "blender")
    assert refused.returncode == 1
    assert ".gltf is written without Blender alone" in refused.stderr
