"""Frames: a turn, a shift and a scale. Every noun can be moved into a frame and out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from .anatomy import Armature, Array, CurveSkeleton, MedialMesh, MedialSpheres, Mesh, Pose, Rig, Symmetry
from .axes import bone_axes, rolls_towards

Noun = TypeVar("Noun", Mesh, MedialSpheres, MedialMesh, CurveSkeleton, Armature, Symmetry, Pose, Rig)


@dataclass(frozen=True)
class Frame:
    """A frame that lies in an outer one: outer = inner @ axes * size + origin."""

    axes: Array  # (3, 3) rows are the inner x, y and z in the outer frame
    size: float  # the outer length that becomes 1
    origin: Array  # (3,) the outer point that becomes (0, 0, 0)

    def points_in(self, points: Array) -> Array:
        """Points (N, 3) of the outer frame in this one."""
        return (points - self.origin) @ self.axes.T / self.size

    def points_out(self, points: Array) -> Array:
        """Points (N, 3) of this frame in the outer one."""
        return points @ self.axes * self.size + self.origin

    def into(self, noun: Noun) -> Noun:
        """A noun of the outer frame in this one."""
        return _moved(noun, _Move(self.points_in, lambda ways: ways @ self.axes.T, lambda size: size / self.size))

    def out(self, noun: Noun) -> Noun:
        """A noun of this frame in the outer one."""
        return _moved(noun, _Move(self.points_out, lambda ways: ways @ self.axes, lambda size: size * self.size))


SAME = Frame(np.eye(3), 1.0, np.zeros(3))  # the outer frame itself


@dataclass(frozen=True)
class _Move:
    points: Callable[[Array], Array]
    directions: Callable[[Array], Array]
    lengths: Callable[[Array], Array]


def _moved(noun: Noun, move: _Move) -> Noun:
    if isinstance(noun, Mesh):
        return replace(noun, vertices=move.points(noun.vertices))
    if isinstance(noun, MedialSpheres):
        return replace(noun, centres=move.points(noun.centres), radii=move.lengths(noun.radii))
    if isinstance(noun, MedialMesh):
        return replace(noun, spheres=_moved(noun.spheres, move))
    if isinstance(noun, CurveSkeleton):
        return replace(noun, points=move.points(noun.points), radii=move.lengths(noun.radii))
    if isinstance(noun, Symmetry):
        normal = move.directions(noun.normal)
        origin = move.points(np.zeros((1, 3)))[0]
        return replace(noun, normal=normal, offset=float(move.lengths(np.array(noun.offset)) + normal @ origin))
    if isinstance(noun, Pose):
        up, forward, left = (move.directions(way) for way in (noun.up, noun.forward, noun.left))
        return replace(noun, up=up, forward=forward, left=left)
    if isinstance(noun, Armature):
        return _bones_moved(noun, move)
    springs = tuple(replace(spring, radius=float(move.lengths(np.array(spring.radius)))) for spring in noun.springs)
    return replace(noun, armature=_moved(noun.armature, move), pose=_moved(noun.pose, move), springs=springs)


def _bones_moved(armature: Armature, move: _Move) -> Armature:
    """Heads and tails moved; the rolls turn along."""
    heads, tails = move.points(armature.heads), move.points(armature.tails)
    bends = bone_axes(armature.heads, armature.tails, armature.rolls)[:, 2]
    return replace(
        armature,
        heads=heads,
        tails=tails,
        rolls=rolls_towards(heads, tails, move.directions(bends)),
        radii=move.lengths(armature.radii),
        symmetry=None if armature.symmetry is None else _moved(armature.symmetry, move),
    )
