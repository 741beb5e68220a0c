"""A sphere of 642 vertices, deformed to what is seen in one picture: what reconstruction by S3DS is compared with.

Learned like S3DS from two views of each shape, by the whole silhouettes, drawn by the soft rasteriser of meshes. The
surface is kept even by its Laplacian and by the lengths of its edges, as soft rasterisers of the literature do; so it
is smooth, and has no holes whatever the shape has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import cast

import numpy as np
import torch
import trimesh
from torch import Tensor, nn

from inference.anatomy import Mesh
from inference.networks.s3ds.network import Size, SphereNet
from training.datasets.packed.views import ViewedShape
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
from training.losses.spheres import iou_loss
from training.metrics.seen_spheres import iou
from training.networks.pictures import fresh_spheres, in_both_views, place_centres, straight_on
from training.recipes.s3ds import RECIPE as S3DS
from training.recipes.s3ds import VIEWS, S3dsConfig, frames_of, lessons, tensors, usable
from training.rendering.crop_frames import into_crops
from training.rendering.soft_raster import soft_raster_closed

LEVEL = 3  # of the icosphere: 642 vertices, 1,280 triangles
FIRST_SIZE = 0.3  # radius of the sphere that training starts from
MOVED = tuple(
    f"encoders.fine.{part}." for part in ("stem", "stages", "latent", "centres")
)  # of a SphereNet all that vertices depend on


@dataclass(frozen=True, kw_only=True)
class DeformedConfig(Config):
    """The network's size and how it is taught."""

    data: Path = VIEWS
    """Packed views, the same that S3DS learns from."""
    families: tuple[str, ...] = ("chair",)
    size: int = 64
    """Pixels of crops and silhouettes."""
    width: int = 16
    cells: int = 2
    latent: int = 256
    hidden: int = 256
    softness: float = 0.5
    """Width of the outlines in pixels (see `soft_raster.py`)."""
    laplacian: float = 0.03
    """Weight of the squared Laplacian, summed over the vertices."""
    edges: float = 1.0
    """Weight of the variance of the lengths of edges over their squared mean, at 0.01."""
    steps: int = 200
    batch_size: int = 4
    """Shapes, two views of each."""
    rate: float = 1e-3


@dataclass(frozen=True)
class Template:
    """The sphere."""

    vertices: np.ndarray  # (V, 3) unit
    triangles: np.ndarray  # (F, 3)
    edges: np.ndarray  # (E, 2)


@lru_cache(maxsize=1)
def template() -> Template:
    """The icosphere that is deformed."""
    made = trimesh.creation.icosphere(subdivisions=LEVEL)
    return Template(np.array(made.vertices), np.array(made.faces), np.array(made.edges_unique))


def lesson_config(config: DeformedConfig) -> S3dsConfig:
    """Of S3DS's lessons: the paper's cameras, in the shape's own frame."""
    return S3dsConfig(data=config.data, families=config.families, cameras="paper", frame="object", size=config.size)


class DeformedSphereRecipe(Recipe[DeformedConfig]):
    """A deformed sphere from one picture."""

    name = "deformed_sphere"
    presets: Mapping[str, DeformedConfig] = {
        "tiny": DeformedConfig(width=8, steps=60, loop=Loop(evaluate_every=300, ema=0.99)),
        "small": DeformedConfig(steps=1500, loop=Loop(ema=0.99)),
        "full": DeformedConfig(
            data=Path("out/views224.safetensors"),
            families=("categories",),
            size=224,
            width=64,
            cells=1,
            latent=1000,
            hidden=1024,
            steps=500_000,
            batch_size=64,
            rate=1e-4,
            loop=Loop(evaluate_every=10_000),
        ),
    }
    best: tuple[str, Way] = ("IoU unseen", "max")

    def prepare(self, config: DeformedConfig) -> None:
        S3DS.prepare(lesson_config(config))

    def build(self, config: DeformedConfig) -> nn.Module:
        sphere = template().vertices
        shape = Size(config.size, config.width, config.cells, config.latent, config.hidden, len(sphere), 0, 0)
        net = fresh_spheres(shape)
        place_centres(net.encoder("fine"), torch.from_numpy((FIRST_SIZE * sphere).astype(np.float32)))
        return net

    def stages(self, config: DeformedConfig) -> tuple[Stage, ...]:
        objective = Objective("all", config.rate, MOVED)
        warmup = min(50, config.steps // 10)
        return (Stage("all", config.steps, config.batch_size, (objective,), warmup=warmup, floor=0.03),)

    def batch(self, config: DeformedConfig, stage: Stage, draw: Draw) -> Batch:
        return S3DS.batch(lesson_config(config), stage, draw)

    def loss(self, config: DeformedConfig, model: nn.Module, batch: Batch, moment: Moment) -> tuple[Tensor, Batch]:
        crops = batch["crops"].flatten(0, 1)
        vertices = vertices_of(model, crops)
        own, other = in_both_views(vertices, torch.zeros_like(vertices[:, :, 0]), frames_of(batch), in_world=True)
        alpha = crops[:, 3]
        true = torch.cat([alpha, alpha.unflatten(0, (-1, 2)).flip(1).flatten(0, 1)])
        drawn = draw(torch.cat([own[0], other[0]]).float(), config)
        parts = {"iou": iou_loss(drawn, true).mean(), "laplacian": laplacian(vertices), "edges": unevenness(vertices)}
        total = parts["iou"] + config.laplacian * parts["laplacian"] + 0.01 * config.edges * parts["edges"]
        return total, parts

    def calibrate(self, config: DeformedConfig, model: nn.Module) -> None:
        S3DS.calibrate(lesson_config(config), model)

    @torch.no_grad()
    def evaluate(self, config: DeformedConfig, model: nn.Module, split: Split) -> Numbers:
        seen, unseen = [], []
        for shape in (one for some in lessons(config.data, config.families, split).values() for one in some):
            views = usable(lesson_config(config), shape)
            vertices = predict(config, model, shape, views[:1]).expand(len(views), -1, -1)
            frames = tensors(shape.frames(views), vertices.device)
            placed, _ = into_crops(vertices, torch.zeros_like(vertices[:, :, 0]), frames)
            ious = iou(draw(placed, config).cpu().numpy(), shape.crops(views)[:, 3] / 255)
            seen.append(ious[0])
            unseen.append(ious[1:].mean())
        return {"IoU seen": float(np.mean(seen)), "IoU unseen": float(np.mean(unseen))}

    def facts(self, config: DeformedConfig) -> Facts:
        return Facts("pictures of shapes of this project's own generators; no 3D truth is learned from", "CC0-1.0")


def vertices_of(model: nn.Module, crops: Tensor) -> Tensor:
    """The deformed sphere's vertices (B, 642, 3) in the shape's frame before the cameras."""
    return cast(SphereNet, model).part("fine", crops)[0]


@torch.no_grad()
def predict(config: DeformedConfig, model: nn.Module, shape: ViewedShape, views: np.ndarray) -> Tensor:
    """Vertices (K, 642, 3) from some views of a shape."""
    device = next(model.parameters()).device
    return vertices_of(model, torch.from_numpy(shape.crops(views).astype(np.float32) / 255).to(device))


def as_mesh(vertices: np.ndarray) -> Mesh:
    """The deformed sphere (642, 3) as a mesh."""
    return Mesh(vertices.astype(np.float64), template().triangles.astype(np.int32))


def draw(vertices: Tensor, config: DeformedConfig) -> Tensor:
    """Silhouettes (B, size, size) of deformed spheres in seen frames."""
    triangles = torch.from_numpy(template().triangles).to(vertices.device)
    cameras = straight_on(len(vertices), config.size, vertices.device)
    return soft_raster_closed(vertices, triangles, cameras, config.softness)


def laplacian(vertices: Tensor) -> Tensor:
    """How far vertices (B, 642, 3) are from the middle of their neighbours, squared, summed; mean over the batch."""
    pairs = torch.from_numpy(template().edges).to(vertices.device)
    both = torch.cat([pairs, pairs.flip(1)])
    count = torch.bincount(both[:, 0], minlength=vertices.shape[1])[None, :, None]
    middle = torch.zeros_like(vertices).index_add(1, both[:, 0], vertices[:, both[:, 1]]) / count
    return (vertices - middle).square().sum((1, 2)).mean()


def unevenness(vertices: Tensor) -> Tensor:
    """Variance of the lengths of edges over their squared mean; mean over the batch."""
    pairs = torch.from_numpy(template().edges).to(vertices.device)
    length = ((vertices[:, pairs[:, 0]] - vertices[:, pairs[:, 1]]).square().sum(2) + 1e-12).sqrt()
    return (length.var(1, correction=0) / length.mean(1).square()).mean()


RECIPE = DeformedSphereRecipe()
