"""Which way the joints of a named body bend: rolls by anatomy, where a bone's own direction says too little.

The convention, the same for every limb: a positive turn about a bone's x axis bends it the natural way. Fingers close
into the palm and the thumb closes across it, forearms come forwards, shins go backwards, and a joint of an animal's leg
bends on as it is bent already. All fingers of a hand hinge about one axis, so that a fist is one value on one channel.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...anatomy import Armature
from ...axes import rolls_towards
from .moved import mirrored_pairs
from .names import side_of, sign_of_side, split_side

FINGERS = ("f_index", "f_middle", "f_ring", "f_pinky")  # in the order from the thumb's side
THUMB_ACROSS, THUMB_INTO = 0.8, 0.6  # how far a thumb closes across the palm, and into it
SPREAD = 0.15  # knuckles that lie closer together than this share of the hand say nothing about the palm
FORWARD, UP = np.array([0.0, -1.0, 0.0]), np.array([0.0, 0.0, 1.0])
TIP_LEAN = np.sin(np.radians(10.0))  # how far to the side a finger's last bone may lean against the one before
CLEAR = np.cos(np.radians(12.0))  # a joint that is bent less than this does not show which way it bends
USUAL = {  # where the bone goes when its joint bends and the joint is straight at rest
    "forearm": FORWARD,
    "shin": -FORWARD,
    "lower_leg.front": -FORWARD,
    "lower_leg.hind": -FORWARD,
    "foot.front": -FORWARD,
    "foot.hind": FORWARD,
}
EITHER_WAY = ("lower_leg", "foot")  # what is bent at rest tells; elbows and knees of people bend one way only


def with_natural_rolls(armature: Armature) -> Armature:
    """An armature of the canonical frame whose limbs bend the natural way; left and right opposite where symmetric."""
    flex = limb_flex(armature)
    hands = hand_flex(armature)
    flex = np.where(np.isfinite(hands), hands, flex)
    known = np.isfinite(flex).all(1)
    if not known.any():
        return armature
    rolls = armature.rolls.copy()
    rolls[known] = rolls_towards(armature.heads[known], armature.tails[known], flex[known])
    if armature.symmetry is not None:
        pairs = mirrored_pairs(armature.names)
        right = np.array([sign_of_side(name) < 0 for name in armature.names]) & (pairs != np.arange(len(pairs)))
        rolls = np.where(right, -rolls[pairs], rolls)
    return replace(armature, rolls=rolls)


def with_tips_in_line(armature: Armature) -> Armature:
    """An armature of the canonical frame whose last finger bones lean but little to the side of those before them.

    The joints of a finger are hinges: a tip that lies beside their plane is a tip that was found badly, and its bone
    could not close with the others.
    """
    tails = armature.tails.copy()
    place = {name: bone for bone, name in enumerate(armature.names)}
    for side, sign in (("L", 1.0), ("R", -1.0)):
        palm = palm_of(armature, side, sign)
        if palm is None:
            continue
        for chain in (_chain(place, stem, side) for stem in FINGERS):
            if len(chain) > 1:
                tails[chain[-1]] = armature.heads[chain[-1]] + _leaned_back(armature, chain[-2], chain[-1], palm[1])
    if armature.symmetry is not None:
        pairs = mirrored_pairs(armature.names)
        right = np.array([sign_of_side(name) < 0 for name in armature.names]) & (pairs != np.arange(len(pairs)))
        tips = right & (tails != armature.tails).any(1)
        tails[tips] = tails[pairs[tips]] * (-1.0, 1.0, 1.0)
    return replace(armature, tails=tails)


def _leaned_back(armature: Armature, before: int, last: int, across: np.ndarray) -> np.ndarray:
    """The last bone of a finger, (3,), as long as it was, with no more lean across the palm than joints have."""
    span, length = armature.tails[last] - armature.heads[last], float(armature.lengths[last])
    usual = _unit(armature.tails[before] - armature.heads[before]) @ across
    lean = float(np.clip(span @ across / max(length, 1e-12), usual - TIP_LEAN, usual + TIP_LEAN))
    straight = span - (span @ across) * across
    if span @ across == lean * length or np.linalg.norm(straight) < 1e-9 or abs(lean) >= 1.0:
        return span
    return length * (lean * across + np.sqrt(1.0 - lean**2) * _unit(straight))


def limb_flex(armature: Armature) -> np.ndarray:
    """Where the tails of forearms, shins and animals' lower legs move when their joint bends, (B, 3); else NaN."""
    flex = np.full((len(armature.names), 3), np.nan)
    y = (armature.tails - armature.heads) / np.maximum(armature.lengths, 1e-12)[:, None]
    for bone, name in enumerate(armature.names):
        stem = split_side(name)[0]
        parent = armature.parents[bone]
        if stem not in USUAL or parent < 0:
            continue
        usual = USUAL[stem] if abs(y[bone] @ FORWARD) < 0.9 else UP
        onward = _bent_on(y[parent], y[bone], sagittal=stem != "forearm")
        both = stem.startswith(EITHER_WAY)
        flex[bone] = onward if onward is not None and (both or onward @ usual > 0.5) else usual
    return flex


def _bent_on(above: np.ndarray, own: np.ndarray, *, sagittal: bool) -> np.ndarray | None:
    """Where a bone of direction `own` (3,) goes when the angle to the one above grows; None where they are in line."""
    if sagittal:
        above, own = above * (0.0, 1.0, 1.0), own * (0.0, 1.0, 1.0)
        if min(float(np.linalg.norm(above)), float(np.linalg.norm(own))) < 0.5:
            return None
        above, own = _unit(above), _unit(own)
    return None if above @ own > CLEAR else _unit((above @ own) * own - above)


def hand_flex(armature: Armature) -> np.ndarray:
    """Where each finger's tail moves when it closes, (B, 3); NaN for bones that are no fingers."""
    flex = np.full((len(armature.names), 3), np.nan)
    for side, sign in (("L", 1.0), ("R", -1.0)):
        palm = palm_of(armature, side, sign)
        if palm is None:
            continue
        into, across = palm
        for bone, name in enumerate(armature.names):
            stem = name.partition(".")[0]
            if side_of(name) != side or stem not in (*FINGERS, "thumb"):
                continue
            flex[bone] = THUMB_ACROSS * across + THUMB_INTO * into if stem == "thumb" else into
    return flex


def palm_of(armature: Armature, side: str, sign: float) -> tuple[np.ndarray, np.ndarray] | None:
    """Unit vectors out of the palm, and across it from the index to the little finger; None without a hand.

    `sign` is 1 for the left hand. The palm is the plane of the knuckles and the way the fingers go; where the
    knuckles do not spread, a hand that reaches sideways is taken to look down, one that hangs to look at the body.
    """
    place = {name: bone for bone, name in enumerate(armature.names)}
    hand = place.get(f"hand.{side}")
    chains = [bones for stem in FINGERS if (bones := _chain(place, stem, side))]
    if hand is None or not (chains or _chain(place, "thumb", side)):
        return None
    wrist, length = armature.heads[hand], max(float(armature.lengths[hand]), 1e-9)
    knuckles = np.array([armature.heads[bones[0]] for bones in chains]).reshape(-1, 3)
    along = _unit(knuckles.mean(0) - wrist) if len(chains) else _unit(armature.tails[hand] - wrist)
    across = knuckles[-1] - knuckles[0] if len(chains) > 1 else np.zeros(3)
    across = across - (across @ along) * along
    if np.linalg.norm(across) < SPREAD * length:
        across = _from_thumb(armature, place, side, along, knuckles, wrist)
    if across is None or np.linalg.norm(across) < SPREAD * length:
        down = -UP if abs(along @ UP) < 0.7 else np.array([-sign, 0.0, 0.0])
        into = _unit(down - (down @ along) * along)
        return into, _unit(np.cross(along, into)) * sign
    across = _unit(across)
    return -sign * np.cross(along, across), across


def _chain(place: dict[str, int], stem: str, side: str) -> list[int]:
    """The bones of a finger from the palm outwards."""
    return [place[name] for k in range(5) if (name := f"{stem}.{k:02d}.{side}") in place]


def _from_thumb(
    armature: Armature, place: dict[str, int], side: str, along: np.ndarray, knuckles: np.ndarray, wrist: np.ndarray
) -> np.ndarray | None:
    """Across the palm, away from the thumb."""
    thumb = _chain(place, "thumb", side)
    if not thumb:
        return None
    middle = knuckles.mean(0) if len(knuckles) else wrist
    away = middle - armature.tails[thumb[-1]]
    return away - (away @ along) * along


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / max(float(np.linalg.norm(vector)), 1e-12)
