"""A z-buffer in plain torch: many meshes before many cameras at once, on any device, without gradients.

Triangles are cut into pixel rows and rows into exactly the pixels they cover, so that nothing is tested in vain; the
nearest wins by an integer minimum of (depth, triangle), so neither the batch nor the order of the work matters. A pixel
belongs to a triangle when its centre lies inside; triangles that share an edge share no pixel and leave no gap.
Memory is bounded by `FRAGMENTS`. Triangles that reach behind the eye are left out: cameras stand outside of shapes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from inference.anatomy import Mesh

from .cameras import Pinholes, project

FRAGMENTS = 1 << 21  # pixels of triangles held at once; about 60 bytes each
NEAR = 1e-3
_EMPTY = torch.iinfo(torch.int64).max


@dataclass(frozen=True)
class Meshes:
    """M meshes, one after the other."""

    vertices: Tensor  # (V, 3) float32
    triangles: Tensor  # (F, 3) int64, into vertices
    normals: Tensor  # (F, 3) unit, of the faces
    vertex_start: tuple[int, ...]  # (M + 1)
    triangle_start: tuple[int, ...]  # (M + 1)


@dataclass(frozen=True)
class Hits:
    """What each pixel's centre sees."""

    depth: Tensor  # (B, H, W) float32 in the shape's units, 0 where nothing
    triangle: Tensor  # (B, H, W) int64 into Meshes.triangles, -1 where nothing


def pack(meshes: Sequence[Mesh], device: torch.device | str = "cpu") -> Meshes:
    """Meshes, already fitted before the cameras, as one batch."""
    vertex_start, triangle_start = [0], [0]
    for mesh in meshes:
        vertex_start.append(vertex_start[-1] + len(mesh.vertices))
        triangle_start.append(triangle_start[-1] + len(mesh.triangles))
    vertices = torch.cat([torch.as_tensor(mesh.vertices, dtype=torch.float32) for mesh in meshes]).to(device)
    triangles = torch.cat(
        [
            torch.as_tensor(m.triangles, dtype=torch.int64) + start
            for m, start in zip(meshes, vertex_start, strict=False)
        ]
    ).to(device)
    corners = vertices[triangles]
    normals = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0], dim=1)
    normals = torch.nn.functional.normalize(normals, dim=1, eps=1e-20)
    return Meshes(vertices, triangles, normals, tuple(vertex_start), tuple(triangle_start))


@torch.no_grad()
def cast(meshes: Meshes, pinholes: Pinholes[Tensor], which: Sequence[int], samples: int = 1) -> Hits:
    """Camera b sees mesh `which[b]`. With `samples` s, pictures are s times as large: s * s samples a pixel."""
    size = pinholes.size * samples
    device = meshes.vertices.device
    keys = torch.full((len(which), size * size), _EMPTY, dtype=torch.int64, device=device)
    for views in _groups(meshes, which):
        group = Pinholes(pinholes.rotation[views], pinholes.eye[views], pinholes.focal[views] * samples, size)
        corners, numbers, places = _on_screen(meshes, group, which[views])
        _draw(keys[views].view(-1), corners, numbers, places, size)
    keys = keys.view(len(which), size, size)
    hit = keys != _EMPTY
    depth = torch.where(hit, (keys >> 32).to(torch.int32).view(torch.float32), 0.0)
    return Hits(depth, torch.where(hit, keys & 0xFFFFFFFF, -1))


def _groups(meshes: Meshes, which: Sequence[int]) -> Iterator[slice]:
    """Runs of views with a bounded number of triangles, at least one view each."""
    first, total = 0, 0
    for view, mesh in enumerate(which):
        count = meshes.triangle_start[mesh + 1] - meshes.triangle_start[mesh]
        if view > first and total + count > FRAGMENTS // 8:
            yield slice(first, view)
            first, total = view, 0
        total += count
    yield slice(first, len(which))


def _on_screen(meshes: Meshes, pinholes: Pinholes[Tensor], which: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]:
    """Corners (T, 3, 3) as column, row and 1 / depth, sorted by row; triangle numbers (T,); views in the group (T,)."""
    corners, numbers, places = [], [], []
    for place, mesh in enumerate(which):
        first, last = meshes.vertex_start[mesh : mesh + 2]
        here = slice(place, place + 1)
        one = Pinholes(pinholes.rotation[here], pinholes.eye[here], pinholes.focal[here], pinholes.size)
        pixels, depth = project(meshes.vertices[first:last], one)
        inverse = torch.where(depth > NEAR, 1 / depth, torch.nan)  # marks what lies behind the eye
        screen = torch.cat([pixels, inverse[..., None]], 2)[0]
        start, end = meshes.triangle_start[mesh : mesh + 2]
        corners.append(screen[meshes.triangles[start:end] - first])
        numbers.append(torch.arange(start, end, device=screen.device))
        places.append(torch.full_like(numbers[-1], place))
    every = torch.cat(corners)
    order = every[:, :, 1].argsort(1)
    every = every.gather(1, order[:, :, None].expand(-1, -1, 3))
    low, high = every[:, 0, 1], every[:, 2, 1]
    inside = (high > 0) & (low < pinholes.size)
    kept = torch.nonzero(every.sum((1, 2)).isfinite() & (_pixel(low) < _pixel(high)) & inside)[:, 0]
    return every[kept], torch.cat(numbers)[kept], torch.cat(places)[kept]


def _draw(keys: Tensor, corners: Tensor, numbers: Tensor, places: Tensor, size: int) -> None:
    """Lower keys (views * size * size,) to the nearest triangles."""
    first = _pixel(corners[:, 0, 1]).clamp(0, size)
    rows = _pixel(corners[:, 2, 1]).clamp(0, size) - first
    for some in _chunks(rows, FRAGMENTS // 4):
        triangle, row = _spread(rows[some], first[some])
        triangle = triangle + some.start
        left, right = _ends(corners[triangle], row + 0.5)
        column = _pixel(left[:, 0]).clamp(0, size)
        columns = (_pixel(right[:, 0]).clamp(0, size) - column).clamp(min=0)
        base = (places[triangle] * size + row) * size
        for few in _chunks(columns, FRAGMENTS):
            span, at = _spread(columns[few], column[few])
            span = span + few.start
            (start, near), (end, far) = left[span].unbind(1), right[span].unbind(1)
            share = ((at + 0.5 - start) / (end - start)).clamp(0, 1)
            depth = 1 / torch.lerp(near, far, share)
            key = (depth.view(torch.int32).to(torch.int64) << 32) | numbers[triangle[span]]
            keys.scatter_reduce_(0, base[span] + at, key, "amin")


def _pixel(place: Tensor) -> Tensor:
    """The first pixel (row or column) whose centre is not before `place`."""
    return torch.ceil(place - 0.5).to(torch.int64)


def _chunks(counts: Tensor, budget: int) -> Iterator[slice]:
    """Runs whose counts sum to about `budget` at most."""
    total = counts.cumsum(0)
    pieces = int(total[-1]) // budget + 1 if len(total) else 1
    marks = torch.arange(1, pieces, device=counts.device) * budget
    borders = [0, *(torch.searchsorted(total, marks) + 1).clamp(max=len(counts)).tolist(), len(counts)]
    yield from (slice(a, b) for a, b in pairwise(borders) if a < b)


def _spread(counts: Tensor, first: Tensor) -> tuple[Tensor, Tensor]:
    """Each entry `counts` times: which entry, and first, first + 1, ..."""
    entry = torch.repeat_interleave(counts)
    before = counts.cumsum(0) - counts
    step = torch.arange(len(entry), device=counts.device) - before[entry]
    return entry, first[entry] + step


def _ends(corners: Tensor, row: Tensor) -> tuple[Tensor, Tensor]:
    """Where rows cross triangles (R, 3, 3): column and 1 / depth at the left (R, 2) and right (R, 2) end."""
    top, middle, bottom = corners.unbind(1)
    above = (row < middle[:, 1])[:, None]
    long = _crossing(top, bottom, row)
    short = _crossing(torch.where(above, top, middle), torch.where(above, middle, bottom), row)
    swap = (long[:, 0] > short[:, 0])[:, None]
    return torch.where(swap, short, long), torch.where(swap, long, short)


def _crossing(upper: Tensor, lower: Tensor, row: Tensor) -> Tensor:
    """An edge at a row: the same numbers for both triangles that share the edge."""
    share = ((row - upper[:, 1]) / (lower[:, 1] - upper[:, 1]))[:, None]
    return torch.lerp(upper[:, ::2], lower[:, ::2], share)
