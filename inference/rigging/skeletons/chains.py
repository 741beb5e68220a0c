"""Trunks and necks of another number of bones: where their joints lie on a character's, and who moves what there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Chain:
    """A line of the character's body that the template divides in another way."""

    line: np.ndarray  # (P, 3) the character's joints, to where the line ends
    own: tuple[int, ...]  # the character's bones along it; none where it has no joints of its own
    cuts: np.ndarray  # (N,) where the template's bones begin, 0..1 of the line's length
    bones: tuple[int, ...]  # the template's, N

    @property
    def joints(self) -> np.ndarray:
        """Where the template's bones begin, (N, 3)."""
        return _at(self.line, self.cuts)

    def shares(self, points: np.ndarray) -> np.ndarray:
        """How much of what the whole line moves each bone of the template moves at points (V, 3): (V, N), sum 1."""
        along = _nearest(self.line, points)
        lengths = np.diff(np.append(self.cuts, 1.0))
        past = np.zeros((len(points), len(self.cuts) + 1))
        past[:, 0] = 1.0
        for k in range(1, len(self.cuts)):
            width = 0.5 * min(lengths[k - 1], lengths[k])
            past[:, k] = np.clip((along - self.cuts[k]) / max(width, 1e-9) + 0.5, 0.0, 1.0)
        return past[:, :-1] - past[:, 1:]


def cuts_of(line: np.ndarray) -> np.ndarray:
    """Where the joints of a line (P, 3) lie, 0..1 of its length, the end left out: (P - 1,)."""
    reached = _reached(line)
    return reached[:-1] / max(float(reached[-1]), 1e-12)


def _reached(line: np.ndarray) -> np.ndarray:
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])


def _at(line: np.ndarray, shares: np.ndarray) -> np.ndarray:
    reached = _reached(line)
    return np.stack([np.interp(shares * reached[-1], reached, line[:, axis]) for axis in range(3)], 1)


def _nearest(line: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Where along the line, 0..1, its point nearest to each of `points` lies, (V,)."""
    reached = _reached(line)
    best, along = np.full(len(points), np.inf), np.zeros(len(points))
    for k in range(len(line) - 1):
        span = line[k + 1] - line[k]
        share = np.clip((points - line[k]) @ span / max(float(span @ span), 1e-18), 0.0, 1.0)
        apart = np.linalg.norm(points - line[k] - share[:, None] * span, axis=1)
        nearer = apart < best
        best = np.where(nearer, apart, best)
        along = np.where(nearer, reached[k] + share * (reached[k + 1] - reached[k]), along)
    return along / max(float(reached[-1]), 1e-12)
