"""A sheet of the worst assets: the mesh with the artist's joints, and with the predicted ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inference.geometry.mesh.surface import unit_frame
from tools.drawing.shading import PAPER, DrawnFrom, along, balls, shade
from training.datasets.rigged_glb import Listing, read_rigged
from training.metrics.rig import Skeleton

from .assess import Assessed
from .ways import AUTO

WORST = 12
COLUMNS = 4
SIDE = 220  # pixels of one picture; two of them belong to an asset
LABEL = 18
MARGIN = 1.08
TRUTH, PREDICTED = np.array([0.13, 0.50, 0.40]), np.array([0.85, 0.33, 0.20])


def draw_sheet(found: Sequence[Assessed], listings: Mapping[str, Listing], path: Path) -> None:
    """The worst twelve by J2J, worst first: left the artist's skeleton in green, right the predicted one in red."""
    worst = sorted(found, key=lambda item: -item.made[AUTO].j2j)[:WORST]
    rows = -(-len(worst) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * 2 * SIDE, rows * (SIDE + LABEL)), tuple((PAPER * 255).astype(int)))
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for place, item in enumerate(worst):
        x, y = place % COLUMNS * 2 * SIDE, place // COLUMNS * (SIDE + LABEL)
        sheet.paste(Image.fromarray(_pictured(item, listings[item.name])), (x, y))
        made = item.made[AUTO]
        text = f"{item.name[:36]}  J2J {made.j2j:.1f}  {item.plan or item.kind} as {made.kind}"
        pen.text((x + 4, y + SIDE + 2), text, (40, 40, 40), font)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)


def _pictured(item: Assessed, listing: Listing) -> np.ndarray:
    """Both pictures side by side, (SIDE, 2 SIDE, 3) uint8."""
    asset = read_rigged(listing)
    frame = unit_frame(asset.mesh)
    vertices = frame.points_in(asset.mesh.vertices)
    view = DrawnFrom(SIDE)
    reach = float(np.abs(vertices[np.unique(asset.mesh.triangles)] @ view.axes[:2].T).max())
    view = replace(view, reach=MARGIN * reach)
    ghost = 0.35 * shade(vertices, asset.mesh.triangles, view) + 0.65 * PAPER
    truth = _drawn(ghost, Skeleton(frame.points_in(asset.joints), asset.parents), TRUTH, view)
    mine = ghost if item.predicted is None else _drawn(ghost, item.predicted, PREDICTED, view)
    return (255 * np.clip(np.concatenate([truth, mine], 1), 0, 1)).astype(np.uint8)


def _drawn(picture: np.ndarray, skeleton: Skeleton, colour: np.ndarray, view: DrawnFrom) -> np.ndarray:
    """Bones as lines, joints as balls."""
    line = np.concatenate([along(bone, view) for bone in skeleton.bones])
    pale = np.tile(0.6 * colour + 0.4 * PAPER, (len(line), 1))
    lined = balls(picture, line, np.full(len(line), 0.005 * view.reach), pale, view)
    count = len(skeleton.joints)
    return balls(lined, skeleton.joints, np.full(count, 0.02 * view.reach), np.tile(colour, (count, 1)), view)
