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
    best = torch.full(torch.broadcast_shapes(px.shape, (len(hulls.x), px.shape[-1])), torch.inf, dtype=px.dtype).to(px)
    for line in range(6):
        nx, ny = lines.nx[:, line, None], lines.ny[:, line, None]
        best = torch.minimum(best, lines.offset[:, line, None] - (nx * px + ny * py))
    for disc in range(3):
        best = torch.minimum(best, _gap_away_from(hulls, disc, px, py)[0])
    return best


def slab_foot(hulls: Hulls, px: Tensor, py: Tensor) -> Foot:
    """As `slab_distance`, and which line or disc it was and where along the line."""
    lines = _tangents(hulls)
    best, ux, uy, first = _gap_away_from(hulls, 0, px, py)
    weights = [(first == disc).to(best.dtype) for disc in range(3)]
    for disc in (1, 2):
        gap, vx, vy, holder = _gap_away_from(hulls, disc, px, py)
        closer = gap < best
        best, ux, uy = (torch.where(closer, a, b) for a, b in ((gap, best), (vx, ux), (vy, uy)))
        weights = [torch.where(closer, (holder == k).to(w.dtype), w) for k, w in enumerate(weights)]
    for line in range(6):
        nx, ny = lines.nx[:, line, None], lines.ny[:, line, None]
        gap = lines.offset[:, line, None] - (nx * px + ny * py)
        closer = gap < best
        a, b = SIDES[line // 2]
        t = _place_on_tangent(hulls, a, b, nx, ny, px, py)
        share = {a: 1 - t, b: t}
        best, ux, uy = (torch.where(closer, c, d) for c, d in ((gap, best), (nx, ux), (ny, uy)))
        weights = [torch.where(closer, share.get(k, torch.zeros_like(t)), w) for k, w in enumerate(weights)]
    return Foot(best, ux, uy, tuple(weights))


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
    weights = tuple(
        torch.where(side == k, 1 - t, torch.where(side == (k + 2) % 3, t, 0.0)) for k in range(3)
    )  # side k runs from corner k to corner k + 1
    return Foot(sign * away, vx * scale, vy * scale, weights)


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


def _gap_away_from(hulls: Hulls, disc: int, px: Tensor, py: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Gap to the supporting line in the direction from a disc's centre to the point, that direction, who supports."""
    dx, dy = px - hulls.x[:, disc, None], py - hulls.y[:, disc, None]
    away = torch.sqrt(dx * dx + dy * dy)
    scale = away.clamp(min=TINY).reciprocal()
    # At the very centre any direction will do; it must be a unit vector, or the gap would come out too small.
    ux, uy = torch.where(away > TINY, dx * scale, 1.0), dy * scale
    best = hulls.radii[:, disc, None] - away
    holder = torch.full(best.shape, disc, dtype=torch.int8, device=best.device)
    for other in range(3):
        if other == disc:
            continue
        gap = hulls.radii[:, other, None] - (px - hulls.x[:, other, None]) * ux - (py - hulls.y[:, other, None]) * uy
        holder = torch.where(gap > best, other, holder)
        best = torch.maximum(best, gap)
    return best, ux, uy, holder


def _tangents(hulls: Hulls) -> _Lines:
    normals_x, normals_y, offsets = [], [], []
    for a, b in SIDES:
        ex, ey = hulls.x[:, b] - hulls.x[:, a], hulls.y[:, b] - hulls.y[:, a]
        length = torch.sqrt(ex * ex + ey * ey)
        ex, ey = ex / length.clamp(min=TINY), ey / length.clamp(min=TINY)
        taper = (hulls.radii[:, a] - hulls.radii[:, b]) / length.clamp(min=TINY)
        # Rounding must not discard the common tangent of three discs in a row.
        slack = SLACK * (length + hulls.radii[:, a] + hulls.radii[:, b])
        rise = (1 - taper * taper).clamp(min=0).sqrt()
        third = 3 - a - b
        for sign in (1.0, -1.0):
            nx, ny = taper * ex - sign * rise * ey, taper * ey + sign * rise * ex
            offset = hulls.x[:, a] * nx + hulls.y[:, a] * ny + hulls.radii[:, a]
            beyond = hulls.x[:, third] * nx + hulls.y[:, third] * ny + hulls.radii[:, third]
            bounds = (length > TINY) & (taper.abs() < 1) & (beyond <= offset + slack)
            normals_x.append(nx)
            normals_y.append(ny)
            offsets.append(torch.where(bounds, torch.maximum(offset, beyond), torch.inf))
    return _Lines(*(torch.stack(part, 1) for part in (normals_x, normals_y, offsets)))


def _place_on_tangent(hulls: Hulls, a: int, b: int, nx: Tensor, ny: Tensor, px: Tensor, py: Tensor) -> Tensor:
    """How far from disc a to disc b, 0..1, the foot of a point on their tangent lies, (Q, K)."""
    x, y, r = hulls.x[:, :, None], hulls.y[:, :, None], hulls.radii[:, :, None]
    sx, sy = x[:, a] + r[:, a] * nx, y[:, a] + r[:, a] * ny
    tx, ty = x[:, b] + r[:, b] * nx - sx, y[:, b] + r[:, b] * ny - sy
    return (((px - sx) * tx + (py - sy) * ty) / (tx * tx + ty * ty).clamp(min=TINY)).clamp(0, 1)
