"""Shapes from single pictures: does the surface fill the silhouette, seen from there and from elsewhere?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from statistics import mean

import numpy as np
import torch

from inference.anatomy import Mesh
from inference.errors import BonewrightError
from inference.images.crop import crop_of, draw_crop
from inference.images.outline import draw_mesh, overlap
from inference.networks.s3ds.apply import image_network
from inference.networks.skeletonnet.names import missing_parts
from inference.pipelines.meshes import rig_standing
from inference.pipelines.pictures import see_shape
from inference.pipelines.surfaces import see_surface
from inference.requests import ImageOptions, RigOptions, Surface
from training.datasets.rigged_glb import Listing, read_mesh
from training.rendering.cameras import Camera, fitted, paper_cameras, stack, to_torch
from training.rendering.crop_frames import Frames, frame_of, out_of_crops
from training.rendering.looks import Look, random_look
from training.rendering.raster import pack
from training.rendering.shading import render, silhouettes

from ..record import show

SIZE, SAMPLES = 224, 3  # of the pictures
UNSEEN = (90.0, 180.0, 270.0)  # degrees round the object from where the picture was taken
ELSEWHERE = 30.0  # elevation of one more view, from behind at the side
UNBOUND = RigOptions(bind=False)


@dataclass
class Record:
    """What became of one picture."""

    asset: str
    kind: str
    azimuth: float
    elevation: float
    surface: Surface = "spheres"
    error: str = ""
    predicted: float = 0.0  # IoU of the silhouette in the picture, of the network's spheres as they are
    input: float = 0.0  # the same of the spheres that were fitted to it
    unseen: list[float] = field(default_factory=list)  # from where no picture was taken
    spheres: int = 0
    shape_ms: float = 0.0
    rig_ms: float = 0.0
    bones: int = 0


@dataclass(frozen=True)
class _Drawn:
    """A surface that was drawn of a picture."""

    seen: Mesh  # in the seen frame of the crop
    standing: Mesh  # the way it is rigged
    spheres: int


def pictures(
    listings: Sequence[Listing], views: int, surfaces: Sequence[Surface], detail: int, *, rigs: bool
) -> list[dict[str, object]]:
    """Look at `views` pictures of each asset, and draw each of the `surfaces` of it."""
    if image_network() is None:
        raise SystemExit("There are no weights of the image network in inference/weights.")
    for surface in surfaces:
        if missing := missing_parts(surface):
            raise SystemExit(f"There are no weights for {surface} surfaces: {', '.join(missing)}.")
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    records = []
    for listing in listings:
        cameras = [paper_cameras(SIZE)[k] for k in rng.choice(48, views, replace=False)]
        mesh = fitted(read_mesh(listing.path))
        rendered = render(pack([mesh]), to_torch(stack(cameras)), [0] * views, _looks(listing, views), SAMPLES)
        for camera, picture in zip(cameras, np.round(rendered.rgba.numpy() * 255).astype(np.uint8), strict=True):
            for surface in surfaces:
                record = Record(listing.name, listing.kind, camera.azimuth, camera.elevation, surface)
                try:
                    _look(record, picture, mesh, camera, detail, rigs=rigs)
                except BonewrightError as error:
                    record.error = f"{type(error).__name__}: {error}"
                records.append(record)
    _show(records)
    return [asdict(record) for record in records]


def _looks(listing: Listing, views: int) -> list[Look]:
    return [random_look(view, listing.name) for view in range(views)]


def _look(record: Record, picture: np.ndarray, mesh: Mesh, camera: Camera, detail: int, *, rigs: bool) -> None:
    crop = crop_of(picture[:, :, 3])
    truth = draw_crop(picture, crop, SIZE)[3] >= 0.5
    options = ImageOptions(surface=record.surface, detail=detail)
    raw = _surface_of(picture, replace(options, refine=False))
    record.predicted = overlap(draw_mesh(raw.seen, SIZE), truth)
    start = time.perf_counter()
    shown = _surface_of(picture, options)
    record.shape_ms = 1000 * (time.perf_counter() - start)
    record.spheres = shown.spheres
    record.input = overlap(draw_mesh(shown.seen, SIZE), truth)
    rotation, scale, shift = frame_of(camera, crop)
    frames = Frames(rotation[None], np.array([scale]), shift[None])
    vertices = shown.seen.vertices[None]
    world = out_of_crops(vertices, np.zeros(vertices.shape[:2]), frames)[0][0]
    others = [Camera(camera.azimuth + turn, camera.elevation, SIZE) for turn in UNSEEN]
    others.append(Camera(camera.azimuth + 135.0, ELSEWHERE, SIZE))
    both = pack([mesh, Mesh(world, shown.seen.triangles)])
    for other in others:
        drawn = silhouettes(both, to_torch(stack([other] * 2)), [0, 1]).numpy() >= 0.5
        record.unseen.append(overlap(drawn[0], drawn[1]))
    if rigs:
        start = time.perf_counter()
        record.bones = len(rig_standing(shown.standing, UNBOUND)[0].armature.names)
        record.rig_ms = 1000 * (time.perf_counter() - start)


def _surface_of(picture: np.ndarray, options: ImageOptions) -> _Drawn:
    if options.surface == "spheres":
        found = see_shape((picture,), options)
        return _Drawn(found.surface, found.surface, len(found.sight.medial.spheres.radii))
    made = see_surface((picture,), options)
    seen = Mesh(made.cameras[0].seen(made.surface.vertices), made.surface.triangles)
    return _Drawn(seen, made.surface, len(made.spheres.radii))


def _show(records: Sequence[Record]) -> None:
    for surface in dict.fromkeys(record.surface for record in records):
        _show_one([record for record in records if record.surface == surface], surface)


def _show_one(records: Sequence[Record], surface: str) -> None:
    columns = (
        "kind",
        "pictures",
        "failures",
        "as predicted",
        "input view",
        "worst",
        "unseen views",
        "shape ms",
        "rig ms",
    )
    rows = []
    for kind in [*sorted({record.kind for record in records}), "all"]:
        some = [record for record in records if kind in ("all", record.kind)]
        good = [record for record in some if not record.error]
        # A failure fills nothing.
        rows.append(
            [
                kind,
                len(some),
                len(some) - len(good),
                *(mean(getattr(record, name) for record in some) for name in ("predicted", "input")),
                min(record.input for record in some),
                mean(mean(record.unseen) if record.unseen else 0.0 for record in some),
                *(mean(getattr(record, name) for record in good) if good else None for name in ("shape_ms", "rig_ms")),
            ]
        )
    show(f"Silhouette IoU of the surface from one picture: {surface}", columns, rows)
