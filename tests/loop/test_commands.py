"""Train, evaluate, export, and read what was exported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from inference.errors import WeightsError
from inference.networks.loader import read_network
from tests.loop.toy_runs import RECIPE, train
from training import evaluate, export, throughput
from training import train as train_command
from training.command import read_command
from training.loop.checkpoint import read_checkpoint
from training.loop.errors import TrainingError
from training.loop.export import export_checkpoint, trained_model
from training.networks.asking import asked

TOY = "tests.loop.toy_recipe"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("toy")
    train(folder)
    return folder


def test_fields_of_the_config_are_options(tmp_path: Path) -> None:
    _, config, options = read_command(
        train_command.TrainOptions, [TOY, "--preset", "tiny", "--width", "9", "--clip", "2.5", "--seed", "4"]
    )
    assert (config.width, config.loop.clip, options.seed) == (9, 2.5, 4)  # pyright: ignore[reportAttributeAccessIssue]
    _, config, _ = read_command(train_command.TrainOptions, [TOY, "--preset=long"])
    assert config == RECIPE.presets["long"]


def test_what_does_not_exist_is_named() -> None:
    with pytest.raises(TrainingError, match=r"no recipe 'nonsense'. Choose one of: .*facing"):
        read_command(train_command.TrainOptions, ["nonsense"])
    with pytest.raises(TrainingError, match=r"'toy' has no preset 'huge'. Choose one of: tiny, long"):
        read_command(train_command.TrainOptions, [TOY, "--preset", "huge"])


def test_evaluate_prints_a_table_and_json(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evaluate.main([TOY, str(trained / "last.ckpt"), "--device", "cpu"])
    lines = capsys.readouterr().out.splitlines()
    found = json.loads(lines[-1])
    assert found["metrics"] == read_checkpoint(trained / "last.ckpt").metrics
    assert any("error" in line for line in lines[:-1])


def test_what_is_exported_runs_without_torch(trained: Path, tmp_path: Path) -> None:
    export.main([TOY, str(trained / "best.ckpt"), "--folder", str(tmp_path)])
    code = (
        "import sys; from pathlib import Path; import numpy as np;"
        "from inference.networks.loader import read_network;"
        f"network = read_network('toy', Path({str(tmp_path)!r}));"
        "print(float(network({'points': np.ones((5, 3))})[0].sum()));"  # any type of numbers will do
        "assert not {'torch', 'onnx', 'safetensors'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    model = trained_model(RECIPE, read_checkpoint(trained / "best.ckpt"))
    RECIPE.calibrate(RECIPE.presets["tiny"], model)
    (expected,) = asked(model)({"points": np.ones((5, 3), np.float32)})
    assert float(done.stdout) == pytest.approx(float(expected.sum()), abs=1e-2)  # half precision


def test_the_card_tells_where_weights_come_from(trained: Path, tmp_path: Path) -> None:
    export_checkpoint(RECIPE, trained / "best.ckpt", tmp_path, "other")
    card, checkpoint = read_network("other", tmp_path).card, read_checkpoint(trained / "best.ckpt")
    assert (card.name, card.recipe, card.seed, card.samples) == ("other", "toy", 0, checkpoint.samples)
    assert (card.data, card.licence, card.config["width"]) == ("made up", "CC0-1.0", 16)
    assert (card.inputs, card.outputs) == (["points"], ["logits"])
    assert card.metrics["error"] == pytest.approx(checkpoint.metrics["error"], abs=0.02)


def test_shipped_weights_can_be_evaluated(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export_checkpoint(RECIPE, trained / "best.ckpt", tmp_path)
    evaluate.main([TOY, str(tmp_path / "toy.onnx"), "--device", "cpu"])
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["metrics"]["error"] == pytest.approx(read_network("toy", tmp_path).card.metrics["error"], abs=1e-6)


def test_missing_and_damaged_weights_are_named(trained: Path, tmp_path: Path) -> None:
    path = export_checkpoint(RECIPE, trained / "best.ckpt", tmp_path)

    def read(name: str) -> None:
        read_network.cache_clear()
        read_network(name, tmp_path)

    with pytest.raises(WeightsError, match="'nothing' have no card"):
        read("nothing")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(WeightsError, match=r"toy\.onnx' are damaged"):
        read("toy")
    path.unlink()
    with pytest.raises(WeightsError, match=r"toy\.onnx' are missing"):
        read("toy")
    (tmp_path / "toy.json").write_text("{")
    with pytest.raises(WeightsError, match=r"toy\.json' is damaged"):
        read("toy")
    (tmp_path / "toy.json").write_text("{}")
    with pytest.raises(WeightsError, match="another version"):
        read("toy")


def test_throughput_tells_loader_trainer_and_both(capsys: pytest.CaptureFixture[str]) -> None:
    throughput.main([TOY, "--preset", "long", "--seconds", "0.3", "--workers", "1", "--device", "cpu"])
    found = json.loads(capsys.readouterr().out)
    assert found["loader samples/s"] > 0
    assert found["both / trainer"] == pytest.approx(found["both samples/s"] / found["trainer samples/s"], rel=0.02)
    assert found["trivial model samples/s"] >= found["trivial model with the loader samples/s"] > 0
