"""SkeletonNet measured: `python -m tools.benchmark skeletonnet`. What is not trained is named and left out."""

from __future__ import annotations

from dataclasses import asdict

from training.lessons.skeletal import SKELETAL

from ..record import console, show
from .nets import Asked, costs
from .pix3d import photographs
from .sheet import surface_sheet
from .tables import (
    FIELD,
    MESH,
    SKELETONS,
    Claimed,
    items_of,
    people_table,
    skeleton_tables,
    surface_drawers,
    surface_tables,
)


def skeletonnet(asked: Asked) -> dict[str, object]:
    """Everything that there are checkpoints for."""
    claims: list[Claimed] = []
    found: dict[str, object] = {}
    trainings = [(name, asked.trained(name)) for name in (SKELETONS, "skeletonnet_camera", FIELD, MESH)]
    spent = costs(trainings)
    show(
        "Trainings",
        ("recipe", "samples", "steps", "minutes"),
        [[name, each.samples, each.steps, round(each.minutes, 1)] for name, each in spent],
    )
    found["trainings"] = {name: asdict(each) for name, each in spent}
    if not spent:
        console.print("Nothing is trained: docs/training/skeletonnet.md says how.")
        return found
    if not (SKELETAL.exists() or (asked.folder / SKELETAL.name).exists()):
        console.print(f"There is no {SKELETAL}: `python -m tools.build_dataset skeletal-views` makes it.")
        return found
    found |= skeleton_tables(asked, claims)
    found |= surface_tables(asked, claims)
    found["table 7"] = people_table(asked, claims)
    found["pix3d"] = photographs(asked)
    skeletons = trainings[0][1]
    if asked.sheet is not None and skeletons is not None:
        drawers = {name: draw for name, draw in surface_drawers(asked).items() if name != "deformed sphere"}
        found["sheet"] = str(surface_sheet(skeletons, drawers, items_of(asked, "categories"), asked.sheet))
        console.print(f"Written to {asked.sheet}")
    show(
        "What the paper says",
        ("claim", "paper", "here", "holds"),
        [[claim.words, claim.paper, claim.ours, claim.holds] for claim in claims],
    )
    return {**found, "claims": [asdict(claim) for claim in claims], "missing": sorted(set(asked.told))}
