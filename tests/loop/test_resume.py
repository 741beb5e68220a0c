"""A training that was killed goes on to the same numbers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.loop.toy_recipe import RECIPE, ToyConfig
from tests.loop.toy_runs import TINY, same, train, trainer
from training.loop.checkpoint import read_checkpoint
from training.loop.errors import CheckpointError, TrainingError
from training.loop.machine import start_machine
from training.loop.record import Record
from training.loop.trainer import Run, Trainer

ROOT = Path(__file__).resolve().parents[2]


def command(*words: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "training.train",
        "tests.loop.toy_recipe",
        "--device",
        "cpu",
        "--threads",
        "1",
        *words,
    ]


def test_killed_in_the_middle_and_resumed_equals_uninterrupted(tmp_path: Path) -> None:
    words = ("--out", str(tmp_path / "killed"), "--steps", "400")
    process = subprocess.Popen(command(*words), cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    last = tmp_path / "killed" / "last.ckpt"
    while not last.exists() or read_checkpoint(last).step < 60:
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert 60 <= read_checkpoint(last).step < 400
    train(tmp_path / "killed", replace(TINY, steps=400), resume=True)
    train(tmp_path / "whole", replace(TINY, steps=400))
    assert same(read_checkpoint(last), read_checkpoint(tmp_path / "whole" / "last.ckpt"))
    assert same(read_checkpoint(tmp_path / "killed/best.ckpt"), read_checkpoint(tmp_path / "whole/best.ckpt"))
    assert json.loads((tmp_path / "killed/curves.json").read_text()) == read_checkpoint(last).curves


@pytest.mark.parametrize("stop", [7, 30, 33])  # within a stage and the curves' window, between stages, after
def test_resuming_anywhere_equals_uninterrupted(stop: int, tmp_path: Path) -> None:
    whole = train(tmp_path / "whole")
    halted = trainer(tmp_path / "halted")
    save = halted._save

    def save_and_stop(record: Record, path: Path) -> None:
        save(record, path)
        if path.name == "last.ckpt" and halted.state.step >= stop:
            raise KeyboardInterrupt

    halted._save = save_and_stop
    with pytest.raises(KeyboardInterrupt):
        halted.train()
    assert same(train(tmp_path / "halted", resume=True), whole)


def test_one_seed_repeats_and_two_differ_whatever_the_loader_processes(tmp_path: Path) -> None:
    first = train(tmp_path / "first")
    assert same(train(tmp_path / "again", workers=2), first)
    other = train(tmp_path / "other", seed=1)
    assert not torch.equal(other.model["net.0.weight"], first.model["net.0.weight"])


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    train(tmp_path)
    path = tmp_path / "last.ckpt"
    whole = path.read_bytes()
    for damaged in (whole[:-100], whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:]):
        path.write_bytes(damaged)
        with pytest.raises(CheckpointError, match=r"last\.ckpt' is damaged"):
            trainer(tmp_path, resume=True)
    path.write_bytes(b"something else")
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        trainer(tmp_path, resume=True)
    path.unlink()
    with pytest.raises(CheckpointError, match="no checkpoint"):
        trainer(tmp_path, resume=True)


def test_another_training_is_neither_resumed_nor_overwritten(tmp_path: Path) -> None:
    train(tmp_path)
    with pytest.raises(CheckpointError, match="seed is 3, it was 0"):
        trainer(tmp_path, seed=3, resume=True)
    wider = replace(TINY, width=17)
    with pytest.raises(CheckpointError, match="width is 17, it was 16"):
        trainer(tmp_path, wider, resume=True)
    with pytest.raises(TrainingError, match="holds a training already"):
        trainer(tmp_path)


def test_two_processes_share_each_batch_and_keep_equal_weights(tmp_path: Path) -> None:
    run = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    script = str(ROOT / "tests" / "loop" / "two_processes.py")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run([*run, script, str(tmp_path)], cwd=ROOT, env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    states = [torch.load(tmp_path / f"rank{rank}.pt") for rank in range(2)]
    for part in ("model", "average"):
        for name, tensor in states[0][part].items():
            if not name.startswith("temperature"):  # set by the first process, for its evaluation
                assert torch.equal(tensor, states[1][part][name]), name
    assert states[0]["samples"] == TINY.steps * TINY.batch_size
    assert read_checkpoint(tmp_path / "last.ckpt").metrics["error"] < 0.3


def test_a_training_that_begins_with_another_ones_weights_counts_its_samples_and_is_repeatable(tmp_path: Path) -> None:
    first = train(tmp_path / "first")
    start = tmp_path / "first" / "last.ckpt"

    def further(out: Path, config: ToyConfig = TINY) -> Trainer:
        return Trainer(RECIPE, config, 1, start_machine("cpu"), Run(out, workers=0, begin_with=start))

    begun = further(tmp_path / "one")
    for name, value in begun.model.state_dict().items():
        torch.testing.assert_close(value, first.average[name], rtol=0, atol=0)
    one = begun.train()
    assert same(one, further(tmp_path / "two").train())
    assert one.samples == 2 * first.samples
    assert one.step == first.step
    with pytest.raises(CheckpointError, match="another shape"):
        further(tmp_path / "three", replace(TINY, width=17))
