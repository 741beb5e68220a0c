"""A sheet to look at: input, skeletal points, skeletal volume, each surface and the truth, one row a category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from inference.anatomy import Mesh
from inference.networks.skeletonnet.network import SkeletonNet
from tools.drawing.shading import PAPER, DrawnFrom, balls, shade
from training.datasets.packed.skeletal import SkeletalItem
from training.lessons.skeletal import plainly
from training.recipes import skeletonnet

from .measures import truth
from .nets import Drawer, loaded, volume_drawer

SIZE, LABEL = 130, 16
CURVE, SHEET = np.array([231, 111, 81]) / 255, np.array([42, 157, 143]) / 255
DOT = 0.008  # radius of a skeletal point
ASIDE = 75.0  # degrees


def surface_sheet(skeletons: Path, drawers: Mapping[str, Drawer], items: Sequence[SkeletalItem], path: Path) -> Path:
    """The first shape of each category, from its first picture."""
    seen: set[str] = set()
    first = [item for item in items if not (item.views.family in seen or seen.add(item.views.family))]
    columns = ("input", "points", "volume", *drawers, "truth", *(f"{name}, aside" for name in drawers), "truth, aside")
    whole = Image.new("RGB", (len(columns) * SIZE, LABEL + len(first) * SIZE), tuple((PAPER * 255).astype(int)))
    pen, font = ImageDraw.Draw(whole), ImageFont.load_default(10)
    for place, name in enumerate(columns):
        pen.text((place * SIZE + 3, 2), name, (20, 20, 20), font)
    for row, item in enumerate(first):
        for place, picture in enumerate(_row(skeletons, drawers, item)):
            pixels = (255 * np.clip(picture, 0, 1)).astype(np.uint8)
            whole.paste(Image.fromarray(pixels).resize((SIZE, SIZE)), (place * SIZE, LABEL + row * SIZE))
        pen.text((4, LABEL + row * SIZE + 2), f"{item.views.family} {item.views.seed}", (70, 70, 70), font)
    path.parent.mkdir(parents=True, exist_ok=True)
    whole.save(path)
    return path


def _row(skeletons: Path, drawers: Mapping[str, Drawer], item: SkeletalItem) -> list[np.ndarray]:
    azimuth, elevation = (float(angle) for angle in item.views.places[0])
    view, aside = DrawnFrom(SIZE, azimuth, elevation), DrawnFrom(SIZE, azimuth + ASIDE, 15.0)
    crop = plainly(item, np.arange(1)).crops
    seen = crop[0].transpose(1, 2, 0)
    config, model, _ = loaded(skeletonnet.RECIPE, skeletons)
    net = cast(SkeletonNet, model)
    with torch.no_grad():
        points = net.points(net.encoder(torch.from_numpy(crop)[None])[0])[0][0].numpy().astype(np.float64)
    on_curves = np.arange(len(points)) < config.lines * config.along
    blank = np.tile(PAPER, (SIZE, SIZE, 1))
    meshes = [draw(item) for draw in drawers.values()] + [truth(item).mesh]
    return [
        seen[:, :, :3] + (1 - seen[:, :, 3:]) * PAPER,
        balls(blank, points, np.full(len(points), DOT), np.where(on_curves[:, None], CURVE, SHEET), view),
        _shaded(volume_drawer(skeletons)(item), view),
        *(_shaded(mesh, view) for mesh in meshes),
        *(_shaded(mesh, aside) for mesh in meshes),
    ]


def _shaded(mesh: Mesh, view: DrawnFrom) -> np.ndarray:
    if len(mesh.triangles) == 0:
        return np.tile(PAPER, (SIZE, SIZE, 1))
    return shade(mesh.vertices, mesh.triangles, view)
