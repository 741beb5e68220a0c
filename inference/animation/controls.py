"""Armature -> ControlPlan: which controls each bone gets, in the words of Rigify, which builds them.

Limbs of two long bones get IK with a pole, the trunk and the head their own controls, fingers and tails chains. A
bone within a limb that no limb of Rigify has a place for, such as a second upper arm, is carried by the one it lies
in. What fits no pattern gets one control of its own, so that every armature can be controlled.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace

import numpy as np

from ..anatomy import Armature
from ..axes import bone_axes, rolls_towards
from ..rigging.bones.conventions import own_names
from ..rigging.bones.names import plain_name, side_of, split_side, unique
from .bending import bent_middle

SPINE, HEAD, ARM, LEG = "spines.basic_spine", "spines.super_head", "limbs.arm", "limbs.leg"
FRONT_PAW, REAR_PAW = "limbs.front_paw", "limbs.rear_paw"
FINGER, CHAIN, COPY = "limbs.super_finger", "limbs.simple_tentacle", "basic.super_copy"
LIMBS = (ARM, LEG, FRONT_PAW, REAR_PAW)

# upper, lower and end of each limb; what may follow the end; the control it gets with and without that
_KNOWN = (
    (("upper_arm", "forearm", "hand"), "", ARM),
    (("thigh", "shin", "foot"), "toe", LEG),
    (("upper_leg.front", "lower_leg.front", "foot.front"), "toe.front", FRONT_PAW),
    (("upper_leg.hind", "lower_leg.hind", "foot.hind"), "toe.hind", REAR_PAW),
)
_FINGERS = ("thumb", "f_index", "f_middle", "f_ring", "f_pinky", "finger")
_TRUNK_ENDS = ("neck", "shoulder", "upper_arm", "head", "upper_leg.front")
_SHORT = 1e-4  # of the size: joints nearer than this are one
_END = 0.35  # of the bone before it: the length of an end that the armature lacks
_BALL = 0.65  # along the foot, where toes begin that the armature lacks
_LEVEL = 0.3  # a foot has to point away from the vertical at least this much for Rigify to know its front
_RESERVED = "root"  # Rigify's own control of the whole


@dataclass(frozen=True)
class ControlBone:
    """One bone of the metarig."""

    name: str
    own: int  # the bone of the armature that it stands for, -1 where the armature lacks it
    head: np.ndarray  # (3,)
    tail: np.ndarray  # (3,)
    roll: float
    parent: int  # within the plan, -1 for none; parents come first
    connected: bool
    made_as: str  # the type of Rigify that starts here; "" within a chain


@dataclass(frozen=True)
class ControlPlan:
    """All bones of the metarig, and which of them carries each bone of the armature."""

    bones: tuple[ControlBone, ...]
    carriers: tuple[int, ...]  # one for each bone of the armature

    def deforms(self, bone: int) -> bool:
        """Whether Rigify makes a deforming bone for a bone of the armature; else one is hung on its carrier."""
        return self.bones[self.carriers[bone]].own == bone


@dataclass
class _Draft:
    armature: Armature
    names: list[str]  # our own
    size: float
    chains: list[tuple[str, list[int]]] = field(default_factory=list)  # type, bones in order
    carried: dict[int, int] = field(default_factory=dict)  # bone -> the bone that carries it
    ends: dict[int, str] = field(default_factory=dict)  # last bone of a limb -> part of the name it lacks

    def children(self, bone: int) -> list[int]:
        return np.flatnonzero(self.armature.parents == bone).tolist()

    def taken(self) -> set[int]:
        return {bone for _, chain in self.chains for bone in chain} | set(self.carried)

    def path(self, top: int, bottom: int) -> list[int]:
        """From `top` down to `bottom`, both included; nothing where that does not hang on this."""
        found = [bottom]
        while found[-1] != top and self.armature.parents[found[-1]] >= 0:
            found.append(int(self.armature.parents[found[-1]]))
        return found[::-1] if found[-1] == top else []

    def apart(self, one: int, other: int) -> bool:
        gap = self.armature.heads[one] - self.armature.heads[other]
        return bool(np.linalg.norm(gap) > _SHORT * self.size)


def plan_controls(armature: Armature) -> ControlPlan:
    """The plan for an armature in its own coordinates: +Z up, -Y forward, its left at +X."""
    names = list(own_names(armature.names, armature.parents).values())
    size = float(np.ptp(np.concatenate([armature.heads, armature.tails]), axis=0).max())
    draft = _Draft(armature, names, max(size, 1e-9))
    for parts, after, made_as in _KNOWN:
        for side in ("L", "R"):
            _add_limb(draft, tuple(f"{part}.{side}" for part in parts), after and f"{after}.{side}", made_as)
    _add_trunk(draft)
    _add_rest(draft)
    return _finished(draft)


def _add_limb(draft: _Draft, parts: tuple[str, ...], after: str, made_as: str) -> None:
    """A limb of two long bones and its end, which may be missing; bones between them are carried."""
    place = {name: bone for bone, name in enumerate(draft.names)}
    upper, stems = place.get(parts[0]), [plain_name(part) for part in parts]
    if upper is None:
        return
    line = _limb_line(draft, upper, stems, plain_name(after))
    kinds = [_stem_of(draft.names[bone], [*stems, plain_name(after)]) for bone in line]
    lower, end = (_first(draft, line, kinds, part) for part in parts[1:])
    if lower is None:
        return
    chain = [upper, lower] + ([end] if end is not None else [])
    if not all(draft.apart(one, other) for one, other in itertools.pairwise(chain)):
        return
    toes = [bone for bone, kind in zip(line, kinds, strict=True) if after and kind == plain_name(after)]
    if end is not None and toes and draft.apart(end, toes[0]):
        chain.append(toes[0])
    elif after:
        draft.ends[chain[-1]] = after
    if end is None:
        draft.ends[chain[-1]] = parts[2]
        made_as = ARM  # three bones, whatever limb it is
    draft.chains.append((made_as, chain))
    for bone in line:
        if bone not in chain and line.index(bone) < line.index(chain[-1]):
            above = [other for other in chain if line.index(other) < line.index(bone)]
            draft.carried[bone] = above[-1]


def _limb_line(draft: _Draft, upper: int, stems: list[str], after: str) -> list[int]:
    """The longest way down from the upper bone through bones that are called like parts of this limb."""
    line, words = [upper], [*stems, after] if after else stems
    while True:
        on = [bone for bone in draft.children(line[-1]) if _stem_of(draft.names[bone], words)]
        on = [bone for bone in on if side_of(draft.names[bone]) == side_of(draft.names[upper])]
        if not on:
            return line
        line.append(max(on, key=lambda bone: (_depth(draft, bone), -bone)))


def _first(draft: _Draft, line: list[int], kinds: list[str], part: str) -> int | None:
    """The bone that is called exactly so, else the first of such a name; of paws the first, which is the longest."""
    alike = [bone for bone, kind in zip(line, kinds, strict=True) if kind == plain_name(part)]
    exact = [bone for bone in alike if draft.names[bone] == part and not part.startswith("foot.")]
    return next(iter([*exact, *alike]), None)


def _depth(draft: _Draft, bone: int) -> int:
    return 1 + max((_depth(draft, child) for child in draft.children(bone)), default=0)


def _stem_of(name: str, words: list[str]) -> str:
    """Which of `words` a bone is called by, "" for none and for helpers that only twist."""
    plain = plain_name(name)
    return plain if plain in words else ""


def _add_trunk(draft: _Draft) -> None:
    """From the root to what carries arms, neck or front legs; then from there to the head."""
    taken = draft.taken()
    roots = [bone for bone, above in enumerate(draft.armature.parents) if above < 0]
    if len(roots) != 1 or roots[0] in taken:
        return
    heads = [bone for bone, name in enumerate(draft.names) if name.startswith(("head", "neck")) and bone not in taken]
    deepest = max(heads, key=lambda bone: (draft.names[bone] == "head", len(draft.path(roots[0], bone))), default=None)
    line = draft.path(roots[0], deepest) if deepest is not None else []
    carriers = [
        int(draft.armature.parents[bone])
        for bone, name in enumerate(draft.names)
        if plain_name(name) in _TRUNK_ENDS and draft.armature.parents[bone] >= 0
    ]
    if not line:
        ends = [draft.path(roots[0], bone) for bone in carriers]
        line = max(ends, key=len, default=[])
    neck = next((step for step, bone in enumerate(line) if draft.names[bone].startswith(("neck", "head"))), len(line))
    trunk, head = line[:neck], line[neck:]
    if any(bone in taken for bone in line):
        return
    if len(trunk) >= 3 and _runs_on(draft, trunk):
        draft.chains.append((SPINE, trunk))
    if head and _runs_on(draft, head):
        draft.chains.append((HEAD, head))


def _runs_on(draft: _Draft, chain: list[int]) -> bool:
    """Each bone of the chain begins where one can end the bone before it."""
    return all(draft.apart(one, other) for one, other in itertools.pairwise(chain))


def _add_rest(draft: _Draft) -> None:
    """Chains of one name, and single bones. Parents come first."""
    for bone in range(len(draft.names)):
        if bone in draft.taken():
            continue
        name = draft.names[bone]
        if ".twist" in name and draft.armature.parents[bone] >= 0:
            draft.carried[bone] = int(draft.armature.parents[bone])
            continue
        chain = [bone]
        while True:
            free = [other for other in draft.children(chain[-1]) if other not in draft.taken()]
            same = [other for other in free if plain_name(draft.names[other]) == plain_name(name)]
            if len(same) != 1 or not draft.apart(chain[-1], same[0]):
                break
            chain.append(same[0])
        finger = plain_name(name) in _FINGERS
        draft.chains.append(((FINGER if finger else CHAIN) if len(chain) > 1 else COPY, chain))


def _finished(draft: _Draft) -> ControlPlan:
    """Bones in an order in which parents come first, each chain in line, with the ends that the armature lacks."""
    made: list[ControlBone] = []
    place: dict[int, int] = {}  # bone of the armature -> of the plan
    names = _plan_names(draft)
    starts = {chain[0]: (made_as, chain) for made_as, chain in draft.chains}
    for bone in range(len(draft.names)):  # parents come first, so a chain's start comes after what carries it
        if bone not in starts:
            continue
        made_as, chain = starts[bone]
        above = _carrier(draft, int(draft.armature.parents[bone]), place)
        for step, control in enumerate(_chain_bones(draft, made_as, chain, names)):
            parent = above if step == 0 else len(made) - 1
            if control.own >= 0:
                place[control.own] = len(made)
            made.append(replace(control, parent=parent))
    carriers = tuple(_carrier(draft, bone, place) for bone in range(len(draft.names)))
    return ControlPlan(tuple(made), carriers)


def _carrier(draft: _Draft, bone: int, place: dict[int, int]) -> int:
    while bone >= 0 and bone not in place:
        bone = draft.carried.get(bone, int(draft.armature.parents[bone]))
    return place[bone] if bone >= 0 else -1


def _plan_names(draft: _Draft) -> dict[int, str]:
    """Rigify numbers trunk, neck and head as one spine; every other bone keeps its name."""
    line = [bone for made_as in (SPINE, HEAD) for kind, chain in draft.chains if kind == made_as for bone in chain]
    spine = line if any(kind == SPINE for kind, _ in draft.chains) else []
    first = {bone: "spine" if step == 0 else f"spine.{step:03d}" for step, bone in enumerate(spine)}
    rest = [bone for bone in range(len(draft.names)) if bone not in first]
    wanted = [draft.names[bone] if draft.names[bone] != _RESERVED else "trunk" for bone in rest]
    given = unique([*first.values(), *wanted])
    return dict(zip([*first, *rest], given, strict=True))


def _chain_bones(draft: _Draft, made_as: str, chain: list[int], names: dict[int, str]) -> list[ControlBone]:
    armature = draft.armature
    joints = [armature.heads[bone].copy() for bone in chain] + [armature.tails[chain[-1]].copy()]
    ways = bone_axes(armature.heads, armature.tails, armature.rolls)[:, 2]
    if made_as in LIMBS:
        bends_to = ways[chain[1]]
        joints[1] = bent_middle(joints[0], joints[1], joints[2], draft.names[chain[1]], bends_to)
    owners: list[int] = list(chain)
    titles = [names[bone] for bone in chain]
    missing = draft.ends.get(chain[-1], "")
    if missing and made_as == ARM:
        joints.append(joints[-1] + _END * (joints[-1] - joints[-2]))
        owners, titles = [*owners, -1], [*titles, missing]
    elif missing:
        joints = _with_toes(joints)
        owners, titles = [*owners, -1], [*titles, missing]
    if made_as == LEG:
        joints = _levelled(joints)
    bones = []
    for step, (own, title) in enumerate(zip(owners, titles, strict=True)):
        head, tail = joints[step], joints[step + 1]
        towards = ways[own] if own >= 0 else ways[chain[-1]]
        roll = float(rolls_towards(head[None], tail[None], towards[None])[0])
        bones.append(ControlBone(title, own, head, tail, roll, -1, step > 0, made_as if step == 0 else ""))
    return bones


def _with_toes(joints: list[np.ndarray]) -> list[np.ndarray]:
    """A foot that has no toes is given some, of its own last third."""
    ball = joints[-2] + _BALL * (joints[-1] - joints[-2])
    return [*joints[:-1], ball, joints[-1]]


def _levelled(joints: list[np.ndarray]) -> list[np.ndarray]:
    """Feet that point straight down have no front: their ball is put a little forward, and the toes with it."""
    foot = joints[3] - joints[2]
    length = float(np.linalg.norm(foot))
    if np.hypot(foot[0], foot[1]) >= _LEVEL * length:
        return joints
    ahead = np.array([0.0, -_LEVEL * length, 0.0])
    return [*joints[:3], joints[3] + ahead, joints[4] + 2.0 * ahead]


@dataclass(frozen=True)
class Handle:
    """A control of the built rig that turns a bone of the armature when IK is off."""

    names: tuple[str, ...]  # what it may be called, the likeliest first
    bone: int
    parent: int  # the bone of the armature that carries the control, -1 for none


def handles_of(plan: ControlPlan) -> list[Handle]:
    """The controls by which a motion is told to the built rig, with IK off. Parents come first."""
    found: list[Handle] = []
    made_as, step = "", 0
    for place, control in enumerate(plan.bones):
        made_as, step = (control.made_as, 0) if control.made_as else (made_as, step + 1)
        if control.own < 0:
            continue
        carrier = plan.bones[control.parent].own if control.parent >= 0 else -1
        last = place + 1 == len(plan.bones) or bool(plan.bones[place + 1].made_as)
        if made_as == SPINE:
            name = "torso" if step == 0 else control_name(control.name, "_fk")
        elif made_as == HEAD:
            name = "head" if last else "neck" if step == 0 else ""
            carrier = plan.bones[place - step].own if last and step > 0 else carrier
        elif made_as in LIMBS or made_as == CHAIN:
            name = control_name(control.name, "_fk")
        else:
            name = control.name
        if name:
            found.append(Handle((name, control.name), control.own, carrier))
    return found


def with_controls(armature: Armature, plan: ControlPlan) -> Armature:
    """The armature with its joints where those of the built rig are."""
    heads, tails = armature.heads.copy(), armature.tails.copy()
    for control in plan.bones:
        if control.own >= 0:
            heads[control.own], tails[control.own] = control.head, control.tail
    rolls = armature.rolls.copy()
    ways = bone_axes(armature.heads, armature.tails, armature.rolls)[:, 2]
    moved = (heads != armature.heads).any(1) | (tails != armature.tails).any(1)
    rolls[moved] = rolls_towards(heads[moved], tails[moved], ways[moved])
    return replace(armature, heads=heads, tails=tails, rolls=rolls)


def control_name(control: str, suffix: str) -> str:
    """The name of a bone that Rigify derives from another: `spine.001` -> `spine_fk.001`, `hand.L` -> `hand_ik.L`."""
    stem, side = split_side(control)
    if side:
        return f"{stem}{suffix}{side}"
    head, _, number = stem.rpartition(".")
    return f"{head}{suffix}.{number}" if head and number.isdigit() else f"{stem}{suffix}"
