"""What bones of any skeleton are: by the conventions that are known, by words that programs use, by their place."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ..anatomy import Armature
from ..frames import Frame
from ..rigging.bones.conventions import own_names
from ..rigging.bones.hinges import with_natural_rolls
from ..rigging.bones.names import other_side, sign_of_side
from ..rigging.rest.body import LEAST, TELLING, NamedBody, ends_of, named_body

_SQUARE = 0.98  # left that is this near to +X is +X
_PREFIX = re.compile(r"^.*[:|]")
_PIECES = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_SIDES = {"left": ".L", "l": ".L", "right": ".R", "r": ".R"}
_ARM = {"collar", "clavicle", "shoulder", "shldr", "arm", "uparm", "upperarm", "forearm", "lowerarm", "elbow"}
_FOREARM = ({"forearm"}, {"fore"}, {"lowerarm"}, {"lower", "arm"}, {"elbow"})
_HAND, _FOOT, _TOE = ({"hand"}, {"wrist"}), ({"foot"}, {"ankle"}), ({"toe"}, {"toes"}, {"toebase"}, {"ball"})
_SHIN = ({"knee"}, {"shin"}, {"calf"}, {"lowerleg"}, {"lowleg"}, {"lower", "leg"}, {"low", "leg"})
_ABOVE_SHIN = ({"up"}, {"upper"}, {"thigh"}, {"upleg"}, {"upperleg"}, {"hip"})


def body_of(armature: Armature) -> NamedBody:
    """The body that bones make, under our names. Raises BadArmatureError where they tell none."""
    if len(set(TELLING) & set(own_names(armature.names, armature.parents).values())) >= LEAST:
        return named_body(armature)
    named = names_by_words(armature.names, armature.parents)
    if len(set(TELLING) & set(named.values())) < LEAST:
        return named_body(armature)  # by the places of its joints
    fresh = tuple(named.get(bone, f"{name}.own") for bone, name in enumerate(armature.names))
    return named_body(replace(armature, names=fresh))


def standing_body(armature: Armature) -> NamedBody:
    """The body of an armature that stands on +Z, whatever its trunk does; it looks along -Y where no sides tell."""
    named = replace(armature, names=tuple(own_names(armature.names, armature.parents).values()))
    place = {name: bone for bone, name in enumerate(named.names)}
    pairs = [(bone, place.get(other_side(name), bone)) for name, bone in place.items() if sign_of_side(name) > 0]
    pairs = [pair for pair in pairs if named.names[pair[0]] != named.names[pair[1]]]
    apart = sum((armature.heads[left] - armature.heads[right] for left, right in pairs), np.zeros(3)) * (1, 1, 0)
    left = apart / np.linalg.norm(apart) if np.linalg.norm(apart) > 1e-9 else np.array([1.0, 0.0, 0.0])
    left = np.array([1.0, 0.0, 0.0]) if left[0] > _SQUARE else left
    up = np.array([0.0, 0.0, 1.0])
    frame = Frame(np.stack([left, np.cross(up, left), up]), 1.0, np.zeros(3))
    inside = frame.into(named)
    return NamedBody(inside, frame, place, ends_of(inside, place))


def jointed(body: NamedBody) -> Armature:
    """The bones from joint to joint, with rolls by which these bend the natural way."""
    return with_natural_rolls(replace(body.armature, tails=body.ends))


def names_by_words(names: Sequence[str], parents: np.ndarray) -> dict[int, str]:
    """Bone -> what we would call it, by the words in its name and in those around it."""
    words = [_words(name) for name in names]
    found: dict[int, str] = {}
    for side in (".L", ".R"):
        own = [bone for bone, (_, at) in enumerate(words) if at == side]
        _name_arm(own, words, parents, side, found)
        _name_leg(own, words, parents, side, found)
    _name_trunk(words, parents, found)
    return found


def _words(name: str) -> tuple[set[str], str]:
    """The words of a name, lower case, and the side that one of them says."""
    pieces = [piece.lower() for piece in _PIECES.findall(_PREFIX.sub("", name))]
    sides = [_SIDES[piece] for piece in (pieces[:1] + pieces[-1:] + pieces) if piece in _SIDES]
    return {piece for piece in pieces if piece not in _SIDES}, sides[0] if sides else ""


def _says(words: set[str], any_of: Sequence[set[str]]) -> bool:
    return any(group <= words for group in any_of)


def _first(bones: Sequence[int], fits: Callable[[int], bool]) -> int | None:
    return next((bone for bone in bones if fits(bone)), None)


def _name_arm(
    own: list[int], words: list[tuple[set[str], str]], parents: np.ndarray, side: str, found: dict[int, str]
) -> None:
    """From the hand up: the forearm says so, above it is the upper arm, above that perhaps a shoulder."""
    forearm = _first(own, lambda bone: _says(words[bone][0], _FOREARM))
    if forearm is None or parents[forearm] < 0:
        return
    upper = int(parents[forearm])
    found |= {forearm: f"forearm{side}", upper: f"upper_arm{side}"}
    collar = int(parents[upper])
    if collar in own and words[collar][0] & _ARM:
        found[collar] = f"shoulder{side}"
    hand = _first(own, lambda bone: _says(words[bone][0], _HAND) and parents[bone] == forearm)
    if hand is not None:
        found[hand] = f"hand{side}"


def _name_leg(
    own: list[int], words: list[tuple[set[str], str]], parents: np.ndarray, side: str, found: dict[int, str]
) -> None:
    """The shin says so, or is the leg below one that says upper; then thigh, foot and toes follow."""

    def is_leg(bone: int) -> bool:
        above = int(parents[bone])
        upper = _says(words[bone][0], _ABOVE_SHIN)
        return "leg" in words[bone][0] and not upper and above >= 0 and _says(words[above][0], _ABOVE_SHIN)

    shin = _first(own, lambda bone: _says(words[bone][0], _SHIN))
    shin = shin if shin is not None else _first(own, is_leg)
    if shin is None or parents[shin] < 0:
        return
    found |= {shin: f"shin{side}", int(parents[shin]): f"thigh{side}"}
    foot = _first(own, lambda bone: _says(words[bone][0], _FOOT) and parents[bone] == shin)
    if foot is None:
        return
    found[foot] = f"foot{side}"
    toe = _first(own, lambda bone: parents[bone] == foot and _says(words[bone][0], _TOE))
    if toe is not None:
        found[toe] = f"toe{side}"


def _name_trunk(words: list[tuple[set[str], str]], parents: np.ndarray, found: dict[int, str]) -> None:
    """Hips carry both thighs; the trunk leads from them to what carries the arms; from there to the head."""
    place = {name: bone for bone, name in found.items()}
    thighs = [_line(parents, place[name]) for name in ("thigh.L", "thigh.R") if name in place]
    if len(thighs) < 2:
        return
    shared = [bone for bone in thighs[0] if bone in thighs[1]]
    if not shared:
        return
    hips = shared[0]
    found[hips] = "hips"
    arms = [place.get(f"shoulder{s}", place.get(f"upper_arm{s}")) for s in (".L", ".R")]
    tops = [_line(parents, arm)[1:] for arm in arms if arm is not None]
    top = next((bone for bone in tops[0] if all(bone in line for line in tops)), None) if tops else None
    if top is None:
        return
    line = _line(parents, top)
    trunk = line[: line.index(hips)][::-1] if hips in line else []
    for number, bone in enumerate(trunk):
        last = number == len(trunk) - 1 and number > 0
        found[bone] = "chest" if last else "spine" if number == 0 else f"spine.{number:03d}"
    necks = [
        bone for bone, (said, side) in enumerate(words) if "neck" in said and not side and top in _line(parents, bone)
    ]
    heads = [
        bone for bone, (said, side) in enumerate(words) if "head" in said and not side and top in _line(parents, bone)
    ]
    for number, bone in enumerate(necks):
        found[bone] = "neck" if number == 0 else f"neck.{number:03d}"
    if heads:
        found[heads[0]] = "head"


def _line(parents: np.ndarray, bone: int) -> list[int]:
    """A bone and what it hangs on, up to the root."""
    line = [bone]
    while parents[line[-1]] >= 0:
        line.append(int(parents[line[-1]]))
    return line
