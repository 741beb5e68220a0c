"""SkeletonNet: from pictures to skeletal points and a skeletal volume.

Stages: decoders learn what skeletons are from true ones; the picture's encoder learns to ask them; the global and the
local stream learn to mend volumes of points; then all of it learns together, through Point2Voxel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from inference.networks.skeletonnet.inputs import dilated
from inference.networks.skeletonnet.network import Size, SkeletonNet
from inference.networks.skeletonnet.points import PointsSize
from inference.networks.skeletonnet.volumes import VolumeSize
from inference.networks.skeletonnet.voxels import point2voxel
from training.lessons.skeletal import (
    SKELETAL,
    Shown,
    draw_shown,
    facts_of,
    make_skeletal,
    need_volumes,
    plainly,
    ready_lessons,
    skeletal_lessons,
    stacked,
    true_points,
    true_volume,
)
from training.loop.checkpoint import read_checkpoint
from training.loop.export import config_of, trained_model
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
from training.losses.points import chamfer, line_laplacian, square_laplacian
from training.metrics.clouds import skeleton_cd
from training.metrics.tables import category_table
from training.metrics.volumes import grid_iou, skeleton_volume_iou
from training.networks.norms import fold_norms, measure_norms
from training.networks.onnx_file import Shipment
from training.networks.skeletons import fresh_skeleton_net

CALIBRATION_STEPS = 8
LENGTH = 100.0  # squared distances are small numbers; this makes them about as large as what cells lose
READER, POINTS, VOLUMES = "reader.", "points.", "volumes."


@dataclass(frozen=True, kw_only=True)
class SkeletonNetConfig(Config):
    """The network's size, its parts, and how it is taught."""

    data: Path = SKELETAL
    """Packed pictures with skeletons; made when they are not there."""
    families: tuple[str, ...] = ("categories",)
    """Families, or groups of families, of the data to learn from."""
    size: int = 112
    """Pixels of a crop."""
    width: int = 24
    """Of the encoder's first convolution."""
    cells: int = 2
    latent: int = 256
    lines: int = 12
    squares: int = 12
    along: int = 15
    """Points of a line."""
    across: int = 6
    """Points of a square's side."""
    loose: int = 0
    """Points that belong to no primitive (to compare with)."""
    shared: bool = False
    """One decoder for lines and squares (to compare with)."""
    resolution: int = 64
    """Of the skeletal volume, r."""
    guide: int = 32
    """Resolution of the global stream."""
    parts: int = 2
    """Sub-volumes along each axis."""
    channels: int = 16
    """Of the first convolution on volumes."""
    guided: bool = True
    """False: sub-volumes alone (ablation)."""
    plain: bool = False
    """True: a volume straight from the picture, without points (to compare with)."""
    end_to_end: bool = True
    """False: points and volumes learn apart to the end (ablation)."""
    laplacian: float = 0.2
    """Weight of the Laplacian, alpha; 0: without (ablation)."""
    volume: float = 0.3
    """Weight of the cells beside the points in the last stage, beta."""
    views: int = 1
    """Pictures of a lesson."""
    cuts: int = 2
    """Sub-volumes of a shape in a step."""
    true_count: int = 1024
    """True points of curves and of sheets in a step."""
    colours: float = 0.3
    """How far colours are changed at random."""
    batch_size: int = 16
    """Shapes of a step; half of them where volumes are drawn."""
    steps: int = 20
    """A tenth of all steps."""
    rate: float = 1e-3


class SkeletonNetRecipe(Recipe[SkeletonNetConfig]):
    """Skeletal points and volumes."""

    name = "skeletonnet"
    presets: Mapping[str, SkeletonNetConfig] = {
        "tiny": SkeletonNetConfig(
            families=("chair",), size=64, width=12, latent=128, channels=8, batch_size=8, loop=Loop(evaluate_every=1000)
        ),
        "small": SkeletonNetConfig(steps=1500, loop=Loop(evaluate_every=3000, ema=0.998)),
        "full": SkeletonNetConfig(
            data=Path("out/skeletal224.safetensors"),
            size=224,
            width=64,
            cells=1,
            latent=512,
            lines=20,
            squares=20,
            along=30,
            across=10,
            resolution=256,
            guide=64,
            parts=4,
            channels=32,
            views=3,
            cuts=8,
            true_count=2500,
            steps=12_000,
            rate=3e-4,
            loop=Loop(evaluate_every=10_000),
        ),
    }
    best: tuple[str, Way] = ("IoU", "max")
    ablations: Mapping[str, Mapping[str, bool | int | float]] = {
        "point-wise": {"lines": 0, "squares": 0, "loose": 612},
        "line-wise": {"lines": 40, "squares": 0},
        "square-wise": {"lines": 0, "squares": 17},
        "shared": {"shared": True},
        "no Laplacian": {"laplacian": 0.0},
        "not end to end": {"end_to_end": False},
        "no guide": {"guided": False},
        "plain volumes": {"plain": True},
    }

    def prepare(self, config: SkeletonNetConfig) -> None:
        resolutions = {config.resolution, config.guide}
        make_skeletal(config.data, config.families, config.size, resolutions)
        need_volumes(config.data, resolutions)
        ready_lessons(config.data, config.families)

    def build(self, config: SkeletonNetConfig) -> nn.Module:
        return fresh_skeleton_net(size_of(config), plain=config.plain)

    def stages(self, config: SkeletonNetConfig) -> tuple[Stage, ...]:
        """Ten times `steps` in all, whatever is left out: what remains gets the time."""
        n, rate = config.steps, config.rate
        if config.plain:
            return (self._stage("plain", 10 * n, _half(config), rate, ""),)
        apart = 0 if config.end_to_end else n
        plan = [
            self._stage("skeletons", 2 * n, config.batch_size, rate, READER, POINTS),
            self._stage("points", 3 * n + apart, config.batch_size, rate, "encoder."),
        ]
        if config.guided:
            plan.append(self._stage("global", n, _half(config), rate, "volumes.features.", "volumes.whole."))
        local = (1 if config.guided else 2) * n + (2 * n - apart if apart else 0)
        plan.append(self._stage("local", local, _half(config), rate, "volumes.local."))
        if config.end_to_end:
            plan.append(self._stage("end to end", 3 * n, _half(config), rate / 3, "encoder.", POINTS, VOLUMES))
        elif apart:
            plan.append(self._stage("decoders", n, config.batch_size, rate / 3, "encoder.", POINTS))
        return tuple(plan)

    @staticmethod
    def _stage(name: str, steps: int, batch_size: int, rate: float, *moved: str) -> Stage:
        return Stage(name, steps, batch_size, (Objective("network", rate, moved),), warmup=min(100, steps // 10))

    def batch(self, config: SkeletonNetConfig, stage: Stage, draw: Draw) -> Batch:
        lessons = skeletal_lessons(config.data, config.families, "train")
        return stacked([_lesson(config, stage.name, lessons, random) for random in draw.generators()])

    def loss(self, config: SkeletonNetConfig, model: nn.Module, batch: Batch, moment: Moment) -> tuple[Tensor, Batch]:
        stage = moment.stage.name
        if stage == "plain":
            found = binary_cross_entropy_with_logits(model(batch["crops"]), batch["volume"])
            return found, {"volume": found}
        assert isinstance(model, SkeletonNet)
        if stage == "skeletons":
            return points_loss(config, model, model.reader(batch["skeleton"]), batch)
        if stage in ("points", "decoders"):
            return points_loss(config, model, model.encoder(batch["crops"])[0], batch)
        if stage == "end to end":
            code = model.encoder(batch["crops"])[0]
            total, parts = points_loss(config, model, code, batch)
            cells, more = volume_loss(config, model, code, batch, ("global", "local"))
            return total + config.volume * cells, {**parts, **more}
        with torch.no_grad():
            code = _still(model.encoder, batch["crops"])
        return volume_loss(config, model, code, batch, (stage,))

    def calibrate(self, config: SkeletonNetConfig, model: nn.Module) -> None:
        stages = self.stages(config)
        last = next(stage for stage in reversed(stages) if stage.name in ("plain", "end to end", "local"))
        device = next(model.parameters()).device

        def look(step: int) -> None:
            batch = self.batch(config, last, Draw(0, len(stages), step, 0, last.batch_size))
            on_device = {name: part.to(device) for name, part in batch.items()}
            if config.plain:
                model(on_device["crops"])
            else:
                net = cast(SkeletonNet, model)
                streams = ("global", "local") if config.guided else ("local",)
                volume_loss(config, net, net.encoder(on_device["crops"])[0], on_device, streams)

        measure_norms(model, look, CALIBRATION_STEPS)

    @torch.no_grad()
    def evaluate(self, config: SkeletonNetConfig, model: nn.Module, split: Split) -> Numbers:
        """From one picture of each shape: CD x1000 of the points, IoU x100 of volumes, mended and just dilated."""
        families: list[str] = []
        scores: dict[str, list[float]] = {}
        device = next(model.parameters()).device
        for family, items in skeletal_lessons(config.data, config.families, split).items():
            for item in items:
                crops = torch.from_numpy(plainly(item, np.arange(1)).crops).to(device)[None]
                true = item.volume(config.resolution)
                families.append(family)
                if config.plain:
                    chances = model(crops).sigmoid()
                else:
                    points, chances = model(crops)
                    k = points[0].cpu().numpy()
                    both = np.concatenate([item.shape.curves, item.shape.sheets])
                    scores.setdefault("CD", []).append(skeleton_cd(k, both))
                    rough = 100 * grid_iou(dilated(k, config.resolution), true)
                    scores.setdefault("IoU dilated", []).append(rough)
                scores.setdefault("IoU", []).append(skeleton_volume_iou(chances[0].cpu().numpy(), true))
        return category_table(scores, families)

    @torch.no_grad()
    def pictures(self, config: SkeletonNetConfig, model: nn.Module) -> Batch:
        """Crops, and the volumes that are found beside true ones, both as their depths from the front."""
        rows, device = [], next(model.parameters()).device
        for items in skeletal_lessons(config.data, config.families, "val").values():
            crops = torch.from_numpy(plainly(items[0], np.arange(1)).crops).to(device)
            found = model(crops[None])
            chances = found.sigmoid()[0] if config.plain else found[1][0]
            true = torch.from_numpy(items[0].volume(config.resolution)).to(chances)
            seen = torch.nn.functional.interpolate(crops[:, :3], (config.resolution,) * 2, mode="area")[0]
            rows.append(torch.cat([seen, *(_from_front(cells) for cells in (chances, true))], 2).cpu())
        return {"crop, found, true": torch.cat(rows, 1)}

    def facts(self, config: SkeletonNetConfig) -> Facts:
        return facts_of(config.data, config.families)

    def shipments(self, config: SkeletonNetConfig, model: nn.Module) -> Mapping[str, Shipment]:
        assert isinstance(model, SkeletonNet)
        fold_norms(model)
        model.points.settle()
        side = config.resolution // 2
        code = f"N {config.latent}"
        return {
            "skeletonnet-encoder": Shipment(model.encoder, {"crops": f"N V 4 {config.size} {config.size}"}, ("code",)),
            "skeletonnet-points": Shipment(model.points, {"code": code}, ("points",)),
            "skeletonnet-volumes": Shipment(
                model.volumes, {"code": code, "u_in": f"N 1 {side} {side} {side}"}, ("chances",)
            ),
        }


def size_of(config: SkeletonNetConfig) -> Size:
    """The network's size."""
    points = PointsSize(
        config.latent, config.lines, config.squares, config.along, config.across, config.loose, config.shared
    )
    volume = VolumeSize(config.latent, config.resolution, config.guide, config.parts, config.channels, config.guided)
    return Size(config.size, config.width, config.cells, points, volume)


def points_loss(config: SkeletonNetConfig, model: SkeletonNet, code: Tensor, batch: Batch) -> tuple[Tensor, Batch]:
    """Eq. 1 and 4 of what is decoded from codes, x100. A kind of points that is alone learns the whole skeleton."""
    lines, squares, loose = model.points.primitives(code)
    both = bool(config.lines) and bool(config.squares)
    wanted = (
        (lines.flatten(1, 2), batch["curves" if both else "skeleton"]),
        (squares.flatten(1, 2), batch["sheets" if both else "skeleton"]),
        (loose, batch["skeleton"]),
    )
    distances = [chamfer(points, true).mean() for points, true in wanted if points.shape[1]]
    parts = {"chamfer": LENGTH * torch.stack(distances).sum()}
    total = parts["chamfer"]
    if config.laplacian and (config.lines or config.squares):
        parts["laplacian"] = LENGTH * (line_laplacian(lines) + square_laplacian(squares)).mean()
        total = total + config.laplacian * parts["laplacian"]
    return total, parts


def volume_loss(
    config: SkeletonNetConfig, model: SkeletonNet, code: Tensor, batch: Batch, streams: tuple[str, ...]
) -> tuple[Tensor, Batch]:
    """Eq. 5 of the global stream's volume, and of some sub-volumes of the local one."""
    net = model.volumes
    u_in = point2voxel(model.points(code)[0], net.size.inner)
    guide, parts = net.guide(code, u_in), {}
    if "global" in streams and guide is not None:
        parts["global"] = binary_cross_entropy_with_logits(guide[:, 0], batch["guide"])
    if "local" in streams:
        seen, losses = net.seen(u_in, guide), []
        places = torch.stack(torch.meshgrid(*[torch.arange(net.size.parts)] * 3, indexing="ij"), -1).flatten(0, 2)
        for x, y, z in places[torch.randperm(len(places))[: config.cuts]].tolist():
            true = net.true_part(batch["volume"], (x, y, z))
            losses.append(binary_cross_entropy_with_logits(net.local(net.cut(seen, (x, y, z))), true))
        parts["local"] = torch.stack(losses).mean()
    return torch.stack(list(parts.values())).sum(), parts


def _lesson(config: SkeletonNetConfig, stage: str, lessons: dict, random: np.random.Generator) -> dict[str, np.ndarray]:
    """What a stage needs of one shape."""
    shown: Shown = draw_shown(lessons, config.views, config.colours, random)
    found: dict[str, np.ndarray] = {}
    if stage != "skeletons":
        found["crops"] = shown.crops
    if stage in ("skeletons", "points", "decoders", "end to end"):
        found |= true_points(shown, config.true_count, random)
    if stage in ("global", "local", "end to end", "plain"):
        found["volume"] = true_volume(shown, config.resolution).astype(np.float32)
        if config.guided and not config.plain:
            found["guide"] = true_volume(shown, config.guide).astype(np.float32)
    return found


def drawer(checkpoint: Path) -> Callable[[np.ndarray], np.ndarray]:
    """What draws chances (N, r, r, r) from crops (N, 4, S, S), as a checkpoint has learned it."""
    stored = read_checkpoint(checkpoint)
    config, model = config_of(RECIPE, stored), trained_model(RECIPE, stored)

    def draw(crops: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            found = model(torch.from_numpy(crops)[:, None])
        return (found.sigmoid() if config.plain else found[1]).numpy()

    return draw


def _still(module: nn.Module, crops: Tensor) -> Tensor:
    """Codes by an encoder that learns no more."""
    training = module.training
    module.eval()
    code = module(crops)[0]
    module.train(training)
    return code


def _half(config: SkeletonNetConfig) -> int:
    return max(2, config.batch_size // 2)  # normalisations need two


def _from_front(cells: Tensor) -> Tensor:
    """Chances (R, R, R) seen along +Y as a grey picture (3, R, R): the nearer, the lighter."""
    depth = torch.linspace(1, 0.3, cells.shape[1], device=cells.device)
    return (cells * depth[None, :, None]).amax(1).T.flip(0).expand(3, -1, -1)


RECIPE = SkeletonNetRecipe()
