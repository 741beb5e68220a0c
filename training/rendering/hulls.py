"""Signed distances in the plane: discs, hulls of two discs (cones), hulls of three discs (slabs), triangles.

Positive inside, in the unit of the coordinates. All are exact, inside and outside, for any position and any radii, also
where one disc swallows another or three centres lie on a line.

How they are differentiated: for a convex shape the signed distance is the least, over all directions u, of the gap
h(u) - p.u to the supporting line; h(u) is the largest c_k.u + r_k. `foot` finds the direction that wins and the weights
w_k of the discs whose tangent line the foot lies on, without gradient; at that choice

    distance = sum_k w_k (c_k.u + r_k) - p.u,   so   d/dc_k = w_k u   and   d/dr_k = w_k

(envelope theorem: moving the choice itself changes nothing to first order). No derivative of a root or of a division
is ever taken, so gradients are finite everywhere; on ridges, where two choices tie, it is the gradient of one of them.

Shapes: Q shapes, each seen from its own K points. Points (K,) or (Q, K); centres and radii (Q, N).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

TINY = 1e-12
SLACK = 1e-6  # relative to the size of the hull
SIDES = ((0, 1), (1, 2), (2, 0))


class Hulls(NamedTuple):
    """Q shapes of N discs each: N = 1 disc, 2 cone, 3 slab."""

    x: Tensor  # (Q, N) centres
    y: Tensor  # (Q, N)
    radii: Tensor  # (Q, N)


class Foot(NamedTuple):
    """What the distance of each point rests on."""

    distance: Tensor  # (Q, K) positive inside
    ux: Tensor  # (Q, K) the outward direction to the foot
    uy: Tensor  # (Q, K)
    weights: tuple[Tensor, ...]  # N tensors (Q, K), sum 1; empty for N = 1


class _Lines(NamedTuple):
    """The six common tangents of three discs (two of each pair) that leave both on one side."""

    nx: Tensor  # (Q, 6) outward normals
    ny: Tensor  # (Q, 6)
    offset: Tensor  # (Q, 6) infinite where the tangent does not bound the hull
    along_x: Tensor  # (Q, 6) place along it, 0 at the first disc of the pair, 1 at the second: start + along . p
    along_y: Tensor  # (Q, 6)
    start: Tensor  # (Q, 6)


def hull_distance(hulls: Hulls, px: Tensor, py: Tensor) -> Tensor:
    """Signed distance alone, (Q, K)."""
    count = hulls.x.shape[1]
    if count == 1:
        return hulls.radii - torch.sqrt((px - hulls.x).square_().add_((py - hulls.y).square_()))
    return cone_foot(hulls, px, py).distance if count == 2 else slab_distance(hulls, px, py)


def hull_foot(hulls: Hulls, px: Tensor, py: Tensor) -> Foot:
    """Signed distance and what its gradient needs."""
    count = hulls.x.shape[1]
    return (disc_foot, cone_foot, slab_foot)[count - 1](hulls, px, py)


def disc_foot(hulls: Hulls, px: Tensor, py: Tensor) -> Foot:
    """One disc: radius minus distance to the centre."""
    dx, dy = px - hulls.x, py - hulls.y
    away = torch.sqrt(dx * dx + dy * dy)
    scale = away.clamp(min=TINY).reciprocal()
    return Foot(hulls.radii - away, dx.mul_(scale), dy.mul_(scale), ())


def cone_foot(hulls: Hulls, px: Tensor, py: Tensor) -> Foot:
    """Two discs: the best disc on the way from one to the other, r(t) - |p - c(t)|."""
    x0, y0, r0 = hulls.x[:, :1], hulls.y[:, :1], hulls.radii[:, :1]
    ex, ey = hulls.x[:, 1:] - x0, hulls.y[:, 1:] - y0
    length = torch.sqrt(ex * ex + ey * ey)
    ex, ey = ex / length.clamp(min=TINY), ey / length.clamp(min=TINY)
    ex = torch.where(length > TINY, ex, 1.0)  # two centres on one spot: any direction, but a unit vector
    taper = (r0 - hulls.radii[:, 1:]) / length.clamp(min=TINY)
    lean = taper / (1 - taper * taper).clamp(min=TINY).sqrt()
    dx, dy = px - x0, py - y0
    along, across = dx * ex + dy * ey, (dx * ey - dy * ex).abs()
    place = (along - lean * across).clamp(min=0).minimum(length)
    place = torch.where(taper >= 1, 0.0, torch.where(taper <= -1, length, place))  # one disc holds the other
    t = place / length.clamp(min=TINY)
    t = torch.where(length > TINY, t, (taper < 0).to(t.dtype))
    away = torch.sqrt((along - place).square() + across.square())
    scale = away.clamp(min=TINY).reciprocal()
    ux, uy = (dx - place * ex) * scale, (dy - place * ey) * scale
    return Foot(r0 + t * (hulls.radii[:, 1:] - r0) - away, ux, uy, (1 - t, t))


def slab_distance(hulls: Hulls, px: Tensor, py: Tensor) -> Tensor:
    """Three discs: the least gap to a supporting line, over the tangents and the directions from each centre."""
    lines = _tangents(hulls)
    best = _gap_away_from(hulls, 0, px, py)[0]
    for disc in (1, 2):
        best = torch.minimum(best, _gap_away_from(hulls, disc, px, py)[0])
    for line in range(6):
        best = torch.minimum(best, _linear(lines.offset, -lines.nx, -lines.ny, line, px, py))
    return best


def slab_foot(hulls: Hulls, px: Tensor, py: Tensor) -> Foot:
    """As `slab_distance`, and which line or disc it was and where along the line."""
    lines = _tangents(hulls)
    best, ux, uy, gaps = _gap_away_from(hulls, 0, px, py)
    first = _holder(gaps)  # the disc that holds the line; of a tangent the first of its two
    t = torch.zeros_like(best)  # how far from it to the next disc
    for disc in (1, 2):
        gap, vx, vy, gaps = _gap_away_from(hulls, disc, px, py)
        closer = gap < best
        best, ux, uy = (torch.where(closer, a, b) for a, b in ((gap, best), (vx, ux), (vy, uy)))
        first = torch.where(closer, _holder(gaps), first)
    for line in range(6):
        gap = _linear(lines.offset, -lines.nx, -lines.ny, line, px, py)
        closer = gap < best
        best = torch.minimum(best, gap)
        ux, uy = (torch.where(closer, n[:, line, None], u) for n, u in ((lines.nx, ux), (lines.ny, uy)))
        first = torch.where(closer, line // 2, first)
        t = torch.where(closer, _linear(lines.start, lines.along_x, lines.along_y, line, px, py).clamp_(0, 1), t)
    return Foot(best, ux, uy, _shares(first, t))


def triangle_foot(hulls: Hulls, px: Tensor, py: Tensor) -> Foot:
    """Corners (Q, 3), radii unused: distance to the nearest side, negative outside; either winding."""
    nearest = torch.full((len(hulls.x), px.shape[-1]), torch.inf, dtype=hulls.x.dtype, device=hulls.x.device)
    vx = vy = t = side = torch.zeros_like(nearest)
    least, most = nearest, -nearest
    for number, (a, b) in enumerate(SIDES):
        ax, ay = hulls.x[:, a, None], hulls.y[:, a, None]
        ex, ey = hulls.x[:, b, None] - ax, hulls.y[:, b, None] - ay
        dx, dy = px - ax, py - ay
        place = ((dx * ex + dy * ey) / (ex * ex + ey * ey).clamp(min=TINY)).clamp(0, 1)
        wx, wy = dx - place * ex, dy - place * ey
        squared = wx * wx + wy * wy
        cross = ex * dy - ey * dx
        least, most = torch.minimum(least, cross), torch.maximum(most, cross)
        closer = squared < nearest
        nearest = torch.where(closer, squared, nearest)
        vx, vy, t = torch.where(closer, wx, vx), torch.where(closer, wy, vy), torch.where(closer, place, t)
        side = torch.where(closer, float(number), side)
    away = nearest.sqrt()
    sign = torch.where((least >= 0) | (most <= 0), 1.0, -1.0).to(away.dtype)
    scale = -sign / away.clamp(min=TINY)
    return Foot(sign * away, vx * scale, vy * scale, _shares(side, t))


def triangle_distance(hulls: Hulls, px: Tensor, py: Tensor) -> Tensor:
    """The distance of `triangle_foot` alone."""
    nearest, least, most = _side(hulls, 0, px, py)
    for number in (1, 2):
        squared, cross, same = _side(hulls, number, px, py)
        nearest, least, most = torch.minimum(nearest, squared), torch.minimum(least, cross), torch.maximum(most, same)
    return torch.where((least >= 0) | (most <= 0), 1.0, -1.0).to(nearest.dtype) * nearest.sqrt()


def _side(hulls: Hulls, number: int, px: Tensor, py: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Squared distance to a side, and on which side of it a point lies (twice: for a minimum and a maximum)."""
    a, b = SIDES[number]
    ax, ay = hulls.x[:, a, None], hulls.y[:, a, None]
    ex, ey = hulls.x[:, b, None] - ax, hulls.y[:, b, None] - ay
    dx, dy = px - ax, py - ay
    place = ((dx * ex + dy * ey) / (ex * ex + ey * ey).clamp(min=TINY)).clamp_(0, 1)
    cross = ex * dy - ey * dx
    return dx.sub_(place * ex).square_().add_(dy.sub_(place * ey).square_()), cross, cross


def _shares(first: Tensor, t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Weights of three corners at the place t, 0..1, from corner `first` to the one after it."""
    rest = 1 - t
    a, b, c = (torch.where(first == k, rest, torch.where(first == (k + 2) % 3, t, 0.0)) for k in range(3))
    return a, b, c


def _linear(offset: Tensor, x: Tensor, y: Tensor, line: int, px: Tensor, py: Tensor) -> Tensor:
    """offset + x px + y py of one of six lines, (Q, K)."""
    return torch.addcmul(torch.addcmul(offset[:, line, None], x[:, line, None], px), y[:, line, None], py)


def _gap_away_from(
    hulls: Hulls, disc: int, px: Tensor, py: Tensor
) -> tuple[Tensor, Tensor, Tensor, tuple[Tensor, Tensor, Tensor]]:
    """Gap to the supporting line in the direction from a disc's centre to the point, that direction, all gaps."""
    dx, dy = px - hulls.x[:, disc, None], py - hulls.y[:, disc, None]
    away = torch.sqrt(dx * dx + dy * dy)
    scale = away.clamp(min=TINY).reciprocal()
    # At the very centre any direction will do; it must be a unit vector, or the gap would come out too small.
    ux, uy = torch.where(away > TINY, dx * scale, 1.0), dy * scale
    gaps = [hulls.radii[:, disc, None] - away] * 3
    for other in ((disc + 1) % 3, (disc + 2) % 3):
        ex, ey = hulls.x[:, other] - hulls.x[:, disc], hulls.y[:, other] - hulls.y[:, disc]
        reach = torch.addcmul(torch.addcmul(hulls.radii[:, other, None], ex[:, None], ux), ey[:, None], uy)
        gaps[other] = reach - away
    return torch.maximum(torch.maximum(gaps[0], gaps[1]), gaps[2]), ux, uy, (gaps[0], gaps[1], gaps[2])


def _holder(gaps: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Number of the disc with the largest gap, (Q, K) int8."""
    second = torch.maximum(gaps[0], gaps[1])
    return torch.where(gaps[2] > second, 2, (gaps[1] > gaps[0]).to(torch.int8))


def _tangents(hulls: Hulls) -> _Lines:
    found = [_tangent(hulls, a, b, sign) for a, b in SIDES for sign in (1.0, -1.0)]
    return _Lines(*(torch.stack(part, 1) for part in zip(*found, strict=True)))


def _tangent(hulls: Hulls, a: int, b: int, sign: float) -> tuple[Tensor, ...]:
    """One of `_Lines`, (Q,) each."""
    (ax, ay, ar), (bx, by, br) = ((hulls.x[:, k], hulls.y[:, k], hulls.radii[:, k]) for k in (a, b))
    ex, ey = bx - ax, by - ay
    length = torch.sqrt(ex * ex + ey * ey)
    ex, ey = ex / length.clamp(min=TINY), ey / length.clamp(min=TINY)
    taper = (ar - br) / length.clamp(min=TINY)
    rise = sign * (1 - taper * taper).clamp(min=0).sqrt()
    nx, ny = taper * ex - rise * ey, taper * ey + rise * ex
    offset = ax * nx + ay * ny + ar
    third = 3 - a - b
    beyond = hulls.x[:, third] * nx + hulls.y[:, third] * ny + hulls.radii[:, third]
    # Rounding must not discard the common tangent of three discs in a row.
    slack = SLACK * (length + ar + br)
    bounds = (length > TINY) & (taper.abs() < 1) & (beyond <= offset + slack)
    # From where the line touches disc a to where it touches disc b.
    sx, sy = ax + ar * nx, ay + ar * ny
    tx, ty = bx + br * nx - sx, by + br * ny - sy
    squared = (tx * tx + ty * ty).clamp(min=TINY)
    along_x, along_y = tx / squared, ty / squared
    return (
        nx,
        ny,
        torch.where(bounds, torch.maximum(offset, beyond), torch.inf),
        along_x,
        along_y,
        -(sx * along_x + sy * along_y),
    )
