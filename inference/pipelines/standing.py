"""How a shape stands and what it is, asked of the network before anything else is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..anatomy import Mesh
from ..geometry.mesh.surface import shuffled_samples
from ..networks.chances import softmax
from ..networks.facing.apply import Recognition, recognise
from ..networks.facing.inputs import FORWARD, KINDS, TURNS, UP
from ..networks.perception.apply import (
    BACK_AS_GIVEN,
    FRONT_AS_GIVEN,
    SIDE_AS_GIVEN,
    UP_AS_GIVEN,
    UPRIGHT,
    standing,
)
from ..networks.perception.inputs import POINTS
from ..networks.shelf import facing_network, perception_network
from ..rigging.judging.evidence import Impression
from ..rigging.standing.canonical import StandingFrame
from ..rigging.standing.hint import AS_GIVEN, STOOD_UP, SURE, Hint, Way

SAMPLES = 512
LOOKS = 4  # that are averaged where the first does not settle it
# How much the facing network and the geometry count beside perception and the convention, on a logarithmic scale.
OF_FACING, OF_GEOMETRY = 0.5, 2.0
# In the surface around spheres that one picture shows, faces and hands are gone. That people look at what they rig from
# the front is what counts there; the networks say a little, the geometry nothing (48 views of val assets).
PERCEIVED_IN_PICTURES, GEOMETRY_IN_PICTURES = 0.25, 0.0
LEAST = 1e-3  # chance below which nothing is held to be
ALIGNED = 0.7  # cosine from which a direction counts as one of the axes


def standing_hint(mesh: Mesh, seed: int) -> Hint | None:
    """How the network says that a cleaned mesh stands, in its own frame; None without the network's weights."""
    seen = look_at(mesh, seed)
    return None if seen is None else hint_of(seen)


def look_at(mesh: Mesh, seed: int) -> Recognition | None:
    """What the network sees in a cleaned mesh; None without the network's weights."""
    network = facing_network()
    if network is None:
        return None
    points, normals = shuffled_samples(mesh, LOOKS * SAMPLES, seed)
    seen = recognise(network, points[:SAMPLES], normals[:SAMPLES], SAMPLES)
    return seen if seen.upright >= SURE else recognise(network, points, normals, SAMPLES)


def evidence_of(seen: Recognition) -> Impression:
    """What a rig of the mesh is held against, in the mesh's frame."""
    kinds = dict(zip(KINDS, seen.kinds.tolist(), strict=True))
    return Impression(kinds, UP @ TURNS, FORWARD @ TURNS, seen.chances)


def hint_of(seen: Recognition) -> Hint:
    """Chances of the six ways up, each with the likeliest way to look."""
    hypotheses, onward = UP @ TURNS, FORWARD @ TURNS  # (24, 3) in the mesh's frame
    ups = np.concatenate([np.eye(3), -np.eye(3)])
    same = ups @ hypotheses.T > 0.5  # (6, 24)
    likeliest = np.where(same, seen.chances, -1.0).argmax(1)
    legged = sum(float(seen.kinds[KINDS.index(kind)]) for kind in STOOD_UP)
    chances = same @ seen.chances
    return Hint(seen.kind, seen.kind_certainty, legged, ups, onward[likeliest], chances)


def likely_front(
    mesh: Mesh, frame: StandingFrame, seen: Recognition | None, seed: int, *, pictured: bool = False
) -> tuple[np.ndarray, float] | None:
    """Where a shape looks that stands as given, (3,) in the mesh's frame, and the chance of that; None without weights.

    The four sides of the `frame` that the geometry found are weighed: by what perception sees in each, by what the
    facing network and the geometry say, and by the convention that files face -Y. So what has no front stays as it is.
    What is `pictured` looks to -Y too, where it was seen from, as a rule.
    """
    network = perception_network()
    if network is None:
        return None
    points, normals = shuffled_samples(mesh, len(UPRIGHT) * POINTS, seed)
    seen_from = standing(network, frame.points_in(points), normals @ frame.axes.T)[list(UPRIGHT)]
    fronts = np.stack([FORWARD @ TURNS[turn] for turn in UPRIGHT]) @ frame.axes  # (4, 3)
    of_perception, of_geometry = (PERCEIVED_IN_PICTURES, GEOMETRY_IN_PICTURES) if pictured else (1.0, OF_GEOMETRY)
    log = (
        of_perception * seen_from
        + np.log(_as_files_look(fronts))
        + of_geometry * frame.certainty * (fronts @ frame.pose.forward > ALIGNED)
    )
    if seen is not None:
        upright = (UP @ TURNS)[:, 2] > 0.5
        nearest = np.where(upright, fronts @ (FORWARD @ TURNS).T, -np.inf).argmax(1)
        log = log + OF_FACING * np.log(seen.chances[nearest] + 1e-6)
    chances = softmax(log)
    best = int(np.argmax(chances))
    return fronts[best], float(chances[best])


def weighed_ways(mesh: Mesh, ways: tuple[Way, ...], seed: int) -> tuple[Way, ...]:
    """Of several ways of standing the one that is right by what perception sees in each; all of them without weights.

    The way in which the mesh stands is always weighed too, and counts more than others: files mostly stand upright.
    """
    network = perception_network()
    doubted = max(1.0 - sum(way.chance for way in ways), LEAST)
    tried = ways if any(map(_is_given, ways)) else (*ways, replace(AS_GIVEN, chance=doubted))
    if network is None or len(tried) == 1:
        return ways
    points, normals = shuffled_samples(mesh, len(UPRIGHT) * POINTS, seed)
    scores = []
    for way in tried:
        seen = standing(network, points @ way.turn.T, normals @ way.turn.T)[list(UPRIGHT)]
        usual = UP_AS_GIVEN if _is_given(way) else (1 - UP_AS_GIVEN) / 5
        scores.append(np.logaddexp.reduce(seen) + np.log(usual) + OF_FACING * np.log(max(way.chance, LEAST)))
    return (tried[int(np.argmax(scores))],)


def _is_given(way: Way) -> bool:
    return bool(np.array_equal(way.turn, AS_GIVEN.turn))


def _as_files_look(fronts: np.ndarray) -> np.ndarray:
    """How often files look to each of some directions (N, 3): mostly to -Y, and to the back before the sides."""
    onward = fronts @ FORWARD
    return np.where(onward > ALIGNED, FRONT_AS_GIVEN, np.where(onward < -ALIGNED, BACK_AS_GIVEN, SIDE_AS_GIVEN))
