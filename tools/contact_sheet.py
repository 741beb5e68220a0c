"""Draw many shapes of a family onto one sheet: the shaded mesh and, beside it, what lies inside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro
from PIL import Image, ImageDraw, ImageFont

from tools.drawing.shading import PAPER, DrawnFrom, along, balls, shade
from training.shapes.families import FAMILIES, chosen
from training.shapes.shape import Generator, KnownShape

TUBE, SHEET, LINE, JOINT = (np.array(c) / 255 for c in ((231, 111, 81), (42, 157, 143), (38, 70, 83), (233, 196, 106)))
LABEL = 18  # pixels for the text under a picture
MARGIN = 1.06  # of what a shape takes, so that nothing is cut off


@dataclass(frozen=True)
class Asked:
    """Draw many shapes of a family onto one sheet: the shaded mesh and, beside it, what lies inside."""

    families: Annotated[tuple[str, ...], tyro.conf.Positional] = ()  # names or groups; all when none is given
    count: int = 24  # shapes on a sheet
    first: int = 0  # the first seed
    out: Path = Path("out/sheets")  # folder for the pictures
    size: int = 200  # pixels of one picture
    columns: int = 6  # shapes side by side
    azimuth: float = 35.0  # degrees from the front
    elevation: float = 18.0
    inside: bool = True  # draw skeleton and spheres beside each mesh


def main() -> None:
    """Write one picture per family."""
    asked = tyro.cli(Asked, prog="python -m tools.contact_sheet", description=__doc__)
    asked.out.mkdir(parents=True, exist_ok=True)
    for name in chosen(asked.families):
        path = asked.out / f"{name.replace(' ', '-')}.png"
        sheet(name, FAMILIES[name], asked).save(path)
        print(path)


def sheet(name: str, make: Generator, asked: Asked) -> Image.Image:
    """All shapes of one family, labelled with their seed, genus, and numbers of triangles and spheres."""
    columns = min(asked.columns, asked.count)
    rows = -(-asked.count // columns)
    wide = asked.size * (2 if asked.inside else 1)
    whole = Image.new("RGB", (columns * wide, LABEL + rows * (asked.size + LABEL)), tuple((PAPER * 255).astype(int)))
    pen, font = ImageDraw.Draw(whole), ImageFont.load_default(12)
    pen.text((4, 2), f"{name}: seeds {asked.first} to {asked.first + asked.count - 1}", (20, 20, 20), font)
    for place in range(asked.count):
        shape = make(asked.first + place)
        view = fitted(shape, DrawnFrom(asked.size, asked.azimuth, asked.elevation))
        x, y = (place % columns) * wide, LABEL + (place // columns) * (asked.size + LABEL)
        whole.paste(Image.fromarray(pictured(shape, view, inside=asked.inside)), (x, y))
        pen.text((x + 4, y + asked.size), caption(shape), (70, 70, 70), font)
    return whole


def fitted(shape: KnownShape, view: DrawnFrom) -> DrawnFrom:
    """The view that the shape just fills."""
    across = np.abs(shape.mesh.vertices @ view.axes[:2].T).max()
    return replace(view, reach=MARGIN * float(across))


def pictured(shape: KnownShape, view: DrawnFrom, *, inside: bool) -> np.ndarray:
    """The mesh (size, size, 3) uint8; with `inside` twice as wide."""
    mesh = shade(shape.mesh.vertices, shape.mesh.triangles, view)
    if inside:
        mesh = np.concatenate([mesh, _opened(shape, view, mesh)], 1)
    return (255 * np.clip(mesh, 0, 1)).astype(np.uint8)


def _opened(shape: KnownShape, view: DrawnFrom, mesh: np.ndarray) -> np.ndarray:
    """Spheres and, over them, lines, middle surfaces and bones; the mesh is a faint ghost."""
    spheres = shape.spheres
    colours = np.where(spheres.sheet[:, None], SHEET, TUBE)
    seen = balls(0.25 * mesh + 0.75 * PAPER, spheres.centres, spheres.radii, colours, view)
    dots = [along(curve.points, view) for curve in shape.curves]
    flat = [sheet.points.reshape(-1, 3) for sheet in shape.sheets]
    for points, colour, size in ((flat, LINE * 0.4 + SHEET * 0.6, 0.004), (dots, LINE, 0.005)):
        if points:
            placed = np.concatenate(points)
            seen = balls(seen, placed, np.full(len(placed), size), np.tile(colour, (len(placed), 1)), view)
    if shape.rig is not None:
        armature = shape.rig.armature
        bones = [along(np.stack(pair), view) for pair in zip(armature.heads, armature.tails, strict=True)]
        line = np.concatenate(bones)
        seen = balls(seen, line, np.full(len(line), 0.004), np.tile([0.1, 0.1, 0.35], (len(line), 1)), view)
        seen = balls(seen, armature.heads, np.full(len(armature.heads), 0.011), np.tile(JOINT, (len(bones), 1)), view)
    return seen


def caption(shape: KnownShape) -> str:
    """Seed, handles, triangles, spheres."""
    handles = "open" if shape.genus is None else f"genus {shape.genus}"
    return f"{shape.seed}  {handles}  {len(shape.mesh.triangles)} triangles  {len(shape.spheres.radii)} spheres"


if __name__ == "__main__":
    main()
