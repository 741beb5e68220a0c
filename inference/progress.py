"""Progress and cancellation: one small object handed down through a pipeline."""

from __future__ import annotations

from collections.abc import Callable

from .errors import Cancelled


class Progress:
    """Tells how far the work is and raises `Cancelled` once somebody asked to stop.

    `report(fraction, message)` is called at every step; `is_cancelled()` is asked at the same moments, so long loops
    should step often.
    """

    def __init__(
        self,
        report: Callable[[float, str], None] | None = None,
        is_cancelled: Callable[[], bool] | None = None,
        start: float = 0.0,
        end: float = 1.0,
    ) -> None:
        self._report = report
        self._is_cancelled = is_cancelled
        self._start = start
        self._end = end

    def step(self, fraction: float, message: str = "") -> None:
        """Report `fraction` (0..1 of this object's own span) and stop here if the job was cancelled."""
        if self._is_cancelled is not None and self._is_cancelled():
            raise Cancelled("Cancelled.")
        if self._report is not None:
            self._report(self._start + (self._end - self._start) * min(max(fraction, 0.0), 1.0), message)

    def part(self, start: float, end: float) -> Progress:
        """The share of this progress between two fractions, for a stage of the work."""
        span = self._end - self._start
        return Progress(self._report, self._is_cancelled, self._start + span * start, self._start + span * end)


SILENT = Progress()
