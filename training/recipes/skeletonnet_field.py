"""SkeDISN: the inside of what a picture shows, with a skeleton to keep thin parts and holes; DISN and others without.

Stages, as DISN's authors and this paper's have them: the streams that look at the picture first, then the one that
looks at the skeleton, then all together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from inference.geometry.contour import contour
from inference.networks.skeletonnet.apply import SurfaceNetwork, field
from inference.networks.skeletonnet.field import FieldNet, FieldSize
from inference.networks.skeletonnet.inputs import LATTICE, SCALES, places_in_picture, pyramid, subvolumes
from training.datasets.packed.skeletal import PackedVolume, SkeletalItem
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
    true_samples,
)
from training.lessons.skeletal_volumes import drawn_volumes, volume_shown
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
from training.metrics.surfaces import cd_of_surface
from training.metrics.tables import category_table
from training.networks.asking import asked
from training.networks.norms import fold_norms, measure_norms
from training.networks.onnx_file import Shipment
from training.networks.start import begin, quieten

from .skeletonnet import drawer

CALIBRATION_STEPS = 8
PICTURE = ("encoder.picture.stem.", "encoder.picture.stages.", "decoder.coordinates.")
WHOLE, ALIGNED = ("encoder.picture.latent.", "decoder.whole."), ("decoder.aligned.",)
SKELETON = ("decoder.reader.", "decoder.skeletal.")


@dataclass(frozen=True, kw_only=True)
class FieldConfig(Config):
    """The network's size, its streams, and how it is taught."""

    data: Path = SKELETAL
    """Packed pictures with skeletons; made when they are not there."""
    families: tuple[str, ...] = ("categories",)
    skeletons: Path = Path("out/training/skeletonnet-small-0/best.ckpt")
    """Checkpoint of `skeletonnet` whose volumes are learned from."""
    true_skeletons: bool = False
    """Learn from true volumes instead (what could be reached at best)."""
    resolution: int = 64
    """Of the skeletal volumes."""
    size: int = 112
    width: int = 24
    cells: int = 2
    latent: int = 256
    hidden: int = 256
    subvolume: int = 32
    whole: bool = True
    """The stream that knows the whole picture; False: PIFu and SkePIFu."""
    aligned: bool = True
    """The stream that knows the pixel; False: an occupancy network."""
    skeletal: bool = True
    """The stream that knows the skeleton; False: DISN."""
    views: int = 1
    """Pictures of a lesson."""
    samples: int = 1024
    """Places of a shape in a step."""
    band: float = 0.0505
    """Places farther from the surface count only `beyond`."""
    beyond: float = 0.1
    """0 in the paper: then nothing is known of what is far from the surface."""
    colours: float = 0.3
    batch_size: int = 8
    grid: int = 64
    """Resolution of the surfaces that are measured."""
    surfaces: int = 2
    """Shapes of each family whose surfaces are measured."""
    steps: int = 20
    """A fifth of all steps."""
    rate: float = 1e-3


class FieldRecipe(Recipe[FieldConfig]):
    """Implicit surfaces."""

    name = "skeletonnet_field"
    presets: Mapping[str, FieldConfig] = {
        "tiny": FieldConfig(
            families=("chair",),
            skeletons=Path("out/training/skeletonnet-tiny-0/best.ckpt"),
            size=64,
            width=12,
            latent=128,
            hidden=128,
            samples=256,
            loop=Loop(evaluate_every=1000),
        ),
        "small": FieldConfig(steps=2500, loop=Loop(evaluate_every=1000, ema=0.998)),
        "full": FieldConfig(
            data=Path("out/skeletal224.safetensors"),
            skeletons=Path("out/training/skeletonnet-full-0/best.ckpt"),
            resolution=256,
            size=224,
            width=64,
            cells=1,
            latent=512,
            hidden=512,
            views=3,
            samples=2048,
            batch_size=32,
            surfaces=10,
            steps=20_000,
            rate=1e-4,
            loop=Loop(evaluate_every=10_000),
        ),
    }
    best: tuple[str, Way] = ("IoU of places", "max")
    ablations: Mapping[str, Mapping[str, bool | int | float]] = {
        "DISN": {"skeletal": False},
        "occupancy network": {"skeletal": False, "aligned": False},
        "SkePIFu": {"whole": False},
        "PIFu": {"whole": False, "skeletal": False},
        "true skeletons": {"true_skeletons": True},
    }

    def prepare(self, config: FieldConfig) -> None:
        make_skeletal(config.data, config.families, config.size, (config.resolution // 2, config.resolution))
        need_volumes(config.data, (config.resolution,))
        ready_lessons(config.data, config.families)
        drawn_for(config)

    def build(self, config: FieldConfig) -> nn.Module:
        net = FieldNet(field_size(config))
        begin(net)
        quieten(net)
        if net.decoder.skeletal is not None:  # says nothing before its stage
            last = net.decoder.skeletal.rest[-1]
            assert isinstance(last, nn.Linear)
            nn.init.zeros_(last.weight)
        return net

    def stages(self, config: FieldConfig) -> tuple[Stage, ...]:
        """Five times `steps` in all, whatever is left out."""
        n, rate = config.steps, config.rate
        picture = (*PICTURE, *(WHOLE if config.whole else ()), *(ALIGNED if config.aligned else ()))
        if not config.skeletal:
            return (self._stage(config, "picture", 5 * n, rate, picture),)
        return (
            self._stage(config, "picture", 3 * n, rate, picture),
            self._stage(config, "skeleton", n, rate, SKELETON),
            self._stage(config, "both", n, rate / 3, (*picture, *SKELETON)),
        )

    @staticmethod
    def _stage(config: FieldConfig, name: str, steps: int, rate: float, moved: tuple[str, ...]) -> Stage:
        objective = Objective("network", rate, moved)
        return Stage(name, steps, config.batch_size, (objective,), warmup=min(100, steps // 10))

    def batch(self, config: FieldConfig, stage: Stage, draw: Draw) -> Batch:
        lessons = skeletal_lessons(config.data, config.families, "train")
        found = []
        for random in draw.generators():
            shown = draw_shown(lessons, config.views, config.colours, random)
            points, distances = true_samples(shown, config.samples, random)
            found.append(self._asked(config, shown, points) | {"distances": distances})
        return stacked(found)

    @staticmethod
    def _asked(config: FieldConfig, shown: Shown, points: np.ndarray) -> dict[str, np.ndarray]:
        """What the network is told about places."""
        if config.skeletal:
            around = subvolumes(pyramid(volume_shown(shown, config.resolution, drawn_for(config))), points)
        else:
            around = np.zeros((len(points), SCALES * LATTICE**3), np.float32)
        places = np.stack([places_in_picture(camera, points) for camera in shown.cameras])
        return {"crops": shown.crops, "points": points.astype(np.float32), "places": places, "around": around}

    def loss(self, config: FieldConfig, model: nn.Module, batch: Batch, moment: Moment) -> tuple[Tensor, Batch]:
        logits = _told(cast(FieldNet, model), batch, moment.stage.name)
        inside, near = batch["distances"] > 0, batch["distances"].abs() <= config.band
        each = cross_entropy(logits.flatten(0, 1), inside.flatten().long(), reduction="none")
        weight = torch.where(near, 1.0, config.beyond).flatten()
        right = ((logits[..., 1] > logits[..., 0]) == inside)[near].float().mean()
        return (each * weight).sum() / weight.sum().clamp_min(1), {"right": right}

    def calibrate(self, config: FieldConfig, model: nn.Module) -> None:
        net, stages = cast(FieldNet, model), self.stages(config)
        device = next(net.parameters()).device

        def look(step: int) -> None:
            batch = self.batch(config, stages[0], Draw(0, len(stages), step, 0, config.batch_size))
            net.encoder(batch["crops"].to(device))

        measure_norms(net, look, CALIBRATION_STEPS)

    @torch.no_grad()
    def evaluate(self, config: FieldConfig, model: nn.Module, split: Split) -> Numbers:
        """From the first picture of each shape: IoU x100 of the known places; of some shapes the surface's CD x1000."""
        net = cast(FieldNet, model)
        device = next(net.parameters()).device
        ious: dict[str, list[float]] = {}
        distances: dict[str, list[float]] = {}
        for family, items in skeletal_lessons(config.data, config.families, split).items():
            for place, item in enumerate(items):
                shown = plainly(item, np.arange(1))
                points, true = item.shape.samples
                lesson = stacked([self._asked(config, shown, points)])
                logits = net(**{name: part.to(device) for name, part in lesson.items()})[0].cpu().numpy()
                inside, wanted = logits[:, 1] > logits[:, 0], true > 0
                either = int((inside | wanted).sum())
                ious.setdefault(family, []).append(100 * int((inside & wanted).sum()) / max(either, 1))
                if place < config.surfaces:
                    distances.setdefault(family, []).append(surface_error(config, net, item))
        found: Numbers = {}
        for name, scores in (("IoU of places", ious), ("CD", distances)):
            families = [family for family, values in scores.items() for _ in values]
            found |= category_table({name: [value for values in scores.values() for value in values]}, families)
        return found

    def facts(self, config: FieldConfig) -> Facts:
        return facts_of(config.data, config.families)

    def shipments(self, config: FieldConfig, model: nn.Module) -> Mapping[str, Shipment]:
        net = cast(FieldNet, model)
        fold_norms(model)
        side = config.size // 4
        asks = {
            "code": f"N {config.latent}",
            "maps": f"N V {net.size.channels} {side} {side}",
            "points": "N Q 3",
            "places": "N V Q 2",
            "around": f"N Q {SCALES * LATTICE**3}",
        }
        crops = {"crops": f"N V 4 {config.size} {config.size}"}
        return {
            "skeletonnet-field-encoder": Shipment(net.encoder, crops, ("code", "maps")),
            "skeletonnet-field-decoder": Shipment(net.decoder, asks, ("logits",)),
        }


def field_size(config: FieldConfig) -> FieldSize:
    """The network's size."""
    return FieldSize(
        config.size,
        config.width,
        config.cells,
        config.latent,
        config.hidden,
        config.subvolume,
        config.whole,
        config.aligned,
        config.skeletal,
    )


def drawn_for(config: FieldConfig) -> dict[str, PackedVolume] | None:
    """The volumes that are learned from; None where true ones are, or none."""
    if config.true_skeletons or not config.skeletal:
        return None
    return drawn_volumes(config.data, config.families, config.skeletons, drawer)


def surface_error(config: FieldConfig, net: FieldNet, item: SkeletalItem) -> float:
    """CD x1000 of the surface that is seen in the first picture; where nothing is seen, as if it were a point."""
    shown = plainly(item, np.arange(1))
    full = volume_shown(shown, config.resolution, drawn_for(config))
    network = SurfaceNetwork(asked(net.encoder), asked(net.decoder), config.size)
    mesh = contour(field(network, shown.crops, shown.cameras, full, config.grid))
    return cd_of_surface(mesh, item.shape.surface[0])


def _told(net: FieldNet, batch: Batch, stage: str) -> Tensor:
    """Logits; while the skeleton's stream learns, the picture's normalisations see nothing new."""
    inputs = (batch["crops"], batch["points"], batch["places"], batch["around"])
    if stage != "skeleton":
        return net(*inputs)
    net.encoder.eval()
    with torch.no_grad():
        code, maps = net.encoder(inputs[0])
    net.encoder.train()
    return net.decoder(code, maps, *inputs[1:])[0]


RECIPE = FieldRecipe()
