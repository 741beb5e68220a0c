"""From a plan to a shape: surfaces, weights, armature, spheres, all in the unit box."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import numpy as np

from inference.anatomy import Armature, MedialSpheres, Mesh, Symmetry
from inference.rigging.bones.names import unique
from inference.rigging.bones.rolls import bone_rolls
from training.shapes.shape import Curve, KnownRig, KnownShape, Sheet

from .field import surface
from .meshes import outwards, slab, tube, union
from .plan import Flesh, Panel, Plan
from .skin import flesh_weights, heaviest, panel_weights, smoothed
from .truth import distances, handles

LEAST_RADIUS = 0.003  # of the size: smaller spheres say nothing
ON_SURFACE = 1e-3  # of the size: lines of hard parts end in their faces
ON_PLANE = 1e-5  # of the size: rounding of what is symmetric
THINNEST = 0.75  # cells
DETAIL = 0.85  # cells of detailed parts, in their least radius


def build(plan: Plan, seed: int) -> KnownShape:
    """The shape of a finished plan."""
    made = _surfaces(plan)
    mesh, weights = _together(plan, made)
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    centre, size = (low + high) / 2, float((high - low).max())
    if abs(centre[0]) < ON_PLANE * size:
        centre[0] = 0.0
    mesh = Mesh((mesh.vertices - centre) / size, mesh.triangles)
    sheets = tuple(Sheet((panel.points - centre) / size, 0.5 * panel.thickness / size) for panel in plan.panels)
    armature, spheres, curves = _truth(plan, mesh, centre, size, sheets)
    rig = KnownRig(armature, heaviest(weights))
    return KnownShape(
        plan.family,
        seed,
        mesh,
        watertight=True,
        genus=handles(mesh),
        curves=curves,
        sheets=sheets,
        spheres=spheres,
        rig=rig,
    )


Source = list[Flesh] | Panel


def _surfaces(plan: Plan) -> list[tuple[Mesh, Source, bool]]:
    """Every closed surface, what it was made from, and whether it stays loose."""
    made: list[tuple[Mesh, Source, bool]] = []
    pieces: dict[tuple[str, int], list[Flesh]] = {}
    swept = plan.look.made != "field"
    for flesh in plan.flesh:
        if flesh.make == "blend" and not swept:
            pieces.setdefault((flesh.part, 0 if flesh.part == "body" else flesh.side), []).append(flesh)
        else:
            made.append((tube(flesh, plan.look.sides), [flesh], flesh.make == "loose"))
    step = _step(list(chain.from_iterable(pieces.values())), plan.look.vertices) if pieces else 0.0
    for (part, side), group in pieces.items():
        if side < 0 and plan.symmetric:
            left = next(mesh for mesh, source, _ in made if source is pieces[part, 1])
            made.append((outwards(left.vertices * [-1.0, 1.0, 1.0], left.triangles), group, False))
            continue
        fine = step if part == "body" else min(step, DETAIL * min(float(flesh.radii.min()) for flesh in group))
        made.append((surface(_drawable(group, fine), fine, half=plan.symmetric and side == 0), group, False))
    made += [(slab(panel), panel, panel.loose) for panel in plan.panels]
    return made


def _step(pieces: list[Flesh], vertices: int) -> float:
    """The grid's spacing at which the surface has about so many vertices."""
    area = 0.0
    for flesh in pieces:
        girth = np.pi * flesh.radii.sum(1)
        lengths = np.linalg.norm(np.diff(flesh.line, axis=0), axis=1)
        area += float((lengths * 0.5 * (girth[1:] + girth[:-1])).sum()) + 2 * float(
            (flesh.radii[[0, -1]].prod(1)).sum()
        )
    size = float(max(np.ptp(flesh.line, axis=0).max() + 2 * flesh.radii.min() for flesh in pieces))
    return float(np.clip(1.1 * np.sqrt(area / vertices), size / 130, size / 24))


def _drawable(pieces: list[Flesh], step: float) -> list[Flesh]:
    """The same, nothing so thin that the grid would lose it."""
    return [replace(flesh, radii=np.maximum(flesh.radii, THINNEST * step)) for flesh in pieces]


def _together(plan: Plan, made: list[tuple[Mesh, Source, bool]]) -> tuple[Mesh, np.ndarray]:
    """One mesh, joined where it is not loose, and its weights (V, B)."""
    joined = [(mesh, source) for mesh, source, loose in made if not loose and plan.look.made != "loose"]
    rest = [(mesh, source) for mesh, source, loose in made if loose or plan.look.made == "loose"]
    meshes: list[Mesh] = []
    weights: list[np.ndarray] = []
    if len(joined) == 1:
        rest = [joined[0], *rest]
    elif joined:
        mesh, origin = union([mesh for mesh, _ in joined])
        full = np.zeros((len(mesh.vertices), len(plan.bones)), np.float32)
        for place, (_, source) in enumerate(joined):
            here = np.flatnonzero(origin == place)
            full[here] = _weights(plan, mesh.vertices[here], source)
        meshes.append(mesh)
        weights.append(smoothed(mesh, full, 1 if plan.look.band > 0 else 0))
    for mesh, source in rest:
        meshes.append(mesh)
        weights.append(_weights(plan, mesh.vertices, source))
    starts = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes[:-1]])
    triangles = np.concatenate([mesh.triangles + start for mesh, start in zip(meshes, starts, strict=True)])
    return Mesh(np.concatenate([mesh.vertices for mesh in meshes]), triangles.astype(np.int32)), np.concatenate(weights)


def _weights(plan: Plan, points: np.ndarray, source: Source) -> np.ndarray:
    if len(points) == 0:
        return np.zeros((0, len(plan.bones)), np.float32)
    if isinstance(source, Panel):
        return panel_weights(plan, points, source)
    return flesh_weights(plan, points, source)


def _truth(
    plan: Plan, mesh: Mesh, centre: np.ndarray, size: float, sheets: tuple[Sheet, ...]
) -> tuple[Armature, MedialSpheres, tuple[Curve, ...]]:
    """The armature with the flesh around its joints, spheres on the middle lines and surfaces, and the lines."""
    heads = (np.stack([bone.head for bone in plan.bones]) - centre) / size
    tails = (np.stack([bone.tail for bone in plan.bones]) - centre) / size
    lines = [flesh for flesh in plan.flesh if len(flesh.line) > 1]
    slabs = [sheet.points.reshape(-1, 3) for sheet in sheets]
    points = np.concatenate([*((flesh.line - centre) / size for flesh in lines), *slabs, np.zeros((0, 3))])
    on_line = sum(len(flesh.line) for flesh in lines)
    away, behind = distances(mesh, np.concatenate([heads, tails, points]))
    count = len(heads)
    radii, behind = away[2 * count :], behind[2 * count :]
    parents = np.array([bone.parent for bone in plan.bones], np.int32)
    armature = Armature(
        names=unique([bone.name for bone in plan.bones]),
        parents=parents,
        heads=heads,
        tails=tails,
        rolls=bone_rolls(heads, tails, parents),
        connected=(parents >= 0) & (np.linalg.norm(heads - tails[parents], axis=1) < 1e-9),
        confidence=np.ones(count),
        deform=np.ones(count, bool),
        radii=np.stack([away[:count], away[count : 2 * count]], 1),
        kind=plan.kind,
        symmetry=Symmetry(np.array([1.0, 0.0, 0.0]), -float(centre[0]) / size) if plan.symmetric else None,
    )
    kept = behind & (radii > LEAST_RADIUS)
    spheres = MedialSpheres(points[kept], radii[kept], (np.arange(len(points)) >= on_line)[kept])
    return armature, spheres, _curves(lines, points[:on_line], (behind | (radii < ON_SURFACE))[:on_line], size)


def _curves(lines: list[Flesh], points: np.ndarray, inside: np.ndarray, size: float) -> tuple[Curve, ...]:
    """The middle lines as far as they run inside."""
    curves, start = [], 0
    for flesh in lines:
        here = np.arange(start, start + len(flesh.line))
        start += len(here)
        own = inside[here]
        if own.sum() > 1:
            curves.append(Curve(points[here[own]], flesh.radii[own].min(1) / size))
    return tuple(curves)
