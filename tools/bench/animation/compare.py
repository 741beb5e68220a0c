"""The table of controls: each asset in a Blender of its own, which this process never loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from training.datasets.rigged_glb import Listing

from ..isolated import run_each
from ..record import console, show
from .results import AT_REST, Controlled

LIMIT_S = 600.0
ARRIVED = 0.01  # of the height


def try_controls(listing: Listing) -> Controlled:
    """Rig an asset in Blender, give it controls, and move them."""
    from .controls import control  # here: a process that has loaded Blender cannot start others that do

    return control(listing)


def compare_controls(listings: Sequence[Listing]) -> list[dict[str, object]]:
    """All listings, each in Blender; prints what holds for each kind, and what does not."""
    records: list[dict[str, object]] = []
    tried: dict[str, list[Controlled | None]] = {}
    for listing, outcome in zip(listings, run_each(try_controls, listings, LIMIT_S, fresh=True), strict=True):
        found = outcome.value
        tried.setdefault(listing.kind, []).append(found)
        if found is None:
            console.print(f"failed: {listing.name}: {outcome.reason}")
            records.append({"asset": listing.name, "kind": listing.kind, "error": outcome.reason})
            continue
        wrong = [one.control for one in found.limbs if one.off > ARRIVED or one.natural <= 0]
        if wrong or found.rest > AT_REST or not found.back:
            console.print(f"{listing.name}: {', '.join(wrong)} rest {found.rest:.1e}, back {found.back}")
        records.append({"asset": listing.name, "kind": listing.kind, **asdict(found)})
    columns = ("kind", "characters", "generated", "limbs", "arrived", "bent right", "most off", "most moved at rest")
    show("Controls", columns, [_row(kind, group) for kind, group in tried.items()])
    return records


def _row(kind: str, group: Sequence[Controlled | None]) -> list[str | float | int | None]:
    made = [one for one in group if one is not None]
    limbs = [limb for one in made for limb in one.limbs]
    return [
        kind,
        len(group),
        len(made),
        len(limbs),
        sum(limb.off <= ARRIVED for limb in limbs),
        sum(limb.natural > 0 for limb in limbs),
        max((limb.off for limb in limbs), default=0.0),
        max((one.rest for one in made), default=0.0),
    ]
