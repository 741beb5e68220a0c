"""Small pictures of rigs: the shape in clay, its bones over it; left blue, right red, the middle yellow."""

from __future__ import annotations

import numpy as np

from ..anatomy import Armature, Mesh, Pose
from ..geometry.mesh.surface import used_vertices
from ..rigging.bones.names import sign_of_side
from .drawing import draw
from .viewpoint import Viewpoint

SIDE = 192  # pixels
CLAY = 0.5
PAPER = np.array([236, 236, 234], np.uint8)
COLOURS = {1: (13, 77, 230), -1: (230, 26, 20), 0: (240, 158, 5)}
PALE = 0.55  # how much of the shape is paper where bones are drawn over it
THICK = 2  # pixels to each side of a joint
FILL = 1.15  # the picture's side over the shape's


def drawn_from_front(mesh: Mesh, pose: Pose) -> tuple[Viewpoint, np.ndarray]:
    """A view of the shape, from before it and a little to its left and above, and its picture, pale, as `drawn` is."""
    view = seen_from_front(mesh, pose)
    return view, drawn(mesh, view, PALE)


def seen_from_front(mesh: Mesh, pose: Pose, fill: float = FILL) -> Viewpoint:
    """A view of the shape, from before it and a little to its left and above, `fill` times as wide as it."""
    back = pose.forward + 0.6 * pose.left + 0.3 * pose.up
    back = back / np.linalg.norm(back)
    right = np.cross(pose.up, back)
    right /= np.linalg.norm(right)
    axes = np.stack([right, -back, np.cross(back, right)])
    points = used_vertices(mesh)
    seen = points @ axes.T
    low, high = seen.min(0), seen.max(0)
    half = fill * max(float((high - low)[[0, 2]].max()), 1e-9) / 2
    middle = (low + high) / 2
    middle[1] = low[1] - half
    return Viewpoint(middle @ axes, axes, np.array([-half, half, -half, half]), parallel=True, near=0.0)


def drawn(mesh: Mesh, view: Viewpoint, pale: float = 0.0) -> np.ndarray:
    """The shape in clay on paper, (SIDE, SIDE, 3) uint8; so much of it is paper where `pale` is above 0."""
    picture = draw(mesh.vertices, mesh.triangles, np.full((len(mesh.triangles), 3), CLAY), view, SIDE).picture
    alpha = picture[..., 3:] / 255.0 * (1 - pale)
    return np.round(picture[..., :3] * alpha + PAPER * (1 - alpha)).astype(np.uint8)


def with_bones(picture: np.ndarray, view: Viewpoint, armature: Armature) -> np.ndarray:
    """The picture (SIDE, SIDE, 3) with the armature over it, (SIDE, SIDE, 4) uint8."""
    made = np.concatenate([picture, np.full((*picture.shape[:2], 1), 255, np.uint8)], 2)
    width = float(view.window[1] - view.window[0])

    def pixels(points: np.ndarray) -> np.ndarray:
        place = view.in_window(points) / width + 0.5
        return np.stack([place[:, 0], 1 - place[:, 1]], 1) * SIDE

    heads, tails = pixels(armature.heads), pixels(armature.tails)
    for bone, name in enumerate(armature.names):
        colour = (*COLOURS[sign_of_side(name)], 255)
        steps = np.linspace(0, 1, 2 * int(np.linalg.norm(tails[bone] - heads[bone])) + 2)[:, None]
        for place in heads[bone] + steps * (tails[bone] - heads[bone]):
            _dot(made, place, 0, colour)
        _dot(made, heads[bone], THICK, colour)
    return made


def _dot(picture: np.ndarray, place: np.ndarray, reach: int, colour: tuple[int, ...]) -> None:
    column, row = int(place[0]), int(place[1])
    picture[max(row - reach, 0) : max(row + reach + 1, 0), max(column - reach, 0) : max(column + reach + 1, 0)] = colour
