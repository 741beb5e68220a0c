"""From a checkpoint to what is shipped: half-precision weights and their card."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import safetensors.torch
import torch

from inference.files import write_whole
from inference.networks.loader import FOLDER as WEIGHTS
from inference.networks.loader import FORMAT, Card, read_weights

from .checkpoint import Checkpoint, read_checkpoint
from .errors import CheckpointError, TrainingError
from .recipe import C, Recipe
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
    """The config and the model of weights as they are shipped, for recipes that ship the model's own names."""
    weights = read_weights(path.stem, path.parent)
    config = from_values(type(next(iter(recipe.presets.values()))), weights.card.config)
    model = recipe.build(config)
    arrays = {name: torch.from_numpy(array.copy()) for name, array in weights.arrays.items()}
    model.load_state_dict(arrays, strict=False)
    return config, model.eval().requires_grad_(requires_grad=False)


def export_checkpoint(recipe: Recipe[C], path: Path, folder: Path = WEIGHTS, name: str | None = None) -> Path:
    """Write NAME.safetensors and NAME.json; the card's metrics are those of the shipped, rounded weights."""
    checkpoint = read_checkpoint(path)
    config, name = config_of(recipe, checkpoint), name or recipe.name
    model = trained_model(recipe, checkpoint)
    recipe.calibrate(config, model)
    tensors = {key: _half(value) for key, value in recipe.shipped(config, model).items()}
    data = safetensors.torch.save(tensors)
    if len(data) > LARGEST:
        raise TrainingError(f"The weights of '{name}' are {len(data) / 2**20:.1f} MB; at most 16 MB are shipped.")
    metrics = _metrics_of_rounded(recipe, config, model, tensors)
    facts = recipe.facts(config)
    card = Card(
        format=FORMAT,
        name=name,
        recipe=recipe.name,
        version=_version(),
        config=checkpoint.config if isinstance(checkpoint.config, dict) else {},
        seed=checkpoint.seed,
        data=facts.data,
        licence=facts.licence,
        samples=checkpoint.samples,
        steps=checkpoint.step,
        minutes=round(checkpoint.minutes, 2),
        device=checkpoint.device,
        metrics=metrics,
        sha256=hashlib.sha256(data).hexdigest(),
    )
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}.safetensors"
    write_whole(target, data)
    write_whole(folder / f"{name}.json", (json.dumps(asdict(card), indent=2) + "\n").encode())
    read_weights(name, folder)
    return target


def _half(tensor: torch.Tensor) -> torch.Tensor:
    tensor = tensor.detach().cpu().contiguous()
    return tensor.half() if tensor.is_floating_point() else tensor


def _metrics_of_rounded(
    recipe: Recipe[C], config: C, model: torch.nn.Module, tensors: Mapping[str, torch.Tensor]
) -> dict[str, float]:
    """What the weights score as they are shipped, where they are the model's own by name."""
    state = model.state_dict()
    kept = {key: value.to(state[key].dtype) for key, value in tensors.items() if key in state}
    model.load_state_dict(kept, strict=False)
    return {key: round(value, 6) for key, value in recipe.evaluate(config, model.eval(), "val").items()}


def _version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
