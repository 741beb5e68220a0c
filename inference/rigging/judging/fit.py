"""How the bones lie in the solid: inside, through its thick places, near all of it, and hanging together."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from ..bones.names import plain_name
from .notes import Features
from .parts import called, is_of_body
from .placed import PlacedRig

REACH = 1.2  # a surface point is covered within so many radii of a bone
FAR = 0.12  # cells farther than this share of the size from every bone belong to none
SHORT = 0.01  # bones shorter than this are hardly there
HALF = 0.5
ASTRAY = 0.1  # share inside below which a bone lies outside
LONG_ENOUGH = 0.05  # limbs shorter than this say little
LINK_SAMPLES = 12
OUTSIDE, BARE, HANGING, COUNT = "bones outside", "parts without bones", "what hangs on what", "number of bones"


def about_fit(rig: PlacedRig, found: Features) -> None:
    """Note what there is to say."""
    _inside(rig, found)
    _coverage(rig, found)
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
