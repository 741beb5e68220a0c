"""Datasets on disk: any item at once, builds that survive being killed, damage that is named."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import save

from training.datasets.store import errors, shards
from training.datasets.store.plan import Plan
from training.datasets.store.reading import Dataset, shard_path, verify
from training.datasets.store.shards import Item, Skipped
from training.datasets.store.writing import Writer, join

sys.path.insert(0, str(Path(__file__).parent))
from killed_build import PLAN, build, make

ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    build(tmp_path / "whole", 0)
    return tmp_path / "whole"


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def spoil(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_every_item_comes_back_by_name_and_by_number(folder: Path) -> None:
    data = Dataset(folder)
    made = [item for place in range(len(PLAN.names)) if isinstance(item := make(place), Item)]
    assert data.names == [item.name for item in made]
    for number in (35, 0, 17, -1):
        for found in (data[number], data[made[number].name]):
            assert found.labels == made[number].labels
            assert found.arrays.keys() == made[number].arrays.keys()
            for name, array in made[number].arrays.items():
                assert found.arrays[name].dtype == array.dtype
                assert np.array_equal(found.arrays[name], array)
                assert found.arrays[name].flags.aligned


def test_only_the_shard_of_an_item_is_read(folder: Path) -> None:
    data = Dataset(folder)
    for other in range(PLAN.shard_count):
        if other != 3:
            shard_path(folder, other).unlink()
    assert data["group/013"].arrays["a.reals"].shape == (13, 3)


def test_all_items_in_one_file_are_the_same_items(folder: Path, tmp_path: Path) -> None:
    join(folder, tmp_path / "one.safetensors")
    one, several = Dataset(tmp_path / "one.safetensors"), Dataset(folder)
    assert one.skipped == several.skipped
    for mine, theirs in zip(one, several, strict=True):
        assert (mine.name, mine.labels, list(mine.arrays)) == (theirs.name, theirs.labels, list(theirs.arrays))
        for name, array in mine.arrays.items():
            assert np.array_equal(array, theirs.arrays[name])
            assert array.flags.aligned
    assert verify(tmp_path / "one.safetensors") == []
    spoil(tmp_path / "one.safetensors", -10)
    assert [damage.name for damage in verify(tmp_path / "one.safetensors")] == ["group/039"]


def test_what_was_skipped_is_told_with_its_reason(folder: Path) -> None:
    data = Dataset(folder)
    assert data.skipped == tuple(Skipped(f"group/{k:03d}", "it is a ninth") for k in (8, 17, 26, 35))
    with pytest.raises(errors.UnknownItemError, match="it is a ninth"):
        data["group/008"]
    with pytest.raises(errors.UnknownItemError, match="no item 'other'"):
        data["other"]


def test_items_are_chosen_by_their_labels_without_reading_them(folder: Path) -> None:
    data = Dataset(folder)
    for shard in range(PLAN.shard_count):
        shard_path(folder, shard).unlink()
    assert [data.names[k] for k in data.select(parity="odd")][:3] == ["group/001", "group/003", "group/005"]
    assert data.labels("group/002") == {"parity": "even"}


def test_a_shard_is_plain_safetensors(folder: Path) -> None:
    with safe_open(shard_path(folder, 1), "numpy") as file:
        assert np.array_equal(file.get_tensor("group/005/a.reals"), Dataset(folder)["group/005"].arrays["a.reals"])


def test_a_build_killed_at_any_moment_resumes_to_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    killed = tmp_path / "killed"
    for after in (1, 2, 3):
        command = [sys.executable, str(Path(__file__).parent / "killed_build.py"), str(killed), "0.05"]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        assert process.stdout is not None
        for _ in range(after):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert 0 < len(list(killed.rglob("*.safetensors"))) < PLAN.shard_count
    with pytest.raises(errors.UnfinishedError, match="interrupted"):
        Dataset(killed)
    assert len(Dataset(killed, unfinished=True)) > 0
    (killed / ".00009.123.part.safetensors").write_bytes(b"half a shard")  # as if killed in the middle of a file
    build(killed, 0)
    assert content(killed) == content(folder)


def test_a_build_is_not_mixed_with_another(folder: Path) -> None:
    for plan, told in (
        (Plan("numbers", PLAN.names, {"scale": 3}, 4), "scale = 2, not 3"),
        (Plan("numbers", PLAN.names[:-1], {"scale": 2}, 4), "other items"),
        (Plan("letters", PLAN.names, {"scale": 2}, 4), "'numbers' items, not 'letters'"),
    ):
        with pytest.raises(errors.ChangedPlanError, match=told), Writer(folder, plan):
            pass


def test_two_cannot_build_in_one_folder(tmp_path: Path) -> None:
    with Writer(tmp_path, PLAN), pytest.raises(errors.BusyError), Writer(tmp_path, PLAN):
        pass


def test_a_spoilt_item_is_named_and_the_others_can_be_read(folder: Path) -> None:
    path = shard_path(folder, 4)
    spoil(path, path.read_bytes().index(Dataset(folder)["group/018"].arrays["a.reals"].tobytes()) + 10)
    data = Dataset(folder)
    with pytest.raises(errors.DamagedItemError, match=r"'group/018' in '.*00004"):
        data["group/018"]
    assert len(data["group/019"].arrays["a.reals"]) == 19
    assert [damage.name for damage in verify(folder)] == ["group/018"]


def test_a_spoilt_header_a_cut_shard_and_a_lost_one_are_named(folder: Path) -> None:
    spoil(shard_path(folder, 0), 200)
    with pytest.raises(errors.DamagedShardError, match=r"00000\.safetensors"):
        Dataset(folder)
    spoil(shard_path(folder, 0), 200)  # as it was
    shard_path(folder, 2).write_bytes(shard_path(folder, 2).read_bytes()[:-1])
    with pytest.raises(errors.DamagedShardError, match=r"00002\.safetensors"):
        Dataset(folder)
    spoil(shard_path(folder, 7), 10)
    shard_path(folder, 5).unlink()
    named = {"00002.safetensors", "00005.safetensors", "00007.safetensors"}
    assert {damage.name for damage in verify(folder)} == named


def test_a_sound_dataset_has_no_damage(folder: Path) -> None:
    assert verify(folder) == []


def test_a_damaged_shard_is_made_anew_after_deleting_it(folder: Path) -> None:
    before = content(folder)
    shard_path(folder, 6).unlink()
    build(folder, 0)
    assert content(folder) == before


def total(folder: Path, numbers: range, answers: "multiprocessing.Queue[float]") -> None:
    data = Dataset(folder)
    answers.put(sum(float(data[number].arrays["a.reals"].sum()) for number in numbers))


def test_two_processes_read_at_the_same_time(folder: Path) -> None:
    context = multiprocessing.get_context("fork")
    answers: multiprocessing.Queue[float] = context.Queue()
    readers = [context.Process(target=total, args=(folder, range(36), answers)) for _ in range(2)]
    for reader in readers:
        reader.start()
    sums = [answers.get(timeout=30) for _ in readers]
    for reader in readers:
        reader.join()
    assert sums[0] == sums[1] == pytest.approx(sum(float(i.arrays["a.reals"].sum()) for i in Dataset(folder)), rel=1e-5)


class Counts(torch.utils.data.Dataset):
    """What a trainer makes of a dataset."""

    def __init__(self, data: Dataset) -> None:
        self.data = data

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, number: int) -> int:
        return len(self.data[number].arrays["a.reals"])


def test_workers_of_a_data_loader_read_it(folder: Path) -> None:
    data = Dataset(folder)
    assert data[0].name  # its shard is mapped in this process
    assert len(pickle.loads(pickle.dumps(data))) == len(data)
    loader = torch.utils.data.DataLoader(Counts(data), batch_size=6, num_workers=2)
    assert torch.cat(list(loader)).tolist() == [k for k in range(40) if k % 9 != 8]


@pytest.mark.parametrize("name", ["", " a", "a\n"])
def test_names_that_could_not_be_told_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(errors.BadItemError, match="cannot be the name"):
        Writer(tmp_path, Plan("numbers", (name,)))


def test_arrays_that_cannot_be_stored_are_refused(tmp_path: Path) -> None:
    for array in (np.array(["text"]), np.array([1j])):
        with Writer(tmp_path, Plan("numbers", ("a",))) as writer, pytest.raises(errors.BadItemError, match="'a'"):
            writer.commit(0, [Item("a", {"x": array})])


def test_what_is_no_dataset_or_of_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(errors.NotADatasetError, match="holds no dataset"):
        Dataset(tmp_path)
    for metadata in (None, {"assets": "[]"}):
        (tmp_path / "other.safetensors").write_bytes(save({"points": np.zeros(3)}, metadata))
        with pytest.raises(errors.NotADatasetError, match=r"other\.safetensors.*build it again"):
            Dataset(tmp_path / "other.safetensors")
    monkeypatch.setattr(shards, "VERSION", 9)
    build(tmp_path / "later", 0)
    monkeypatch.undo()
    with pytest.raises(errors.UnknownVersionError, match="version 9"):
        Dataset(tmp_path / "later")
