"""A template fitted to a character: its joints where the character's are, its names and rest axes as they are.

Clips tell how a bone turns against its rest axes, and the next joint lies where it lies in those axes. So a clip plays
undistorted where two things hold: the rest axes are the template's, and the bones point where the template's point. A
character that rests in another pose than the template has one or the other, not both. It is therefore brought
into the template's rest pose, mesh and all; then both hold exactly.

What is body and not pose is left alone: trunk, neck, shoulders and feet whose joints lie in another line than the
template's (a foot's pitch is a matter of the shoe) are not bent by that, as long as the difference is small.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...anatomy import Armature, SkinWeights
from ...axes import rolls_towards
from ..bones.hinges import palm_of
from ..bones.moved import parents_among
from ..rest.body import NamedBody, ends_of, named_body
from ..rest.hands import SIDES, palms_turned
from ..rest.stances import lift, moves_out
from ..rest.turns import least_turn, moved_by, moves_of, turned_on, turns_towards
from .match import Matched, matched
from .template import Template, bare_armature

BUILD = np.cos(np.radians(35.0))  # what differs by less, and is no limb, is body and not pose
BUILT = ("hips", "spine", "chest", "neck", "head", "shoulder")
FEET = ("foot", "toe")
DIGITS = ("thumb", "f_")
SAME_PLACE = 1e-6  # of the template's height
SHORT = 0.3  # how long a bone is drawn whose y does not lead to the next joint, of the way there
LEAST_LENGTH = 0.01  # of the height


@dataclass(frozen=True)
class Fitted:
    """A character with another skeleton."""

    armature: Armature  # in the character's frame, at the new rest
    moves: np.ndarray  # (N, 3, 4) how its bones bring what they move from the old rest to the new
    missing: tuple[str, ...]  # bones of the template that the character has no joint for; placed by proportion
    kept: tuple[str, ...]  # bones of the character that the template does not know and that stay, as tails and ears
    found: Matched
    frame: NamedBody  # the character as it was

    @property
    def heirs(self) -> list[int]:
        """For each bone of the character the one that took its place, (B,)."""
        return _move_rows(self.frame, self.found, len(self.armature.names) - len(self.found.extra)).tolist()

    def weights(self, points: np.ndarray, dense: np.ndarray) -> np.ndarray:
        """Weights of the character's bones (V, B) as weights of the new ones (V, N); points (V, 3) at the old rest."""
        inside = self.frame.frame.points_in(points)
        result = np.zeros((len(points), len(self.armature.names)), np.float32)
        chained = {bone for chain in self.found.chains for bone in chain.own}
        for bone, owner in enumerate(self.found.owners):
            if owner >= 0 and bone not in chained:
                result[:, owner] += dense[:, bone]
        for chain in self.found.chains:
            if chain.own:
                whole = dense[:, list(chain.own)].sum(1, keepdims=True)
                result[:, list(chain.bones)] += (whole * chain.shares(inside)).astype(np.float32)
        for number, bone in enumerate(self.found.extra):
            result[:, len(self.armature.names) - len(self.found.extra) + number] += dense[:, bone]
        return result

    def skin(self, points: np.ndarray, skin: SkinWeights) -> SkinWeights:
        """The skin of the new bones, with as many influences a vertex as it had at most."""
        width = skin.bones.shape[1]
        dense = self.weights(points, skin.dense(len(self.frame.armature.names)))
        bones = np.argsort(-dense, axis=1, kind="stable")[:, :width]
        weights = np.take_along_axis(dense, bones, 1)
        total = weights.sum(1, keepdims=True)
        weights = weights / np.where(total > 0, total, 1)
        return SkinWeights(np.where(weights > 0, bones, 0).astype(np.int32), weights.astype(np.float32))


def fit_template(template: Template, character: Armature, *, keep_pose: bool = False) -> Fitted:
    """The template on the joints of a character, which is brought into the template's rest pose.

    With `keep_pose`, or a template whose axes are laid along the bones anyhow, the character stays as it is and the
    axes turn along with its bones; files then still play undistorted, Blender's own actions do not.
    """
    body = named_body(character)
    found = matched(template, body)
    some = np.flatnonzero(~np.isnan(found.joints).any(1))
    above = parents_among(template.parents, some)
    laid = _laid(template, body, found, some, above)
    keep = keep_pose or template.along
    turns = _turns(template, laid, some, above, keep=keep)
    if keep:
        axes = np.einsum("bij,bkj->bik", template.axes[some], turns.transpose(0, 2, 1))
        moves = np.tile(np.eye(4)[:3], (len(some), 1, 1))
    else:
        axes = template.axes[some]
        moves = moves_of(laid.armature, turns)
        moves[:, 2, 3] += lift(laid.armature, moves)
    heads = np.einsum("bij,bj->bi", moves[:, :, :3], laid.armature.heads) + moves[:, :, 3]
    made = _completed(template, some, heads, axes, keep=keep)
    made = _dressed(made, body, found)
    all_moves = _all_moves(template, some, moves, found, body)
    made = _with_extra(made, body, found, all_moves)
    missing = tuple(
        name
        for bone, name in enumerate(template.names)
        if (bone not in some or bone in found.guessed) and name not in template.helpers
    )
    return Fitted(
        replace(body.frame.out(made), symmetry=None),
        moves_out(body, all_moves),
        missing,
        tuple(made.names[len(template.names) :]),
        found,
        body,
    )


def _laid(template: Template, body: NamedBody, found: Matched, some: np.ndarray, above: np.ndarray) -> NamedBody:
    """The template's bones that the character has joints for, as they lie on it in the pose that it rests in."""
    parts = tuple(template.parts[bone] or f"\0{template.names[bone]}" for bone in some)
    heads = found.joints[some]
    span = template.ends - template.heads
    tails = np.array(
        [body.ends[found.own[bone]] if bone in found.own else found.joints[bone] + span[bone] for bone in some.tolist()]
    )
    armature = bare_armature(parts, above, heads, tails)
    place = {part: bone for bone, part in enumerate(parts)}
    return NamedBody(armature, body.frame, place, ends_of(armature, place))


def _turns(template: Template, laid: NamedBody, some: np.ndarray, above: np.ndarray, *, keep: bool) -> np.ndarray:
    """How the laid bones turn into the template's rest pose, (M, 3, 3)."""
    theirs = bare_armature(laid.armature.names, above, template.heads[some], template.ends[some])
    place = laid.place
    goal = NamedBody(theirs, laid.frame, place, ends_of(theirs, place))
    digits = np.array([part.startswith(DIGITS) for part in laid.armature.names])
    aims = np.where(digits[:, None], np.nan, goal.ways)
    turns = turns_towards(above, laid.ways, aims) if keep else _posed(laid, aims)
    palms = {letter: palm[0] for letter, side in SIDES if (palm := palm_of(theirs, letter, side)) is not None}
    turns = palms_turned(laid, turns, palms)
    return turned_on(above, laid.ways, turns, np.where(digits[:, None], goal.ways, np.nan))


def _posed(laid: NamedBody, aims: np.ndarray) -> np.ndarray:
    """Turns towards the aims of limbs; what is build and not pose goes with what it hangs on, soles stay level."""
    parents = laid.armature.parents
    turns = np.tile(np.eye(3), (len(parents), 1, 1))
    for bone, (part, parent) in enumerate(zip(laid.armature.names, parents, strict=True)):
        carried = turns[parent] if parent >= 0 else np.eye(3)
        way = laid.ways[bone]
        if part.startswith(FEET) and way @ aims[bone] > BUILD:
            turns[bone] = np.eye(3)
        elif np.isnan(aims[bone]).any() or (part.startswith(BUILT) and (carried @ way) @ aims[bone] > BUILD):
            turns[bone] = carried
        else:
            turns[bone] = least_turn(carried @ way, aims[bone]) @ carried
    return turns


def _completed(template: Template, some: np.ndarray, heads: np.ndarray, axes: np.ndarray, *, keep: bool) -> Armature:
    """All bones of the template: those without a joint on the character are placed by proportion."""
    count, size = len(template.names), float(np.ptp(template.heads, axis=0).max())
    known = np.zeros(count, bool)
    known[some] = True
    all_heads, all_axes = np.zeros((count, 3)), template.axes.copy()
    all_heads[some], all_axes[some] = heads, axes
    body_size = _scale(template.heads[some], heads)
    order = [int(bone) for bone in np.flatnonzero(~known)]
    for bone in order:  # parents come first
        same = some[np.linalg.norm(template.heads[some] - template.heads[bone], axis=1) < SAME_PLACE * size]
        above = _nearest_known(template.parents, bone, known)
        below = next((int(b) for b in some if _is_below(template.parents, int(b), bone)), -1)
        turn = np.eye(3)
        if len(same):
            all_heads[bone], turn = all_heads[same[0]], all_axes[same[0]].T @ template.axes[same[0]]
        elif above < 0:
            anchor = some[0]
            all_heads[bone] = all_heads[anchor] + body_size * (template.heads[bone] - template.heads[anchor])
        else:
            there, here = template.heads[above], all_heads[above]
            turn = all_axes[above].T @ template.axes[above]
            scale = body_size
            if below >= 0:
                before, after = template.heads[below] - there, all_heads[below] - here
                scale = float(np.linalg.norm(after) / max(np.linalg.norm(before), 1e-12))
                turn = least_turn(
                    before / max(np.linalg.norm(before), 1e-12), after / max(np.linalg.norm(after), 1e-12)
                )
            all_heads[bone] = here + scale * turn @ (template.heads[bone] - there)
        all_axes[bone] = template.axes[bone] @ turn.T if keep else template.axes[bone]
        known[bone] = True
    return _drawn(template, all_heads, all_axes, body_size)


def _nearest_known(parents: np.ndarray, bone: int, known: np.ndarray) -> int:
    above = int(parents[bone])
    while above >= 0 and not known[above]:
        above = int(parents[above])
    return above


def _is_below(parents: np.ndarray, bone: int, top: int) -> bool:
    while bone >= 0 and bone != top:
        bone = int(parents[bone])
    return bone == top


def _scale(before: np.ndarray, after: np.ndarray) -> float:
    """How much larger the character is than the template, by its height."""
    return float(np.ptp(after[:, 2]) / max(float(np.ptp(before[:, 2])), 1e-12))


def _drawn(template: Template, heads: np.ndarray, axes: np.ndarray, scale: float) -> Armature:
    """The bones as Blender draws them: along their y, as far as the next joint where that is where y leads."""
    y = axes[:, 1]
    ends = np.array(
        [
            heads[children[0]]
            if len(children := _followers(template, bone))
            else heads[bone] + scale * (template.ends[bone] - template.heads[bone])
            for bone in range(len(template.names))
        ]
    )
    span = ends - heads
    long = np.linalg.norm(span, axis=1)
    leads = (span * y).sum(1) > (1.0 - 1e-9) * long
    least = LEAST_LENGTH * float(np.ptp(heads[:, 2]))
    nearly = np.where((span * y).sum(1) > 0.9 * long, long, SHORT * long)
    length = np.maximum(np.where(leads, long, nearly), least)
    tails = heads + y * length[:, None]
    parents = template.parents
    apart = np.linalg.norm(tails[np.maximum(parents, 0)] - heads, axis=1)
    count = len(heads)
    return Armature(
        template.names,
        parents,
        heads,
        tails,
        rolls_towards(heads, tails, axes[:, 2]),
        (parents >= 0) & (apart < 1e-7 * max(float(np.ptp(heads[:, 2])), 1e-12)),
        np.ones(count),
        np.ones(count, bool),
        np.zeros((count, 2)),
        "biped",
    )


def _followers(template: Template, bone: int) -> list[int]:
    """The children that a bone leads to: whose head is where it ends."""
    size = float(np.ptp(template.heads, axis=0).max())
    children = np.flatnonzero(template.parents == bone)
    apart = np.linalg.norm(template.heads[children] - template.ends[bone], axis=1)
    return [int(child) for child in children[apart < 1e-4 * size]]


def _dressed(made: Armature, body: NamedBody, found: Matched) -> Armature:
    """Confidence and radii of the character's bones that each stands for."""
    confidence, radii = made.confidence.copy(), np.full((len(made.names), 2), float(np.median(body.armature.radii)))
    for theirs, own in found.own.items():
        confidence[theirs], radii[theirs] = body.armature.confidence[own], body.armature.radii[own]
    return replace(made, confidence=confidence, radii=radii, kind=body.armature.kind)


def _all_moves(template: Template, some: np.ndarray, moves: np.ndarray, found: Matched, body: NamedBody) -> np.ndarray:
    """The moves of all bones, further ones of the character at the end: each as what it hangs on."""
    result = np.tile(np.eye(4)[:3], (len(template.names), 1, 1))
    place = {int(bone): number for number, bone in enumerate(some)}
    for bone, parent in enumerate(template.parents):
        if bone in place:
            result[bone] = moves[place[bone]]
        elif parent >= 0:
            result[bone] = result[parent]
    further = [result[_holder(body, found, bone)] for bone in found.extra]
    return np.concatenate([result, np.array(further).reshape(-1, 3, 4)])


def _holder(body: NamedBody, found: Matched, bone: int) -> int:
    """The bone of the template that a further bone of the character hangs on in the end."""
    above = int(body.armature.parents[bone])
    while above >= 0 and found.owners[above] < 0:
        above = int(body.armature.parents[above])
    return int(found.owners[above]) if above >= 0 else 0


def _with_extra(made: Armature, body: NamedBody, found: Matched, moves: np.ndarray) -> Armature:
    """The armature with what the character has beside it, such as tails and ears, under its own names."""
    extra = list(found.extra)
    if not extra:
        return made
    count, own = len(made.names), body.armature
    own = moved_by(own, moves[_move_rows(body, found, count)])
    place = {bone: count + number for number, bone in enumerate(extra)}
    parents = [
        place.get(int(own.parents[bone]), _holder(body, found, bone)) if own.parents[bone] >= 0 else 0 for bone in extra
    ]
    taken, names = set(made.names), []
    for bone in extra:
        name = own.names[bone] if own.names[bone] not in taken else f"{own.names[bone]}.own"
        taken.add(name)
        names.append(name)
    return replace(
        made,
        names=(*made.names, *names),
        parents=np.concatenate([made.parents, parents]).astype(np.int32),
        heads=np.concatenate([made.heads, own.heads[extra]]),
        tails=np.concatenate([made.tails, own.tails[extra]]),
        rolls=np.concatenate([made.rolls, own.rolls[extra]]),
        connected=np.concatenate(
            [made.connected, [False if int(own.parents[b]) not in place else bool(own.connected[b]) for b in extra]]
        ),
        confidence=np.concatenate([made.confidence, own.confidence[extra]]),
        deform=np.concatenate([made.deform, own.deform[extra]]),
        radii=np.concatenate([made.radii, own.radii[extra]]),
    )


def _move_rows(body: NamedBody, found: Matched, count: int) -> np.ndarray:
    """For each bone of the character the row of its move."""
    place = {bone: count + number for number, bone in enumerate(found.extra)}
    return np.array([place.get(bone, max(int(owner), 0)) for bone, owner in enumerate(found.owners)])
