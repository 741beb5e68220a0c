"""SkeGCNN: the contour of a skeletal volume, blown up to the surface that a picture shows."""

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
from inference.networks.skeletonnet.apply import SurfaceNetwork, deformed
from inference.networks.skeletonnet.base import DEGREE, base_mesh, neighbours
from inference.networks.skeletonnet.graph import GraphBlock, GraphLayer, GraphNet, GraphSize
from training.datasets.packed.skeletal import PackedVolume
from training.lessons.skeletal import (
    MIRROR,
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
    true_surface,
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
from training.losses.meshes import edge_loss, normal_loss, on_surface
from training.losses.points import weighted_chamfer
from training.metrics.surfaces import cd_of_surface
from training.metrics.tables import category_table
from training.networks.asking import asked
from training.networks.norms import fold_norms, measure_norms
from training.networks.onnx_file import Shipment
from training.networks.start import begin, quieten

from .skeletonnet import drawer

CALIBRATION_STEPS = 8
LENGTH = 100.0  # squared distances are small numbers
KEPT = 4096  # base meshes in memory
SPARE = 64  # vertices: handles and many pieces keep a few more than were asked for


@dataclass(frozen=True, kw_only=True)
class MeshConfig(Config):
    """The network's size and how it is taught."""

    data: Path = SKELETAL
    """Packed pictures with skeletons; made when they are not there."""
    families: tuple[str, ...] = ("categories",)
    skeletons: Path = Path("out/training/skeletonnet-small-0/best.ckpt")
    """Checkpoint of `skeletonnet` whose volumes are blown up."""
    true_skeletons: bool = False
    """Blow up true volumes instead (what could be reached at best)."""
    resolution: int = 64
    vertices: int = 1200
    """Of a base mesh, at most."""
    size: int = 112
    width: int = 24
    cells: int = 2
    latent: int = 256
    hidden: int = 96
    layers: int = 6
    blocks: int = 2
    views: int = 1
    samples: int = 1024
    """Points of each surface in a step."""
    back_share: float = 0.55
    """What the way from the true surface counts beside the other."""
    edges: float = 0.3
    """Weight of the squared lengths of edges."""
    normals: float = 0.003
    """Weight of the turns between triangles."""
    colours: float = 0.3
    batch_size: int = 4
    steps: int = 60
    rate: float = 1e-3


class MeshRecipe(Recipe[MeshConfig]):
    """Explicit surfaces."""

    name = "skeletonnet_mesh"
    presets: Mapping[str, MeshConfig] = {
        "tiny": MeshConfig(
            families=("chair",),
            skeletons=Path("out/training/skeletonnet-tiny-0/best.ckpt"),
            size=64,
            width=12,
            latent=128,
            hidden=48,
            vertices=600,
            loop=Loop(evaluate_every=1000),
        ),
        "small": MeshConfig(steps=2500, loop=Loop(evaluate_every=1250, ema=0.998)),
        "full": MeshConfig(
            data=Path("out/skeletal224.safetensors"),
            skeletons=Path("out/training/skeletonnet-full-0/best.ckpt"),
            resolution=256,
            vertices=2000,
            size=224,
            width=64,
            cells=1,
            latent=512,
            hidden=192,
            views=3,
            samples=4000,
            batch_size=16,
            steps=60_000,
            rate=1e-4,
            loop=Loop(evaluate_every=10_000),
        ),
    }
    best: tuple[str, Way] = ("CD", "min")
    ablations: Mapping[str, Mapping[str, bool | int | float]] = {
        "no edges": {"edges": 0.0},
        "no normals": {"normals": 0.0},
        "one block": {"blocks": 1},
        "true skeletons": {"true_skeletons": True},
    }

    def prepare(self, config: MeshConfig) -> None:
        make_skeletal(config.data, config.families, config.size, (config.resolution // 2, config.resolution))
        need_volumes(config.data, (config.resolution,))
        ready_lessons(config.data, config.families)
        drawn_for(config)

    def build(self, config: MeshConfig) -> nn.Module:
        net = GraphNet(
            GraphSize(
                config.size, config.width, config.cells, config.latent, config.hidden, config.layers, config.blocks
            )
        )
        begin(net)
        quieten(net)
        with torch.no_grad():
            for block in net.decoder.blocks:  # the mesh stays where it is until something is learned
                last = cast(GraphLayer, cast(GraphBlock, block).layers[-1])
                last.own.weight.mul_(0.05)
                last.others.weight.mul_(0.05)
        return net

    def stages(self, config: MeshConfig) -> tuple[Stage, ...]:
        objective = Objective("network", config.rate)
        return (Stage("all", config.steps, config.batch_size, (objective,), warmup=min(100, config.steps // 10)),)

    def batch(self, config: MeshConfig, stage: Stage, draw: Draw) -> Batch:
        lessons = skeletal_lessons(config.data, config.families, "train")
        found = []
        for random in draw.generators():
            shown = draw_shown(lessons, config.views, config.colours, random)
            while not _usable(config, base_of(config, shown)):
                shown = draw_shown(lessons, config.views, config.colours, random)
            true, weights = true_surface(shown, config.samples, random)
            lesson = {"crops": shown.crops, "cameras": shown.cameras, "true": true, "weights": weights}
            found.append(lesson | _padded(config, base_of(config, shown)))
        return stacked(found)

    def loss(self, config: MeshConfig, model: nn.Module, batch: Batch, moment: Moment) -> tuple[Tensor, Batch]:
        vertices = model(batch["crops"], batch["cameras"], batch["vertices"], batch["near"], batch["share"])
        points = on_surface(vertices, batch["triangles"], config.samples)
        parts = {
            "chamfer": LENGTH * weighted_chamfer(points, batch["true"], batch["weights"], config.back_share).mean(),
            "edges": LENGTH * edge_loss(vertices, batch["edges"]).mean(),
            "normals": normal_loss(vertices, batch["triangles"], batch["pairs"]).mean(),
        }
        total = parts["chamfer"] + config.edges * parts["edges"] + config.normals * LENGTH * parts["normals"]
        return total, parts

    def calibrate(self, config: MeshConfig, model: nn.Module) -> None:
        net, stage = cast(GraphNet, model), self.stages(config)[0]
        device = next(net.parameters()).device

        def look(step: int) -> None:
            net.encoder(self.batch(config, stage, Draw(0, 1, step, 0, config.batch_size))["crops"].to(device))

        measure_norms(net, look, CALIBRATION_STEPS)

    @torch.no_grad()
    def evaluate(self, config: MeshConfig, model: nn.Module, split: Split) -> Numbers:
        """From the first picture of each shape: the surface's CD x1000, and that of the mesh it began with."""
        net = cast(GraphNet, model)
        network = SurfaceNetwork(asked(net.encoder), asked(net.decoder), config.size)
        families: list[str] = []
        scores: dict[str, list[float]] = {"CD": [], "CD before": []}
        for family, items in skeletal_lessons(config.data, config.families, split).items():
            for item in items:
                shown = plainly(item, np.arange(1))
                full = volume_shown(shown, config.resolution, drawn_for(config))
                families.append(family)
                mesh = deformed(network, shown.crops, shown.cameras, full, config.vertices)
                true, _ = item.shape.surface
                for name, each in (("CD", mesh), ("CD before", base_mesh(full))):
                    scores[name].append(cd_of_surface(each, true))
        return category_table(scores, families)

    def facts(self, config: MeshConfig) -> Facts:
        return facts_of(config.data, config.families)

    def shipments(self, config: MeshConfig, model: nn.Module) -> Mapping[str, Shipment]:
        net = cast(GraphNet, model)
        fold_norms(model)
        side = config.size // 4
        asks = {
            "code": f"N {config.latent}",
            "maps": f"N V {15 * config.width} {side} {side}",
            "cameras": "N V 3 4",
            "vertices": "N T 3",
            "near": f"int N T {DEGREE}",
            "share": f"N T {DEGREE}",
        }
        crops = {"crops": f"N V 4 {config.size} {config.size}"}
        return {
            "skeletonnet-mesh-encoder": Shipment(net.encoder, crops, ("code", "maps")),
            "skeletonnet-mesh-decoder": Shipment(net.decoder, asks, ("moved",)),
        }


@lru_cache(maxsize=KEPT)
def _base(config: MeshConfig, family: str, seed: int, view: int) -> Mesh:
    """The mesh that a view's volume begins with, not mirrored."""
    items = skeletal_lessons(config.data, config.families, "train")[family]
    shown = plainly(next(item for item in items if item.views.seed == seed), np.array([view]))
    return base_mesh(volume_shown(shown, config.resolution, drawn_for(config)), config.vertices)


def drawn_for(config: MeshConfig) -> dict[str, PackedVolume] | None:
    """The volumes that are blown up; None where true ones are."""
    if config.true_skeletons:
        return None
    return drawn_volumes(config.data, config.families, config.skeletons, drawer)


def base_of(config: MeshConfig, shown: Shown) -> Mesh:
    """The mesh that a lesson begins with."""
    views = shown.item.views
    found = _base(config, views.family, views.seed, 0 if config.true_skeletons else int(shown.views[0]))
    return Mesh(found.vertices * MIRROR, found.triangles[:, ::-1]) if shown.is_mirrored else found


def _usable(config: MeshConfig, mesh: Mesh) -> bool:
    """A volume may be empty, or in too many pieces to be small."""
    return 0 < len(mesh.vertices) <= config.vertices + SPARE


def _padded(config: MeshConfig, mesh: Mesh) -> dict[str, np.ndarray]:
    """A mesh with its neighbours, its edges and its pairs of triangles, all as long as the largest may be."""
    known = trimesh.Trimesh(mesh.vertices, mesh.triangles, process=False)
    near, share = neighbours(mesh)
    most = config.vertices + SPARE
    sizes = {"vertices": most, "near": most, "share": most, "triangles": 2 * most, "edges": 3 * most, "pairs": 3 * most}
    arrays = {
        "vertices": mesh.vertices.astype(np.float32),
        "near": near,
        "share": share,
        "triangles": mesh.triangles.astype(np.int64),
        "edges": np.asarray(known.edges_unique, np.int64),
        "pairs": np.asarray(known.face_adjacency, np.int64),
    }
    return {
        name: np.concatenate([each[:size], np.zeros((max(0, size - len(each)), *each.shape[1:]), each.dtype)])
        for (name, size), each in zip(sizes.items(), arrays.values(), strict=True)
    }


RECIPE = MeshRecipe()
