"""Which joint of a character each bone of a template is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import BadArmatureError
from ..rest.body import LEAST, TELLING, NamedBody
from .chains import Chain, cuts_of
from .template import Template, is_part

TRUNK, NECK = ("spine", "chest"), ("neck",)
BEGINS = {TRUNK: 0.25, NECK: 0.75}  # of the way from the joint below to its end, where a line without joints begins


@dataclass(frozen=True)
class Matched:
    """What was found."""

    joints: np.ndarray  # (T, 3) where each bone of the template begins on the character; NaN where it has no such joint
    own: dict[int, int]  # bone of the template -> the bone of the character that it is
    owners: np.ndarray  # (B,) which bone of the template takes over what each bone of the character moves; -1: none
    extra: tuple[int, ...]  # bones of the character that the template knows nothing of
    chains: tuple[Chain, ...]  # where numbers of bones differ
    guessed: tuple[int, ...]  # bones of the template along a line of the character that has no joints


def matched(template: Template, body: NamedBody) -> Matched:
    """The joints of a character for the bones of a template. Raises BadArmatureError where the two share too little."""
    place, count = template.place, len(template.names)
    shared = [part for part in TELLING if part in place and part in body.place]
    if len(shared) < LEAST:
        raise BadArmatureError(
            f"{template.title} and the character have too little in common: of hips, thighs and upper arms "
            f"{', '.join(shared) or 'none'}. Name the bones of both as Blender, Mixamo, Unreal or Unity do."
        )
    joints, own, chains, guessed = np.full((count, 3), np.nan), {}, [], []
    owners = np.full(len(body.armature.names), -1)
    for part, bone in place.items():
        if part in body.place and not part.startswith(TRUNK + NECK):
            joints[bone], own[bone] = body.armature.heads[body.place[part]], body.place[part]
    for stems, tops in ((TRUNK, (*NECK, "head")), (NECK, ("head",))):
        chain = _chain(template, body, stems, tops)
        if chain is None:
            continue
        joints[list(chain.bones)] = chain.joints
        if len(chain.own) == len(chain.bones):
            own |= dict(zip(chain.bones, chain.own, strict=True))
            continue
        chains.append(chain)
        guessed += () if chain.own else chain.bones
        for bone, begins in zip(chain.own, cuts_of(chain.line), strict=False):
            owners[bone] = chain.bones[max(int(np.searchsorted(chain.cuts, begins + 1e-6)) - 1, 0)]
    owners[list(own.values())] = list(own)
    _hand_on(body, owners)
    extra = tuple(np.flatnonzero(owners < 0).tolist())
    return Matched(joints, own, owners, extra, tuple(chains), tuple(guessed))


def _chain(template: Template, body: NamedBody, stems: tuple[str, ...], tops: tuple[str, ...]) -> Chain | None:
    """A line of the body that may have any number of bones."""
    place = template.place
    theirs = [bone for bone, part in enumerate(template.parts) if part.startswith(stems)]
    own = [bone for bone, name in enumerate(body.armature.names) if name.startswith(stems) and name in body.place]
    if not theirs:
        return None
    top, their_top = (
        _first(where, parts, tops) for where, parts in ((body.place, body.armature.names), (place, template.parts))
    )
    if top is None:
        if not own:
            return None
        end = body.armature.tails[own[-1]]
    else:
        end = body.armature.heads[top]
    their_line = template.heads[theirs]
    their_end = template.ends[theirs[-1]] if their_top is None else template.heads[their_top]
    if own:
        line = np.concatenate([body.armature.heads[own], [end]])
    else:
        above = body.armature.parents[top] if top is not None else -1
        if above < 0:
            return None
        start = body.armature.heads[above]
        line = np.stack([start + BEGINS[stems] * (end - start), end])
    alike = len(own) == len(theirs)
    return Chain(line, tuple(own), cuts_of(line if alike else np.concatenate([their_line, [their_end]])), tuple(theirs))


def _first(place: dict[str, int], names: tuple[str, ...], stems: tuple[str, ...]) -> int | None:
    """The first bone of a line that begins with one of `stems`."""
    for stem in stems:
        found = [place[name] for name in names if name in place and name.startswith(stem)]
        if found:
            return found[0]
    return None


def _hand_on(body: NamedBody, owners: np.ndarray) -> None:
    """Joints that the template lacks go with the bone that they hang on: fingers with the hand, toes with the foot."""
    for bone, name in enumerate(body.armature.names):
        if owners[bone] < 0 and (is_part(name) or ".twist" in name) and body.armature.parents[bone] >= 0:
            owners[bone] = owners[body.armature.parents[bone]]
