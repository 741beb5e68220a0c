"""A finished rig in another rest pose, or with somebody else's skeleton."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..anatomy import Array, Mesh, Rig, SkinWeights
from ..errors import BadRequestError
from ..gltf.fitting.skeleton import read_template
from ..requests import FitOptions
from ..rigging.rest.body import named_body
from ..rigging.rest.stances import STANCES, at_rest
from ..rigging.rest.turns import moved_points
from ..rigging.skeletons.builtin import KNOWN, builtin
from ..rigging.skeletons.fit import fit_template
from ..rigging.skeletons.template import Template

STAYS = FitOptions()
PLACED = "The character has no {}: placed by proportion."


@dataclass(frozen=True)
class Refitted:
    """A rig and what moves its mesh to the new rest."""

    rig: Rig
    front: Array  # (3, 3) rows: the body's left, back and up
    skin: SkinWeights | None = None  # how vertices move to the new rest: by these weights ...
    moves: Array | None = None  # ... and these moves of bones, (B, 3, 4); None where they stay
    notes: tuple[str, ...] = ()


def refitted(rig: Rig, mesh: Mesh, fit: FitOptions) -> Refitted:
    """The rig of `mesh` as `fit` has it. Raises BadRequestError, BadArmatureError."""
    check_fit(fit)
    if fit == STAYS:
        return Refitted(rig, np.eye(3))
    if rig.skin is None:
        raise BadRequestError("A new rest pose moves the mesh by its weights. Leave out --no-bind.")
    armature, skin, points = rig.armature, rig.skin, mesh.vertices
    how: tuple[SkinWeights, Array] | None = None
    if fit.rest in STANCES:
        armature, moves = at_rest(armature, fit.rest)
        points, how = moved_points(points, skin, moves), (skin, moves)
    notes = []
    if fit.skeleton:
        template = skeleton_of(fit.skeleton)
        fitted = fit_template(template, armature, keep_pose=fit.keep_pose)
        armature, skin = fitted.armature, fitted.skin(points, skin)
        how = how if fit.keep_pose or template.along else (skin, fitted.moves)
        if fitted.missing:
            notes.append(PLACED.format(", ".join(fitted.missing)))
    front = named_body(rig.armature).frame.axes
    made = replace(rig, armature=armature, skin=skin)
    return Refitted(made, front if fit.skeleton else np.eye(3), *(how or (None, None)), tuple(notes))


def skeleton_of(name: str) -> Template:
    """A skeleton that is known by name, or that of a .glb or .gltf file."""
    for known in KNOWN:
        if name == known:
            return builtin(known)
    return read_template(Path(name))


def check_fit(fit: FitOptions) -> None:
    """Refuse what contradicts itself."""
    if fit.skeleton and fit.rest in STANCES and not fit.keep_pose:
        raise BadRequestError("A skeleton brings its own rest pose. Leave out --rest, or add --keep-pose.")
    if fit.skeleton and fit.skeleton not in KNOWN and not Path(fit.skeleton).is_file():
        raise BadRequestError(
            f"'{fit.skeleton}' is no skeleton: neither one of {', '.join(KNOWN)}, nor a file that is there."
        )
