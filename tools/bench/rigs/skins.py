"""Skin weights on the artists' own skeletons, beside Blender's automatic weights on the same bones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from statistics import mean, median

import numpy as np

from inference.anatomy import Armature, Mesh
from inference.geometry.mesh.surface import unit_frame
from inference.pipelines.meshes import skin_mesh
from inference.requests import SkinOptions, WeightsMethod
from training.datasets.rigged_glb import Listing, as_armature, read_rigged
from training.metrics.skin import FAILED_L1, skin_l1, sparse, stretch, unweighted

from ..isolated import run_each
from ..record import console, show
from ..skeletons.peers import is_installed
from .blender_weights import automatic_weights

LIMIT_S = 120.0
INFLUENCES = 4
OWN_OUTPUT = 0.1  # an L1 of Blender's weights under this tells that the artist's weights were made by Blender


@dataclass(frozen=True)
class SkinRecord:
    """One method on one asset."""

    name: str
    kind: str
    who: str
    vertices: int
    l1: float
    stretch: float  # 99th percentile of the edge-length ratio over five random poses
    artist_stretch: float  # the same for the artist's own weights
    unweighted: int
    seconds: float
    error: str = ""

    @property
    def whole(self) -> bool:
        """Every vertex got a weight."""
        return not self.error and self.unweighted == 0


def bind_ours(given: tuple[Mesh, Armature, WeightsMethod]) -> np.ndarray:
    """Bonewright, from the mesh alone (its solid is part of the time), as dense weights (V, B)."""
    mesh, armature, method = given
    return skin_mesh(mesh, armature, SkinOptions(INFLUENCES, method)).dense(len(armature.names))


def compare_skins(
    listings: Iterable[Listing], *, blender: bool = True, weights: tuple[WeightsMethod, ...] = ("auto",)
) -> dict[str, object]:
    """Bind every asset every way and print the table by kind."""
    listings = list(listings)
    inputs = [_given(listing) for listing in listings]
    records: dict[str, list[SkinRecord]] = {}
    for method in weights:
        who = "Bonewright" if method == "auto" else f"Bonewright, {method}"
        jobs: list[tuple[Mesh, Armature, WeightsMethod]] = [(mesh, armature, method) for mesh, armature in inputs]
        records[who] = [
            _measured(listing, who, made.value, made.seconds, made.reason)
            for listing, made in zip(listings, run_each(bind_ours, jobs, LIMIT_S), strict=True)
        ]
    if blender and is_installed("bpy"):
        records["Blender"] = []
        for listing, made in zip(listings, run_each(automatic_weights, inputs, LIMIT_S), strict=True):
            dense = None if made.value is None else made.value.weights
            seconds = made.seconds if made.value is None else made.value.seconds
            records["Blender"].append(_measured(listing, "Blender", dense, seconds, made.reason))
    else:
        console.print("Blender's automatic weights: bpy is not installed")
    kinds = sorted({listing.kind for listing in listings})
    for kind in [*kinds, "all"]:
        rows = [_row(who, [r for r in found if kind in (r.kind, "all")]) for who, found in records.items()]
        show(f"Skin weights on the artists' skeletons: {kind}", COLUMNS, rows)
    if "Blender" in records and "Bonewright" in records:
        _show_shared(records["Bonewright"], records["Blender"])
    return {who: [asdict(r) for r in found] for who, found in records.items()}


COLUMNS = ("", "assets", "failed", "L1", "stretch p99", "artist's stretch", "unweighted", "s (median)")


def _given(listing: Listing) -> tuple[Mesh, Armature]:
    """Mesh and the artist's bones in the unit frame: the same for both methods."""
    asset = read_rigged(listing)
    frame = unit_frame(asset.mesh)
    bones = as_armature(asset)
    return frame.into(asset.mesh), frame.into(bones)


def _measured(listing: Listing, who: str, weights: np.ndarray | None, seconds: float, error: str) -> SkinRecord:
    """Compare dense weights (V, B) with the artist's; a failure is as wrong as can be.

    Both methods keep the heaviest four of each vertex with sum 1, as an exporter would.
    """
    asset = read_rigged(listing)
    mesh, bones = _given(listing)
    truth = asset.skin.dense(len(asset.names))
    if weights is None:
        nothing = len(mesh.vertices)
        return SkinRecord(asset.name, asset.kind, who, nothing, FAILED_L1, np.nan, np.nan, nothing, seconds, error)
    limited = sparse(weights, INFLUENCES)
    return SkinRecord(
        asset.name,
        asset.kind,
        who,
        len(mesh.vertices),
        skin_l1(limited.dense(len(asset.names)), truth),
        stretch(mesh, bones, limited) if unweighted(limited) == 0 else np.nan,
        stretch(mesh, bones, asset.skin),
        unweighted(limited),
        seconds,
    )


def _row(who: str, records: list[SkinRecord]) -> list[str | float | int]:
    done = [r for r in records if r.whole]  # vertices without weight cannot be posed
    return [
        who,
        len(records),
        sum(not r.whole for r in records),
        mean(r.l1 for r in records),
        mean(r.stretch for r in done) if done else float("nan"),
        mean(r.artist_stretch for r in done) if done else float("nan"),
        sum(r.unweighted for r in records),
        median(r.seconds for r in records),
    ]


def _show_shared(ours: list[SkinRecord], blender: list[SkinRecord]) -> None:
    """Only the assets where Blender gave every vertex a weight: nothing is gained by its failures."""
    both = [(a, b) for a, b in zip(ours, blender, strict=True) if b.whole]
    if not both:
        return
    rows = [_row("Bonewright", [a for a, _ in both]), _row("Blender", [b for _, b in both])]
    show(f"Where Blender's automatic weights succeed ({len(both)} of {len(blender)} assets)", COLUMNS, rows)
    better = sum(a.l1 < b.l1 for a, b in both)
    own = sum(b.l1 < OWN_OUTPUT for _, b in both)
    console.print(f"On {own} of them Blender's L1 is under {OWN_OUTPUT}: the artist used these very weights")
    faster = median(b.seconds / a.seconds for a, b in both)
    console.print(
        f"L1 lower than Blender's on {better} of {len(both)}; Blender's time is {faster:.2g} times ours (median)"
    )
