"""A solid turned about the z axis without being made again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...anatomy import Solid


def turned_solid(solid: Solid, quarters: int) -> Solid:
    """The solid after quarter turns about the z axis through the origin, each from x to y."""
    origin, cells = solid.origin.copy(), solid.cells
    for _ in range(quarters % 4):
        far = cells[:, 1].max()
        origin[:2] = -(origin[1] + solid.spacing * far), origin[0]
        cells = np.stack([far - cells[:, 1], cells[:, 0], cells[:, 2]], axis=1)
    order = np.lexsort((cells[:, 2], cells[:, 1], cells[:, 0]))
    place = np.empty(len(cells), np.int32)
    place[order] = np.arange(len(cells), dtype=np.int32)
    links = np.sort(place[solid.links], axis=1)
    links = links[np.lexsort((links[:, 1], links[:, 0]))]
    return replace(
        solid,
        origin=origin,
        cells=cells[order],
        depth=solid.depth[order],
        thin=solid.thin[order],
        links=links,
        component=solid.component[order],
    )
