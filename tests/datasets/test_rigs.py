"""Rigs of skinned files, and the command that builds datasets."""

from pathlib import Path

import numpy as np
import pytest
import trimesh

from tools.build_dataset import ALL_MADE, FAILED, SOME_SKIPPED, main
from training.datasets.builders.build import build
from training.datasets.builders.make import Rigs, Sdf, Skeletons, Truth
from training.datasets.builders.rigs import RIG_FILE, checked, in_unit_frame, read_rig
from training.datasets.builders.sources import Files, Generated
from training.datasets.store.errors import ChangedPlanError, SkippedError
from training.datasets.store.reading import Dataset, verify
from training.datasets.store.records import Frame, MeshRecord, RigRecord, SkeletonPoints, Volume, read_record
from training.datasets.store.shards import Item, Skipped

from ..skinned_files import write_strip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A skinned strip, a static box, a file of nonsense."""
    meshes = tmp_path / "meshes"
    meshes.mkdir()
    write_strip(meshes / "strip.glb")
    trimesh.creation.box((2, 1, 0.2)).export(meshes / "box.obj")
    (meshes / "nonsense.stl").write_bytes(b"nothing of the sort")
    return meshes


def test_a_skinned_file_becomes_a_rig_in_the_unit_frame(folder: Path, tmp_path: Path) -> None:
    built = build(tmp_path / "out", Files((folder,)), Rigs())
    assert [item.name for item in built.skipped] == ["box.obj", "nonsense.stl"]
    item = Dataset(tmp_path / "out")["strip.glb"]
    mesh, rig, frame = (read_record(kind, item) for kind in (MeshRecord, RigRecord, Frame))
    assert isinstance(mesh, MeshRecord)
    assert isinstance(rig, RigRecord)
    assert isinstance(frame, Frame)
    assert np.ptp(mesh.vertices, axis=0).max() == pytest.approx(1)
    assert rig.names == ("Base", "Tip")
    assert rig.heads * frame.scale + frame.centre == pytest.approx(np.array([[0.5, 0, 0], [0.5, -1, 0]]), abs=1e-6)
    assert rig.weights.sum(1) == pytest.approx(np.ones(6))


def test_a_rig_that_blender_wrote_is_read(tmp_path: Path) -> None:
    path = tmp_path / f"arm{RIG_FILE}"
    np.savez(
        path,
        vertices=np.eye(3),
        triangles=np.array([[0, 1, 2]], np.int32),
        names=np.array(["upper", "lower"]),
        parents=np.array([-1, 0], np.int32),
        heads=np.zeros((2, 3)),
        tails=np.ones((2, 3)),
        rolls=np.zeros(2),
        connected=np.array([False, True]),
        deform=np.array([True, True]),
        bones=np.array([[0, 1], [1, 0], [1, 0]], np.int32),
        weights=np.array([[0.5, 0.5], [0.99, 0], [1, 0]], np.float32),
    )
    (mesh, armature, skin), _ = in_unit_frame(checked(read_rig(path)))
    assert armature.names == ("upper", "lower")
    assert skin.weights.sum(1) == pytest.approx(np.ones(3))
    assert len(mesh.vertices) == 3


def test_what_is_no_rig_is_refused_with_a_reason(folder: Path) -> None:
    mesh, armature, skin = read_rig(folder / "strip.glb")
    none = type(skin)(skin.bones, np.zeros_like(skin.weights))
    with pytest.raises(SkippedError, match="the weights of 6 vertices do not sum to 1"):
        checked((mesh, armature, none))
    with pytest.raises(SkippedError, match="6 vertices and weights for 5"):
        checked((mesh, armature, type(skin)(skin.bones[:5], skin.weights[:5])))


def test_the_bytes_do_not_depend_on_the_number_of_processes(folder: Path, tmp_path: Path) -> None:
    recipe = Skeletons(points=300, volumes=(16,))
    for processes in (0, 2):
        build(tmp_path / str(processes), Files((folder,)), recipe, processes=processes, per_shard=2)
    alone, shared = (
        {p.name: p.read_bytes() for p in sorted((tmp_path / str(k)).rglob("*")) if p.is_file()} for k in (0, 2)
    )
    assert alone == shared
    item = Dataset(tmp_path / "0")["box.obj"]
    assert read_record(SkeletonPoints, item).sheet.mean() > 0.9
    assert read_record(Volume, item, "volume16").dense().sum() > 16 * 8


def test_a_worker_that_dies_or_hangs_costs_one_item(folder: Path, tmp_path: Path) -> None:
    built = build(tmp_path / "out", Files((folder,)), Deadly(), processes=2, limit_s=2)
    assert [(item.name, item.reason) for item in built.skipped] == [
        ("box.obj", "The process ended with code 9."),
        ("nonsense.stl", "No answer within 2 s."),
    ]
    assert Dataset(tmp_path / "out").names == ["strip.glb"]


class Deadly(Rigs):
    """Takes the whole process along for one item and never ends for another."""

    def make(self, source, name):
        import os
        import time

        if name == "box.obj":
            os._exit(9)
        if name == "nonsense.stl":
            time.sleep(1000)
        return super().make(source, name)


def test_generated_shapes_carry_their_family_and_their_rig(tmp_path: Path) -> None:
    source = Generated(("chair", "biped"), range(2))
    built = build(tmp_path, source, Truth(points=200))
    data = Dataset(tmp_path)
    assert (built.items, len(data)) == (4, 4)
    assert data.select(family="biped") == [2, 3]
    assert read_record(RigRecord, data["biped/000001"]).kind == "biped"
    assert not any(name.startswith("rig.") for name in data["chair/000000"].arrays)


def test_the_command_tells_by_its_code_whether_all_was_made(folder: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "rigs")
    assert main(["rigs", str(folder / "strip.glb"), "--out", out, "--processes", "0"]) == ALL_MADE
    assert main(["verify", out]) == ALL_MADE
    shard = next(Path(out).rglob("*.safetensors"))
    shard.write_bytes(shard.read_bytes()[:-3])
    assert main(["verify", out]) == FAILED
    assert main(["rigs", str(folder), "--out", str(tmp_path / "all"), "--processes", "0"]) == SOME_SKIPPED
    assert main(["sdf", str(tmp_path / "nothing"), "--out", str(tmp_path / "x")]) == FAILED


def test_an_sdf_dataset_is_sound(folder: Path, tmp_path: Path) -> None:
    recipe = Sdf(surface=100, samples=200, bins=40, resolution=10)
    build(tmp_path / "sdf", Files((folder / "box.obj",)), recipe)
    assert verify(tmp_path / "sdf") == []
    item = Dataset(tmp_path / "sdf")["box.obj"]
    assert isinstance(item, Item)
    assert item.arrays["sdf_bins.distances"].shape == (40,)
    assert item.arrays["sdf_volume.values"].shape == (10, 10, 10)


def test_a_build_of_one_file_goes_on_after_a_stop_and_ends_with_the_same_bytes(tmp_path: Path) -> None:
    source, recipe = Generated(("chair",), range(4)), Truth(points=50)
    whole, stopped = tmp_path / "whole.safetensors", tmp_path / "stopped.safetensors"
    build(whole, source, recipe)
    seen: list[str] = []

    def stop(result: Item | Skipped) -> None:
        seen.append(result.name)
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(stopped, source, recipe, per_shard=1, told=stop)
    assert not stopped.exists()
    assert build(stopped, source, recipe, per_shard=1).items == 2
    assert stopped.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["stopped.safetensors", "whole.safetensors"]
    assert build(stopped, source, recipe).items == 0  # it is there
    with pytest.raises(ChangedPlanError, match="points = 50, not 60"):
        build(stopped, source, Truth(points=60))
