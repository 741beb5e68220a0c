"""A sheet to look at: input, predicted spheres, their envelope and the truth, one row a category."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inference.geometry.medial.envelope import envelope
from inference.geometry.medial.join import join_spheres
from tools.drawing.shading import PAPER, DrawnFrom, balls, shade
from training.datasets.packed.views import ViewedShape
from training.recipes.s3ds import shape_of, usable

from .nets import Trained, predicted, shapes_of, truth_of

SIZE = 150  # pixels of a picture
LABEL = 16
FINE, COARSE = np.array([231, 111, 81]) / 255, np.array([42, 157, 143]) / 255
COLUMNS = ("input", "spheres", "envelope", "truth", "envelope, from the side", "truth, from the side")
ASIDE = 75.0  # degrees


def picture_sheet(trained: Trained, path: Path, each: int = 1) -> Path:
    """The first shapes of each category, from their first view."""
    rows = [(shape, pictures(trained, shape)) for shape in shapes_of(trained.config, most=each)]
    whole = Image.new("RGB", (len(COLUMNS) * SIZE, LABEL + len(rows) * SIZE), tuple((PAPER * 255).astype(int)))
    pen, font = ImageDraw.Draw(whole), ImageFont.load_default(11)
    for place, name in enumerate(COLUMNS):
        pen.text((place * SIZE + 4, 2), name, (20, 20, 20), font)
    for row, (shape, made) in enumerate(rows):
        for place, picture in enumerate(made):
            pixels = (255 * np.clip(picture, 0, 1)).astype(np.uint8)
            whole.paste(Image.fromarray(pixels).resize((SIZE, SIZE)), (place * SIZE, LABEL + row * SIZE))
        pen.text((4, LABEL + row * SIZE + 2), f"{shape.family} {shape.seed}", (70, 70, 70), font)
    path.parent.mkdir(parents=True, exist_ok=True)
    whole.save(path)
    return path


def pictures(trained: Trained, shape: ViewedShape) -> list[np.ndarray]:
    """One row of the sheet, (size, size, 3) in 0..1 each."""
    place = int(usable(trained.config, shape)[0])
    spheres, truth = predicted(trained, shape)[0], truth_of(shape, 1).mesh
    surface = envelope(join_spheres(spheres), resolution=80)
    azimuth, elevation = (float(angle) for angle in shape.places[place])
    view, aside = DrawnFrom(SIZE, azimuth, elevation), DrawnFrom(SIZE, azimuth + ASIDE, 15.0)
    seen = shape.crops(np.array([place]))[0].transpose(1, 2, 0) / 255
    fine = np.arange(len(spheres.radii)) < shape_of(trained.config).fine
    colours = np.where(fine[:, None], FINE, COARSE)
    blank = np.tile(PAPER, (SIZE, SIZE, 1))
    return [
        seen[:, :, :3] + (1 - seen[:, :, 3:]) * PAPER,
        balls(blank, spheres.centres, spheres.radii, colours, view),
        shade(surface.vertices, surface.triangles, view),
        shade(truth.vertices, truth.triangles, view),
        shade(surface.vertices, surface.triangles, aside),
        shade(truth.vertices, truth.triangles, aside),
    ]
