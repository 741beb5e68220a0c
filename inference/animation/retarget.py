"""A clip of one skeleton -> the same motion on another: by what their bones are, and by how both of them rest."""

from __future__ import annotations

import numpy as np

from ..anatomy import Armature, Clip
from ..errors import BadArmatureError
from ..rigging.bones.conventions import own_names
from ..rigging.bones.names import plain_name
from ..rigging.rest.body import LEAST, TELLING, NamedBody
from ..rigging.rest.turns import least_turn
from .clips import at_rate, heads_of
from .contact import on_their_feet, planted, touches_of
from .legs import Leg, legs_of
from .limits import within_limits
from .roles import body_of, jointed, standing_body
from .turns import about, between

# limbs point where the clip's limbs point, however both rest; all else turns as much as in the clip
_POINTING = ("upper_arm", "forearm", "hand", "thigh", "shin", "thumb", "f_index", "f_middle", "f_ring", "f_pinky")
_TRUNK, _NECK = ("spine", "chest"), ("neck",)
_ALIKE = np.cos(np.radians(35.0))  # legs that rest less alike than this turn as much, wherever they point


def retarget(clip: Clip, target: Armature, rate: float | None = None, *, in_place: bool = False) -> Clip:
    """The motion of `clip` on `target`, in its frame, starting where that stands and looking where it looks.

    Feet stay where the clip's touch the ground, and no joint goes beyond its limits. `rate` is that of the result.
    """
    clip = at_rate(clip, rate) if rate is not None else clip
    if set(clip.armature.names) >= set(target.names) and not _is_body(target):
        return _by_names(clip, target, in_place=in_place)
    source, body = body_of(clip.armature), standing_body(target)
    axes = source.frame.axes
    turns = axes @ clip.turns @ axes.T
    heads = clip.heads @ axes.T
    ahead = _heading(turns[0, source.place["hips"]] if "hips" in source.place else np.eye(3))
    turns, heads = ahead @ turns, heads @ ahead.T
    inside = jointed(body)
    names = inside.names
    made = _turned(source, body, turns)
    made = within_limits(inside, names, made)
    legs = legs_of(inside, names)
    roots = _roots(source, body, heads, legs)
    touches: list[list[tuple[int, int]]] = []
    if legs:
        made, roots, touches = _grounded(source, inside, legs, made, roots, heads, clip.rate)
    if in_place:
        roots = roots * (0.0, 0.0, 1.0)
    marks = [*clip.marks, *touch_marks(legs, touches)]
    return moved_out(clip.name, target, body, made, roots, clip.rate, tuple(sorted(set(marks))))


def moved_out(
    name: str,
    target: Armature,
    body: NamedBody,
    turns: np.ndarray,
    roots: np.ndarray,
    rate: float,
    marks: tuple[tuple[int, str], ...],
) -> Clip:
    """A clip in the frame of `target` from turns and roots in the canonical frame of its body."""
    axes = body.frame.axes
    out = axes.T @ turns @ axes
    return Clip(name, target, out, heads_of(target, out, roots @ axes), rate, marks)


def touch_marks(legs: tuple[Leg, ...], touches: list[list[tuple[int, int]]]) -> list[tuple[int, str]]:
    """A mark where each foot comes down."""
    return [
        (start, f"{leg.name} down") for leg, own in zip(legs, touches, strict=False) for start, _ in own if start > 0
    ]


def _is_body(target: Armature) -> bool:
    names = own_names(target.names, target.parents).values()
    return len(set(TELLING) & set(names)) >= LEAST


def _by_names(clip: Clip, target: Armature, *, in_place: bool) -> Clip:
    """Bone by bone, where the clip has every bone of an armature that is no two-legged body."""
    bones = [clip.armature.names.index(name) for name in target.names]
    turns = clip.turns[:, bones]
    first = bones[0]
    roots = clip.heads[:, first] - clip.armature.heads[first]
    if in_place:
        roots = roots * (0.0, 0.0, 1.0)
    return Clip(clip.name, target, turns, heads_of(target, turns, roots), clip.rate, clip.marks)


def _heading(turn: np.ndarray) -> np.ndarray:
    """The turn about the vertical that undoes the heading of the body's first frame, (3, 3)."""
    forward = turn @ np.array([0.0, -1.0, 0.0])
    if np.hypot(forward[0], forward[1]) < 0.3:
        return np.eye(3)
    yaw = np.arctan2(forward[0], -forward[1])
    return about(np.array([0.0, 0.0, 1.0]), np.array([-yaw]))[0]


def _turned(source: NamedBody, body: NamedBody, turns: np.ndarray) -> np.ndarray:
    """How the target's bones turn, (T, B, 3, 3), both in their canonical frames."""
    inside = body.armature
    matched = _matches(source, body, turns)
    if sum(name in source.place and name in body.place for name in TELLING) < LEAST:
        raise BadArmatureError(
            "The clip and the character have too few bones in common. Take a clip of a body like this one."
        )
    result = np.empty((len(turns), len(inside.names), 3, 3))
    for bone, parent in enumerate(inside.parents):
        if bone in matched:
            result[:, bone] = matched[bone]
        else:
            result[:, bone] = result[:, parent] if parent >= 0 else np.eye(3)
    return result


def _matches(source: NamedBody, body: NamedBody, turns: np.ndarray) -> dict[int, np.ndarray]:
    """The turns (T, 3, 3) of those bones of the target that the clip has something to say about."""
    found: dict[int, np.ndarray] = {}
    bent = _bent_legs(source, body)
    for name, bone in body.place.items():
        other = source.place.get(name)
        if other is None or name.startswith((*_TRUNK, *_NECK)):
            continue
        own = turns[:, other]
        if plain_name(name) in _POINTING and name not in bent:
            own = own @ least_turn(body.ways[bone], source.ways[other])
        found[bone] = own
    hips = [source.place["hips"]] if "hips" in source.place else []
    trunk, necks = _chain(source, _TRUNK), _chain(source, _NECK)
    head = [source.place["head"]] if "head" in source.place else []
    found |= _spread(_chain(body, _TRUNK), [*hips, *trunk], turns, up_to_end=True)
    found |= _spread(_chain(body, _NECK), [*(trunk[-1:] or hips), *necks, *head], turns, up_to_end=False)
    return found


def _bent_legs(source: NamedBody, body: NamedBody) -> set[str]:
    """Bones of legs that rest too differently for the one to point where the other does: a bird's and a person's."""
    found: set[str] = set()
    for side in (".L", ".R"):
        leg = [f"{part}{side}" for part in ("thigh", "shin") if f"{part}{side}" in body.place]
        pairs = [(body.ways[body.place[name]], source.ways[source.place[name]]) for name in leg if name in source.place]
        if any(float(one @ other) < _ALIKE for one, other in pairs):
            found |= set(leg)
    return found


def _chain(body: NamedBody, stems: tuple[str, ...]) -> list[int]:
    """The bones of the trunk or the neck, from the hips up, on the way to head and arms."""
    tops = [body.place[name] for name in ("head", "neck", "shoulder.L", "upper_arm.L", "chest") if name in body.place]
    if not tops:
        return []
    line = [tops[0]]
    while body.armature.parents[line[-1]] >= 0:
        line.append(int(body.armature.parents[line[-1]]))
    return [bone for bone in line[::-1] if plain_name(body.armature.names[bone]) in stems]


def _spread(bones: list[int], others: list[int], turns: np.ndarray, *, up_to_end: bool) -> dict[int, np.ndarray]:
    """The turns along a chain of the source told to a chain of another number of bones."""
    found = {}
    for number, bone in enumerate(bones):
        if len(others) == 0:
            break
        share = (number + 1) / (len(bones) if up_to_end else len(bones) + 1)
        at = share * (len(others) - 1)
        low = min(int(at + 1e-9), len(others) - 1)
        high = min(low + 1, len(others) - 1)
        found[bone] = between(turns[:, others[low]], turns[:, others[high]], max(at - low, 0.0))
    return found


def _roots(source: NamedBody, body: NamedBody, heads: np.ndarray, legs: tuple[Leg, ...]) -> np.ndarray:
    """How far the target's root moves, (T, 3): as the clip's hips do, in the measure of its legs."""
    hips = source.place.get("hips", 0)
    way = heads[:, hips]
    scale = _measure(source, body)
    moved = scale * (way - way[0])
    feet = [source.place[name] for name in ("foot.L", "foot.R", "toe.L", "toe.R") if name in source.place]
    if legs and feet:
        floor = float(np.percentile(heads[:, feet, 2].min(1), 2))
        rest = float(source.armature.heads[hips, 2] - source.armature.heads[feet, 2].min())
        moved[:, 2] = scale * (way[:, 2] - floor - rest)
    return moved


def _measure(source: NamedBody, body: NamedBody) -> float:
    """How long the target's legs are in lengths of the source's; the whole bodies where one has no legs."""

    def legs(one: NamedBody) -> float:
        lengths = [
            float(np.linalg.norm(one.armature.heads[one.place[upper]] - one.armature.heads[one.place[lower]]))
            for side in (".L", ".R")
            for upper, lower in ((f"thigh{side}", f"shin{side}"), (f"shin{side}", f"foot{side}"))
            if upper in one.place and lower in one.place
        ]
        return float(np.mean(lengths)) if lengths else 0.0

    one, other = legs(source), legs(body)
    if one > 0 and other > 0:
        return other / one
    spans = [float(np.ptp(which.armature.heads, axis=0).max()) for which in (source, body)]
    return spans[1] / max(spans[0], 1e-12)


def _grounded(
    source: NamedBody,
    inside: Armature,
    legs: tuple[Leg, ...],
    turns: np.ndarray,
    roots: np.ndarray,
    heads: np.ndarray,
    rate: float,
) -> tuple[np.ndarray, np.ndarray, list[list[tuple[int, int]]]]:
    """Feet stay where the clip's own stay."""
    height = float(np.ptp(source.armature.heads[:, 2]))
    placed = heads_of(inside, turns, roots)
    touches, ways, used = [], [], []
    for leg in legs:
        side = leg.name[-2:]
        tip = source.place.get(f"toe{side}", source.place.get(f"foot{side}"))
        if tip is None or leg.name != f"foot{side}":
            continue
        found = touches_of(heads[:, tip], height, rate)
        own = placed[:, leg.foot] + turns[:, leg.foot] @ (leg.ball - inside.heads[leg.foot])
        touches.append(found)
        ways.append(planted(own, found, float(leg.ball[2]), rate))
        used.append(leg)
    if not used:
        return turns, roots, []
    made, roots = on_their_feet(inside, used, turns, roots, ways, rate)
    return made, roots, touches
