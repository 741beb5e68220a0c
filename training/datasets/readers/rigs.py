"""Joints and weights of any source as a RiggedAsset, checked; and how a rig stands, by the names of its joints."""

from __future__ import annotations

import re

import numpy as np

from inference.anatomy import Mesh, SkinWeights
from training.datasets.rigged_glb import RiggedAsset

from .common import Frame

Y_UP = Frame(up=(0, 1, 0), forward=(0, 0, 1), source="assumed")
HEADS = re.compile(r"head|skull", re.IGNORECASE)
FEET = re.compile(r"foot|feet|ankle|toe|hoof|paw", re.IGNORECASE)
LEFT = re.compile(r"left|(?:^|[._\- :|])l(?:[._\- :|]|$)", re.IGNORECASE)
RIGHT = re.compile(r"right|(?:^|[._\- :|])r(?:[._\- :|]|$)", re.IGNORECASE)


def rigged_asset(
    name: str,
    kind: str,
    split: str,
    mesh: Mesh,
    names: list[str],
    joints: np.ndarray,  # (J, 3), in the mesh's frame
    parents: np.ndarray,  # (J,), -1 for the root
    weights: tuple[np.ndarray, np.ndarray, np.ndarray],  # vertex, joint and share of each entry
) -> RiggedAsset:
    """A rig in the order this project uses. Raises ValueError when it is none: no joint, two roots, a loop, a bare
    vertex. The shares of a vertex are made to sum to 1."""
    if len(joints) == 0:
        raise ValueError("it has no joint")
    if not np.isfinite(joints).all():
        raise ValueError("some joints have no finite place")
    order, renumber = _parents_first(parents)
    above = parents[order]
    skin = _skin(len(mesh.vertices), renumber, weights)
    return RiggedAsset(
        name,
        kind,
        split,
        mesh,
        tuple(names[i] for i in order),
        np.where(above >= 0, renumber[above], -1).astype(np.int32),
        joints[order].astype(np.float64),
        skin,
    )


def parents_of(count: int, links: np.ndarray) -> np.ndarray:
    """Parents (J,) from pairs (B, 2) of parent and child."""
    links = links.reshape(-1, 2).astype(np.int64)
    if len(links) and (links.min() < 0 or links.max() >= count):
        raise ValueError(f"a bone joins joint {int(links.max())} of {count}")
    children, uses = np.unique(links[:, 1], return_counts=True)
    if (uses > 1).any():
        raise ValueError(f"joint {int(children[uses > 1][0])} has two parents")
    parents = np.full(count, -1, np.int64)
    parents[links[:, 1]] = links[:, 0]
    return parents


def frame_by_joints(names: list[str], joints: np.ndarray, box: np.ndarray) -> Frame:
    """Which way a rig stands: heads are above feet, and the left is left of the right.

    `box` (2, 3) is the mesh's bounding box. Where the names do not tell, Y is up and the front is +Z, as in glTF.
    """
    size = np.maximum(box[1] - box[0], 1e-12)
    heads, feet, lefts, rights = (
        np.array([bool(word.search(name)) for name in names], bool) for word in (HEADS, FEET, LEFT, RIGHT)
    )
    if not (heads.any() and feet.any()):
        return Y_UP
    # By share of the box: a horse's head is also far in front of its feet, but the feet are not at the box's end.
    up = _axis((joints[heads].mean(0) - joints[feet].mean(0)) / size)
    if up is None:
        return Y_UP
    left = _axis(joints[lefts].mean(0) - joints[rights].mean(0)) if lefts.any() and rights.any() else None
    if left is None or np.dot(left, up) != 0:
        forward = (0, 0, 1) if up[1] else (0, -1, 0)
        return Frame(up, forward, "assumed") if np.dot(up, forward) == 0 else Y_UP
    x, y, z = np.cross(left, up)
    return Frame(up, (int(x), int(y), int(z)), "joints")


def _axis(direction: np.ndarray) -> tuple[int, int, int] | None:
    """The axis, with its sign, that a direction follows; None when it follows two alike."""
    first, second = np.argsort(-np.abs(direction))[:2]
    if abs(direction[first]) < 1.3 * abs(direction[second]):
        return None
    axis = [0, 0, 0]
    axis[first] = int(np.sign(direction[first]))
    return axis[0], axis[1], axis[2]


def _parents_first(parents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """An order with parents before their children, and each joint's place in it."""
    roots = int((parents < 0).sum())
    if roots != 1:
        raise ValueError(f"it has {roots} roots" if roots else "its joints form a loop")
    depth, above = np.zeros(len(parents), np.int64), parents.copy()
    for _ in range(len(parents)):
        if (above < 0).all():
            break
        depth += above >= 0
        above = np.where(above >= 0, parents[above], -1)
    else:
        raise ValueError("its joints form a loop")
    order = np.argsort(depth, kind="stable")
    renumber = np.empty(len(order), np.int64)
    renumber[order] = np.arange(len(order))
    return order, renumber


def _skin(vertex_count: int, renumber: np.ndarray, weights: tuple[np.ndarray, np.ndarray, np.ndarray]) -> SkinWeights:
    vertices, bones, shares = (np.asarray(part).reshape(-1) for part in weights)
    shares = shares.astype(np.float64)
    if not len(vertices) == len(bones) == len(shares):
        raise ValueError("its weights are not as many as the vertices and joints they belong to")
    if len(shares) and (vertices.min() < 0 or vertices.max() >= vertex_count):
        raise ValueError(f"a weight belongs to vertex {int(vertices.max())} of {vertex_count}")
    if len(shares) and (bones.min() < 0 or bones.max() >= len(renumber)):
        raise ValueError(f"a weight belongs to joint {int(bones.max())} of {len(renumber)}")
    if not np.isfinite(shares).all() or (shares < 0).any():
        raise ValueError("some weights are negative or not finite")
    # The same vertex and joint may be named twice: their shares add up.
    pairs, pair = np.unique(vertices.astype(np.int64) * len(renumber) + renumber[bones], return_inverse=True)
    summed = np.bincount(pair.reshape(-1), shares, len(pairs))
    vertex, bone = pairs[summed > 0] // len(renumber), pairs[summed > 0] % len(renumber)
    share = summed[summed > 0]
    total = np.bincount(vertex, share, vertex_count)
    if (bare := int((total <= 0).sum())) > 0:
        raise ValueError(f"{bare} of {vertex_count} vertices have no weight")
    order = np.lexsort((bone, -share, vertex))
    vertex, bone, share = vertex[order], bone[order], share[order]
    counts = np.bincount(vertex, minlength=vertex_count)
    place = np.arange(len(vertex)) - np.repeat(np.cumsum(counts) - counts, counts)
    table_bones = np.zeros((vertex_count, int(counts.max())), np.int32)
    table_shares = np.zeros(table_bones.shape, np.float32)
    table_bones[vertex, place] = bone
    table_shares[vertex, place] = share / total[vertex]
    return SkinWeights(table_bones, table_shares)
