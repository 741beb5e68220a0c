"""Chains for what hangs on a rigged mesh: with a fresh rig, and for a rig that exists."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..anatomy import Armature, Finding, Mesh, Rig, SkinWeights, Spring, Swung
from ..errors import BadRequestError
from ..frames import Frame
from ..geometry.mesh.clean import clean_mesh
from ..networks.running.devices import networks_on
from ..progress import SILENT, Progress
from ..requests import Device, RigOptions
from ..rigging.bones.conventions import own_names
from ..rigging.plans.proposals import StandingShape
from ..rigging.standing.canonical import shape_in
from ..rigging.swinging.add import with_chains
from ..rigging.swinging.figure import Figure
from .perceiving import at_a_glance
from .prepared import to_cleaned, to_input

UNBOUND = "What hangs is found by the weights. Bind the meshes first, or switch Bind on."
UP = np.array([0.0, 0.0, 1.0])


def with_swinging(
    rig: Rig,
    shape: StandingShape,
    armature: Armature,
    skin: SkinWeights | None,
    merged: np.ndarray,
    options: RigOptions,
) -> Rig:
    """A fresh rig with chains for what hangs on it.

    `armature` and `skin` are those of `rig` on the shape that stands; `merged` (V,) says which vertex of that each
    vertex of the input is.
    """
    if skin is None:
        return _telling(rig, UNBOUND)
    figure = Figure(shape.mesh, armature, skin, at_a_glance(shape.mesh, options.seed))
    fresh, weights, springs, told = with_chains(figure, options.influences)
    if springs:
        rig = replace(
            rig,
            armature=_followed(rig.armature, shape.frame.out(fresh)),
            skin=to_input(weights, merged),
            springs=_sized(springs, shape.frame.size),
        )
    return _telling(rig, told)


def add_swinging(
    mesh: Mesh,
    armature: Armature,
    skin: SkinWeights,
    influences: int = 4,
    seed: int = 0,
    progress: Progress = SILENT,
    device: Device = "auto",
) -> Swung:
    """A rig that exists with chains for what hangs on it. Its bones and all weights elsewhere stay as they are."""
    if not 1 <= influences <= 16:
        raise BadRequestError(f"Influences is {influences}. Choose a number from 1 to 16.")
    progress.step(0.0, "Reading the mesh")
    cleaned, merged = clean_mesh(mesh)
    if not (skin.weights > 0).any():
        raise BadRequestError(UNBOUND)
    frame = frame_by_bones(cleaned, armature)
    shape = shape_in(frame, cleaned)
    progress.step(0.2, "Asking what is hair and cloth")
    with networks_on(device):
        seen = at_a_glance(shape, seed)
    figure = Figure(shape, frame.into(armature), to_cleaned(skin, merged, len(cleaned.vertices)), seen)
    progress.step(0.5, "Looking for what hangs")
    fresh, weights, springs, told = with_chains(figure, influences)
    progress.step(1.0, "Done")
    whole = _followed(armature, frame.out(fresh))
    return Swung(whole, to_input(weights, merged) if springs else skin, _sized(springs, frame.size), told)


def frame_by_bones(mesh: Mesh, armature: Armature) -> Frame:
    """The frame in which a rigged character faces -Y with its left at +X: told by its sides, upright as it is."""
    left = _left(armature)
    forward = np.cross(left, UP)
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    middle = (low + high) / 2
    if armature.symmetry is not None:
        middle = middle - (middle @ armature.symmetry.normal - armature.symmetry.offset) * armature.symmetry.normal
    origin = np.array([middle[0], middle[1], low[2]])
    return Frame(np.stack([left, -forward, UP]), max(float((high - low).max()), 1e-12), origin)


def _left(armature: Armature) -> np.ndarray:
    """Where the character's own left is, level."""
    called = own_names(armature.names, armature.parents)
    sides = {ours: number for number, ours in enumerate(called[name] for name in armature.names)}
    ways = [
        armature.heads[number] - armature.heads[sides[f"{ours[:-2]}.R"]]
        for ours, number in sides.items()
        if ours.endswith(".L") and f"{ours[:-2]}.R" in sides
    ]
    way = np.sum(ways, axis=0) if ways else np.array([1.0, 0.0, 0.0])
    level = way * [1, 1, 0]
    long = float(np.linalg.norm(level))
    return level / long if long > 1e-9 else np.array([1.0, 0.0, 0.0])


def _followed(armature: Armature, more: Armature) -> Armature:
    """`armature` as it is, and the bones that only `more` has after it."""
    count = len(armature.names)
    return replace(
        armature,
        names=(*armature.names, *more.names[count:]),
        parents=np.concatenate([armature.parents, more.parents[count:]]),
        heads=np.concatenate([armature.heads, more.heads[count:]]),
        tails=np.concatenate([armature.tails, more.tails[count:]]),
        rolls=np.concatenate([armature.rolls, more.rolls[count:]]),
        connected=np.concatenate([armature.connected, more.connected[count:]]),
        confidence=np.concatenate([armature.confidence, more.confidence[count:]]),
        deform=np.concatenate([armature.deform, more.deform[count:]]),
        radii=np.concatenate([armature.radii, more.radii[count:]]),
    )


def _sized(springs: tuple[Spring, ...], size: float) -> tuple[Spring, ...]:
    return tuple(replace(spring, radius=spring.radius * size) for spring in springs)


def _telling(rig: Rig, told: str) -> Rig:
    return replace(rig, report=replace(rig.report, warnings=(*rig.report.warnings, Finding(told))))
