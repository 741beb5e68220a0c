"""A run is taken up where it was left, whatever ended it; nothing is done twice and nothing is lost."""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet
import pytest

from blender_tests.cli.test_run import COMMAND, run
from bonewright.addon.batch.kept.resume import chosen, key_of, tasks_of
from bonewright.addon.batch.kept.run_folder import RunFolder, Shard
from bonewright.addon.batch.plan import FileJob, make_plan
from bonewright.inference.errors import BadRequestError
from bonewright.inference.requests import RigOptions
from tests.gltf.documents import creature, plain
from tools.interrupt.__main__ import Options as InterruptOptions
from tools.interrupt.__main__ import main as interrupt
from tools.package import ROOT

OPTIONS = RigOptions()
GOOD = {"status": "ok", "bones": [{"name": "spine"}]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder `in` with four foxes of different sizes."""
    (tmp_path / "in").mkdir()
    for number in range(4):
        points, corners = creature(20)
        (tmp_path / "in" / f"fox{number}.glb").write_bytes(plain(points * (1 + number), corners).glb())
    return tmp_path


def plan_of(folder: Path) -> list[FileJob]:
    return make_plan([folder / "in"], folder / "out", (), picture=False, force=False)


def results(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.glob("*.glb")}


def records(out: Path) -> list[dict]:
    lines = [json.loads(line) for line in (out / ".bonewright" / "records.jsonl").read_text().splitlines()]
    return [line for line in lines if "input" in line]


def test_a_run_that_was_killed_is_taken_up_and_ends_as_if_nothing_had_been(folder: Path) -> None:
    out, undisturbed = folder / "out", folder / "undisturbed"
    asked = ["--method", "geometric", "--no-bind"]
    process = subprocess.Popen([*COMMAND, str(folder / "in"), "-o", str(out), *asked], cwd=ROOT)
    kept = out / ".bonewright" / "records.jsonl"
    while not (kept.exists() and b'"status"' in kept.read_bytes()):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    before = {name: (out / name).stat().st_mtime_ns for name in results(out)}
    assert 0 < len(before) < 4
    done = run(folder / "in", "-o", out, *asked)
    assert done.returncode == 0, done.stderr
    assert "done before" in done.stdout
    finished = [Path(record["input"]).with_suffix(".glb").name for record in records(out)]
    assert sorted(finished) == sorted(results(out))  # each once
    assert all((out / name).stat().st_mtime_ns == before[name] for name in before if name in finished[: len(before)])
    assert run(folder / "in", "-o", undisturbed, *asked).returncode == 0
    assert results(out) == results(undisturbed)
    assert not list((out / ".bonewright").glob("lock*"))
    assert pyarrow.parquet.read_table(out / ".bonewright" / "report.parquet").num_rows == 4


def test_a_file_is_tried_again_only_for_a_reason(folder: Path) -> None:
    """New, done, changed, gone, failed by itself, failed for want of space: each is treated as it should be."""
    jobs = plan_of(folder)
    with RunFolder(folder / "out") as kept:
        for job in jobs[1:]:
            job.outputs[0].write_bytes(b"glTF")
            places = {"key": key_of(job), "outputs": [str(job.outputs[0])]}
            bad = {"status": "failed", "error_type": "EmptyMeshError", "error": "It is empty."}
            kept.add(str(job.source), {**places, "time": 1.0, **(bad if job is jobs[2] else GOOD)})

    def states(options: RigOptions = OPTIONS, *, force: bool = False) -> list[str]:
        asked = [replace(job, options=options) for job in jobs]
        return [task.state for task in tasks_of(asked, RunFolder(folder / "out"), force=force)]

    assert states() == ["new", "done", "failed", "done"]
    assert states(force=True) == ["new", "changed", "changed", "changed"]
    assert states(replace(OPTIONS, density="few")) == ["new", "changed", "changed", "changed"]
    jobs[1].source.write_bytes(jobs[1].source.read_bytes() + b"   ")
    jobs[3].outputs[0].unlink()
    assert states() == ["new", "changed", "failed", "changed"]
    with RunFolder(folder / "out") as kept:
        kept.add(
            str(jobs[2].source),
            {"key": key_of(jobs[2]), "status": "failed", "error_type": "WriteError", "time": 2.0},
        )
    assert states() == ["new", "changed", "changed", "changed"]
    tasks = tasks_of(jobs, RunFolder(folder / "out"), force=False)
    assert [task.job for task in chosen(tasks, "failed", 0, Shard())] == [jobs[2]]
    assert [task.job for task in chosen(tasks, "changed", 2, Shard())] == jobs[1:3]


def test_a_file_beside_the_input_counts_as_part_of_it(folder: Path) -> None:
    made = plain(*creature(20))
    (folder / "in" / "fox.bin").write_bytes(bytes(made.binary))
    source = folder / "in" / "fox.gltf"
    source.write_text(made.gltf("fox.bin"))
    job = FileJob(source, (folder / "fox.glb",))
    first = key_of(job)
    assert key_of(job) == first
    (folder / "in" / "fox.bin").write_bytes(bytes(made.binary) + b"\0")
    assert key_of(job) != first


def test_shards_are_all_of_the_files_and_each_once(folder: Path) -> None:
    tasks = tasks_of(plan_of(folder), RunFolder(folder / "out"), force=False)
    parts = [chosen(tasks, "", 0, Shard(number, 3)) for number in (1, 2, 3)]
    assert sorted(str(task.job.source) for part in parts for task in part) == sorted(str(t.job.source) for t in tasks)


def test_two_runs_do_not_write_into_one_folder(folder: Path) -> None:
    out = folder / "out"
    with RunFolder(out):
        refused = run(folder / "in", "-o", out)
        assert refused.returncode == 2
        assert f"by process {os.getpid()} on" in refused.stderr
        with pytest.raises(BadRequestError), RunFolder(out, Shard(1, 2)):
            pass
    with RunFolder(out, Shard(1, 2)), RunFolder(out, Shard(2, 2)), pytest.raises(BadRequestError), RunFolder(out):
        pass


def test_the_lock_of_a_dead_run_is_taken_away(folder: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    with RunFolder(folder / "out") as kept:
        lock = kept.folder / "lock.json"
        owner = {**json.loads(lock.read_text()), "pid": dead.pid}
    lock.write_text(json.dumps(owner))
    with RunFolder(folder / "out"):
        assert json.loads(lock.read_text())["pid"] == os.getpid()


def test_what_a_run_wrote_and_could_not_record_is_its_own(folder: Path) -> None:
    """It was killed in between: the result is written again. What was there before any run is not."""
    (folder / "out").mkdir()
    (folder / "out" / "fox1.glb").write_bytes(b"glTF of somebody else")
    with RunFolder(folder / "out") as kept:
        kept.plan(job.outputs[0] for job in plan_of(folder) if not job.error)
    for name in ("fox0.glb", ".fox2.partial-12345678.glb"):
        (folder / "out" / name).write_bytes(b"glTF")
    done = run(folder / "in", "-o", folder / "out", "--method", "geometric", "--no-bind")
    assert done.stderr.splitlines()[0].endswith("fox1.glb' exists. Add --force to overwrite it.")
    assert "3 of 4 files rigged" in done.stderr
    assert sorted(path.name for path in (folder / "out").iterdir() if path.is_file()) == [
        "fox0.glb",
        "fox1.glb",
        "fox2.glb",
        "fox3.glb",
    ]


def test_a_run_disturbed_in_every_way_ends_as_if_nothing_had_been() -> None:
    """kill -9 of the driver and of workers; where a disk can be mounted, a full and a read-only one, too."""
    assert interrupt(InterruptOptions(assets=8, moments=4)) == 0


def test_a_record_cut_short_spoils_no_other(folder: Path) -> None:
    with RunFolder(folder / "out") as kept:
        kept.add("one.glb", {**GOOD, "time": 1.0})
    path = kept.folder / "records.jsonl"
    path.write_bytes(path.read_bytes() + b'{"input": "two.glb", "status"')
    with RunFolder(folder / "out") as kept:
        kept.add("three.glb", {**GOOD, "time": 2.0})
    assert set(RunFolder(folder / "out").known) == {"one.glb", "three.glb"}


def test_a_run_stops_after_so_many_failures_and_goes_on_when_asked(folder: Path) -> None:
    for number in range(3):
        (folder / "in" / f"a{number}.glb").write_bytes(b"glTF but not really")  # these come first
    asked = (folder / "in", "-o", folder / "out", "--method", "geometric", "--no-bind")
    stopped = run(*asked, "--max-failures", 2)
    assert stopped.returncode == 1
    assert "Stopped after 2 failures." in stopped.stderr
    assert len(records(folder / "out")) == 2
    again = run(*asked)
    assert "2 failed before; --only failed tries them again." in again.stderr
    assert len(results(folder / "out")) == 4
    assert len(records(folder / "out")) == 7


def test_a_dry_run_says_what_would_be_done_and_does_nothing(folder: Path) -> None:
    done = run(folder / "in", "-o", folder / "out", "--dry-run", "--limit", 2)
    assert done.stdout.splitlines()[0].startswith("fox0.glb: new, gltf -> ")
    assert "2 of 4 files would be rigged." in done.stdout
    assert not (folder / "out").exists()
