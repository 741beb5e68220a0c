"""Checkpoints of S3DS and of what it is compared with, and what they predict for the shapes kept for evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
import torch

from inference.anatomy import MedialSpheres, Mesh
from inference.networks.s3ds.network import SphereNet
from training.datasets.packed.views import ViewedShape, spread
from training.loop.checkpoint import read_checkpoint
from training.loop.export import config_of, trained_model
from training.loop.recipe import C, Recipe
from training.recipes.s3ds import RECIPE, S3dsConfig, in_world, lessons, shape_of, usable
from training.rendering.cameras import fit_mesh
from training.shapes.families import FAMILIES
from training.shapes.making.inscribed import distances

from ..record import console

SAME, MOST_SAME = 0.005, 0.9  # so many of the spheres that came with the views touch the shape made again this closely


@dataclass(frozen=True)
class Trained:
    """A network of S3DS's recipe, and how it was taught."""

    name: str
    config: S3dsConfig
    net: SphereNet
    samples: int
    steps: int
    minutes: float
    device: str


@dataclass(frozen=True)
class Truth:
    """A shape as it stands before the cameras."""

    mesh: Mesh
    spheres: MedialSpheres
    holes: bool


def load(name: str, path: Path | None) -> Trained | None:
    """A checkpoint, ready to be asked; None, and a line that says so, where there is none."""
    found = load_any(RECIPE, name, path)
    if found is None:
        return None
    config, model, (samples, steps, minutes, device) = found
    return Trained(name, config, cast(SphereNet, model), samples, steps, minutes, device)


def load_any(
    recipe: Recipe[C], name: str, path: Path | None
) -> tuple[C, torch.nn.Module, tuple[int, int, float, str]] | None:
    """The config, the averaged and calibrated model, and samples, steps, minutes and device of a checkpoint."""
    if path is None or not path.exists():
        console.print(
            f"[bold]{name}[/bold]: not measured, " + ("no checkpoint given" if path is None else f"no {path}")
        )
        return None
    checkpoint = read_checkpoint(path)
    config, model = config_of(recipe, checkpoint), trained_model(recipe, checkpoint)
    recipe.prepare(config)
    recipe.calibrate(config, model)
    return config, model.eval(), (checkpoint.samples, checkpoint.step, checkpoint.minutes, checkpoint.device)


def shapes_of(config: S3dsConfig, families: Sequence[str] = (), most: int | None = None) -> list[ViewedShape]:
    """Shapes for evaluation, of some families only or of all that the network has learned; `most` of each family."""
    chosen_ones = replace(config, families=tuple(families) or config.families)
    known = lessons(chosen_ones.data, chosen_ones.families, "val")
    return [shape for some in known.values() for shape in some[:most]]


def predicted(trained: Trained, shape: ViewedShape, views: Sequence[int] = (0,)) -> list[MedialSpheres]:
    """The spheres seen in some of a shape's views, before the cameras; coarse ones count as sheets."""
    usable_views = usable(trained.config, shape)
    centres, radii = in_world(trained.config, trained.net, shape, usable_views[list(views)])
    fine = shape_of(trained.config).fine
    sheet = np.arange(centres.shape[1]) >= fine
    return [
        MedialSpheres(c.astype(np.float64), r.astype(np.float64), sheet)
        for c, r in zip(centres.cpu().numpy(), radii.cpu().numpy(), strict=True)
    ]


def truth_of(shape: ViewedShape, count: int) -> Truth:
    """The shape made again, with at most `count` of its true spheres. It must be the one that was seen."""
    made = FAMILIES[shape.family](shape.seed)
    fit = fit_mesh(made.mesh)
    centres, radii = fit(made.spheres.centres), made.spheres.radii * fit.scale
    mesh = Mesh(fit(made.mesh.vertices), made.mesh.triangles)
    away, _ = distances(mesh, shape.spheres[:, :3].astype(np.float64))
    if (np.abs(away - shape.spheres[:, 3]) < SAME).mean() < MOST_SAME:
        raise ValueError(
            f"{shape.family} {shape.seed} is made otherwise now than when its views were packed. "
            "Make the views again (python -m tools.build_dataset views) and train on them."
        )
    some = spread(centres, count)
    spheres = MedialSpheres(centres[some], radii[some], made.spheres.sheet[some])
    return Truth(mesh, spheres, bool(made.genus))
