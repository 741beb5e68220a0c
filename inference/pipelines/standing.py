"""How a shape stands and what it is, asked of the network before anything else is known."""

from __future__ import annotations

import numpy as np

from ..anatomy import Mesh
from ..geometry.mesh.surface import sample_surface, triangle_normals
from ..networks.facing.apply import Recognition, recognise
from ..networks.facing.inputs import FORWARD, KINDS, TURNS, UP
from ..networks.shelf import facing_network
from ..rigging.standing.hint import STOOD_UP, SURE, Hint

SAMPLES = 512
LOOKS = 4  # that are averaged where the first does not settle it


def standing_hint(mesh: Mesh, seed: int) -> Hint | None:
    """What the network says about a cleaned mesh, in its own frame; None without the network's weights."""
    network = facing_network()
    if network is None:
        return None
    points, triangle = sample_surface(mesh, LOOKS * SAMPLES, seed)
    normals = triangle_normals(mesh)[triangle]
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    order = np.random.default_rng(seed).permutation(len(points))
    points, normals = points[order], normals[order]
    hint = _hint(recognise(network, points[:SAMPLES], normals[:SAMPLES], SAMPLES))
    return hint if hint.chances.max() >= SURE else _hint(recognise(network, points, normals, SAMPLES))


def _hint(seen: Recognition) -> Hint:
    """Chances of the six ways up, each with the likeliest way to look."""
    hypotheses, onward = UP @ TURNS, FORWARD @ TURNS  # (24, 3) in the mesh's frame
    ups = np.concatenate([np.eye(3), -np.eye(3)])
    same = ups @ hypotheses.T > 0.5  # (6, 24)
    likeliest = np.where(same, seen.chances, -1.0).argmax(1)
    legged = sum(float(seen.kinds[KINDS.index(kind)]) for kind in STOOD_UP)
    chances = same @ seen.chances
    return Hint(seen.kind, seen.kind_certainty, legged, ups, onward[likeliest], chances)
