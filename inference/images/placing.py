"""What a picture shows, put where it is in the world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..anatomy import Crop, Imagined, MedialSpheres, Mesh
from ..axes import bone_axes, rolls_towards
from ..frames import Frame
from ..requests import FRONTS, Front
from .camera import DISTANCE, WIDTH
from .crop import FILL
from .viewpoint import Viewpoint

STRAIGHT = 1e-6  # how far a mirror plane may be from the line of sight that it runs through
ROUNDS = 3  # of fitting: scale and shift change each other a little


def placement(viewpoint: Viewpoint, crop: Crop, depth: float) -> Frame:
    """From the seen frame of `crop` to the world. `viewpoint` took the picture; the object's middle is `depth` away.

    The seen frame's axis is the ray through the middle of the crop, and its scale makes the crop's square as wide as it
    is there: exact on that ray, and nearly so beside it.
    """
    place, pixel = _middle_of(viewpoint, crop)
    start, ray = viewpoint.ray(place)
    middle = start + depth * ray
    axes = turned_to(viewpoint.axes, ray)
    sides = [
        _width(viewpoint, place, step, middle, axes[1])
        for step in crop.size * np.array([[pixel[0], 0.0], [0.0, pixel[1]]])
    ]
    return Frame(axes, float(np.mean(sides)) / WIDTH, middle)


def fitted(frame: Frame, spheres: MedialSpheres, viewpoint: Viewpoint, crop: Crop) -> Frame:
    """`frame` shifted and scaled so that `spheres` of the seen frame fill the crop as the object in the picture does.

    The picture's perspective is not the seen frame's: without this they would be a little too large or too small.
    """
    place, pixel = _middle_of(viewpoint, crop)
    for _ in range(ROUNDS):
        balls = frame.out(spheres)
        places, reach = viewpoint.in_window(balls.centres), balls.radii
        if not viewpoint.parallel:
            reach = reach / viewpoint.seen(balls.centres)[:, 1]
        low, high = (places - reach[:, None]).min(0), (places + reach[:, None]).max(0)
        depth = 1.0 if viewpoint.parallel else float(viewpoint.seen(frame.origin[None])[0, 1])
        shift = depth * (place - (low + high) / 2)
        ratio = FILL * crop.size * pixel[0] / float((high - low).max())
        origin = frame.origin + shift[0] * viewpoint.axes[0] + shift[1] * viewpoint.axes[2]
        frame = replace(frame, origin=origin, size=frame.size * ratio)
    return frame


def filling(frame: Frame, points: np.ndarray) -> Frame:
    """`frame` shifted and scaled so that points (N, 3) in it fill a crop of the seen frame's camera as objects do."""
    half = WIDTH / 2 / DISTANCE
    seen = Viewpoint(
        np.array([0.0, -DISTANCE, 0.0]), np.eye(3), np.array([-half, half, -half, half]), parallel=False, near=0.0
    )
    return fitted(frame, as_spheres(points), seen, Crop(0.5, 0.5, 1.0, 1, 1))


def as_spheres(points: np.ndarray) -> MedialSpheres:
    """Points (N, 3) as spheres of no size."""
    return MedialSpheres(points, np.zeros(len(points)), np.zeros(len(points), bool))


def straightened(imagined: Imagined) -> Imagined:
    """What a picture by parallel rays shows: networks take every picture for one by the seen frame's camera.

    What lies before the middle becomes smaller, what lies behind it larger, and all stays under its place in the crop.
    """

    def nearer(points: np.ndarray) -> np.ndarray:
        return DISTANCE / np.maximum(DISTANCE + points[..., 1], 0.1)

    def moved(points: np.ndarray) -> np.ndarray:
        share = nearer(points)
        return points * np.stack([share, np.ones_like(share), share], -1)

    def spheres(old: MedialSpheres) -> MedialSpheres:
        return replace(old, centres=moved(old.centres), radii=old.radii * nearer(old.centres))

    curves, bones = imagined.curves, imagined.rig.armature
    heads, tails = moved(bones.heads), moved(bones.tails)
    plane = bones.symmetry
    if plane is not None and (abs(plane.normal[1]) > STRAIGHT or abs(plane.offset) > STRAIGHT):
        plane = None  # only a plane through the line of sight remains one
    armature = replace(
        bones,
        heads=heads,
        tails=tails,
        rolls=rolls_towards(heads, tails, bone_axes(bones.heads, bones.tails, bones.rolls)[:, 2]),
        radii=bones.radii * np.stack([nearer(bones.heads), nearer(bones.tails)], 1),
        symmetry=plane,
    )
    return replace(
        imagined,
        spheres=spheres(imagined.spheres),
        medial=replace(imagined.medial, spheres=spheres(imagined.medial.spheres)),
        surface=Mesh(moved(imagined.surface.vertices), imagined.surface.triangles),
        volume=Mesh(moved(imagined.volume.vertices), imagined.volume.triangles),
        curves=replace(curves, points=moved(curves.points), radii=curves.radii * nearer(curves.points)),
        rig=replace(imagined.rig, armature=armature),
    )


def standing(surface: Mesh, place: np.ndarray, size: float) -> Frame:
    """From the seen frame to the world: upright, facing the front, the lowest point at `place` (3,), `size` long."""
    scale = size / max(float(np.ptp(surface.vertices, axis=0).max()), 1e-12)
    return Frame(np.eye(3), scale, place - scale * foot_of(surface))


def stood_up(imagined: Imagined, place: np.ndarray, size: float) -> Frame:
    """The same for all that pictures show: as they show it or, where its own axes are known, on these."""
    own = Frame(imagined.own, 1.0, np.zeros(3))
    stood = standing(own.into(imagined.surface), place, size)
    return Frame(imagined.own.T, stood.size, stood.origin)


def foot_of(mesh: Mesh) -> np.ndarray:
    """The middle of the lower side of the mesh's box, (3,)."""
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    return np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])


def upright(up: Sequence[float]) -> Frame:
    """The seen frame turned the shortest way so that `up` (3,) becomes +Z: out of it is back to the seen frame."""
    vertical = np.array(up, np.float64)
    vertical /= np.linalg.norm(vertical)
    if vertical[2] < -0.999999:
        return Frame(np.diag([1.0, -1.0, -1.0]), 1.0, np.zeros(3))
    return Frame(turned_to(np.eye(3)[[0, 2, 1]], vertical)[[0, 2, 1]], 1.0, np.zeros(3))


def front_seen(front: Front, viewpoint: Viewpoint) -> Front:
    """One of the six fronts in the world, as the nearest of the six in the seen frame."""
    if front not in FRONTS:
        return front
    seen = viewpoint.axes @ np.array(FRONTS[front])
    return max(FRONTS, key=lambda other: float(seen @ np.array(FRONTS[other])))


def placed(imagined: Imagined, frame: Frame) -> Imagined:
    """Everything about the object in world coordinates."""
    return replace(
        imagined,
        spheres=frame.out(imagined.spheres),
        medial=frame.out(imagined.medial),
        surface=frame.out(imagined.surface),
        volume=frame.out(imagined.volume),
        curves=frame.out(imagined.curves),
        rig=frame.out(imagined.rig),
    )


def _middle_of(viewpoint: Viewpoint, crop: Crop) -> tuple[np.ndarray, np.ndarray]:
    """Where in the window's units the crop's middle (2,) is, and how far a pixel goes right and down (2,)."""
    left, right, bottom, top = viewpoint.window
    pixel = np.array([(right - left) / crop.width, (bottom - top) / crop.height])
    return np.array([left, top]) + pixel * [crop.x, crop.y], pixel


def turned_to(axes: np.ndarray, ray: np.ndarray) -> np.ndarray:
    """The axes (3, 3) turned the shortest way so that the second one lies along `ray`."""
    forward = ray / np.linalg.norm(ray)
    normal = axes[1] + forward
    # two reflections: in the plane across the old direction, and in the one across the middle of old and new
    bisecting = normal / np.linalg.norm(normal)
    across = axes - 2 * np.outer(axes @ axes[1], axes[1])
    return across - 2 * np.outer(across @ bisecting, bisecting)


def _width(viewpoint: Viewpoint, place: np.ndarray, step: np.ndarray, middle: np.ndarray, forward: np.ndarray) -> float:
    """How far apart the rays half a step to both sides of `place` are in the plane across `forward` at `middle`."""
    ends = []
    for side in (-0.5, 0.5):
        start, ray = viewpoint.ray(place + side * step)
        ends.append(start + ray * ((middle - start) @ forward) / (ray @ forward))
    return float(np.linalg.norm(ends[1] - ends[0]))
