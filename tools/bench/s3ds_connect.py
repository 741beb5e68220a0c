"""Which way of joining spheres gives back the solid: the paper's Figure 7 with numbers.

Each way's parameter is the one of highest envelope IoU on some shapes; it is measured on others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from rich.progress import track

from inference.anatomy import MedialMesh, MedialSpheres
from inference.images.joining import draw_medial
from training.datasets.packed_views import ViewedShape
from training.metrics.medial_meshes import Places, edges_outside, places_iou, random_places
from training.metrics.seen_spheres import iou
from training.rendering.crop_frames import into_crops

from .connectors import Join, Way, ways
from .record import show
from .s3ds_nets import Trained, Truth, predicted, truth_of

PLACES = 8_000
SPHERES = 400  # of the true ones, as many as are predicted


@dataclass(frozen=True)
class Case:
    """Spheres to be joined, and the shape they should give."""

    shape: ViewedShape
    truth: Truth
    spheres: MedialSpheres
    places: Places


@dataclass(frozen=True)
class Joined:
    """How well one way did, in the mean over the cases."""

    way: str
    choice: str
    iou: float  # of the envelope and the solid
    outside: float  # share of edges that leave the solid
    silhouettes: float  # IoU, in the mean over the shape's views
    edges: float
    faces: float


def connectivity(shapes: Sequence[ViewedShape], trained: Trained | None) -> dict[str, object]:
    """On true spheres, and on predicted ones where there is a network."""
    truths = [truth_of(shape, SPHERES) for shape in shapes]
    places = [random_places(truth.mesh, PLACES) for truth in truths]
    true = [Case(*each, places=p) for *each, p in zip(shapes, truths, [t.spheres for t in truths], places, strict=True)]
    found: dict[str, object] = {"true": compare("true spheres", true)}
    if trained is not None:
        spheres = [predicted(trained, shape)[0] for shape in shapes]
        cases = [Case(*each) for each in zip(shapes, truths, spheres, places, strict=True)]
        found["predicted"] = compare("predicted spheres", cases)
    return found


def compare(title: str, cases: Sequence[Case]) -> list[dict[str, object]]:
    """Choose on every other shape of each family, measure on the rest, and print."""
    tuning, testing = cases[0::2], cases[1::2]
    rows = []
    for way in track(ways(), f"Joining {title}", transient=True):
        best = chosen(way, tuning)
        rows.append(measured(way.name, best, way.choices[best], testing))
    show(
        f"Ways to join {title} ({len(testing)} shapes; parameters chosen on {len(tuning)} others)",
        ("way", "chosen", "envelope IoU", "edges outside", "silhouette IoU", "edges", "faces"),
        [[r.way, r.choice, r.iou, r.outside, r.silhouettes, round(r.edges), round(r.faces)] for r in rows],
    )
    return [asdict(row) for row in rows]


def chosen(way: Way, cases: Sequence[Case]) -> str:
    """The choice with the highest envelope IoU in the mean."""
    means = {
        name: np.mean([places_iou(join(case.spheres), case.places) for case in cases])
        for name, join in way.choices.items()
    }
    return max(means, key=lambda name: means[name])


def measured(name: str, choice: str, join: Join, cases: Sequence[Case]) -> Joined:
    """One way with one choice."""
    rows = []
    for case in cases:
        medial = join(case.spheres)
        rows.append(
            (
                places_iou(medial, case.places),
                edges_outside(medial, case.truth.mesh),
                silhouettes(medial, case.shape),
                len(medial.edges),
                len(medial.faces),
            )
        )
    return Joined(name, choice, *np.mean(rows, 0).tolist())


def silhouettes(medial: MedialMesh, shape: ViewedShape) -> float:
    """IoU of the envelope's silhouette and the shape's, in the mean over the views of the shape."""
    views = np.arange(len(shape.paper))
    true = shape.crops(views)[:, 3] / 255
    many = len(views)
    centres = np.broadcast_to(medial.spheres.centres, (many, *medial.spheres.centres.shape))
    radii = np.broadcast_to(medial.spheres.radii, (many, len(medial.spheres.radii)))
    seen, wide = into_crops(centres, radii, shape.frames(views))
    drawn = [
        draw_medial(MedialMesh(MedialSpheres(c, r, medial.spheres.sheet), medial.edges, medial.faces), true.shape[1])
        for c, r in zip(seen, wide, strict=True)
    ]
    return float(iou(np.stack(drawn), true).mean())
