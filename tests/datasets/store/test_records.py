"""Typed records and the named arrays they are written as."""

from pathlib import Path

import numpy as np
import pytest

from inference.anatomy import Armature, SkinWeights
from training.datasets.store import records
from training.datasets.store.errors import BadRecordError
from training.datasets.store.plan import Plan
from training.datasets.store.reading import Dataset
from training.datasets.store.records import read_record, write_record
from training.datasets.store.shards import Item
from training.datasets.store.writing import Writer

RNG = np.random.default_rng(0)
ALL = [
    records.Frame(np.array([1.0, 2, 3]), 0.5),
    records.SurfacePoints(RNG.random((7, 3), "f4"), RNG.random((7, 3), "f4")),
    records.Spheres(RNG.random((4, 3), "f4"), RNG.random(4, "f4"), np.array([True, False, True, True])),
    records.SkeletonPoints(RNG.random((5, 3), "f4"), RNG.random(5, "f4"), np.zeros(5, bool)),
    records.Volume.of(RNG.random((9, 9, 9)) > 0.5),
    records.SdfVolume(RNG.random((6, 6, 6)).astype("f2")),
    records.SdfSamples(RNG.random((8, 3), "f4"), RNG.random(8, "f4")),
    records.MeshRecord(RNG.random((4, 3), "f4"), np.array([[0, 1, 2], [1, 2, 3]], "i4")),
]


def rig() -> tuple[Armature, SkinWeights]:
    armature = Armature(
        ("hip", "spine.001", "Käse/手.L"),
        np.array([-1, 0, 1], np.int32),
        RNG.random((3, 3)),
        RNG.random((3, 3)),
        np.array([0.0, 0.5, 1.0]),
        np.array([False, True, True]),
        np.ones(3),
        np.array([True, True, False]),
        np.zeros((3, 2)),
        "biped",
    )
    return armature, SkinWeights(np.array([[0, 1], [2, 0]], np.int32), np.array([[0.5, 0.5], [1, 0]], np.float32))


@pytest.mark.parametrize("record", ALL, ids=lambda record: type(record).__name__)
def test_a_record_comes_back_from_disk_as_it_was(record: records.Record, tmp_path: Path) -> None:
    with Writer(tmp_path, Plan("x", ("a",))) as writer:
        writer.commit(0, [Item("a", write_record(record))])
    back = read_record(type(record), Dataset(tmp_path)["a"])
    for name, value in vars(record).items():
        found = getattr(back, name)
        assert np.array_equal(found, value) if isinstance(value, np.ndarray) else found == value, name
        assert type(found) is type(value)


def test_a_rig_keeps_names_kind_bones_and_weights() -> None:
    armature, skin = rig()
    item = Item("a", write_record(records.RigRecord.of(armature, skin)))
    back, weights = read_record(records.RigRecord, item).nouns()
    assert (back.names, back.kind) == (armature.names, "biped")
    for name in ("parents", "connected", "deform"):
        assert np.array_equal(getattr(back, name), getattr(armature, name))
    for name in ("heads", "tails", "rolls"):
        assert np.allclose(getattr(back, name), getattr(armature, name), atol=1e-7)
    assert np.array_equal(weights.dense(3), skin.dense(3))


def test_a_packed_volume_is_the_volume_and_takes_an_eighth() -> None:
    cells = RNG.random((30, 30, 30)) > 0.7
    volume = records.Volume.of(cells)
    assert np.array_equal(volume.dense(), cells)
    assert volume.bits.nbytes == 27_000 // 8
    x, y, z = 3, 17, 29
    place = (x * 30 + y) * 30 + z
    assert bool(volume.bits[place // 8] >> (7 - place % 8) & 1) == cells[x, y, z]


def test_one_item_holds_several_records_of_a_kind() -> None:
    small, large = (records.Volume.of(RNG.random((r,) * 3) > 0.5) for r in (4, 8))
    item = Item("a", {**write_record(small, "volume4"), **write_record(large, "volume8")})
    assert read_record(records.Volume, item, "volume8").resolution == 8
    assert records.holds(item, records.Volume, "volume4")
    assert not records.holds(item, records.Volume)


def test_wrong_shapes_and_numbers_that_do_not_fit_are_named() -> None:
    with pytest.raises(BadRecordError, match=r"'surface\.normals' has the shape \(4, 3\), not \(N, 3\) with N = 5"):
        write_record(records.SurfacePoints(np.zeros((5, 3)), np.zeros((4, 3))))
    with pytest.raises(BadRecordError, match=r"'mesh\.triangles'"):
        write_record(records.MeshRecord(np.zeros((3, 3)), np.array([[0, 1, 2**40]])))
    with pytest.raises(BadRecordError, match=r"Item 'a' has no 'sdf\.points'"):
        read_record(records.SdfSamples, Item("a", {"x": np.zeros(1)}))


def test_half_precision_distances_are_off_by_at_most_their_two_thousandth() -> None:
    true = RNG.uniform(-2, 2, (20, 20, 20))
    stored = write_record(records.SdfVolume(true))["sdf_volume.values"]
    assert (np.abs(stored - true) <= 5e-4 * np.abs(true) + 1e-7).all()
