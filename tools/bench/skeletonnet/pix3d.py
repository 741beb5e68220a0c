"""Photographs of Pix3D: how well what the shipped networks draw fills their masks, and how far it is from the model."""

from __future__ import annotations

from itertools import islice

from inference.anatomy import Mesh
from inference.errors import BonewrightError
from inference.images.surfaces.carving import filled
from inference.pipelines.surfaces import see_surface
from inference.requests import ImageOptions
from training.datasets.readers.common import Skipped
from training.datasets.readers.pix3d import list_items
from training.metrics.clouds import chamfer_squared
from training.metrics.surfaces import sampled
from training.metrics.tables import category_means
from training.rendering.cameras import fitted

from ..record import console, show
from .measures import SAMPLES
from .nets import Asked


def photographs(asked: Asked) -> dict[str, object]:
    """Those of the test split that are whole."""
    if asked.pix3d is None or not (asked.pix3d / "pix3d.json").exists():
        console.print("Pix3D: not measured, --pix3d names no folder with a pix3d.json")
        asked.told.append("no Pix3D")
        return {}
    skipped: list[Skipped] = []
    whole = (item for item in list_items(asked.pix3d, skipped) if not item.tags and item.split != "train")
    rows: dict[str, list[float]] = {"CD": [], "mask IoU": []}
    families: list[str] = []
    for item in islice(whole, asked.pictures):
        view = item.views[0]
        if item.load_mesh is None:
            continue
        try:
            shown = see_surface((view.pixels(),), ImageOptions(surface="implicit", detail=asked.detail))
        except BonewrightError as error:
            console.print(f"{item.name}: {error}")
            continue
        families.append(item.category)
        rows["mask IoU"].append(filled(shown.surface, shown.cameras, shown.outlines)[0])
        rows["CD"].append(_cd(shown.surface, fitted(item.load_mesh())))
    if not families:
        return {"skipped": len(skipped)}
    means = {name: category_means(values, families) for name, values in rows.items()}
    names = list(means["CD"])
    show("Pix3D", ("category", *means), [[name, *(means[each][name] for each in means)] for name in names])
    return {"means": means, "skipped": len(skipped)}


def _cd(mesh: Mesh, true: Mesh) -> float:
    ours = fitted(mesh)
    return 1000 * chamfer_squared(sampled(ours, SAMPLES, 0)[0], sampled(true, SAMPLES, 1)[0])
