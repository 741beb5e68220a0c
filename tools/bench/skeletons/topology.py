"""Do curves and medial meshes have the components and loops of the solid they stand for?"""

from __future__ import annotations

from dataclasses import dataclass

from inference.geometry.medial.homology import complex_betti
from inference.pipelines.meshes import curve_skeleton, medial_mesh
from training.shapes.topology import KnownSolid, betti_of_graph, known_solids

from ..isolated import run_each
from ..record import Cell, show

LIMIT_S = 60.0


@dataclass(frozen=True)
class Found:
    """Components and loops (and cavities of the medial mesh)."""

    curves: tuple[int, int]
    medial: tuple[int, int, int]


def find(solid: KnownSolid) -> Found:
    """Both from the mesh alone."""
    curves = curve_skeleton(solid.mesh)
    return Found(betti_of_graph(len(curves.points), curves.edges), complex_betti(medial_mesh(solid.mesh)))


def topology(resolution: int) -> list[dict[str, object]]:
    """Every known solid; prints what is right and what is not."""
    solids = known_solids(resolution)
    rows: list[list[Cell]] = []
    records: list[dict[str, object]] = []
    for solid, outcome in zip(solids, run_each(find, solids, LIMIT_S), strict=True):
        truth = (solid.components, solid.loops)
        found = outcome.value
        curves_right = found is not None and found.curves == truth
        # Of a hollow solid the curves may show its loops only; the medial mesh is not asked for cavities.
        medial_right = found is not None and found.medial[:2] == truth
        rows.append(
            [
                solid.name,
                f"{truth[0]}, {truth[1]}",
                f"{found.curves[0]}, {found.curves[1]}" if found else outcome.reason,
                curves_right,
                f"{found.medial[0]}, {found.medial[1]}" if found else "",
                medial_right,
            ]
        )
        records.append(
            {"name": solid.name, "truth": truth, "found": found, "curves": curves_right, "medial": medial_right}
        )
    total = f"{sum(bool(r['curves']) for r in records)} of {len(records)}"
    total_medial = f"{sum(bool(r['medial']) for r in records)} of {len(records)}"
    rows.append(["right", "", "", total, "", total_medial])
    columns = ("solid", "components, loops", "curves", "right", "medial mesh", "right")
    show(f"Topology of known solids, {resolution} cells along the longest side", columns, rows)
    return records
