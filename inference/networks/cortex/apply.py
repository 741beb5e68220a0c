"""The learned way to joints and bones of anything: Cortex's graph becomes a tree, the tree an armature with names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from ...anatomy import Armature, Symmetry
from ...rigging.bones.names import other_side, sided, sign_of_side, split_side, unique
from ...rigging.bones.rolls import bone_rolls
from ..chances import sigmoid
from ..joints.inputs import Surface
from ..loader import Ask
from .inputs import Answer, graph_inputs

EXISTS = 0.5  # chance from which a query is a joint
FEWEST = 16  # joints of a shape that the network does not know, none of which it finds likely ...
POSSIBLE = 0.03  # ... as long as so many have this chance
MERGE = 0.015  # joints nearer than this are one
LONG = 3.0  # how much a bone's length, in the unit frame, speaks against it beside -log of its chance
ACROSS = 0.08  # how far a joint and its mirror image may be apart to be a pair
MIDDLE = 0.02  # joints nearer to the mirror plane are in it
IN_MIDDLE = 0.004  # joints of a shape that is not quite even that have no side
NAMESAKE = 0.15  # a bone of the geometry farther than this gives no name
TIP = 0.6  # length of a last bone as a share of the one before it
SHORTEST = 0.01
FLIP = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True)
class BoneTree:
    """Joints and who hangs on whom; parents come before their children."""

    joints: np.ndarray  # (J, 3)
    parents: np.ndarray  # (J,) int32, -1 for the root
    chance: np.ndarray  # (J,) that it is a joint


def free_armature(
    surface: Surface,
    ask: Ask,
    geometric: Armature,
    *,
    even: bool = True,
) -> tuple[Armature, float]:
    """An armature of any shape and how sure the network is of it; names come from the geometry's bones near by."""
    answer = Answer(*ask(vars(graph_inputs(surface))))
    tree = grow_tree(evened(answer) if even else answer)
    return armature_of(tree, geometric, even=even), float(tree.chance.mean())


def grow_tree(answer: Answer, count: int | None = None) -> BoneTree:
    """The likeliest tree through the joints of the first shape; `count` fixes how many joints it has."""
    chance, joints = sigmoid(answer.exists[0]).astype(float), answer.joints[0].astype(float)
    order = np.argsort(-chance, kind="stable")
    wanted = joint_count(chance) if count is None else count
    kept: list[int] = []
    for query in order:
        apart = np.linalg.norm(joints[kept] - joints[query], axis=1) if kept else np.array([np.inf])
        if len(kept) < wanted and apart.min() > MERGE:
            kept.append(int(query))
    joints, chance = joints[kept], chance[kept]
    joined = answer.adjacency[0][np.ix_(kept, kept)].astype(float)
    length = np.linalg.norm(joints[:, None] - joints[None], axis=2)
    cost = -np.log(np.clip(joined, 1e-6, 1.0)) + LONG * length + 1e-3
    spanning = minimum_spanning_tree(csr_matrix(np.triu(cost, 1)))
    middle = joints[:, 0] == 0.0  # of a shape that was made even; no body is carried by one of its sides
    root = int(np.argmax(np.where(middle | ~middle.any(), answer.root[0][kept], -np.inf)))
    found, before = breadth_first_order(spanning, root, directed=False)
    place = np.empty(len(kept), np.int64)
    place[found] = np.arange(len(found))
    parents = np.where(before[found] >= 0, place[np.maximum(before[found], 0)], -1)
    return BoneTree(joints[found], parents.astype(np.int32), chance[found])


def joint_count(chance: np.ndarray) -> int:
    """How many of the queries are joints: those that are likely, or as many as are to be expected of all together."""
    few = min(FEWEST, int((chance > POSSIBLE).sum()))
    return max(int((chance > EXISTS).sum()), round(float(chance.sum())), few, 1)


def evened(answer: Answer) -> Answer:
    """Joints of the first shape made into mirrored pairs and joints in the plane x = 0, where they nearly are."""
    joints, exists = answer.joints.copy(), answer.exists.copy()
    chance = sigmoid(exists[0]).astype(float)
    real = np.sort(np.argsort(-chance, kind="stable")[: joint_count(chance)])
    at = joints[0, real].astype(float)
    middle = np.abs(at[:, 0]) < MIDDLE
    at[middle, 0] = 0.0
    left, right = np.flatnonzero(~middle & (at[:, 0] > 0)), np.flatnonzero(~middle & (at[:, 0] < 0))
    apart = np.linalg.norm(at[left][:, None] - (at[right] * FLIP)[None], axis=2)
    for one, other in zip(*linear_sum_assignment(np.minimum(apart, ACROSS)), strict=True):
        if apart[one, other] < ACROSS:
            mean = (at[left[one]] + at[right[other]] * FLIP) / 2
            at[left[one]], at[right[other]] = mean, mean * FLIP
    joints[0, real] = at
    return answer._replace(joints=joints, exists=exists)


def armature_of(tree: BoneTree, geometric: Armature, *, even: bool) -> Armature:
    """Bones from each joint to its heaviest child; a last one points on. Names and kind follow the geometry."""
    joints, parents = tree.joints, tree.parents
    count = len(joints)
    weight = np.ones(count)
    for bone in range(count - 1, 0, -1):
        weight[parents[bone]] += weight[bone]
    tails, connected = np.empty((count, 3)), np.zeros(count, bool)
    for bone in range(count):
        children = np.flatnonzero(parents == bone)
        middle = children[np.abs(joints[children, 0]) < 1e-6] if abs(joints[bone, 0]) < 1e-6 else children
        candidates = middle if len(middle) else (children if abs(joints[bone, 0]) >= 1e-6 else children[:0])
        if len(candidates):
            heir = candidates[np.argmax(weight[candidates])]
            tails[bone], connected[heir] = joints[heir], True
        else:
            tails[bone] = _onwards(joints, parents, bone)
    names = _names(joints, parents, geometric)
    mirrored = even and _all_paired(joints, names)
    made = Armature(
        names=names,
        parents=parents,
        heads=joints,
        tails=tails,
        rolls=bone_rolls(joints, tails, parents),
        connected=connected,
        confidence=tree.chance,
        deform=np.ones(count, bool),
        radii=np.full((count, 2), SHORTEST),
        kind=geometric.kind,
        symmetry=Symmetry(np.array([1.0, 0.0, 0.0]), 0.0) if mirrored else None,
    )
    return made


def _onwards(joints: np.ndarray, parents: np.ndarray, bone: int) -> np.ndarray:
    """Where a bone without an heir ends: on along the way that led to it, upwards for a root."""
    parent = parents[bone]
    step = joints[bone] - joints[parent] if parent >= 0 else np.array([0.0, 0.0, 0.1])
    length = float(np.linalg.norm(step))
    if length < 1e-9:
        step, length = np.array([0.0, 0.0, 1.0]), 1.0
    return joints[bone] + step / length * max(TIP * length, SHORTEST)


def _names(joints: np.ndarray, parents: np.ndarray, geometric: Armature) -> tuple[str, ...]:
    """Each joint is called after the bone of the geometry that starts nearest, one to one; then after its parent."""
    apart = np.linalg.norm(joints[:, None] - geometric.heads[None], axis=2)
    side = np.where(np.abs(joints[:, 0]) < IN_MIDDLE, 0, np.sign(joints[:, 0])).astype(int)
    theirs = np.array([sign_of_side(name) for name in geometric.names])
    cost = np.where(side[:, None] == theirs[None], np.minimum(apart, NAMESAKE), NAMESAKE)
    names = [""] * len(joints)
    for joint, bone in zip(*linear_sum_assignment(cost), strict=True):
        if cost[joint, bone] < NAMESAKE:
            names[joint] = geometric.names[bone]
    for joint, parent in enumerate(parents):
        if not names[joint]:
            base = split_side(names[parent])[0] if parent >= 0 else "root"
            names[joint] = sided(base or "part", int(side[joint]))
    return unique(names)


def _all_paired(joints: np.ndarray, names: tuple[str, ...]) -> bool:
    """Whether every bone has its exact mirror image, of the same name on the other side."""
    place = {name: joint for joint, name in enumerate(names)}
    for joint, name in enumerate(names):
        if sign_of_side(name):
            twin = place.get(other_side(name))
            if twin is None or not np.allclose(joints[twin] * FLIP, joints[joint], atol=1e-9):
                return False
        elif joints[joint, 0] != 0.0:
            return False
    return True
