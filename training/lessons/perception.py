"""Varied views of bodies: other proportions, poses, bendings, things carried, ways of standing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.networks.facing.inputs import TURNS, UP
from inference.networks.perception.apply import TURNED, turn_chances
from inference.networks.perception.inputs import POINTS, Inputs, inputs_of
from inference.rigging.bodies.words import PART
from training.datasets.packed.surfaces import STEPS
from training.lessons.posing import rotations
from training.lessons.warp import Warp

from .bodies import Body

CHANCES = turn_chances()  # of the ways of standing of what is shown turned
SPREAD = np.array([0.1, 0.22, 0.13, 0.2, 0.13, 0.18, 0.18, 0.18, 0.2])  # of the logarithm of each group's size
HAND = PART["arm.hand"]
MOST = 5.0  # times as much as a usual point counts one of a joint with few


@dataclass(frozen=True)
class Variety:
    """How far lessons depart from the library."""

    turned: float = TURNED  # share that stands in one of the other 23 ways
    clips: float = 0.3  # share in a pose from a clip, where there is one
    posed: float = 0.2  # share in a random pose
    pose: float = 0.3  # typical turn of a joint in it, radians
    grown: float = 0.7  # share with other proportions
    bent: float = 0.6  # share of which space is bent
    carries: float = 0.12  # share of what has hands that holds something
    cut: float = 0.08
    inside_out: float = 0.08
    exchanged: float = 0.0  # share whose head, limbs or tail are another's of the same plan
    told_joints: float = 0.5  # share that is told how many joints there are
    told_vertices: float = 0.6
    told_plan: float = 0.15


@dataclass(frozen=True)
class View:
    """A body as it is shown, and what is true of it. P points."""

    cloud: np.ndarray  # (P, 6) float32
    stand: int  # index into TURNS
    part: np.ndarray  # (P,)
    side: np.ndarray  # (P,)
    pair: np.ndarray  # (P,)
    along: np.ndarray  # (P,)
    votes: np.ndarray  # (P, 3, 3) head of its joint, of the next one outward (or the tip), of the parent
    share: np.ndarray  # (P,) how much each point counts
    shape: np.ndarray  # (7,) see `show`: what the network is told of, and where the labels hold


def plain(body: Body, random: np.random.Generator, turn: int = 0) -> View:
    """As the library has it, in one of the 24 ways of standing."""
    chosen = random.choice(len(body.quantised), POINTS, replace=False)
    points, normals = body.quantised[chosen] / STEPS, body.directions[chosen] / 127.0
    return _view(body, chosen, points, normals, body.heads, body.tails, turn, random, mirrored=False)


def show(body: Body, variety: Variety, random: np.random.Generator) -> View:
    """A varied view."""
    chosen = random.choice(len(body.quantised), POINTS, replace=False)
    points, normals = body.quantised[chosen] / STEPS, body.directions[chosen] / 127.0
    heads, tails = body.heads, body.tails
    if len(body.parents):
        linear, shift = moves(body, variety, random)
        shares = body.shares[chosen] / 255.0
        bones = body.bones[chosen]
        turn = np.einsum("pk,pkij->pij", shares, linear[bones])
        points = np.einsum("pij,pj->pi", turn, points) + np.einsum("pk,pkj->pj", shares, shift[bones])
        normals = np.einsum("pij,pj->pi", turn, normals)
        heads, tails = (np.einsum("jab,jb->ja", linear, ends) + shift for ends in (heads, tails))
    if random.random() < variety.bent:
        warp = Warp(random)
        points, normals, heads, tails = warp(points), warp.normals(normals), warp(heads), warp(tails)
    else:
        stretch = np.exp(random.normal(0, 0.1, 3))
        lean = rotations(random.normal(0, [0.04, 0.04, 0.1], (1, 3)))[0]
        points, heads, tails = (ends * stretch @ lean.T for ends in (points, heads, tails))
        normals = normals / stretch @ lean.T
    if random.random() < variety.cut:
        points, normals, chosen = _cut(points, normals, chosen, random)
    points = points + random.normal(0, 0.005 * random.random(), points.shape)
    normals = normals + random.normal(0, 0.1 * random.random(), normals.shape)
    if random.random() < variety.inside_out:
        normals = -normals
    mirrored = random.random() < 0.5
    if mirrored:
        flip = np.array([-1.0, 1.0, 1.0])
        points, normals, heads, tails = points * flip, normals * flip, heads * flip, tails * flip
    turn = 0
    if random.random() < variety.turned:
        turn = int(random.choice(len(TURNS), p=CHANCES))
    return _view(body, chosen, points, normals, heads, tails, turn, random, variety, mirrored=mirrored)


def moves(body: Body, variety: Variety, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """How the flesh of each joint moves, x -> A x + t: other proportions and a pose. A (J, 3, 3), t (J, 3)."""
    count = len(body.parents)
    scale = np.ones(count)
    if random.random() < variety.grown and body.labelled:
        scale = np.exp(random.normal(0, SPREAD) * random.random() ** 0.5)[body.group]
        scale = scale * np.exp(random.normal(0, 0.06, len(PART)))[body.part]
    turns, chance = None, random.random()
    if chance < variety.clips and len(body.poses):
        turns = body.poses[random.integers(len(body.poses))].astype(np.float64)
    elif chance > 1 - variety.posed:
        turns = rotations(random.normal(0, variety.pose * random.random() / 3**0.5, (count, 3)))
    if turns is not None and len(body.still):
        turns = np.where(body.still[:, None, None], np.eye(3), turns)
    whole = np.tile(np.eye(3), (count, 1, 1))
    at = body.heads.copy()
    for joint, parent in enumerate(body.parents):
        if parent >= 0:
            if turns is not None:
                whole[joint] = whole[parent] @ turns[joint]
            step = body.heads[joint] - body.heads[parent]
            at[joint] = at[parent] + scale[parent] * (whole[parent] @ step)
    linear = whole * scale[:, None, None]
    return linear, at - np.einsum("jab,jb->ja", linear, body.heads)


def _cut(
    points: np.ndarray, normals: np.ndarray, chosen: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A part is missing; the rest is repeated until there are as many points."""
    side = points @ random.normal(size=3)
    kept = np.flatnonzero(side <= np.quantile(side, random.uniform(0.75, 1.0)))
    kept = kept[np.arange(len(points)) % len(kept)]
    return points[kept], normals[kept], chosen[kept]


def _held(body: Body, random: np.random.Generator) -> tuple[int, int] | None:
    """The hand that holds something, and how many points that takes; None for what has no hands."""
    hands = np.flatnonzero(body.part == HAND)
    return (int(random.choice(hands)), int(random.integers(40, 140))) if len(hands) else None


def _thing(at: np.ndarray, size: float, count: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points and normals of a stick, a blade, a box or a plate that is held at a place."""
    half = size * np.exp(random.normal(np.log([0.015, 0.015, 0.2]), [0.6, 0.9, 0.4]))
    face = random.choice(3, count, p=(area := half.prod() / half) / area.sum())
    sign = random.choice((-1.0, 1.0), count)
    local = random.uniform(-1, 1, (count, 3))
    local[np.arange(count), face] = sign
    normals = np.zeros((count, 3))
    normals[np.arange(count), face] = sign
    turn = rotations(random.normal(0, 2.0, (1, 3)))[0]
    off = np.array([0.0, 0.0, random.uniform(-1, 1)])
    return at + ((local + off) * half) @ turn.T, normals @ turn.T


def _view(
    body: Body,
    chosen: np.ndarray,
    points: np.ndarray,
    normals: np.ndarray,
    heads: np.ndarray,
    tails: np.ndarray,
    turn: int,
    random: np.random.Generator,
    variety: Variety | None = None,
    *,
    mirrored: bool,
) -> View:
    part, side, pair, along, votes = _truth(body, chosen, points, heads, tails)
    if variety is not None and random.random() < variety.carries:
        held = _held(body, random)
        if held is not None:
            hand, count = held
            size = float(np.ptp(points, axis=0).max())
            points[:count], normals[:count] = _thing((heads[hand] + tails[hand]) / 2, size, count, random)
            part[:count], side[:count], along[:count] = PART["worn"], body.side[hand], 0.5
            votes[:count] = np.stack([heads[hand], tails[hand], heads[body.above[hand]]])
    if mirrored:
        side = np.array([0, 2, 1])[side]
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    back = TURNS[turn].T
    low, high = points.min(0), points.max(0)
    middle, size = (low + high) / 2, float((high - low).max())
    points, votes = (points - middle) / size @ back.T, (votes - middle) / size @ back.T
    known = np.zeros(3) if variety is None else random.random(3)
    told = variety or Variety(told_joints=0, told_vertices=2, told_plan=0)
    crowd = np.unique(body.joint[chosen], return_inverse=True, return_counts=True)
    share = crowd[2][crowd[1]] ** -0.5
    about = (
        body.vertices if known[0] < told.told_vertices else 0,
        body.joints * np.exp(random.normal(0, 0.05)) if known[1] < told.told_joints else 0,
        body.plan + 1 if known[2] < told.told_plan else 0,
        float(body.labelled and turn == 0),  # the labels hold
        float(body.fronted),
        body.plan,
        body.joints,
    )
    cloud = np.concatenate([points, normals @ back.T], 1).astype(np.float32)
    return View(cloud, turn, part, side, pair, along, votes, np.minimum(share / share.mean(), MOST), np.array(about))


def _truth(
    body: Body, chosen: np.ndarray, points: np.ndarray, heads: np.ndarray, tails: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Part, side, number, coordinate and votes of points."""
    if not body.labelled:
        zero = np.zeros(len(chosen), np.int64)
        return zero, zero.copy(), zero.copy(), zero.astype(np.float32), np.repeat(points[:, None], 3, 1)
    joint = body.joint[chosen]
    votes = np.stack([heads[joint], tails[joint], heads[body.above[joint]]], 1)
    return body.part[joint], body.side[joint], body.pair[joint], body.along[chosen].copy(), votes


def inputs_for(views: list[View]) -> Inputs:
    """What the network is given of views."""
    shape = np.stack([view.shape for view in views])
    return inputs_of(np.stack([view.cloud for view in views]), shape[:, 0], shape[:, 1], shape[:, 2])


def truth_for(views: list[View], bodies: list[Body]) -> dict[str, np.ndarray]:
    """What is right, as arrays (N, ...)."""
    shape = np.stack([view.shape for view in views])
    stand = np.array([view.stand for view in views])
    ups = np.einsum("i,hij,nj->nh", UP, TURNS, np.stack([TURNS[turn].T @ UP for turn in stand])) > 0.9
    exact = np.arange(len(TURNS)) == stand[:, None]
    return {
        "part": np.stack([view.part for view in views]),
        "side": np.stack([view.side for view in views]),
        "pair": np.stack([view.pair for view in views]),
        "along": np.stack([view.along for view in views]).astype(np.float32),
        "votes": np.stack([view.votes for view in views]).astype(np.float32),
        "share": np.stack([view.share for view in views]).astype(np.float32),
        "labelled": shape[:, 3].astype(np.float32),
        "stand": np.where(shape[:, 4:5] > 0, exact, ups),  # (N, 24) every right answer
        "plan": shape[:, 5].astype(np.int64),
        "joints": shape[:, 6].astype(np.float32),
        "counts": np.stack([body.counts for body in bodies]).astype(np.float32),
    }
