"""What bones of an upright two-legged body are, whatever they are called: by place, sides and who hangs on whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ...anatomy import Armature
from ..bones.hinges import FINGERS

MIRRORED = 0.06  # of the size: a joint this near to the mirror image of another one is its other side
MIDDLE = 0.03  # of the size: joints of the trunk are this near to the middle
ABOVE = 0.1  # of the size: what carries the arms is at least this much higher than what carries the legs
ENDS_LOW = 0.2  # of the height: legs end below this
SPLAYED = np.cos(np.radians(25.0))  # fingers that point more apart than this from the others are thumbs
STEMS = {1: ("thigh",), 2: ("thigh", "foot"), 3: ("thigh", "shin", "foot"), 4: ("thigh", "shin", "foot", "toe")}
ARMS = ("upper_arm", "forearm", "hand")


@dataclass(frozen=True)
class _Tree:
    """Joints in a frame in which left is +X; the unit is the size."""

    parents: np.ndarray
    heads: np.ndarray  # (B, 3)

    def children(self, bone: int) -> list[int]:
        return np.flatnonzero(self.parents == bone).tolist()

    def below(self, bone: int) -> list[int]:
        """A bone and all that hang on it."""
        found = [bone]
        for at in found:
            found.extend(self.children(at))
        return found

    def lowest(self, bone: int) -> float:
        return float(self.heads[self.below(bone), 2].min())

    def on(self, bone: int) -> int:
        """The child that a chain goes on with: the one with the most below it, -1 at the end."""
        children = self.children(bone)
        return max(children, key=lambda child: (len(self.below(child)), -child)) if children else -1


def names_by_shape(armature: Armature) -> dict[int, str]:
    """Bone -> what we would call it, for hips, trunk, arms, hands and legs of a body that stands on +Z or +Y.

    Its left is taken to be where it is for a body that looks towards its toes. Nothing, where it is no such body.
    """
    for up in (2, 1):
        found = _named(armature, up)
        if found:
            return found
    return {}


def _named(armature: Armature, up: int) -> dict[int, str]:
    heads = armature.heads if up == 2 else armature.heads @ np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])
    size = float(np.ptp(heads, axis=0).max())
    if len(heads) < 9 or size <= 0:
        return {}
    for across in (0, 1):
        plain = heads if across == 0 else heads[:, [1, 0, 2]] * (1.0, -1.0, 1.0)
        middle = float(np.median([plain[:, 0].min(), plain[:, 0].max()]))
        tree = _Tree(armature.parents, (plain - (middle, 0.0, plain[:, 2].min())) / size)
        found = _body(tree)
        if found:
            return found
    return {}


def _body(tree: _Tree) -> dict[int, str]:
    """Names where two legs and two arms are found, else nothing."""
    legs = _pair(tree, lambda bone: tree.lowest(bone) < ENDS_LOW * tree.heads[:, 2].max())
    if legs is None:
        return {}
    hips = int(tree.parents[legs[0]])
    under_legs = {bone for leg in legs for bone in tree.below(leg)}
    trunk_top, arms = _arms(tree, hips, under_legs)
    if arms is None or tree.heads[trunk_top, 2] < tree.heads[hips, 2] + ABOVE:
        return {}
    left_first = _left_first(tree, legs)
    legs, arms = (pair if left_first else pair[::-1] for pair in (legs, arms))
    names = {hips: "hips"}
    for mark, leg, arm in zip((".L", ".R"), legs, arms, strict=True):
        names |= _leg(tree, leg, mark) | _arm(tree, arm, mark, trunk_top)
    return names | _trunk(tree, hips, trunk_top, set(names))


def _pair(tree: _Tree, fits: Callable[[int], bool], among: list[int] | None = None) -> tuple[int, int] | None:
    """Two children of one bone that mirror each other and fit; those with the most below them."""
    best: tuple[int, tuple[int, int]] | None = None
    candidates = range(len(tree.heads)) if among is None else among
    for parent in candidates:
        children = [child for child in tree.children(parent) if fits(child)]
        for place, one in enumerate(children):
            for other in children[place + 1 :]:
                image = tree.heads[other] * (-1.0, 1.0, 1.0)
                if np.linalg.norm(tree.heads[one] - image) < MIRRORED and abs(tree.heads[one, 0]) > 1e-3:
                    count = len(tree.below(one)) + len(tree.below(other))
                    if best is None or count > best[0]:
                        pair = (one, other) if tree.heads[one, 0] > 0 else (other, one)
                        best = count, pair
    return None if best is None else best[1]


def _arms(tree: _Tree, hips: int, taken: set[int]) -> tuple[int, tuple[int, int] | None]:
    """The bone that carries the arms, and the arms or shoulders on it: the widest pair above the hips."""
    above = [bone for bone in tree.below(hips) if bone not in taken and abs(tree.heads[bone, 0]) < MIDDLE]
    reach = {bone: _reach(tree, bone) for bone in tree.below(hips) if bone not in taken}
    wide = max((reach[bone] for bone in reach), default=0.0)

    ground = ENDS_LOW * float(tree.heads[:, 2].max())

    def is_arm(bone: int) -> bool:
        return (
            bone not in taken
            and reach.get(bone, 0.0) > 0.7 * wide
            and len(tree.below(bone)) >= 3
            and tree.lowest(bone) > ground
        )

    pair = _pair(tree, is_arm, above)
    return (int(tree.parents[pair[0]]), pair) if pair is not None else (hips, None)


def _reach(tree: _Tree, bone: int) -> float:
    return float(np.abs(tree.heads[tree.below(bone), 0]).max())


def _left_first(tree: _Tree, legs: tuple[int, int]) -> bool:
    """Whether +X is the left: it is for a body whose toes point to -Y."""
    ends = []
    for leg in legs:
        at = leg
        while tree.on(at) >= 0:
            at = tree.on(at)
        span = tree.heads[at] - tree.heads[tree.parents[at]]
        ends.append(span[1] if abs(span[1]) > abs(span[2]) else 0.0)  # toes lie, shins stand
    return float(np.mean(ends)) <= 0


def _leg(tree: _Tree, top: int, mark: str) -> dict[int, str]:
    chain = _chain(tree, top)
    stems = STEMS[min(len(chain), 4)]
    return {bone: stem + mark for bone, stem in zip(chain, stems, strict=False)}


def _arm(tree: _Tree, top: int, mark: str, carrier: int) -> dict[int, str]:
    """Shoulder, arm and hand: the hand is where fingers branch off, or the chain's fourth joint."""
    chain = [top]
    while len(tree.children(chain[-1])) == 1 and len(chain) < 4:
        chain.append(tree.children(chain[-1])[0])
    stems = ("shoulder", *ARMS) if len(chain) >= 4 else ARMS[: len(chain)]
    names = {bone: stem + mark for bone, stem in zip(chain, stems, strict=False)}
    return names | _fingers(tree, chain[-1], mark) if len(chain) >= 3 else names


def _fingers(tree: _Tree, hand: int, mark: str) -> dict[int, str]:
    """Fingers by how far they are from the thumb, which is the one that points elsewhere; else from the front."""
    while len(tree.children(hand)) == 1:  # a bone of the palm
        hand = tree.children(hand)[0]
    starts = [child for child in tree.children(hand) if len(_chain(tree, child)) >= 2]
    if len(starts) < 2:
        return {}
    ways = {child: _unit(tree.heads[_chain(tree, child)[-1]] - tree.heads[child]) for child in starts}
    apart = {one: float(ways[one] @ _unit(np.sum([ways[o] for o in starts if o != one], axis=0))) for one in starts}
    thumb = min(starts, key=lambda child: apart[child])
    tip = _chain(tree, thumb)[-1]
    if len(starts) >= 5 or apart[thumb] < SPLAYED:
        fingers = sorted((child for child in starts if child != thumb), key=lambda child: _apart(tree, child, tip))
    else:
        thumb, fingers = -1, sorted(starts, key=lambda child: float(tree.heads[child, 1]))
    names: dict[int, str] = {}
    for stem, child in [*([("thumb", thumb)] if thumb >= 0 else []), *zip(FINGERS, fingers, strict=False)]:
        for number, bone in enumerate(_chain(tree, child)[:3]):
            names[bone] = f"{stem}.{number + 1:02d}{mark}"
    return names


def _apart(tree: _Tree, one: int, other: int) -> float:
    return float(np.linalg.norm(tree.heads[one] - tree.heads[other]))


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)


def _trunk(tree: _Tree, hips: int, top: int, taken: set[int]) -> dict[int, str]:
    """From the hips to the bone that carries the arms, and on to the head."""
    line = [top]
    while line[-1] != hips and tree.parents[line[-1]] >= 0:
        line.append(int(tree.parents[line[-1]]))
    trunk = [bone for bone in line[::-1] if bone != hips]
    names = {bone: "spine" if k == 0 else f"spine.{k:03d}" for k, bone in enumerate(trunk)}
    if len(trunk) > 1:
        names[trunk[-1]] = "chest"
    up = [child for child in tree.children(top) if child not in taken and abs(tree.heads[child, 0]) < MIDDLE]
    if not up:
        return names
    neck = _chain(tree, max(up, key=lambda child: float(tree.heads[tree.below(child), 2].max())))
    neck = neck[: max(2, len(neck) - 1)] if len(neck) > 2 else neck
    for k, bone in enumerate(neck[:-1]):
        names[bone] = "neck" if k == 0 else f"neck.{k:03d}"
    return names | {neck[-1]: "head"}


def _chain(tree: _Tree, top: int) -> list[int]:
    chain = [top]
    while (after := tree.on(chain[-1])) >= 0:
        chain.append(after)
    return chain


def with_names(armature: Armature, names: dict[int, str]) -> Armature:
    """The armature with those names, and others that cannot be mistaken for them."""
    taken = set(names.values())
    fresh = [names.get(bone, name if name not in taken else f"{name}.own") for bone, name in enumerate(armature.names)]
    return replace(armature, names=tuple(fresh))
