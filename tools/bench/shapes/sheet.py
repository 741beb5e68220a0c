"""Sheets to look at: shapes and what is made of them, or what is generated beside the nearest shape learned from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inference.anatomy import Mesh
from tools.drawing.shading import PAPER, DrawnFrom, balls, shade

SIZE, LABEL = 132, 14
REACH = 1.15  # shapes reach from -1 to 1
SKELETON = np.array([231, 111, 81]) / 255
VIEW = DrawnFrom(SIZE, reach=REACH)


def picture_of(mesh: Mesh) -> np.ndarray:
    """A surface, (SIZE, SIZE, 3) in 0..1."""
    if len(mesh.triangles) == 0:
        return np.tile(PAPER, (SIZE, SIZE, 1))
    return shade(mesh.vertices, mesh.triangles, VIEW)


def picture_of_points(points: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Balls."""
    blank = np.tile(PAPER, (SIZE, SIZE, 1))
    return balls(blank, points, radii, np.tile(SKELETON, (len(points), 1)), VIEW)


def draw_sheet(rows: Sequence[tuple[str, Sequence[np.ndarray]]], columns: Sequence[str], path: Path) -> Path:
    """Rows with their names, columns with theirs."""
    wide = max(len(pictures) for _, pictures in rows)
    whole = Image.new("RGB", (wide * SIZE, LABEL + len(rows) * SIZE), tuple((PAPER * 255).astype(int)))
    pen, font = ImageDraw.Draw(whole), ImageFont.load_default(11)
    for place, name in enumerate(columns):
        pen.text((place * SIZE + 4, 1), name, (20, 20, 20), font)
    for row, (name, pictures) in enumerate(rows):
        for place, picture in enumerate(pictures):
            pixels = (255 * np.clip(picture, 0, 1)).astype(np.uint8)
            whole.paste(Image.fromarray(pixels), (place * SIZE, LABEL + row * SIZE))
        pen.text((4, LABEL + row * SIZE + 2), name, (70, 70, 70), font)
    path.parent.mkdir(parents=True, exist_ok=True)
    whole.save(path)
    return path
