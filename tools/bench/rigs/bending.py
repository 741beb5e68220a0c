"""Do fists close, and do elbows and knees bend the natural way, on rigs of a folder of assets?"""

from __future__ import annotations

from collections.abc import Sequence

from inference.anatomy import Mesh
from inference.pipelines.meshes import rig_mesh
from inference.requests import RigOptions
from training.datasets.rigged_glb import Listing, read_mesh

from ..isolated import run_each
from ..record import console, show
from .bends import Bending, bending

LIMIT_S = 300.0
OFF_AXIS = 20.0  # degrees


def rig_and_bend(mesh: Mesh) -> Bending:
    """Rig a mesh and try its joints."""
    return bending(rig_mesh(mesh, RigOptions(bind=False)))


def compare_bending(listings: Sequence[Listing]) -> list[dict[str, object]]:
    """All listings; prints the shares by kind, and each bone that bends elsewhere."""
    records: list[dict[str, object]] = []
    tried: dict[str, list[Bending]] = {}
    meshes = [read_mesh(listing.path) for listing in listings]
    for listing, outcome in zip(listings, run_each(rig_and_bend, meshes, LIMIT_S), strict=True):
        found = outcome.value
        if found is None:
            console.print(f"failed: {listing.name}: {outcome.reason}")
            records.append({"asset": listing.name, "kind": listing.kind, "error": outcome.reason})
            continue
        tried.setdefault(listing.kind, []).append(found)
        wrong = [name for name, right in {**found.fingers, **found.limbs}.items() if not right]
        wrong += [f"{name} {degrees:.0f} degrees off" for name, degrees in found.off_axis.items() if degrees > OFF_AXIS]
        if wrong:
            console.print(f"{listing.name}: {', '.join(wrong)}")
        records.append(
            {
                "asset": listing.name,
                "kind": listing.kind,
                "fingers": found.fingers,
                "off_axis": found.off_axis,
                "limbs": found.limbs,
            }
        )
    columns = ("kind", "rigs", "with fingers", "all of them close", "most off the axis", "limbs", "bend naturally")
    show("Positive turns about x", columns, [_row(kind, group) for kind, group in tried.items()])
    return records


def _row(kind: str, group: Sequence[Bending]) -> list[str | float | int | None]:
    handed = [one for one in group if one.fingers]
    limbs = [right for one in group for right in one.limbs.values()]
    off = [degrees for one in group for degrees in one.off_axis.values()]
    closed = sum(all(one.fingers.values()) for one in handed)
    return [kind, len(group), len(handed), f"{closed} of {len(handed)}", max(off, default=0.0), len(limbs), sum(limbs)]
