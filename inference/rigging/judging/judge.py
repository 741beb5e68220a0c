"""How good a rig is, told without knowing the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...anatomy import Armature, Finding, Mesh, Report, SkinWeights, Solid
from ...geometry.mesh.surface import sample_surface
from ..skin.reach import Segments
from .posing import stretch
from .validity import bone_problems, valid_problems, weight_problems

__all__ = ["judge", "valid_problems"]

SURFACE_SAMPLES = 2500
REACH = 1.2  # a surface point is covered within so many radii of a bone
POSES = 5
MOST_EDGES = 8000  # edges looked at in the poses
ENOUGH_INSIDE = 0.85  # a bone with a smaller share inside gets a warning
FAR = 0.15  # surface farther than this share of the size from every bone is forgotten by the rig ...
FAR_RADII = 2.5  # ... unless the bone lies in a part that thick
FORGOTTEN = 0.05  # share of the surface from which that gets a warning
TORN = 4.0  # edges that grow longer than so many times get a warning
MOST_NAMED = 6  # bones that get a warning of their own


@dataclass(frozen=True)
class Along:
    """Points along the bones that deform."""

    points: np.ndarray  # (N, 3)
    bone: np.ndarray  # (N,) int, number of the bone in the armature
    radius: np.ndarray  # (N,) distance to the surface, 0 outside


def judge(mesh: Mesh, solid: Solid, armature: Armature, skin: SkinWeights | None, *, seed: int = 0) -> Report:
    """Coverage, bones inside, stretch in test poses, validity, and warnings about what a rigger should look at."""
    problems = valid_problems(armature, skin)
    broken = bone_problems(armature)
    if broken:
        return Report(0.0, 0.0, 0.0, 0.0, valid=False, score=0.0, warnings=tuple(Finding(p) for p in problems))
    along = _sample_bones(solid, armature)
    inside = _inside(along, len(armature.names))
    judged = np.flatnonzero(np.isfinite(inside))
    lengths = np.maximum(armature.lengths[judged], 1e-9)
    share = float(np.average(inside[judged], weights=lengths))
    covered, far = _covered(mesh, along, seed)
    warnings = [Finding(problem) for problem in problems] + _about_bones(armature, inside, along)
    warnings += _about_coverage(mesh, far)
    worst_stretch = 0.0
    if skin is not None and not weight_problems(armature, skin, None):
        worst_stretch, torn = _stretch(mesh, armature, skin, seed)
        warnings += _about_stretch(armature, skin, torn) + _about_idle(armature, skin)
    valid, worst, coverage = not problems, float(inside[judged].min()), float(covered.mean())
    score = _score(coverage, share, worst, worst_stretch) if valid else 0.0
    forgotten = len(far) / SURFACE_SAMPLES
    return Report(coverage, share, worst, worst_stretch, valid, score, tuple(warnings), forgotten=forgotten)


def _score(coverage: float, inside: float, inside_worst: float, stretched: float) -> float:
    """One number to rank candidates by: bones should reach all of the shape, stay in it and not tear it."""
    shape = 0.55 * coverage + 0.35 * inside + 0.1 * inside_worst
    return shape / (1 + 0.1 * max(stretched - 1.5, 0.0))


def _sample_bones(solid: Solid, armature: Armature) -> Along:
    """Points a cell apart, each with its distance to the surface."""
    judged = np.flatnonzero(armature.deform) if armature.deform.any() else np.arange(len(armature.names))
    points, bone = Segments(armature.heads[judged], armature.tails[judged]).points(solid.spacing)
    cell = solid.cells_at(points)
    lost = np.flatnonzero(cell < 0)
    if len(lost):  # a point inside, but in a cell whose middle is outside
        gap, nearest = solid.tree.query(points[lost], distance_upper_bound=0.75 * solid.spacing)
        found = np.isfinite(gap)
        cell[lost[found]] = np.asarray(nearest)[found]
    return Along(points, judged[bone], np.where(cell >= 0, solid.depth[cell], 0.0))


def _inside(along: Along, bone_count: int) -> np.ndarray:
    """Share of each bone inside the solid, (B,), not a number for bones that do not deform."""
    points = np.bincount(along.bone, minlength=bone_count)
    within = np.bincount(along.bone, along.radius > 0, minlength=bone_count)
    return np.where(points > 0, within / np.maximum(points, 1), np.nan)


def _covered(mesh: Mesh, along: Along, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Which surface samples lie within reach of a bone, (S,) bool, and the triangles of those far from every bone."""
    samples, triangle = sample_surface(mesh, SURFACE_SAMPLES, seed)
    within = along.radius > 0
    if not within.any():
        return np.zeros(len(samples), bool), triangle
    centres, radius = along.points[within], along.radius[within]
    gaps = (samples**2).sum(1)[:, None] - 2 * samples @ centres.T + (centres**2).sum(1)  # (S, N) squared
    size = float(np.ptp(mesh.vertices, axis=0).max())
    far = (gaps > np.maximum(FAR * size, FAR_RADII * radius) ** 2).all(1)
    return (gaps <= (REACH * radius) ** 2).any(1), triangle[far]


def _stretch(mesh: Mesh, armature: Armature, skin: SkinWeights, seed: int) -> tuple[float, np.ndarray]:
    """The 99th percentile of the stretch of edges in five random poses, and the vertices of edges that tear."""
    edges = mesh.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    edges = edges[np.linspace(0, len(edges) - 1, min(MOST_EDGES, len(edges))).astype(np.int64)]
    ratios = stretch(mesh.vertices, edges, skin, armature, range(seed, seed + POSES))
    torn = edges[(ratios > TORN).any(0)]
    return float(np.percentile(ratios, 99)), np.unique(torn).astype(np.int32)


def _about_bones(armature: Armature, inside: np.ndarray, along: Along) -> list[Finding]:
    """Bones that leave the mesh, the worst first."""
    outside = np.flatnonzero(inside < ENOUGH_INSIDE)
    outside = outside[np.argsort(inside[outside], kind="stable")]
    warnings = [_leaves(armature.names[bone], inside[bone], along, bone) for bone in outside[:MOST_NAMED]]
    rest = tuple(armature.names[bone] for bone in outside[MOST_NAMED:])
    if rest:
        more, them = ("1 more bone leaves", "it") if len(rest) == 1 else (f"{len(rest)} more bones leave", "them")
        warnings.append(Finding(f"{more} the mesh. Move {them} inside in Adjust.", rest))
    return warnings


def _leaves(name: str, share: float, along: Along, bone: int) -> Finding:
    if share == 0:
        return Finding(f"'{name}' lies outside the mesh. Move it inside in Adjust, or switch off its Deform.", (name,))
    out = along.radius[along.bone == bone] == 0
    half = len(out) // 2
    end = "head" if out[:half].sum() > out[half:].sum() else "tail"
    away = round(100 * (1 - share))
    return Finding(f"'{name}' leaves the mesh over {away} % of its length. Move its {end} inside in Adjust.", (name,))


def _about_coverage(mesh: Mesh, far: np.ndarray) -> list[Finding]:
    if len(far) < FORGOTTEN * SURFACE_SAMPLES:
        return []
    share = round(100 * len(far) / SURFACE_SAMPLES)
    text = f"{share} % of the surface is far from every bone. Add bones there, or raise the density."
    return [Finding(text, (), np.unique(mesh.triangles[far]).astype(np.int32))]


def _about_stretch(armature: Armature, skin: SkinWeights, torn: np.ndarray) -> list[Finding]:
    if len(torn) == 0:
        return []
    bone = int(np.bincount(skin.bones[torn, 0]).argmax())
    name = armature.names[bone]
    text = (
        f"{len(torn)} vertices, most of them at '{name}', are pulled apart more than {TORN:.0f} times in test poses. "
        "Smooth their weights or move the joint there."
    )
    return [Finding(text, (name,), torn)]


def _about_idle(armature: Armature, skin: SkinWeights) -> list[Finding]:
    """Bones that should move something and do not."""
    busy = np.zeros(len(armature.names), bool)
    busy[skin.bones[skin.weights > 0]] = True
    idle = tuple(armature.names[bone] for bone in np.flatnonzero(armature.deform & ~busy))
    if not idle:
        return []
    named = ", ".join(f"'{name}'" for name in idle[:MOST_NAMED]) + (" …" if len(idle) > MOST_NAMED else "")
    it = "it" if len(idle) == 1 else "them"
    return [Finding(f"No vertex follows {named}. Move {it} into the mesh, or remove {it}.", idle)]
