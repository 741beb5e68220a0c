"""A person of plain solids, size 1, with its bones, and what can be hung on it."""

from __future__ import annotations

import numpy as np
import trimesh

from inference.anatomy import Armature, Mesh, SkinWeights, Symmetry
from inference.rigging.swinging.figure import Figure

from ..shapes import as_mesh, joined

# bone: parent, head, tail
BONES = {
    "hips": ("", (0, 0, 0.5), (0, 0, 0.58)),
    "spine": ("hips", (0, 0, 0.58), (0, 0, 0.66)),
    "chest": ("spine", (0, 0, 0.66), (0, 0, 0.8)),
    "neck": ("chest", (0, 0, 0.8), (0, 0, 0.85)),
    "head": ("neck", (0, 0, 0.85), (0, 0, 1.0)),
    **{
        f"{name}{side}": (f"{above}{side}" if above in ("thigh", "shin", "upper_arm", "forearm") else above, head, tail)
        for side, sign in ((".L", 1), (".R", -1))
        for name, above, head, tail in (
            ("thigh", "hips", (0.07 * sign, 0, 0.48), (0.07 * sign, 0, 0.27)),
            ("shin", "thigh", (0.07 * sign, 0, 0.27), (0.07 * sign, 0, 0.05)),
            ("foot", "shin", (0.07 * sign, 0, 0.05), (0.07 * sign, -0.08, 0.01)),
            ("upper_arm", "chest", (0.13 * sign, 0, 0.78), (0.3 * sign, 0, 0.78)),
            ("forearm", "upper_arm", (0.3 * sign, 0, 0.78), (0.45 * sign, 0, 0.78)),
            ("hand", "forearm", (0.45 * sign, 0, 0.78), (0.52 * sign, 0, 0.78)),
        )
    },
}


def person_armature(tail: bool = False) -> Armature:  # noqa: FBT001, FBT002
    """The bones of a person, with a tail of two bones if asked."""
    bones = dict(BONES)
    if tail:
        bones |= {"tail": ("hips", (0, 0.08, 0.5), (0, 0.2, 0.45)), "tail.001": ("tail", (0, 0.2, 0.45), (0, 0.3, 0.4))}
    names = tuple(bones)
    count = len(names)
    return Armature(
        names=names,
        parents=np.array([names.index(bones[name][0]) if bones[name][0] else -1 for name in names], np.int32),
        heads=np.array([bones[name][1] for name in names], float),
        tails=np.array([bones[name][2] for name in names], float),
        rolls=np.zeros(count),
        connected=np.zeros(count, bool),
        confidence=np.ones(count),
        deform=np.ones(count, bool),
        radii=np.full((count, 2), 0.04),
        kind="biped",
        symmetry=Symmetry(np.array([1.0, 0, 0]), 0.0),
    )


def body() -> Mesh:
    """Trunk, head, legs and arms, each a closed piece; the limbs end in the trunk."""

    def rod(start: tuple[float, float, float], end: tuple[float, float, float], radius: float) -> Mesh:
        return as_mesh(trimesh.creation.cylinder(radius=radius, segment=[start, end], sections=16))

    return joined(
        rod((0, 0, 0.46), (0, 0, 0.8), 0.11),
        as_mesh(trimesh.creation.icosphere(subdivisions=3, radius=0.075).apply_translation((0, 0, 0.925))),
        *(rod((0.07 * sign, 0, 0.48), (0.07 * sign, 0, 0.03), 0.05) for sign in (1, -1)),
        *(rod((0.13 * sign, 0, 0.78), (0.5 * sign, 0, 0.78), 0.035) for sign in (1, -1)),
    )


def cone(top: float, bottom: float, narrow: float, wide: float, covered: float = 1.0) -> Mesh:
    """An open cone around the z axis, thin; of its whole turn so much is there, about the back (+Y)."""
    down, turns = 12, 32
    angles = np.pi / 2 + np.linspace(-np.pi * covered, np.pi * covered, turns + 1)
    vertices = [
        (radius * np.cos(angle), radius * np.sin(angle), height)
        for height, radius in zip(np.linspace(top, bottom, down + 1), np.linspace(narrow, wide, down + 1), strict=True)
        for angle in angles
    ]
    faces = []
    for row in range(down):
        for turn in range(turns):
            a, b = row * (turns + 1) + turn, (row + 1) * (turns + 1) + turn
            faces += [(a, b, b + 1), (a, b + 1, a + 1)]
    return Mesh(np.array(vertices), np.array(faces, np.int32))


def braid() -> Mesh:
    """A strip of hair from the crown down the back."""
    box = trimesh.creation.box((0.03, 0.02, 0.3)).subdivide().subdivide().subdivide()
    return as_mesh(box.apply_translation((0, 0.1, 0.82)))


def figure(*parts: Mesh, tail: bool = False) -> Figure:
    """Body and parts in one mesh; each vertex belongs to the nearest bone."""
    mesh, armature = joined(body(), *parts), person_armature(tail)
    span = armature.tails - armature.heads
    away = mesh.vertices[:, None] - armature.heads
    share = np.clip((away * span).sum(2) / np.square(span).sum(1), 0, 1)
    nearest = np.linalg.norm(away - share[..., None] * span, axis=2).argmin(1).astype(np.int32)
    return Figure(mesh, armature, SkinWeights(nearest[:, None], np.ones((len(nearest), 1), np.float32)))


def own(made: Figure, part: Mesh) -> np.ndarray:
    """Which vertices of the figure are those of its last part, (V,) bool."""
    return np.arange(len(made.mesh.vertices)) >= len(made.mesh.vertices) - len(part.vertices)
