"""S3DS: medial spheres from one picture, learned from silhouettes alone.

Four stages: fine spheres, coarse spheres, both together, and thinner radii; the first two may run side by side, as they
share nothing. Two views of a shape make a lesson: the spheres seen in each are drawn before both cameras.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast

import numpy as np
import torch
from torch import nn

from inference.images.outline import depth_of
from inference.networks.layers.resnet import CHANNELS
from inference.networks.s3ds.network import FIELDS, Size, SphereNet
from training.datasets.builders.build import build_file
from training.datasets.packed.views import ViewedShape, Views, read_views, views_source
from training.loop.errors import MissingDataError
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
from training.losses.spheres import (
    attention_loss,
    gap_variance_loss,
    iou_loss,
    near_radius_loss,
    neighbours,
    outside_loss,
    repulsion_loss,
    split,
)
from training.metrics.seen_spheres import SeenScore, iou, score, table
from training.networks.norms import measure_norms
from training.networks.onnx_file import Shipment
from training.networks.pictures import draw_cones, draw_spheres, folded, fresh_spheres, in_both_views, widened
from training.rendering.crop_frames import Frames, into_crops, mirrored, on_the_crop, out_of_crops
from training.shapes.families import CATEGORIES, chosen

VIEWS = Path("out/views.safetensors")
CALIBRATION_STEPS = 16


@dataclass(frozen=True, kw_only=True)
class S3dsConfig(Config):
    """The network's size and how it is taught."""

    data: Path = VIEWS
    """Packed views; made with their default options when they are not there."""
    families: tuple[str, ...] = ("categories", "characters", "people")
    """Families, or groups of families, of the data to learn from."""
    cameras: Literal["paper", "all"] = "all"
    """The papers' cameras alone, or those at any azimuth and elevation too."""
    frame: Literal["view", "object"] = "view"
    """Where spheres are predicted: as they are seen, or, as in the paper, in the shape's own frame."""
    size: int = 64
    """Pixels of crops, of the pictures that come in and of the silhouettes that are compared."""
    width: int = 16
    cells: int = 2
    latent: int = 256
    hidden: int = 256
    fine: int = 200
    coarse: int = 200
    thinning: int = 128
    """Width of the network of the radius stage; 0 = no such stage."""
    semantic: bool = True
    """Fine and coarse spheres have encoders of their own; without, one encoder sees them all."""
    joint: bool = True
    """A stage in which fine and coarse spheres are learned together."""
    apart: bool = True
    """The fine and the coarse stage; not needed by what begins with a trained network."""
    side_by_side: bool = True
    """The fine and the coarse stage in the same steps; in the paper one comes after the other."""
    patch: int = 5
    """A pixel is coarse where it is in a patch of patch x patch pixels that are all covered."""
    attention: float = 0.3
    """Of L_attention. It only asks that what is fine be covered: the paper's 1 makes everything thick in few steps."""
    repulsion: float = 1e-7
    variance: float = 0.1
    near: float = 0.2
    outside: float = 0.0
    """Of how far centres lie outside of silhouettes, which is not in the paper: it draws together what is far away."""
    hull: int = 6
    """Of how many views these silhouettes are, where there are as many."""
    softness: float = 0.3
    """Of the silhouettes' outlines, in pixels."""
    first_softness: float = 1.0
    """What each stage of the encoders begins with, so that spheres far from where they should be feel it."""
    renderer: Literal["discs", "mesh"] = "discs"
    """Closed-form discs, or octagons by the soft rasteriser of meshes."""
    steps: int = 200
    """A fifth of all steps: of the fine, the coarse and the radius stage each. The joint stage has the rest."""
    batch_size: int = 8
    """Shapes, two views of each."""
    rate: float = 1e-3
    colours: float = 0.3
    """How far colours are changed at random."""


def shape_of(config: S3dsConfig) -> Size:
    """The network's."""
    shape = Size(**{name: cast(int, getattr(config, name)) for name in FIELDS})
    return shape if config.semantic else widened(shape)


@lru_cache(maxsize=2)
def library(path: Path) -> tuple[ViewedShape, ...]:
    """A file of views; loader processes share what was read before they started."""
    if not path.exists():
        raise MissingDataError(f"'{path}' is not there. `python -m tools.build_dataset views` makes it.")
    return read_views(path)


@lru_cache(maxsize=8)
def lessons(path: Path, families: tuple[str, ...], which: Split) -> dict[str, list[ViewedShape]]:
    """The shapes of some families by family."""
    wanted, found = set(chosen(families)), defaultdict(list)
    for shape in library(path):
        if shape.split == which and shape.family in wanted:
            found[shape.family].append(shape)
    if not found:
        raise MissingDataError(f"'{path}' has no {which} shapes of {', '.join(families)}. Make it again with them.")
    return dict(found)


def usable(config: S3dsConfig, shape: ViewedShape) -> np.ndarray:
    """Which views of a shape are looked at."""
    return np.flatnonzero(shape.paper) if config.cameras == "paper" else np.arange(len(shape.paper))


def views_of(config: S3dsConfig) -> int:
    """How many views of a shape a lesson has: two are looked at, the others tell only what is outside."""
    return max(2, config.hull) if config.outside else 2


def frames_of(batch: Batch, first: int = 0, last: int | None = 2) -> Frames[torch.Tensor]:
    """The frames of some views of a batch, those of each shape one after the other."""
    return Frames(*(batch[name][:, first:last].flatten(0, 1) for name in ("rotation", "scale", "shift")))


def signed_distance(inside: np.ndarray) -> np.ndarray:
    """From each pixel of a silhouette (S, S) to its outline, in sides of the picture, negative inside; float32."""
    return (-depth_of(inside) / len(inside)).astype(np.float32)


def outside_of(centres: torch.Tensor, radii: torch.Tensor, batch: Batch, config: S3dsConfig) -> torch.Tensor:
    """How far spheres seen in the first two views of each shape lie outside of the silhouettes of all of its views."""
    two, every = frames_of(batch), frames_of(batch, 0, None)
    world = (centres, radii) if config.frame == "object" else out_of_crops(centres, radii, two)
    count = batch["distances"].shape[1]
    parts = []
    for view in range(2):
        centres, radii = (one.unflatten(0, (-1, 2))[:, view].repeat_interleave(count, 0) for one in world)
        places = on_the_crop(into_crops(centres, radii, every)[0])
        parts.append(outside_loss(places, batch["distances"].flatten(0, 1)))
    return torch.stack(parts).mean()


class S3dsRecipe(Recipe[S3dsConfig]):
    """Medial spheres from one picture."""

    name = "s3ds"
    presets: Mapping[str, S3dsConfig] = {
        "tiny": S3dsConfig(families=("categories",), width=8, steps=60, loop=Loop(evaluate_every=300, ema=0.99)),
        "small": S3dsConfig(width=24, steps=1500, batch_size=16, loop=Loop(ema=0.995)),
        "full": S3dsConfig(
            data=Path("out/views224.safetensors"),
            size=224,
            width=64,
            cells=1,
            latent=1000,
            hidden=1024,
            thinning=512,
            patch=15,
            steps=100_000,
            batch_size=64,
            rate=1e-4,
            attention=1.0,
            side_by_side=False,
            loop=Loop(evaluate_every=10_000),
        ),
    }
    best: tuple[str, Way] = ("IoU unseen, all families", "max")
    ablations: Mapping[str, Mapping[str, bool | int | float]] = {
        "Soft-SK": {"semantic": False, "thinning": 0, "attention": 0.0, "near": 0.0, "repulsion": 0.0, "variance": 0.0},
        "without joint stage": {"joint": False},
        "without semantic split": {"semantic": False, "attention": 0.0},
        "without radius stage": {"thinning": 0},
        "without L_rep and L_var": {"repulsion": 0.0, "variance": 0.0},
        "without L_near": {"near": 0.0},
    }

    def prepare(self, config: S3dsConfig) -> None:
        if not config.data.exists():
            build_file(config.data, views_source(), Views(size=config.size))
        lessons(config.data, config.families, "train")

    def build(self, config: S3dsConfig) -> nn.Module:
        return fresh_spheres(shape_of(config))

    def stages(self, config: S3dsConfig) -> tuple[Stage, ...]:
        """Five times `steps` in all, whatever is left out: what remains gets the time."""
        parts = tuple(shape_of(config).parts)
        radius = config.steps if config.thinning else 0
        left = 5 * config.steps - radius
        if len(parts) == 1 or not config.apart:
            apart, plan = 0, []
        else:
            apart = config.steps * (1 if config.side_by_side else 2) if config.joint else left
            steps = [apart] if config.side_by_side else [apart // 2, apart - apart // 2]
            plan = list(zip(["apart"] if config.side_by_side else parts, steps, strict=True))
        plan += [("joint", left - apart), ("radius", radius)]
        return tuple(self._stage(config, name, steps, parts) for name, steps in plan if steps)

    def _stage(self, config: S3dsConfig, name: str, steps: int, parts: tuple[str, ...]) -> Stage:
        moved = {
            "joint": {"joint": ("encoders.",)},
            "radius": {"radius": ("thinning.",)},
            "apart": {part: (f"encoders.{part}.",) for part in parts},
        }.get(name, {name: (f"encoders.{name}.",)})
        objectives = tuple(Objective(goal, config.rate, names) for goal, names in moved.items())
        return Stage(name, steps, config.batch_size, objectives, warmup=min(50, steps // 10), floor=0.03)

    def batch(self, config: S3dsConfig, stage: Stage, draw: Draw) -> Batch:
        known = lessons(config.data, config.families, "train")
        families = list(known)
        crops, frames, distances = [], [], []
        for random in draw.generators():
            shapes = known[families[random.integers(len(families))]]
            shape = shapes[random.integers(len(shapes))]
            views = random.permutation(usable(config, shape))[: views_of(config)]
            every = shape.crops(views)
            seen = every[:2].astype(np.float32) / 255
            flip = random.random() < 0.5
            gain = np.exp(random.normal(0, config.colours, (3, 1, 1))).astype(np.float32)
            colour = np.minimum(seen[:, random.permutation(3)] * gain, seen[:, 3:])
            seen = np.concatenate([colour, seen[:, 3:]], 1)
            crops.append(seen[:, :, :, ::-1] if flip else seen)
            sign = np.full(len(views), -1 if flip else 1, np.float32)
            frames.append(mirrored(shape.frames(views), sign))
            if config.outside:
                away = np.stack([signed_distance(alpha >= 128) for alpha in every[:, 3]])
                distances.append(away[:, :, ::-1] if flip else away)
        arrays = {
            "crops": np.stack(crops),
            "rotation": np.stack([frame.rotation for frame in frames]),
            "scale": np.stack([frame.scale for frame in frames]),
            "shift": np.stack([frame.shift for frame in frames]),
            **({"distances": np.stack(distances)} if distances else {}),
        }
        return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in arrays.items()}

    def loss(self, config: S3dsConfig, model: nn.Module, batch: Batch, moment: Moment) -> tuple[torch.Tensor, Batch]:
        net, goal = cast(SphereNet, model), moment.objective
        crops, frames = batch["crops"].flatten(0, 1), frames_of(batch)
        if goal == "radius":
            centres, radii = still(net, crops)
            radii = net.thinned(centres, radii)
        else:
            centres, radii = net.part(goal, crops) if goal in ("fine", "coarse") else net.all_parts(crops)
        own, other = in_both_views(centres, radii, frames, in_world=config.frame == "object")
        both = torch.cat([own[0], other[0]]).float(), torch.cat([own[1], other[1]]).float()
        alpha = crops[:, 3]
        true = torch.cat([alpha, alpha.unflatten(0, (-1, 2)).flip(1).flatten(0, 1)])
        fine, coarse = split(true, config.patch)
        if goal == "radius":
            drawn = draw_cones(*both, config.size, config.softness)
        else:
            drawn = draw_spheres(*both, config.size, softness_at(config, moment), config.renderer)
        wanted = {"fine": fine, "coarse": coarse}.get(goal, true)
        parts = {"iou": iou_loss(drawn, wanted).mean()}
        total = parts["iou"]
        if goal in ("joint", "radius") and config.attention:
            parts["attention"] = attention_loss(drawn, fine).mean()
            total = total + config.attention * parts["attention"]
        if config.outside and goal != "radius":
            parts["outside"] = outside_of(centres, radii, batch, config)
            total = total + config.outside * parts["outside"]
        near = neighbours(centres)
        if config.near:
            parts["near"] = near_radius_loss(radii, near).mean()
            total = total + config.near * parts["near"]
        if goal != "radius" and config.repulsion:
            parts["repulsion"] = repulsion_loss(near).mean()
            total = total + config.repulsion * parts["repulsion"]
        if goal != "radius" and config.variance:
            parts["variance"] = gap_variance_loss(radii, near).mean()
            total = total + config.variance * parts["variance"]
        return total, parts

    def calibrate(self, config: S3dsConfig, model: nn.Module) -> None:
        net, stage = cast(SphereNet, model), self.stages(config)[0]
        device = next(net.parameters()).device

        def look(step: int) -> None:
            batch = self.batch(config, stage, Draw(0, len(self.stages(config)), step, 0, config.batch_size))
            net.all_parts(batch["crops"].flatten(0, 1).to(device))

        measure_norms(net, look, CALIBRATION_STEPS)

    def evaluate(self, config: S3dsConfig, model: nn.Module, split: Split) -> Numbers:
        shapes = [shape for some in lessons(config.data, config.families, split).values() for shape in some]
        if split == "train":
            raise MissingDataError("Shapes to learn from carry no true spheres. Evaluate on val.")
        scores = [one for shape in shapes for one in judge(config, cast(SphereNet, model), shape)]
        return table(scores, CATEGORIES)

    def pictures(self, config: S3dsConfig, model: nn.Module) -> Batch:
        """Crops, the spheres in the same view and from the side, of the first shape of each family."""
        net, rows = cast(SphereNet, model), []
        device = next(net.parameters()).device
        for some in lessons(config.data, config.families, "val").values():
            crops = torch.from_numpy(some[0].crops(usable(config, some[0])[:1]).astype(np.float32) / 255).to(device)
            centres, radii = net(crops)
            if config.frame == "object":
                frames = tensors(some[0].frames(usable(config, some[0])[:1]), device)
                centres, radii = into_crops(centres, radii, frames)
            side = torch.stack([centres[:, :, 1], -centres[:, :, 0], centres[:, :, 2]], 2)
            seen = [draw_spheres(place, radii, config.size, config.softness)[0] for place in (centres, side)]
            rows.append(torch.cat([crops[0, :3], *(one.expand(3, -1, -1) for one in seen)], 2).cpu())
        return {"crop, spheres, from the side": torch.cat(rows, 1)}

    def shipment(self, config: S3dsConfig, model: nn.Module) -> Shipment:
        shapes = {"crops": f"N {CHANNELS} {config.size} {config.size}"}
        return Shipment(folded(cast(SphereNet, model)), shapes, ("centres", "radii"))

    def facts(self, config: S3dsConfig) -> Facts:
        return Facts(
            "silhouettes of shapes of this project's own generators, people among them from a CC0-1.0 shape space",
            "CC0-1.0",
        )


def still(net: SphereNet, crops: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Spheres of encoders that learn no more."""
    training = net.training
    net.eval()
    with torch.no_grad():
        found = net.all_parts(crops)
    net.train(training)
    return found


def softness_at(config: S3dsConfig, moment: Moment) -> float:
    """Each stage begins with soft outlines, and has them as they are after its first half."""
    done = min(1.0, 2 * moment.step / moment.stage.steps)
    return config.first_softness ** (1 - done) * config.softness**done


def tensors(frames: Frames[np.ndarray], device: torch.device) -> Frames[torch.Tensor]:
    """Frames on a device."""
    rotation, scale, shift = (torch.from_numpy(a).to(device) for a in (frames.rotation, frames.scale, frames.shift))
    return Frames(rotation, scale, shift)


@torch.no_grad()
def in_world(
    config: S3dsConfig, net: SphereNet, shape: ViewedShape, views: np.ndarray
) -> tuple[torch.Tensor, torch.Tensor]:
    """Centres (K, N, 3) and radii (K, N) predicted from some views of a shape, in its frame before the cameras."""
    device = next(net.parameters()).device
    centres, radii = net(torch.from_numpy(shape.crops(views).astype(np.float32) / 255).to(device))
    if config.frame == "object":
        return centres, radii
    return out_of_crops(centres, radii, tensors(shape.frames(views), device))


@torch.no_grad()
def judge(config: S3dsConfig, net: SphereNet, shape: ViewedShape) -> list[SeenScore]:
    """What is predicted from some views of a shape, against its truth and all of its views."""
    views = usable(config, shape)
    judged = [0, 1] if config.cameras == "paper" else [0, 1, len(views) - 1]
    found, scores = in_world(config, net, shape, views[judged]), []
    frames = tensors(shape.frames(views), found[0].device)
    true = shape.crops(views)[:, 3] / 255
    for place, centres, radii in zip(judged, *found, strict=True):
        each = into_crops(centres.expand(len(views), -1, -1), radii.expand(len(views), -1), frames)
        joined = iou(draw_cones(*each, config.size, config.softness).cpu().numpy(), true)
        alone = draw_spheres(each[0][[place]], each[1][[place]], config.size, config.softness)
        ious = (
            float(joined[place]),
            float(np.delete(joined, place).mean()),
            float(iou(alone.cpu().numpy(), true[[place]])[0]),
        )
        scores.append(score(shape.family, centres.cpu().numpy(), radii.cpu().numpy(), shape.truth, ious))
    return scores


RECIPE = S3dsRecipe()
