"""Which way of joining spheres gives back the solid: the paper's Figure 7 with numbers.

Each way's parameter is the one of highest envelope IoU on some shapes; it is measured on others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from rich.progress import track

from inference.anatomy import MedialMesh, MedialSpheres
from inference.images.joining import draw_medial, keep_within
from inference.images.outline import outline_of
from training.datasets.packed.views import ViewedShape
from training.metrics.medial_meshes import Places, edges_outside, places_iou, random_places
from training.metrics.seen_spheres import iou
from training.rendering.crop_frames import into_crops

from ..record import show
from ..skeletons.connectors import Way, ways
from .nets import Trained, Truth, predicted, truth_of

PLACES = 8_000
FEW = 2_500  # of them, to choose by: the same for every way
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
    rows = zip(shapes, truths, places, strict=True)
    true = [Case(shape, truth, truth.spheres, asked) for shape, truth, asked in rows]
    found: dict[str, object] = {"true": compare("true spheres", true)}
    if trained is not None:
        spheres = [predicted(trained, shape)[0] for shape in shapes]
        cases = [Case(*each) for each in zip(shapes, truths, spheres, places, strict=True)]
        found["predicted"] = compare("predicted spheres", cases, seen=True)
    return found


def compare(title: str, cases: Sequence[Case], *, seen: bool = False) -> list[dict[str, object]]:
    """Choose on every other shape of each family, measure on the rest, and print.

    With `seen`, ours is also measured without what reaches over the outline in the picture the spheres were seen in.
    """
    tuning, testing = cases[0::2], cases[1::2]
    rows = []
    for way in track(ways(), f"Joining {title}", transient=True):
        best = chosen(way, tuning)
        rows.append(measured(way.name, best, [way.choices[best](case.spheres) for case in testing], testing))
        if seen and way.name == "ours":
            kept = [within_picture(way.choices[best](case.spheres), case.shape) for case in testing]
            rows.append(measured("ours, within the picture", best, kept, testing))
    show(
        f"Ways to join {title} ({len(testing)} shapes; parameters chosen on {len(tuning)} others)",
        ("way", "chosen", "envelope IoU", "edges outside", "silhouette IoU", "edges", "faces"),
        [[r.way, r.choice, r.iou, r.outside, r.silhouettes, round(r.edges), round(r.faces)] for r in rows],
    )
    return [asdict(row) for row in rows]


def chosen(way: Way, cases: Sequence[Case]) -> str:
    """The choice with the highest envelope IoU in the mean."""
    few = [Places(case.places.points[:FEW], case.places.inside[:FEW]) for case in cases]
    means = {
        name: np.mean([places_iou(join(case.spheres), places) for case, places in zip(cases, few, strict=True)])
        for name, join in way.choices.items()
    }
    return max(means, key=lambda name: means[name])


def measured(name: str, choice: str, made: Sequence[MedialMesh], cases: Sequence[Case]) -> Joined:
    """One way with one choice."""
    rows = [
        (
            places_iou(medial, case.places),
            edges_outside(medial, case.truth.mesh),
            silhouettes(medial, case.shape),
            len(medial.edges),
            len(medial.faces),
        )
        for medial, case in zip(made, cases, strict=True)
    ]
    return Joined(name, choice, *np.mean(rows, 0).tolist())


def within_picture(medial: MedialMesh, shape: ViewedShape) -> MedialMesh:
    """Without edges and faces that reach over the outline in the shape's first view."""
    (centres, *_), (radii, *_) = seen_in(medial.spheres, shape, np.array([0]))
    seen = MedialMesh(MedialSpheres(centres, radii, medial.spheres.sheet), medial.edges, medial.faces)
    kept = keep_within(seen, outline_of(shape.crops(np.array([0]))[0, 3] / 255))
    return MedialMesh(medial.spheres, kept.edges, kept.faces)


def silhouettes(medial: MedialMesh, shape: ViewedShape) -> float:
    """IoU of the envelope's silhouette and the shape's, in the mean over the views of the shape."""
    views = np.arange(len(shape.paper))
    true = shape.crops(views)[:, 3] / 255
    seen, wide = seen_in(medial.spheres, shape, views)
    drawn = [
        draw_medial(MedialMesh(MedialSpheres(c, r, medial.spheres.sheet), medial.edges, medial.faces), true.shape[1])
        for c, r in zip(seen, wide, strict=True)
    ]
    return float(iou(np.stack(drawn), true).mean())


def seen_in(spheres: MedialSpheres, shape: ViewedShape, views: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centres (K, N, 3) and radii (K, N) as some views of the shape see them."""
    many, count = len(views), len(spheres.radii)
    centres, radii = np.broadcast_to(spheres.centres, (many, count, 3)), np.broadcast_to(spheres.radii, (many, count))
    return into_crops(centres, radii, shape.frames(views))
