"""What a command line may name: files, folders, patterns, manifests, and URLs of any of these."""

from __future__ import annotations

import functools
import http.server
import json
import threading
import zipfile
from pathlib import Path

import fsspec
import pyarrow
import pyarrow.parquet
import pytest

from blender_tests.cli.test_run import COMMAND, bonewright_command, run
from bonewright.addon.batch.engines import Workers
from bonewright.addon.batch.inputs.places import place_of
from bonewright.addon.batch.kept.run_folder import RunFolder
from bonewright.addon.batch.plan import FileJob, make_plan
from bonewright.addon.cli import rig_command
from bonewright.inference.errors import BadRequestError
from bonewright.inference.requests import RigOptions
from tests.gltf.documents import creature, plain

FAST = ("--method", "geometric", "--no-bind", "--engine", "gltf")
DEFAULTS = RigOptions()
WORKERS = Workers([*COMMAND, "--worker", "gltf"], ())


def in_this_process(*arguments: object) -> int:
    """What is in memory:// is there for this process alone."""
    return rig_command([str(item) for item in arguments], WORKERS, "bonewright rig")


def fox(scale: float = 1.0) -> bytes:
    points, corners = creature(20)
    return plain(points * scale, corners).glb()


def plan(*inputs: object, out: Path, options: RigOptions = DEFAULTS) -> list[FileJob]:
    return make_plan([place_of(str(item)) for item in inputs], out, (), picture=False, force=False, options=options)


def places(jobs: list[FileJob], out: Path) -> dict[str, str]:
    return {job.source.name: job.outputs[0].relative_to(out).as_posix() for job in jobs}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    for name in ("a.glb", "deep/b.glb", "deep/down/c.obj", "deep/down/notes.md"):
        path = tmp_path / "library" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "library"


def test_a_pattern_finds_what_it_says_and_mirrors_what_is_below_its_fixed_part(library: Path) -> None:
    out = library.parent / "out"
    assert places(plan(library / "**" / "*", out=out), out) == {
        "a.glb": "a.glb",
        "b.glb": "deep/b.glb",
        "c.obj": "deep/down/c.glb",
    }
    assert places(plan(library / "deep" / "*.glb", out=out), out) == {"b.glb": "b.glb"}
    with pytest.raises(BadRequestError, match="finds no file"):
        plan(library / "*.fbx", out=out)


def test_a_list_of_files_is_a_manifest(library: Path) -> None:
    manifest = library / "some.txt"
    manifest.write_text(f"# what is to be rigged\na.glb\n\n{library / 'deep' / 'b.glb'}\n../elsewhere.glb\n")
    out = library.parent / "out"
    jobs = plan(manifest, out=out)
    assert places(jobs, out) == {"a.glb": "a.glb", "b.glb": "deep/b.glb", "elsewhere.glb": "elsewhere.glb"}
    assert [bool(job.error) for job in jobs] == [False, False, True]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_has_options_for_each_file_and_tags_for_the_report(library: Path, suffix: str) -> None:
    columns: dict[str, list] = {
        "input": ["a.glb", "deep/b.glb", "a.glb"],
        "output": ["", "heroes/bear.fbx", "again"],
        "kind": ["humanoid", None, None],
        "bind": [False, None, True],
        "fingers": [None, 4, None],
        "seed": [3, None, None],
        "licence": ["CC0", "MIT", ""],
    }
    manifest = library / f"some.{suffix}"
    if suffix == "csv":
        rows = [["" if value is None else str(value) for value in row] for row in zip(*columns.values(), strict=True)]
        manifest.write_text("\n".join(",".join(row) for row in [list(columns), *rows]) + "\n", encoding="utf-8-sig")
    else:
        pyarrow.parquet.write_table(pyarrow.table(columns), manifest)
    out = library.parent / "out"
    first, second, third = plan(manifest, out=out, options=RigOptions(density="few"))
    assert first.options == RigOptions(density="few", kind="biped", bind=False, seed=3)
    assert second.options == RigOptions(density="few", fingers="4")
    assert [job.outputs[0].relative_to(out).as_posix() for job in (first, second, third)] == [
        "a.glb",
        "heroes/bear.fbx",
        "again.glb",
    ]
    assert dict(first.tags) == {"licence": "CC0"}
    assert first.name != third.name  # one file with two wishes has two records
    assert second.name == str(second.source)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "lists no file"),
        ("file\na.glb\n", "no column 'input'"),
        ("input,densty\na.glb,few\n", "Did you mean 'density'"),
        ("input,density\na.glb,heaps\n", "'heaps' is no density for 'a.glb'. Known: few, normal, many"),
        ("input,seed\na.glb,three\n", "a whole number"),
        ("input,output\na.glb,../b\n", "below OUT"),
        ("input,output\na.glb,b.obj\n", "no format that can be written"),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused_whole(library: Path, text: str, told: str) -> None:
    (library / "some.csv").write_text(text)
    with pytest.raises(BadRequestError, match=told.replace(".", r"\.")):
        plan(library / "some.csv", out=library.parent / "out")


def test_files_and_results_may_be_behind_urls(capsys: pytest.CaptureFixture[str]) -> None:
    """Folder in, folder out, both in a store; then nothing is left to do until one of the files changes."""
    store = fsspec.filesystem("memory")
    made = plain(*creature(20))
    for name, content in {"one.glb": fox(), "deep/two.gltf": made.gltf("two.bin").encode()}.items():
        store.pipe(f"/lib-in/{name}", content)
    store.pipe("/lib-in/deep/two.bin", bytes(made.binary))
    asked = ("memory://lib-in", "-o", "memory://lib-out", *FAST)
    assert in_this_process(*asked) == 0
    assert store.cat("/lib-out/one.glb")[:4] == store.cat("/lib-out/deep/two.glb")[:4] == b"glTF"
    assert json.loads(store.cat("/lib-out/.bonewright/report.json"))["rigged"] == 2
    assert not store.exists("/lib-out/.bonewright/lock.json")
    assert not store.glob("/lib-out/.bonewright/records/*")  # they are joined
    capsys.readouterr()
    assert in_this_process(*asked) == 0
    assert "2 done before" in capsys.readouterr().out
    store.pipe("/lib-in/deep/two.bin", bytes(made.binary))  # written anew
    assert in_this_process(*asked) == 0
    assert "two.gltf" in capsys.readouterr().out
    assert len(RunFolder(place_of("memory://lib-out")).known) == 2
    store.rm("/lib-in", recursive=True)
    store.rm("/lib-out", recursive=True)


def test_files_within_a_zip_are_read_and_one_that_is_missing_is_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "lib.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("cats/one.glb", fox())
    (tmp_path / "some.txt").write_text(f"zip://cats/one.glb::{tmp_path}/lib.zip\nzip://gone.glb::{tmp_path}/lib.zip\n")
    done = run(tmp_path / "some.txt", "-o", tmp_path / "out", *FAST)
    assert done.returncode == 1, done.stderr
    assert (tmp_path / "out" / "one.glb").read_bytes()[:4] == b"glTF"
    assert "does not exist" in done.stderr
    assert run(f"zip://cats::{tmp_path}/lib.zip", "-o", tmp_path / "whole", *FAST).returncode == 0
    assert (tmp_path / "whole" / "one.glb").is_file()


def test_a_file_is_fetched_from_a_web_server(tmp_path: Path) -> None:
    (tmp_path / "one.glb").write_bytes(fox())
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = run(f"http://127.0.0.1:{server.server_port}/one.glb", "-o", tmp_path / "out", *FAST)
        server.shutdown()
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "one.glb").read_bytes()[:4] == b"glTF"


def test_nothing_is_written_into_an_archive(library: Path) -> None:
    with pytest.raises(BadRequestError, match="only read"):
        plan(library, out=place_of(f"zip://out::{library}.zip"))


def test_a_packed_file_larger_than_the_memory_is_refused_before_it_fills_the_disk(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as packed, packed.open("b.stl", "w") as bomb:
        for _ in range(700):
            bomb.write(bytes(1 << 20))
    assert (tmp_path / "bomb.zip").stat().st_size < 1 << 20
    done = run(f"zip://b.stl::{tmp_path}/bomb.zip", "-o", tmp_path / "out", "--memory", "600M", *FAST)
    assert done.returncode == 1
    assert "holds more than 600 MiB" in done.stderr


def test_reports_are_made_of_the_records_at_any_time(tmp_path: Path) -> None:
    with RunFolder(tmp_path) as kept:
        kept.add("one.glb", {"status": "ok", "time": 1.0, "bones": []})
        done = bonewright_command("report", tmp_path)
        assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / ".bonewright" / "report.json").read_text())["rigged"] == 1
    assert pyarrow.parquet.read_table(tmp_path / ".bonewright" / "report.parquet").num_rows == 1
    assert bonewright_command("report", tmp_path / "elsewhere").returncode == 2
