"""Silhouettes of 400 spheres: the closed form beside a mesh-based soft rasteriser and every disc at every pixel.

Both soft renderers share the tiles, the culling, the chunks and the hand-made gradient (`training/rendering/tiles.py`);
what differs is the primitive. Error is the mean absolute difference to a hard silhouette made by testing the rays of
8 x 8 points in a pixel against every sphere exactly (an ellipse, in perspective). Each mesh, polygon or icosphere, is
drawn at the softness that brings it closest to that; of those within 5 % of the closed form's error the fastest counts,
and where no mesh comes that close, the closest, beside discs of a softness at which they are no closer than it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import torch
from rich.progress import track
from torch import Tensor
from torch.nn.functional import softplus

from inference.engine.memory import peak_mib
from training.rendering.cameras import Pinholes, paper_cameras, stack, to_torch
from training.rendering.silhouettes import SOFTNESS, project, sphere_silhouettes
from training.rendering.soft_raster import soft_raster_closed, sphere_polygons, spheres_as_meshes

from ..isolated import run_each
from ..record import Cell, console, show

OVERSAMPLING = 8
CLOSED = (SOFTNESS, 0.15, 0.25, 0.5)  # pixels; the first is what the others are compared with
EQUAL = 1.05  # times the error of the first counts as equal
WIDTHS = (0.05, 0.1, 0.15, 0.2, 0.35)
POLYGONS = (4, 6, 8, 12, 16, 24, 32)
ICOSPHERES = (0, 1)
NEAREST = 8  # discs a pixel keeps when every disc is tried
LIMIT_S = 600.0


@dataclass(frozen=True)
class Work:
    """What is drawn and how large."""

    spheres: int
    pixels: int
    batch: int
    threads: int


@dataclass(frozen=True)
class Way:
    """One way to draw it."""

    name: str
    triangles: int  # a sphere
    softness: float
    draw: Callable[[Tensor, Tensor, Pinholes[Tensor]], Tensor]


@dataclass(frozen=True)
class Record:
    """What was measured of one way."""

    way: str
    triangles: int  # a sphere
    error: float  # mean absolute difference to the hard silhouette
    forward_s: float
    backward_s: float
    both_s: float
    ratio: float  # of both to the first way's, run right before
    peak_mib: float | None  # that a forward and a backward pass add


def compare(work: Work, repeats: int) -> list[dict[str, object]]:
    """Errors of all ways, then times of each at its best, turn by turn; prints a table."""
    torch.set_num_threads(work.threads)
    centres, radii, cameras = scene(work)
    truth = hard_silhouettes(centres, radii, cameras)
    with torch.no_grad():
        errors = {
            way.name: float((way.draw(centres, radii, cameras) - truth).abs().mean())
            for way in track([*closed_forms(), *meshes(), every_disc(SOFTNESS)], "image errors")
        }
    chosen = [*closed_forms(), *best_widths(errors), every_disc(SOFTNESS)]
    times: dict[str, list[tuple[float, float]]] = {way.name: [] for way in chosen}
    ratios: dict[str, list[float]] = {way.name: [] for way in chosen}
    for _ in track(range(repeats + 1), "times"):
        for way in chosen:
            # The first right before each: ratios are of neighbours, whatever else the machine is doing.
            beside = sum(once(chosen[0], centres, radii, cameras))
            times[way.name].append(once(way, centres, radii, cameras))
            ratios[way.name].append(sum(times[way.name][-1]) / beside)
    memory = run_each(peak_of, [(way.name, work) for way in chosen], LIMIT_S, fresh=True)
    records = [
        _record(way, errors[way.name], times[way.name][1:], ratios[way.name][1:], outcome.value)  # the first warms up
        for way, outcome in zip(chosen, memory, strict=True)
    ]
    _print(records, work)
    return [asdict(record) for record in records]


def scene(work: Work) -> tuple[Tensor, Tensor, Pinholes[Tensor]]:
    """Half the spheres along eight limbs, half over two sheets, as medial spheres lie; a camera for each image."""
    centres, radii = [], []
    for image in range(work.batch):
        rng = np.random.default_rng([90, image])
        fine = work.spheres // 2
        ends = rng.uniform(-0.42, 0.42, (8, 2, 3))
        limb, along = np.arange(fine) % 8, rng.random((fine, 1))
        lines = ends[limb, 0] * (1 - along) + ends[limb, 1] * along
        corners = rng.uniform(-0.4, 0.4, (2, 3, 3))
        sheet, across = np.arange(work.spheres - fine) % 2, rng.random((work.spheres - fine, 2, 1))
        origin = corners[sheet, 0]
        planes = origin + ((corners[sheet, 1:] - origin[:, None]) * across).sum(1)
        centres.append(np.concatenate([lines, planes]))
        thickness = rng.uniform(0.02, 0.06, 10)
        radii.append(np.concatenate([thickness[limb], thickness[8 + sheet]]) * rng.uniform(0.9, 1.1, work.spheres))
    all_cameras = paper_cameras(work.pixels)
    cameras = to_torch(stack([all_cameras[7 * image % len(all_cameras)] for image in range(work.batch)]))
    return torch.tensor(np.stack(centres)).float(), torch.tensor(np.stack(radii)).float(), cameras


def hard_silhouettes(centres: Tensor, radii: Tensor, cameras: Pinholes[Tensor]) -> Tensor:
    """Shares of each pixel that spheres cover, by the rays through 8 x 8 points of it, (B, size, size)."""
    side = cameras.size * OVERSAMPLING
    pictures = []
    for image in range(len(centres)):
        seen = (centres[image] - cameras.eye[image]) @ cameras.rotation[image].T
        focal = float(cameras.focal[image])
        along = ((np.arange(side) + 0.5) / OVERSAMPLING - cameras.size / 2) / focal
        hit = np.zeros((side, side), bool)
        for (x, y, z), radius in zip(seen.double().numpy(), radii[image].double().numpy(), strict=True):
            # A box that holds the outline, in multiples of the depth; then the exact test inside it.
            reach = radius / (z - radius) * 1.5
            columns = slice(*np.searchsorted(along, (x / z - reach, x / z + reach)))
            rows = slice(*np.searchsorted(along, (y / z - reach, y / z + reach)))
            u, v = along[columns][None], along[rows][:, None]
            toward, length = u * x + v * y + z, u * u + v * v + 1
            hit[rows, columns] |= toward**2 >= length * (x * x + y * y + z * z - radius**2)
        blocks = hit.reshape(cameras.size, OVERSAMPLING, cameras.size, OVERSAMPLING)
        pictures.append(torch.tensor(blocks.mean((1, 3), dtype=np.float32)))
    return torch.stack(pictures)


def closed_forms() -> list[Way]:
    """Discs, at several softnesses."""

    def way(softness: float) -> Way:
        return Way(
            f"discs, softness {softness:g}", 0, softness, lambda c, r, view: sphere_silhouettes(c, r, view, softness)
        )

    return [way(softness) for softness in CLOSED]


def meshes() -> list[Way]:
    """Polygons that face the camera and icospheres, at several resolutions and softnesses."""

    def polygon(sides: int, width: float) -> Way:
        name = f"polygon of {sides}, width {width:g}"
        return Way(name, sides - 2, width, lambda c, r, view: sphere_polygons(c, r, sides, view, width))

    def icosphere(level: int, width: float) -> Way:
        def draw(centres: Tensor, radii: Tensor, view: Pinholes[Tensor]) -> Tensor:
            vertices, triangles = spheres_as_meshes(centres, radii, level)
            return soft_raster_closed(vertices, triangles, view, width)

        return Way(f"icosphere of {20 * 4**level}, width {width:g}", 20 * 4**level, width, draw)

    flat = [polygon(sides, width) for sides in POLYGONS for width in WIDTHS]
    return flat + [icosphere(level, width) for level in ICOSPHERES for width in WIDTHS]


def every_disc(softness: float) -> Way:
    """The formula without tiles: all discs at all pixels, the nearest few kept, image by image."""

    def draw(centres: Tensor, radii: Tensor, cameras: Pinholes[Tensor]) -> Tensor:
        x, y, flat, _ = project(centres, radii, cameras)
        along = torch.arange(cameras.size) + 0.5
        px, py = along.repeat(cameras.size), along.repeat_interleave(cameras.size)
        pictures = []
        for image in range(len(centres)):
            with torch.no_grad():
                away = (px[:, None] - x[image]).square_().add_((py[:, None] - y[image]).square_()).sqrt_()
                nearest = (flat[image] - away).topk(min(NEAREST, x.shape[1]), 1).indices
            dx, dy = px[:, None] - x[image][nearest], py[:, None] - y[image][nearest]
            distance = flat[image][nearest] - (dx.square() + dy.square() + 1e-12).sqrt()
            pictures.append(1 - torch.exp(-softplus(distance / softness).sum(1)))
        return torch.stack(pictures).view(-1, cameras.size, cameras.size)

    return Way(f"every disc at every pixel, nearest {NEAREST}, softness {softness:g}", 0, softness, draw)


def best_widths(errors: dict[str, float]) -> list[Way]:
    """Each mesh at the softness that suits it best."""
    kinds = {way.name.partition(",")[0] for way in meshes()}
    best = [
        min((way for way in meshes() if way.name.startswith(kind + ",")), key=lambda w: errors[w.name])
        for kind in kinds
    ]
    return sorted(best, key=lambda way: (way.name.split()[0] == "icosphere", way.triangles))


def once(way: Way, centres: Tensor, radii: Tensor, cameras: Pinholes[Tensor]) -> tuple[float, float]:
    """Seconds forward and backward of one batch."""
    leaves = [part.clone().requires_grad_() for part in (centres, radii)]
    start = time.perf_counter()
    picture = way.draw(leaves[0], leaves[1], cameras)
    middle = time.perf_counter()
    picture.backward(torch.ones_like(picture))
    return middle - start, time.perf_counter() - middle


def peak_of(job: tuple[str, Work]) -> float:
    """MiB that one forward and backward pass adds to the most a fresh process ever held."""
    name, work = job
    torch.set_num_threads(work.threads)
    centres, radii, cameras = scene(work)
    way = next(way for way in [*closed_forms(), *meshes(), every_disc(SOFTNESS)] if way.name == name)
    small = slice(0, 1)
    once(way, centres[small, :4], radii[small, :4], first(cameras))  # what is loaded once does not count
    before = peak_mib()
    once(way, centres, radii, cameras)
    return peak_mib() - before


def first(cameras: Pinholes[Tensor]) -> Pinholes[Tensor]:
    """The first camera alone."""
    return Pinholes(cameras.rotation[:1], cameras.eye[:1], cameras.focal[:1], cameras.size)


def _record(
    way: Way, error: float, seconds: list[tuple[float, float]], ratios: list[float], peak: float | None
) -> Record:
    forward, backward = (statistics.median(pair[k] for pair in seconds) for k in (0, 1))
    both = statistics.median(map(sum, seconds))
    return Record(way.name, way.triangles, error, forward, backward, both, statistics.median(ratios), peak)


def _print(records: list[Record], work: Work) -> None:
    base = records[0]
    rows: list[list[Cell]] = [
        [
            record.way,
            record.triangles,
            1000 * record.error,
            1000 * record.forward_s,
            1000 * record.backward_s,
            1000 * record.both_s,
            record.ratio,
            record.peak_mib,
            record.peak_mib / base.peak_mib if record.peak_mib and base.peak_mib else None,
        ]
        for record in records
    ]
    columns = ("", "triangles", "error x1000", "forward ms", "backward ms", "both ms", "ratio", "peak MiB", "ratio")
    threads = "1 thread" if work.threads == 1 else f"{work.threads} threads"
    title = f"{work.spheres} spheres, {work.pixels} pixels, batch {work.batch}, {threads}; medians of interleaved runs"
    show(title, columns, rows)
    console.print(_verdict([r for r in records if r.triangles], records[: len(CLOSED)]))


def _verdict(drawn: list[Record], closed: list[Record]) -> str:
    """The fastest mesh that is as close as the discs; where none is, the closest, beside discs no closer than it."""
    base = closed[0]
    equal = [r for r in drawn if r.error <= EQUAL * base.error]
    if equal:
        rival = min(equal, key=lambda r: r.ratio)
        return f"Fastest mesh as close as {base.way}: {rival.way}, {rival.ratio:.1f} times as long."
    rival = min(drawn, key=lambda r: r.error)
    peer = max((r for r in closed if r.error <= EQUAL * rival.error), key=lambda r: r.error)
    return (
        f"No mesh is as close as {base.way}. The closest, {rival.way}, is {rival.error / base.error:.2f} times as far "
        f"off and takes {rival.ratio:.1f} times as long; {rival.ratio / peer.ratio:.1f} times as long as {peer.way}, "
        f"which is {peer.error / rival.error:.2f} times as far off as it."
    )
