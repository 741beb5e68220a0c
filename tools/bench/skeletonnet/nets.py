"""Checkpoints of SkeletonNet and of what it is compared with, as `training.train` and `training.ablate` leave them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import cast

import numpy as np
import torch

from inference.anatomy import Grid, MedialSpheres, Mesh
from inference.geometry.contour import contour
from inference.geometry.medial.envelope import envelope
from inference.geometry.medial.join import join_spheres
from inference.images.surfaces.cameras import looking_by
from inference.networks.s3ds.apply import image_network
from inference.networks.skeletonnet.apply import FULL, SurfaceNetwork, deformed
from inference.networks.skeletonnet.apply import field as field_of
from inference.networks.skeletonnet.field import FieldNet
from inference.networks.skeletonnet.graph import GraphNet
from training.datasets.packed.skeletal import SkeletalItem
from training.lessons.skeletal import plainly
from training.lessons.skeletal_volumes import volume_shown
from training.loop.checkpoint import read_checkpoint
from training.loop.export import config_of, trained_model
from training.loop.recipe import C, Numbers, Recipe
from training.networks.asking import asked
from training.recipes import deformed_sphere, skeletonnet, skeletonnet_field, skeletonnet_mesh

from ..record import console

WHOLE = "whole"
Drawer = Callable[[SkeletalItem], Mesh]
"""From the first picture of a shape, by the camera that is known, its surface before the cameras."""


@dataclass(frozen=True)
class Asked:
    """Where checkpoints lie, and how much of what is measured."""

    folder: Path
    preset: str
    seed: int
    each: int  # shapes of a category whose surfaces are measured
    detail: int
    pix3d: Path | None
    pictures: int  # of Pix3D
    sheet: Path | None
    told: list[str] = field(default_factory=list)  # what could not be measured

    def trained(self, recipe: str) -> Path | None:
        """The whole network's checkpoint, as far as it is trained."""
        return self.first(f"training/{recipe}-{self.preset}-{self.seed}")

    def ablated(self, recipe: str, name: str) -> Path | None:
        """The checkpoint of a network without a part, or of the whole one taught like those."""
        return self.first(f"ablations/{recipe}-{self.preset}-{self.seed}/{name.replace(' ', '_')}")

    def first(self, *names: str) -> Path | None:
        """The first checkpoint that is there; one more line of what is not trained where none is."""
        for name in names:
            for kind in ("best.ckpt", "last.ckpt"):
                if (self.folder / name / kind).exists():
                    return self.folder / name / kind
        self.told.append(f"not trained: {self.folder / names[0]}")
        console.print(f"[yellow]not trained[/yellow]: {self.folder / names[0]}")
        return None


@dataclass(frozen=True)
class Cost:
    """What a training took."""

    samples: int
    steps: int
    minutes: float
    device: str


@cache
def loaded(recipe: Recipe[C], path: Path) -> tuple[C, torch.nn.Module, Cost]:
    """Config, averaged and calibrated model, and what its training took."""
    stored = read_checkpoint(path)
    config, model = config_of(recipe, stored), trained_model(recipe, stored)
    recipe.prepare(config)
    recipe.calibrate(config, model)
    return config, model.eval(), Cost(stored.samples, stored.step, stored.minutes, stored.device)


def figures(recipe: Recipe[C], path: Path | None) -> Numbers:
    """What the recipe measures on val; nothing where nothing is trained."""
    if path is None:
        return {}
    config, model, _ = loaded(recipe, path)
    with torch.no_grad():
        return recipe.evaluate(config, model, "val")


def field_drawer(path: Path, detail: int) -> Drawer:
    """Implicit surfaces by a checkpoint."""
    config, model, _ = loaded(skeletonnet_field.RECIPE, path)
    net = cast(FieldNet, model)
    network = SurfaceNetwork(asked(net.encoder), asked(net.decoder), config.size)

    def draw(item: SkeletalItem) -> Mesh:
        shown = plainly(item, np.arange(1))
        full = volume_shown(shown, config.resolution, skeletonnet_field.drawn_for(config))
        with torch.no_grad():
            return contour(field_of(network, shown.crops, shown.cameras, full, detail))

    return draw


def mesh_drawer(path: Path) -> Drawer:
    """Deformed surfaces by a checkpoint."""
    config, model, _ = loaded(skeletonnet_mesh.RECIPE, path)
    net = cast(GraphNet, model)
    network = SurfaceNetwork(asked(net.encoder), asked(net.decoder), config.size)

    def draw(item: SkeletalItem) -> Mesh:
        shown = plainly(item, np.arange(1))
        full = volume_shown(shown, config.resolution, skeletonnet_mesh.drawn_for(config))
        with torch.no_grad():
            return deformed(network, shown.crops, shown.cameras, full, config.vertices)

    return draw


def sphere_drawer(path: Path) -> Drawer:
    """Deformed spheres by a checkpoint."""
    config, model, _ = loaded(deformed_sphere.RECIPE, path)

    def draw(item: SkeletalItem) -> Mesh:
        crops = torch.from_numpy(crops_at(item, config.size))
        with torch.no_grad():
            return deformed_sphere.as_mesh(deformed_sphere.vertices_of(model, crops)[0].cpu().numpy())

    return draw


def envelope_drawer() -> Drawer | None:
    """The envelope of what the shipped S3DS sees, nothing of it fitted to the picture."""
    network = image_network()
    if network is None:
        return None

    def draw(item: SkeletalItem) -> Mesh:
        centres, radii = (found[0].astype(np.float64) for found in network.predict(crops_at(item, network.size)))
        seen = MedialSpheres(centres, radii, np.arange(len(radii)) >= network.fine)
        camera = looking_by(plainly(item, np.arange(1)).cameras[0])
        return envelope(join_spheres(camera.own_spheres(seen)), resolution=48)

    return draw


def crops_at(item: SkeletalItem, size: int) -> np.ndarray:
    """The first picture as networks of another size see it, (1, 4, size, size)."""
    crops = torch.from_numpy(plainly(item, np.arange(1)).crops)
    if crops.shape[-1] == size:
        return crops.numpy()
    return torch.nn.functional.interpolate(crops, (size, size), mode="area").numpy()


def volume_drawer(path: Path) -> Callable[[SkeletalItem], Mesh]:
    """The surface of the skeletal volume that a checkpoint of `skeletonnet` draws."""
    draw = cached_drawer(path)

    def surface(item: SkeletalItem) -> Mesh:
        chances = draw(plainly(item, np.arange(1)).crops)[0]
        resolution = len(chances)
        return contour(Grid(np.full(3, 0.5 / resolution - 0.5), 1 / resolution, chances - np.float32(FULL)))

    return surface


@cache
def cached_drawer(path: Path) -> Callable[[np.ndarray], np.ndarray]:
    """What draws chances from crops, read once."""
    return skeletonnet.drawer(path)


def costs(paths: Sequence[tuple[str, Path | None]]) -> list[tuple[str, Cost]]:
    """What the trainings took that are there."""
    found = []
    for name, path in paths:
        if path is not None:
            stored = read_checkpoint(path)
            found.append((name, Cost(stored.samples, stored.step, stored.minutes, stored.device)))
    return found
