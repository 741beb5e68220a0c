"""How the bones lie in the solid: inside, through its thick places, near all of it, and hanging together."""

from __future__ import annotations

import numpy as np
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree

from ..bones.names import plain_name
from ..skin.reach import make_blocks
from .notes import Features
from .parts import called, is_of_body
from .placed import PlacedRig

REACH = 1.2  # a surface point is covered within so many radii of a bone
FAR = 0.12  # cells farther than this share of the size from every bone belong to none
SHORT = 0.01  # bones shorter than this are hardly there
HALF = 0.5
AWAY = "away from the shape"
OUT_OF_REACH = 0.06  # cells so far beyond the thickness around the nearest bone belong to a part without one
ASTRAY = 0.1  # share inside below which a bone lies outside
LONG_ENOUGH = 0.05  # limbs shorter than this say little
LINK_SAMPLES = 12
OUTSIDE, BARE, HANGING, COUNT = "bones outside", "parts without bones", "what hangs on what", "number of bones"


def about_fit(rig: PlacedRig, found: Features) -> None:
    """Note what there is to say."""
    _inside(rig, found)
    _in_the_air(rig, found)
    _coverage(rig, found)
    _unreached(rig, found)
    _links(rig, found)
    lengths = rig.armature.lengths[rig.judged] / rig.size
    found.add("bones", np.log(len(rig.judged)), COUNT)
    found.add("short bones", float((lengths < SHORT).mean()), COUNT)
    found.add("longest bone", float(lengths.max()), called(*rig.limb_of(int(rig.judged[lengths.argmax()]))))


def _inside(rig: PlacedRig, found: Features) -> None:
    count = len(rig.armature.names)
    points = np.bincount(rig.bone, minlength=count)
    within = np.bincount(rig.bone, rig.within, minlength=count)
    share = within / np.maximum(points, 1)
    found.add("inside", float(rig.within.mean()), OUTSIDE)
    astray = rig.judged[share[rig.judged] < ASTRAY]
    names = [plain_name(rig.parts.names[bone]).replace("_", " ") for bone in astray]
    found.outside = tuple(called(name, int(rig.parts.sides[bone])) for name, bone in zip(names, astray, strict=True))
    found.add("bones outside", float((share[rig.judged] < HALF).mean()), OUTSIDE)
    for name, of_body in (("limb inside", True), ("other parts inside", False)):
        worst, about = 1.0, OUTSIDE
        for (limb, side), bones in rig.parts.limbs.items():
            long = rig.armature.lengths[bones].sum() > LONG_ENOUGH * rig.size
            if is_of_body(limb) == of_body and long and points[bones].sum():
                inside = float(within[bones].sum() / points[bones].sum())
                if inside < worst:
                    worst, about = inside, called(limb, side)
        found.add(name, worst, about)
    depth = rig.solid.depth[rig.solid.nearest_cells(rig.points)] * rig.within
    found.add("depth", float(depth.mean() / max(float(rig.solid.depth.mean()), 1e-12)), OUTSIDE)


def _in_the_air(rig: PlacedRig, found: Features) -> None:
    """How far bones of the body leave the shape: one joint in the air is wrong, however much of its limb is inside."""
    limbs = np.array([called(*rig.limb_of(bone)) for bone in range(len(rig.armature.names))])
    of_body = np.array([is_of_body(limb) for limb, _ in rig.parts.placed])[rig.bone]
    points, bone, within = rig.points[of_body], rig.bone[of_body], rig.within[of_body]
    if len(points) == 0:
        return
    away, cell = (np.asarray(part) for part in rig.solid.tree.query(points))
    away = np.where(within, 0.0, away - rig.solid.spacing / 2)
    farthest = int(away.argmax())
    about = str(limbs[bone[farthest]]) if away[farthest] > 0 else OUTSIDE
    found.add(AWAY, float(away[farthest]) / rig.size, about)
    against = away / np.maximum(rig.solid.depth[cell], rig.solid.spacing / 2)
    thickest = int(against.argmax())
    found.add("outside by thickness", float(np.log1p(against[thickest])), str(limbs[bone[thickest]]))
    count = len(rig.armature.names)
    total = np.bincount(bone, minlength=count)
    outside = np.bincount(bone, ~within, minlength=count) / np.maximum(total, 1) * rig.armature.lengths / rig.size
    longest = int(outside.argmax())
    found.add("longest outside", float(outside[longest]), str(limbs[longest]))
    joints = rig.armature.heads[np.unique(bone)]
    in_air = ~rig.inside(joints)
    found.add("joints outside", float(in_air.mean()), OUTSIDE)


def _coverage(rig: PlacedRig, found: Features) -> None:
    gap, nearest = (np.asarray(part) for part in KDTree(rig.points).query(rig.surface))
    radius = rig.solid.depth[rig.solid.nearest_cells(rig.points[nearest])]
    found.add("covered", float((gap <= REACH * radius).mean()), BARE)
    gap = gap / rig.size
    farthest = rig.bone[nearest[int(gap.argmax())]]
    found.add("surface far", float(np.percentile(gap, 90)), BARE)
    found.add("surface farthest", float(gap.max()), called(*rig.limb_of(int(farthest))))
    found.add("mass far", float(np.percentile(rig.away, 95)), BARE)
    found.add("mass missed", float((rig.away > FAR).mean()), BARE)
    owned = np.bincount(rig.owner, minlength=len(rig.armature.names)) / len(rig.owner)
    found.add("largest share", float(owned.max()), called(*rig.limb_of(int(owned.argmax()))))
    spread = owned[owned > 0]
    found.add("spread", float(-(spread * np.log(spread)).sum()), BARE)


def _unreached(rig: PlacedRig, found: Features) -> None:
    """How far parts of the shape are from every bone, going through the inside: a hanging arm is far from the leg."""
    blocks = make_blocks(rig.solid)
    start = np.unique(blocks.of_cell[rig.solid.nearest_cells(rig.points[rig.within])])
    if len(start) == 0:
        return
    way, _, nearest = dijkstra(blocks.graph, indices=start, min_only=True, return_predecessors=True)
    depth = np.zeros(len(blocks.centres))
    np.maximum.at(depth, blocks.of_cell, rig.solid.depth)
    beyond = np.where(np.isfinite(way), way, rig.size) - depth[np.maximum(nearest, 0)]
    cells = np.bincount(blocks.of_cell, minlength=len(beyond))
    farthest = int(beyond.argmax())
    found.add("way farthest", float(beyond[farthest]) / rig.size, BARE)
    found.add("way far", float(np.quantile(np.repeat(beyond, cells), 0.98)) / rig.size, BARE)
    found.add("unreached", float(cells[beyond > OUT_OF_REACH * rig.size].sum() / cells.sum()), BARE)


def _links(rig: PlacedRig, found: Features) -> None:
    """From each bone's head to its parent's bone, and on the way between their heads."""
    parents, heads, tails = rig.armature.parents, rig.armature.heads, rig.armature.tails
    deforms = np.isin(np.arange(len(parents)), rig.judged)
    child = np.flatnonzero((parents >= 0) & deforms & deforms[np.maximum(parents, 0)])
    if len(child) == 0:
        return
    above = parents[child]
    along = tails[above] - heads[above]
    at = ((heads[child] - heads[above]) * along).sum(1) / np.maximum((along**2).sum(1), 1e-12)
    gap = np.linalg.norm(heads[above] + np.clip(at, 0, 1)[:, None] * along - heads[child], axis=1) / rig.size
    found.add("gap", float(gap.mean()), HANGING)
    found.add("largest gap", float(gap.max()), called(*rig.limb_of(int(child[gap.argmax()]))))
    steps = (np.arange(LINK_SAMPLES) + 0.5) / LINK_SAMPLES
    way = heads[above][:, None] + steps[None, :, None] * (heads[child] - heads[above])[:, None]
    inside = rig.inside(way.reshape(-1, 3)).reshape(-1, LINK_SAMPLES).mean(1)
    found.add("links inside", float(inside.mean()), HANGING)
    found.add("worst links", float(np.percentile(inside, 10)), called(*rig.limb_of(int(child[inside.argmin()]))))
