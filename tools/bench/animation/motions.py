"""Computed motions on rigs of assets: do feet stay where they stand, and does any joint go beyond its limits?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from inference.animation.clips import carried
from inference.animation.cycles.make import cycles_for, make_cycle
from inference.animation.legs import legs_of
from inference.animation.limits import beyond
from inference.animation.roles import jointed, standing_body
from inference.frames import Frame
from inference.pipelines.meshes import rig_mesh
from inference.requests import RigOptions
from training.datasets.rigged_glb import Listing, read_mesh

from ..isolated import run_each
from ..record import console, show

LIMIT_S = 600.0
SECONDS = 30.0
LOW, STANDS = 0.004, 0.01  # of the height: a ball this low stands, and may slide by so much


@dataclass(frozen=True)
class Moving:
    """One motion on one rig."""

    cycle: str
    slide: float  # the most that a standing foot slides, as a share of the height
    over: float  # degrees that a joint is beyond its limits
    seconds: float  # that it took to make 30 s of it


def motions(listing: Listing) -> tuple[Moving, ...]:
    """Rig an asset and make every motion that its body can do."""
    mesh = read_mesh(listing.path)
    rig = rig_mesh(mesh, RigOptions(bind=False))
    axes = np.stack([rig.pose.left, -rig.pose.forward, rig.pose.up])
    target = Frame(axes, 1.0, np.zeros(3)).into(rig.armature)
    height = float(np.ptp(mesh.vertices @ rig.pose.up))
    inside = jointed(standing_body(target))
    found = []
    for cycle in cycles_for(target):
        begun = time.perf_counter()
        clip = make_cycle(target, cycle, SECONDS)
        seconds = time.perf_counter() - begun
        slides = [0.0]
        for leg in legs_of(inside, inside.names) if cycle not in ("fly", "swim") else ():
            way = carried(clip, leg.foot, leg.ball)
            low = way[:, 2] < leg.ball[2] + LOW * height
            edges = np.flatnonzero(np.diff(np.concatenate([[False], low, [False]]).astype(int)))
            slides += [
                float(np.linalg.norm(way[start:stop, :2] - way[start, :2], axis=1).max()) / height
                for start, stop in zip(edges[::2], edges[1::2], strict=True)
            ]
        over = float(beyond(inside, inside.names, clip.turns).max())
        found.append(Moving(cycle, max(slides), over, seconds))
    return tuple(found)


def compare_motions(listings: Sequence[Listing]) -> list[dict[str, object]]:
    """All listings; prints each kind and motion, and what slides."""
    records: list[dict[str, object]] = []
    tried: dict[tuple[str, str], list[Moving]] = {}
    for listing, outcome in zip(listings, run_each(motions, listings, LIMIT_S), strict=True):
        if outcome.value is None:
            console.print(f"failed: {listing.name}: {outcome.reason}")
        for one in outcome.value or ():
            tried.setdefault((listing.kind, one.cycle), []).append(one)
            if one.slide > STANDS or one.over > 0:
                console.print(f"{listing.name}: {one.cycle} slides {one.slide:.3f}, {one.over:.0f} degrees beyond")
            records.append({"asset": listing.name, "kind": listing.kind, **asdict(one)})
    columns = ("kind", "motion", "rigs", "stand", "most slide", "within limits", "s for 30 s, median")
    show("Computed motions", columns, [_row(*key, group) for key, group in tried.items()])
    return records


def _row(kind: str, cycle: str, group: Sequence[Moving]) -> list[str | float | int | None]:
    slides = [one.slide for one in group]
    stand, within = sum(slide <= STANDS for slide in slides), sum(one.over == 0 for one in group)
    return [kind, cycle, len(group), stand, max(slides), within, float(np.median([one.seconds for one in group]))]
