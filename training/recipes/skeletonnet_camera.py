"""From where a picture was taken: the camera network that SkeGCNN and SkeDISN ask where no camera is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from inference.images.camera import DISTANCE
from inference.networks.skeletonnet.graph import in_pictures
from inference.networks.skeletonnet.pose import PoseNet, PoseSize, camera_matrix
from training.lessons.skeletal import (
    SKELETAL,
    draw_shown,
    facts_of,
    make_skeletal,
    plainly,
    ready_lessons,
    skeletal_lessons,
    stacked,
    true_surface,
)
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
from training.networks.norms import fold_norms, measure_norms
from training.networks.onnx_file import Shipment
from training.networks.start import begin, quieten
from training.rendering.crop_frames import TANGENT

CALIBRATION_STEPS = 8
SEEN = 0.1  # of where points are seen, beside where they are


@dataclass(frozen=True, kw_only=True)
class CameraConfig(Config):
    """The network's size and how it is taught."""

    data: Path = SKELETAL
    """Packed pictures with skeletons; made when they are not there."""
    families: tuple[str, ...] = ("categories",)
    size: int = 112
    width: int = 24
    cells: int = 2
    latent: int = 256
    points: int = 256
    """Of each surface, by which cameras are compared."""
    colours: float = 0.3
    batch_size: int = 16
    steps: int = 100
    rate: float = 1e-3


class CameraRecipe(Recipe[CameraConfig]):
    """Cameras of pictures."""

    name = "skeletonnet_camera"
    presets: Mapping[str, CameraConfig] = {
        "tiny": CameraConfig(families=("chair",), size=64, width=12, latent=128, loop=Loop(evaluate_every=1000)),
        "small": CameraConfig(steps=4000, loop=Loop(ema=0.998)),
        "full": CameraConfig(
            data=Path("out/skeletal224.safetensors"),
            size=224,
            width=64,
            cells=1,
            latent=512,
            batch_size=64,
            steps=60_000,
            rate=3e-4,
            loop=Loop(evaluate_every=5000),
        ),
    }
    best: tuple[str, Way] = ("pixels off", "min")

    def prepare(self, config: CameraConfig) -> None:
        make_skeletal(config.data, config.families, config.size, (32, 64))
        ready_lessons(config.data, config.families)

    def build(self, config: CameraConfig) -> nn.Module:
        net = PoseNet(PoseSize(config.size, config.width, config.cells, config.latent, DISTANCE, TANGENT))
        begin(net)
        quieten(net)
        last = net.answer[-1]
        assert isinstance(last, nn.Linear)
        with torch.no_grad():
            last.weight.mul_(0.1)
            last.bias.copy_(torch.tensor([1.0, 0, 0, 0, 0, -1.0, 0, 0, 0]))  # straight at its face
        return net

    def stages(self, config: CameraConfig) -> tuple[Stage, ...]:
        objective = Objective("network", config.rate)
        return (Stage("all", config.steps, config.batch_size, (objective,), warmup=min(100, config.steps // 10)),)

    def batch(self, config: CameraConfig, stage: Stage, draw: Draw) -> Batch:
        lessons = skeletal_lessons(config.data, config.families, "train")
        found = []
        for random in draw.generators():
            shown = draw_shown(lessons, 1, config.colours, random)
            found.append(
                {
                    "crops": shown.crops[0],
                    "rotation": shown.frames.rotation[0].astype(np.float32),
                    "scale": np.float32(shown.frames.scale[0]),
                    "shift": shown.frames.shift[0].astype(np.float32),
                    "points": true_surface(shown, config.points, random)[0],
                }
            )
        return stacked(found)

    def loss(self, config: CameraConfig, model: nn.Module, batch: Batch, moment: Moment) -> tuple[Tensor, Batch]:
        """How far points are from where the true camera has them, turned before it and seen by it."""
        rotation, scale, shift = cast(PoseNet, model).frames(batch["crops"])
        points = batch["points"]
        turned = (points @ (rotation - batch["rotation"]).transpose(1, 2)).square().sum(2).mean()
        ours, true = (
            in_pictures(camera_matrix(*frame, DISTANCE, TANGENT)[:, None], points)
            for frame in ((rotation, scale, shift), (batch["rotation"], batch["scale"], batch["shift"]))
        )
        seen = (ours - true).square().sum(3).mean()
        return turned + SEEN * seen, {"turned": turned, "seen": seen}

    def calibrate(self, config: CameraConfig, model: nn.Module) -> None:
        stage, device = self.stages(config)[0], next(model.parameters()).device

        def look(step: int) -> None:
            model(self.batch(config, stage, Draw(0, 1, step, 0, config.batch_size))["crops"].to(device))

        measure_norms(model, look, CALIBRATION_STEPS)

    @torch.no_grad()
    def evaluate(self, config: CameraConfig, model: nn.Module, split: Split) -> Numbers:
        """Degrees between rotations (the middle of all), and how many pixels the surface is seen away from itself."""
        net, degrees, pixels = cast(PoseNet, model), [], []
        device = next(net.parameters()).device
        for items in skeletal_lessons(config.data, config.families, split).values():
            for item in items:
                shown = plainly(item, np.arange(len(item.views.lengths)))
                crops = torch.from_numpy(shown.crops).to(device)
                rotation = net.frames(crops)[0].cpu().numpy()
                between = np.einsum("vij,vij->v", rotation, shown.frames.rotation)
                degrees += np.degrees(np.arccos(np.clip((between - 1) / 2, -1, 1))).tolist()
                points = torch.from_numpy(item.shape.surface[0]).expand(len(crops), -1, -1)
                ours, true = (
                    in_pictures(each[:, None], points)
                    for each in (net(crops)[0].cpu(), torch.from_numpy(shown.cameras))
                )
                away = (ours - true).square().sum(3).sqrt().mean((1, 2))
                pixels += (away * config.size / 2).tolist()
        return {"degrees off": float(np.median(degrees)), "pixels off": float(np.mean(pixels))}

    def facts(self, config: CameraConfig) -> Facts:
        return facts_of(config.data, config.families)

    def shipments(self, config: CameraConfig, model: nn.Module) -> Mapping[str, Shipment]:
        fold_norms(model)
        return {"skeletonnet-camera": Shipment(model, {"crops": f"N 4 {config.size} {config.size}"}, ("cameras",))}


RECIPE = CameraRecipe()
