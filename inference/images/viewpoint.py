"""Where a picture is taken from: the eye, the way it looks, and the part of what it sees that the picture shows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .camera import DISTANCE
from .crop import FILL

CLOSE = 1e-6  # of the distance to the middle of what is looked at: nothing nearer is drawn
MARGIN = 1.02  # how much larger than what is drawn a window around it is


@dataclass(frozen=True)
class Viewpoint:
    """A camera in world coordinates."""

    eye: np.ndarray  # (3,); where rays are parallel, any point of the plane that depths count from
    axes: np.ndarray  # (3, 3) rows are right, forward and up: x, y and z of the seen frame
    window: np.ndarray  # (4,) left, right, bottom and top of the picture, at depth 1; parallel rays: at any depth
    parallel: bool
    near: float  # depth from which on things are seen

    def seen(self, points: np.ndarray) -> np.ndarray:
        """Points (N, 3) of the world as (right, depth, up) from the eye."""
        return (points - self.eye) @ self.axes.T

    def in_window(self, points: np.ndarray) -> np.ndarray:
        """Where in the window's units points (N, 3) of the world are, (N, 2); they must lie before the eye."""
        right, depth, up = self.seen(points).T
        return np.stack([right, up], 1) / (1.0 if self.parallel else depth[:, None])

    def ray(self, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Start (3,) and direction (3,) of the line of sight through a place (2,) of the window; depth 1 at its end."""
        aside = place[0] * self.axes[0] + place[1] * self.axes[2]
        return (self.eye + aside, self.axes[1]) if self.parallel else (self.eye, self.axes[1] + aside)


def viewpoint_of(view: np.ndarray, projection: np.ndarray) -> Viewpoint:
    """The camera that OpenGL's world-to-view and projection matrices (4, 4) describe."""
    turn = view[:3, :3] / np.linalg.norm(view[:3, :3], axis=1, keepdims=True)
    eye = np.linalg.inv(view)[:3, 3]
    axes = np.stack([turn[0], -turn[2], turn[1]])
    across, down = projection[0, 0], projection[1, 1]
    parallel = projection[3, 3] != 0
    if parallel:
        shift, near = -projection[:2, 3], (1 + projection[2, 3]) / projection[2, 2]
    else:
        shift, near = projection[:2, 2], projection[2, 3] / (projection[2, 2] - 1)
    window = np.array([(shift[0] - 1) / across, (shift[0] + 1) / across, (shift[1] - 1) / down, (shift[1] + 1) / down])
    return Viewpoint(eye, axes, window, bool(parallel), float(near))


def aimed_at(points: np.ndarray, viewpoint: Viewpoint) -> tuple[Viewpoint, float]:
    """A camera that sees points (N, 3) as networks know it, from the side that `viewpoint` has; depth of their middle.

    It looks straight at them from as far away as in training, whatever the lens and wherever in the picture they are.
    Parallel rays stay parallel, so that what is made of the picture lies where the user sees it.
    """
    low, high = points.min(0), points.max(0)
    middle = (low + high) / 2
    axes = _looking(viewpoint.axes[1] if viewpoint.parallel else middle - viewpoint.eye, viewpoint)
    turned = points @ axes.T
    low, high = turned.min(0), turned.max(0)
    middle, size = (low + high) / 2 @ axes, float((high - low).max())
    depth = DISTANCE * size
    camera = Viewpoint(middle - depth * axes[1], axes, np.zeros(4), viewpoint.parallel, CLOSE * depth)
    return replace(camera, window=_square(camera.in_window(points), FILL)), depth


def narrowed_to(points: np.ndarray, viewpoint: Viewpoint) -> Viewpoint | None:
    """The same camera, its picture cut down to where points (N, 3) of the world are; None when none is in it."""
    depth = viewpoint.seen(points)[:, 1]
    before = depth > max(viewpoint.near, 1e-12) if not viewpoint.parallel else depth > viewpoint.near
    if not before.any():
        return None
    if not before.all():  # what reaches past the eye may show anywhere
        return viewpoint
    places = viewpoint.in_window(points)
    middle, half = (places.min(0) + places.max(0)) / 2, MARGIN * np.ptp(places, axis=0) / 2
    low = np.maximum(middle - half, viewpoint.window[[0, 2]])
    high = np.minimum(middle + half, viewpoint.window[[1, 3]])
    if (low >= high).any():
        return None
    return replace(viewpoint, window=np.array([low[0], high[0], low[1], high[1]]))


def pixels_of(viewpoint: Viewpoint, longer: int) -> tuple[int, int]:
    """Width and height of a picture of square pixels whose longer side has `longer` of them."""
    left, right, bottom, top = viewpoint.window
    wide, tall = right - left, top - bottom
    scale = longer / max(wide, tall)
    return max(round(wide * scale), 1), max(round(tall * scale), 1)


def _looking(forward: np.ndarray, viewpoint: Viewpoint) -> np.ndarray:
    """Axes (3, 3) that look along `forward` and keep the viewpoint's up as far as they can."""
    length = np.linalg.norm(forward)
    forward = forward / length if length > 1e-12 else viewpoint.axes[1]
    right = np.cross(forward, viewpoint.axes[2])
    if np.linalg.norm(right) < 1e-6:
        right = viewpoint.axes[0]
    right = right - (right @ forward) * forward
    right /= np.linalg.norm(right)
    return np.stack([right, forward, np.cross(right, forward)])


def _square(places: np.ndarray, fill: float) -> np.ndarray:
    """A square window (4,) around places (N, 2), which take the share `fill` of its side."""
    low, high = places.min(0), places.max(0)
    (x, y), half = (low + high) / 2, float((high - low).max()) / fill / 2
    return np.array([x - half, x + half, y - half, y + half])
