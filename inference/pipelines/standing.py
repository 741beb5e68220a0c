"""How a shape stands and what it is, asked of the network before anything else is known."""

from __future__ import annotations

import numpy as np

from ..anatomy import Mesh
from ..geometry.mesh.surface import sample_surface, triangle_normals
from ..networks.facing.apply import Recognition, recognise
from ..networks.facing.inputs import FORWARD, KINDS, TURNS, UP
from ..networks.shelf import facing_network
from ..rigging.judging.evidence import Impression
from ..rigging.standing.hint import STOOD_UP, SURE, Hint

SAMPLES = 512
LOOKS = 4  # that are averaged where the first does not settle it


def standing_hint(mesh: Mesh, seed: int) -> Hint | None:
    """How the network says that a cleaned mesh stands, in its own frame; None without the network's weights."""
    seen = look_at(mesh, seed)
    return None if seen is None else hint_of(seen)


def look_at(mesh: Mesh, seed: int) -> Recognition | None:
    """What the network sees in a cleaned mesh; None without the network's weights."""
    network = facing_network()
    if network is None:
        return None
    points, triangle = sample_surface(mesh, LOOKS * SAMPLES, seed)
    normals = triangle_normals(mesh)[triangle]
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    order = np.random.default_rng(seed).permutation(len(points))
    points, normals = points[order], normals[order]
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
