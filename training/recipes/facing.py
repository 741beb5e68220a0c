"""What is it, which way is up, and where does it look? From 512 surface points, in any of 24 ways of standing."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cosine_similarity, cross_entropy

from inference.networks.facing.apply import square
from inference.networks.facing.inputs import TURNS
from inference.networks.facing.network import FacingNet
from training.datasets.builders.build import build_file
from training.datasets.builders.sources import Generated, Library, families_named
from training.datasets.packed.surfaces import PackedAsset, Surfaces
from training.datasets.rigged_glb import LIBRARY
from training.lessons.facing import axes_of, is_held, kind_of, lesson, lessons, nearest_turns, show, turned
from training.lessons.surfaces import library
from training.loop.recipe import (
    Batch,
    Config,
    Draw,
    Facts,
    Loop,
    Moment,
    Numbers,
    Objective,
    Recipe,
    Split,
    Stage,
    Way,
)
from training.networks.onnx_file import Shipment
from training.networks.start import begin

PACKED, GENERATED = Path("out/surfaces.safetensors"), Path("out/generated.safetensors")
CHARACTERS = Path("out/characters.safetensors")
# Of each of the 24 turns the one that faces the other way, just as upright.
HALF_TURNS = np.array([np.argmax(np.einsum("ij,hij->h", np.diag([-1.0, -1.0, 1.0]) @ turn, TURNS)) for turn in TURNS])
TEMPERATURES = ("turn_temperature", "kind_temperature")


@dataclass(frozen=True, kw_only=True)
class FacingConfig(Config):
    """The network's size and how it is taught."""

    data: tuple[Path, ...] = (PACKED,)
    """Packed surfaces. Those of ../shared/data and of the generated families are made when they are not there."""
    first: float = 0.6
    """Share of the lessons that are from the first file, where there are several."""
    unrigged: float = 0.35
    """How often a shape without a rig comes up beside a rigged one of a kind as common."""
    width: int = 32
    points: int = 256
    """Points of a shape in training."""
    hypotheses: int = 6
    """Ways of standing that are compared for a shape in training, the right one among them."""
    steps: int = 700
    batch_size: int = 16
    rate: float = 2e-3
    pose: float = 0.35
    """Typical turn of a joint in radians, in the half of the shapes that are posed."""


def over_turns(
    answer: Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor, torch.Tensor]],
    cloud: torch.Tensor,  # (N, P, 6)
    turns: torch.Tensor,  # (N, H, 3, 3)
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Score (N, H), kind (N, H, K) and axes (N, H, 6) of clouds turned by each of their turns."""
    count, ways, points = len(cloud), turns.shape[1], cloud.shape[1]
    halves = cloud.reshape(count, 1, points * 2, 3) @ turns.transpose(-1, -2)
    score, kind, axes = answer(halves.reshape(count * ways, points, 6))
    return score.reshape(count, ways), kind.reshape(count, ways, -1), axes.reshape(count, ways, 6)


class FacingRecipe(Recipe[FacingConfig]):
    """What is it, which way is up, and where does it look?"""

    name = "facing"
    presets: Mapping[str, FacingConfig] = {
        "tiny": FacingConfig(loop=Loop(evaluate_every=350)),
        "small": FacingConfig(data=(PACKED, CHARACTERS, GENERATED), width=48, steps=5000),
        "full": FacingConfig(
            data=(PACKED, CHARACTERS, GENERATED),
            width=96,
            points=1024,
            hypotheses=16,
            steps=12000,
            batch_size=128,
            loop=Loop(evaluate_every=2000),
        ),
    }
    best: tuple[str, Way] = ("loss", "min")

    def prepare(self, config: FacingConfig) -> None:
        if PACKED in config.data and not PACKED.exists() and (LIBRARY / "SOURCES.csv").exists():
            build_file(PACKED, Library(rigged=None), Surfaces())
        if CHARACTERS in config.data and not CHARACTERS.exists():
            build_file(CHARACTERS, Generated(families_named(("characters",)), range(50)), Surfaces(1024))
        if GENERATED in config.data and not GENERATED.exists():
            build_file(GENERATED, Generated(families_named(()), range(20)), Surfaces(1024))
        library(config.data)

    def build(self, config: FacingConfig) -> nn.Module:
        net = FacingNet(config.width)
        begin(net)
        return net

    def stages(self, config: FacingConfig) -> tuple[Stage, ...]:
        warmup = min(200, config.steps // 10)
        return (Stage("all", config.steps, config.batch_size, (Objective("all", config.rate),), warmup=warmup),)

    def batch(self, config: FacingConfig, stage: Stage, draw: Draw) -> Batch:
        learned, chances = lessons(config.data, config.first, config.unrigged)
        views, assets, others = [], [], []
        for random in draw.generators():
            assets.append(learned[random.choice(len(learned), p=chances)])
            views.append(show(assets[-1], config, random))
            others.append(random.permutation(len(TURNS)))
        order = np.array(others)
        best, _ = nearest_turns(*axes_of(views))
        # The right turn first, then the one that faces the other way, which is the hardest to tell; others at random.
        place = np.where(order == best[:, None], -2, np.arange(order.shape[1]))
        place = np.where(order == HALF_TURNS[best][:, None], -1, place)
        return lesson(views, assets, np.take_along_axis(order, np.argsort(place, axis=1), 1)[:, : config.hypotheses])

    def loss(self, config: FacingConfig, model: nn.Module, batch: Batch, moment: Moment) -> tuple[torch.Tensor, Batch]:
        assert isinstance(model, FacingNet)
        score, kind, axes = over_turns(model.raw, batch["cloud"], batch["turns"])
        score, kind, axes = score.float(), kind[:, 0].float(), axes[:, 0].float()
        turn = (score.logsumexp(1) - score.masked_fill(~batch["right"], -1e9).logsumexp(1)).mean()
        kinds = cross_entropy(kind, batch["kind"])
        up = (1 - cosine_similarity(axes[:, :3], batch["up"])).mean()
        onward = ((1 - cosine_similarity(axes[:, 3:], batch["forward"])) * batch["known"]).mean()
        return turn + kinds + up + onward, {"turn": turn, "kind": kinds, "up": up, "forward": onward}

    def calibrate(self, config: FacingConfig, model: nn.Module) -> None:
        held = [asset for asset in library(config.data[:1]) if asset.split == "train" and is_held(asset)]
        if not held:
            return
        for name in TEMPERATURES:
            model.get_buffer(name).fill_(1.0)
        _, views = self._judge(config, model, held, 2)
        temperatures = np.exp(np.linspace(np.log(0.2), np.log(8), 60))
        for name, part in zip(TEMPERATURES, ("turn", "kind"), strict=True):
            losses = [-np.log(_chances(views, part, t)[1] + 1e-12).mean() for t in temperatures]
            model.get_buffer(name).fill_(float(temperatures[int(np.argmin(losses))]))

    def evaluate(self, config: FacingConfig, model: nn.Module, split: Split) -> Numbers:
        assets = [asset for asset in library(config.data) if asset.split == split]
        if split == "train":
            assets = [asset for asset in assets if not is_held(asset)]
        seen, views = self._judge(config, model, assets, 1)
        turn, turn_right = _chances(views, "turn")
        kind, kind_right = _chances(views, "kind")
        front = views["right"][np.arange(len(turn)), turn.argmax(1)]
        up = views["stands"][np.arange(len(turn)), turn.argmax(1)]
        named = kind.argmax(1) == views["kind"]
        known, limbed = views["known"] > 0, np.isin([kind_of(asset) for asset in seen], ("biped", "quadruped"))
        plain, rigged = views["plain"], np.array([asset.rigged for asset in seen])
        return {
            # Static shapes stand any way: their turn would drown what the others say.
            "loss": float(-np.log(turn_right + 1e-9)[rigged].mean() - np.log(kind_right + 1e-9).mean()),
            "front right": _share(front, known & plain),
            "front right, bipeds and quadrupeds": _share(front, known & plain & limbed),
            "up right": _share(up, plain),
            "up right, rigged": _share(up, plain & rigged),
            "up right, bipeds and quadrupeds": _share(up, limbed),
            "kind right": _share(named, plain),
            "kind right, bipeds and quadrupeds": _share(named, plain & limbed),
            "turned: front right": _share(front, known & ~plain),
            "turned: forward off, degrees": float(np.mean(views["off"][known & ~plain])) if known.any() else 0.0,
            "turned: up right": _share(up, ~plain),
            "calibration error of front": calibration_error(turn.max(1)[known], front[known]),
            "calibration error of kind": calibration_error(kind.max(1), named),
        }

    def _judge(
        self, config: FacingConfig, model: nn.Module, assets: list[PackedAsset], turns: int
    ) -> tuple[list[PackedAsset], dict[str, np.ndarray]]:
        """Each asset as it stands, and `turns` times turned at random: scores and the truth of all views."""
        seen, views, plain = [], [], []
        for asset in assets:
            random = np.random.default_rng(zlib.crc32(asset.name.encode()))
            for turn in range(1 + turns):
                about, tilt = (random.uniform(-np.pi, np.pi), random.normal(0, 0.04, 3)) if turn else (0.0, np.zeros(3))
                views.append(turned(asset.points, asset.normals, 512, about, tilt))
                seen.append(asset)
                plain.append(turn == 0)
        found: dict[str, list[np.ndarray]] = {}
        device = next(model.parameters()).device
        for start in range(0, len(views), 16):
            chosen = slice(start, start + 16)
            order = np.tile(np.arange(len(TURNS)), (len(views[chosen]), 1))
            batch = lesson(views[chosen], seen[chosen], order)
            with torch.no_grad():
                score, kind, axes = (
                    part.float().cpu().numpy()
                    for part in over_turns(model, batch["cloud"].to(device), batch["turns"].to(device))
                )
            rows, best = np.arange(len(score)), score.argmax(1)
            turned_by = batch["turns"].numpy()[rows, best]
            _, onward = square(axes[rows, best])
            truth = np.array([view.forward for view in views[chosen]])
            cosine = np.einsum("nij,ni,nj->n", turned_by, onward, truth)
            for name, value in {
                "scores": score,
                "kinds": kind[rows, best],
                "right": batch["right"].numpy(),
                "stands": batch["stands"].numpy(),
                "kind": batch["kind"].numpy(),
                "known": batch["known"].numpy(),
                "off": np.degrees(np.arccos(np.clip(cosine, -1, 1))),
            }.items():
                found.setdefault(name, []).append(value)
        return seen, {**{name: np.concatenate(parts) for name, parts in found.items()}, "plain": np.array(plain)}

    def shipment(self, config: FacingConfig, model: nn.Module) -> Shipment:
        return Shipment(model, {"points": "N P 6"}, ("score", "kind", "axes"))

    def facts(self, config: FacingConfig) -> Facts:
        count = sum(asset.split == "train" for asset in library(config.data[:1]))
        more = ", and shapes of this project's own generators" if len(config.data) > 1 else ""
        return Facts(
            f"{count} models: Quaternius (CC0-1.0) and VALID avatars (MIT, (c) 2022 Tiffany Do){more}", "CC0-1.0, MIT"
        )


def _chances(views: dict[str, np.ndarray], part: str, temperature: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Chances (N, C) of turns or kinds at a temperature, and that of what is right (N,)."""
    raw = views["scores" if part == "turn" else "kinds"] / temperature
    chances = np.exp(raw - raw.max(1, keepdims=True))
    chances /= chances.sum(1, keepdims=True)
    if part == "turn":
        return chances, (chances * views["right"]).sum(1)
    return chances, chances[np.arange(len(raw)), views["kind"]]


def calibration_error(certainty: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Mean distance between how sure and how often right, over `bins` equal ranges of certainty."""
    place = np.minimum((certainty * bins).astype(int), bins - 1)
    return float(
        sum(
            abs(certainty[place == k].mean() - right[place == k].mean()) * (place == k).mean()
            for k in range(bins)
            if (place == k).any()
        )
    )


def _share(right: np.ndarray, among: np.ndarray) -> float:
    """The share of `among` that is right; 1 where there is none."""
    return float(right[among].mean()) if among.any() else 1.0


RECIPE = FacingRecipe()
