"""Differentiable skeletonisation: points of a surface drawn into its middle, without a single parameter.

Each skeleton point moves to the mean of its clustered K nearest surface points, I times: once with many points, then
with few among these. Clustered means: of the K nearest only those that a chain of short steps joins to the nearest
one, so that the point stays in its own limb where another runs beside it. Which points are near is taken as given;
through the means, gradients reach the surface.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..layers.surface import rows

DENSE = 4  # the first pass has so many times the skeleton points
NEIGHBOURS = 32  # K of the first pass
ITERATIONS = 2
STEP = 1.6  # longest step of a chain, in distances to the nearest neighbours
REACH, REACH_AGAIN = 2.0, 0.7  # how far from a point its neighbours may be in each pass, in the same measure
SPACING = 4  # this neighbour, counted from 1, says how far neighbours are from each other
ROUNDS = 8  # of following chains: as many steps as a chain may have
TOUCHED = 4  # nearest surface points whose mean distance is the radius


def skeletonise(cloud: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Skeleton points (N, count, 3) and their radii (N, count) of surfaces (N, P, 3) in farthest-point order.

    A cloud in that order begins with its own farthest points: the first pass starts from them.
    """
    dense = centred(cloud, cloud[:, : DENSE * count], NEIGHBOURS, REACH)
    # The second pass chooses among a quarter as many points as the surface has, or so: its neighbourhoods shrink too.
    fewer = max(2 * SPACING, NEIGHBOURS * DENSE * count // cloud.shape[1])
    points = centred(dense, rows(dense, farthest(dense.detach(), count)), min(fewer, NEIGHBOURS), REACH_AGAIN)
    return points, radii_at(points, cloud)


def centred(cloud: Tensor, points: Tensor, neighbours: int, reach: float) -> Tensor:
    """Points (N, S, 3) moved to the mean of their clustered nearest among the cloud's (N, P, 3), ITERATIONS times."""
    for _ in range(ITERATIONS):
        near = squares(points.detach(), cloud.detach()).topk(neighbours, largest=False).indices
        around = rows(cloud, near)  # (N, S, K, 3)
        kept = joined(points.detach(), around.detach(), reach)[..., None]
        points = (around * kept).sum(2) / kept.sum(2)
    return points


def joined(points: Tensor, around: Tensor, reach: float) -> Tensor:
    """Which of the neighbourhoods (N, S, K, 3), nearest first, count for the points (N, S, 3): (N, S, K) of 0 and 1.

    Those that hang together with the nearest, in the graph whose edges are no longer than STEP usual distances between
    neighbours, and are no farther than `reach` of these: K points are a patch of a trunk, but all of a thin leg, and
    its ends are not to be drawn into its middle.
    """
    apart = squares(around.flatten(0, 1), around.flatten(0, 1))  # (N S, K, K)
    # The least but one is the nearest: each point is among its own.
    usual = apart.topk(SPACING + 1, largest=False, sorted=False).values.amax(-1).sqrt().mean(-1)
    linked = (apart <= (STEP * usual)[:, None, None].square()).to(apart.dtype)
    close = (around - points[:, :, None]).square().sum(3).flatten(0, 1) <= (reach * usual)[:, None].square()
    close[:, 0] = True
    linked = linked * close[:, None].to(linked.dtype)
    reached = torch.zeros_like(apart[:, :, :1])
    reached[:, 0] = 1
    for _ in range(ROUNDS):
        reached = ((linked @ reached) > 0).to(apart.dtype)
    return (reached[:, :, 0] * close).reshape(around.shape[:3])


def farthest(points: Tensor, count: int) -> Tensor:
    """`count` of the points (N, P, 3), each the farthest from those before it, (N, count); the first is the first."""
    chosen = [torch.zeros_like(points[:, 0, 0], dtype=torch.int64)]
    gap = torch.full_like(points[..., 0], 1e10)
    for _ in range(count - 1):
        last = rows(points, chosen[-1][:, None])
        gap = torch.minimum(gap, (points - last).square().sum(2))
        chosen.append(gap.argmax(1))
    return torch.stack(chosen, 1)


def radii_at(points: Tensor, cloud: Tensor) -> Tensor:
    """Mean distance (N, S) of points (N, S, 3) to the nearest points of the cloud (N, P, 3)."""
    near = squares(points.detach(), cloud.detach()).topk(TOUCHED, largest=False).indices
    return (rows(cloud, near) - points[:, :, None]).square().sum(3).clamp_min(1e-12).sqrt().mean(2)


def squares(a: Tensor, b: Tensor) -> Tensor:
    """Squared distances between the points of a (N, A, 3) and b (N, B, 3), (N, A, B)."""
    return (a.square().sum(2)[:, :, None] + b.square().sum(2)[:, None] - 2 * a @ b.transpose(1, 2)).clamp_min(0)
