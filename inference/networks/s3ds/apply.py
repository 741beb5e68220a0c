"""The spheres that S3DS sees in pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..loader import Ask
from ..shelf import find_network


@dataclass(frozen=True)
class SphereNetwork:
    """A trained network that finds spheres in crops."""

    ask: Ask
    size: int  # pixels of a crop
    fine: int  # how many of the spheres, the first ones, are of what is fine

    def predict(self, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Centres (B, N, 3) and radii (B, N) of crops (B, 4, size, size), fine spheres first."""
        centres, radii = self.ask({"crops": np.ascontiguousarray(crops, np.float32)})
        return centres, radii


def image_network() -> SphereNetwork | None:
    """The trained network; None where there are no weights for it, or nothing that could run them."""
    network = find_network("s3ds")
    return None if network is None else SphereNetwork(network, network.card.size("size"), network.card.size("fine"))
