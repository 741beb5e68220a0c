"""Where the parts of the judge write down what they measure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass
class Features:
    """Lengths are shares of the shape's size."""

    values: dict[str, float] = field(default_factory=dict)
    outside: tuple[str, ...] = ()  # bones that lie outside the shape, as a rigger would call them
    about: dict[str, str] = field(default_factory=dict)  # what each number is about: "left hand"

    def add(self, name: str, value: float, about: str) -> None:
        """Note a number."""
        self.values[name] = float(value) if math.isfinite(value) else math.nan
        self.about[name] = about
