"""Where the joints of one limb go: at its bends, or at given shares of its length when its anatomy is known.

The joints of a line are chosen among its points so that the straight bones between them stray least from it, measured
against the shape around it, and so that they lie near where they are expected. Dynamic programming finds the best.
"""

from __future__ import annotations

import numpy as np

from ..bodies.interior import Interior
from ..bodies.limbs import arc_length

FINE = 41  # points a line is resampled to before joints are chosen
TOLERANCE = {"few": 0.45, "normal": 0.3, "many": 0.18}  # largest stray of a bone, as a share of the radius there
EXPECTED = 0.02  # weight of a joint that is one slack away from where it is expected
COARSE_SAMPLES = 10  # places looked at along each possible bone
LEAVING = 0.5  # weight of the share of a bone that leaves the shape
WELL_OUTSIDE = 0.1  # a bone of which more than this seems to leave is split where that helps
EVENNESS = 0.6  # weight of equal bones against stray
SHARPNESS = 0.02  # a stray of this share of the limb's length counts as much as a radius of the shape


def resample(points: np.ndarray, radii: np.ndarray, count: int = FINE) -> tuple[np.ndarray, np.ndarray]:
    """The same line with `count` evenly spaced points, (count, 3) and (count,)."""
    arc = arc_length(points)
    at = np.linspace(0.0, arc[-1], count)
    return np.stack([np.interp(at, arc, axis) for axis in points.T], axis=1), np.interp(at, arc, radii)


def at_shares(points: np.ndarray, shares: np.ndarray | list[float]) -> np.ndarray:
    """Points at the given shares (0..1) of a line's length, (K, 3)."""
    arc = arc_length(points)
    at = np.asarray(shares, float) * arc[-1]
    return np.stack([np.interp(at, arc, axis) for axis in points.T], axis=1)


def value_at(points: np.ndarray, values: np.ndarray, shares: np.ndarray | list[float]) -> np.ndarray:
    """What `values` (N,) along a line are at the given shares of its length, (K,)."""
    arc = arc_length(points)
    return np.interp(np.asarray(shares, float) * arc[-1], arc, values)


def strays(points: np.ndarray, radii: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far a straight bone between any two points of a line strays from it: mean square and largest, (N, N) each.

    In units of the radius, but no finer than a small share of the whole length.
    """
    count = len(points)
    span = points[None, :, :] - points[:, None, :]
    length = np.maximum(np.linalg.norm(span, axis=2), 1e-9)
    offset = points[None, None, :, :] - points[:, None, None, :]
    along = np.clip(np.einsum("ijkc,ijc->ijk", np.broadcast_to(offset, (count, count, count, 3)), span), 0, None)
    along = np.minimum(along / length[..., None] ** 2, 1.0)
    gap = np.linalg.norm(offset - along[..., None] * span[:, :, None, :], axis=3)
    unit = np.maximum(radii, SHARPNESS * arc_length(points)[-1])
    order = np.arange(count)
    within = (order > order[:, None, None]) & (order < order[None, :, None])
    relative = np.where(within, gap / unit, 0.0)
    return (relative**2).sum(2) / count, relative.max(2)


def outside(interior: Interior, points: np.ndarray) -> np.ndarray:
    """The share of a straight bone between any two points of a line that leaves the shape, (N, N)."""
    first, second = np.triu_indices(len(points), 1)
    share = np.zeros((len(points), len(points)))
    share[first, second] = 1.0 - interior.share_inside(points[first], points[second], samples=COARSE_SAMPLES)
    return share


def place_joints(
    interior: Interior,
    points: np.ndarray,
    radii: np.ndarray,
    density: str = "normal",
    least: int = 1,
    most: int = 12,
) -> np.ndarray:
    """Shares of a line's length where its joints go, (K + 1,) from 0 to 1: the fewest bones that stay inside."""
    line, thick = resample(points, radii)
    square, largest = strays(line, thick)
    leaving = outside(interior, line)
    square = square + LEAVING * leaving**2
    shares = np.linspace(0, 1, len(line))
    chosen = np.array([0, len(line) - 1])
    for bones in range(max(least, 1), most + 1):
        even = EVENNESS * ((shares[None, :] - shares[:, None]) * bones - 1.0) ** 2 / bones
        chosen = _cheapest(square + 0.05 * even, bones)
        bones_at = (chosen[:-1], chosen[1:])
        if largest[bones_at].max() <= TOLERANCE[density] and leaving[bones_at].max() <= WELL_OUTSIDE:
            break
    return shares[chosen]


def place_expected(
    interior: Interior,
    points: np.ndarray,
    radii: np.ndarray,
    expected: np.ndarray | list[float],
    slack: float = 0.08,
    trust: float = 1.0,
) -> np.ndarray:
    """Shares of a line's length near the `expected` ones (first to last), moved to bends that lie within the slack."""
    line, thick = resample(points, radii)
    square, _ = strays(line, thick)
    square = square + LEAVING * outside(interior, line) ** 2
    shares = np.linspace(0, 1, len(line))
    wanted = np.asarray(expected, float)
    prior = EXPECTED * ((shares[None, :] - wanted[:, None]) / slack) ** 2
    first, last = (round(float(wanted[i]) * (len(line) - 1)) for i in (0, -1))
    if last - first < len(wanted) - 1:
        return wanted
    return shares[_cheapest(square, len(wanted) - 1, first, last, prior)]


def even_count(length: float, radius: float, density: str) -> int:
    """How many bones a long bendy limb gets: shorter ones where it is thin, within reason."""
    bone = np.clip(4.0 * radius, 0.07, 0.16) * {"few": 1.7, "normal": 1.0, "many": 0.6}[density]
    return int(np.clip(round(length / bone), 1, {"few": 6, "normal": 12, "many": 24}[density]))


def _cheapest(
    cost: np.ndarray, bones: int, first: int = 0, last: int | None = None, prior: np.ndarray | None = None
) -> np.ndarray:
    """The joints (bones + 1,) between two points of a line for which the sum of the bones' costs is least."""
    count = len(cost)
    last = count - 1 if last is None else last
    forward = np.where(np.arange(count)[None, :] > np.arange(count)[:, None], cost, np.inf)
    best = np.full(count, np.inf)
    best[first] = 0.0
    trail = []
    for bone in range(bones):
        total = best[:, None] + forward
        trail.append(np.argmin(total, axis=0))
        best = total.min(0)
        if prior is not None and bone < bones - 1:
            best = best + prior[bone + 1]
    joints = [last]
    for back in reversed(trail):
        joints.append(int(back[joints[-1]]))
    return np.array(joints[::-1])
