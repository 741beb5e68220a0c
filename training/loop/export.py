"""From a checkpoint to what is shipped: a model of ONNX and its card."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import asdict
from pathlib import Path

import torch

from inference.files import write_whole
from inference.networks.loader import FOLDER as WEIGHTS
from inference.networks.loader import FORMAT, Card, read_network
from training.networks.asking import ShippedModule
from training.networks.onnx_file import Shipment, onnx_of, round_to_half

from .checkpoint import Checkpoint, read_checkpoint
from .errors import CheckpointError, TrainingError
from .recipe import C, Facts, Numbers, Recipe
from .values import from_values

LARGEST = 16 * 2**20
ROOT = Path(__file__).resolve().parents[2]


def config_of(recipe: Recipe[C], checkpoint: Checkpoint) -> C:
    """The config that a checkpoint was trained with."""
    if checkpoint.recipe != recipe.name:
        raise CheckpointError(f"The checkpoint is of the recipe '{checkpoint.recipe}', not of '{recipe.name}'.")
    return from_values(type(next(iter(recipe.presets.values()))), checkpoint.config)


def trained_model(recipe: Recipe[C], checkpoint: Checkpoint) -> torch.nn.Module:
    """The averaged weights of a checkpoint in a model, on the CPU, in eval mode."""
    model = recipe.build(config_of(recipe, checkpoint))
    model.load_state_dict(checkpoint.average)
    return model.eval().requires_grad_(requires_grad=False)


def shipped_model(recipe: Recipe[C], path: Path) -> tuple[C, torch.nn.Module]:
    """The config of NAME.onnx and what it answers, as a model that `recipe.evaluate` takes."""
    network = read_network(path.stem, path.parent)
    config = from_values(type(next(iter(recipe.presets.values()))), network.card.config)
    return config, ShippedModule(network)


def export_checkpoint(recipe: Recipe[C], path: Path, folder: Path = WEIGHTS, name: str | None = None) -> Path:
    """Write NAME.onnx and NAME.json, of a network in parts one of each; gives the last file written.

    The cards' metrics are those of the shipped, rounded weights.
    """
    checkpoint = read_checkpoint(path)
    config = config_of(recipe, checkpoint)
    model = trained_model(recipe, checkpoint)
    recipe.calibrate(config, model)
    parts = recipe.shipments(config, model.eval())
    shipments = parts or {name or recipe.name: recipe.shipment(config, model)}
    for shipment in shipments.values():
        round_to_half(shipment.module)
    files = {part: onnx_of(shipment) for part, shipment in shipments.items()}
    for part, data in files.items():
        if len(data) > LARGEST:
            raise TrainingError(f"The weights of '{part}' are {len(data) / 2**20:.1f} MB; at most 16 MB are shipped.")
    with torch.no_grad():
        metrics = recipe.evaluate(config, model if parts else next(iter(shipments.values())).module, "val")
    facts = recipe.facts(config)
    folder.mkdir(parents=True, exist_ok=True)
    for part, data in files.items():
        card = _card(recipe.name, part, shipments[part], checkpoint, facts, metrics, data)
        write_whole(folder / f"{part}.onnx", data)
        write_whole(folder / f"{part}.json", (json.dumps(asdict(card), indent=2) + "\n").encode())
    read_network.cache_clear()
    for part in files:
        read_network(part, folder)
    return folder / f"{list(files)[-1]}.onnx"


def _card(
    recipe: str,
    name: str,
    shipment: Shipment,
    checkpoint: Checkpoint,
    facts: Facts,
    metrics: Numbers,
    data: bytes,
) -> Card:
    return Card(
        format=FORMAT,
        name=name,
        recipe=recipe,
        version=_version(),
        config=checkpoint.config if isinstance(checkpoint.config, dict) else {},
        inputs=list(shipment.inputs),
        outputs=list(shipment.outputs),
        seed=checkpoint.seed,
        data=facts.data,
        licence=facts.licence,
        samples=checkpoint.samples,
        steps=checkpoint.step,
        minutes=round(checkpoint.minutes, 2),
        device=checkpoint.device,
        metrics={key: round(value, 6) for key, value in metrics.items()},
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
