"""CurveSkeleton -> one curve object to look at, as thick as a share of the volume around it."""

from __future__ import annotations

from collections import defaultdict

import bpy
import numpy as np

from ....inference.anatomy import CurveSkeleton
from ...compat import put


def write_curves(
    curves: CurveSkeleton, name: str, collection: bpy.types.Collection, thickness: float = 0.15
) -> bpy.types.Object:
    """Make one spline of each branch (world coordinates); a point's radius is its distance to the surface."""
    data = bpy.data.curves.new(name, "CURVE")
    data.dimensions = "3D"
    data.bevel_depth = thickness
    data.bevel_resolution = 2
    for path in branches(curves.edges, len(curves.points)):
        spline = data.splines.new("POLY")
        closed = len(path) > 2 and path[0] == path[-1]
        indices = np.array(path[:-1] if closed else path)
        spline.points.add(len(indices) - 1)
        places = np.concatenate([curves.points[indices], np.ones((len(indices), 1))], 1)
        spline.points.foreach_set("co", places.astype(np.float32).ravel())
        spline.points.foreach_set("radius", curves.radii[indices].astype(np.float32))
        spline.use_cyclic_u = closed
    data.materials.append(_material())
    item = bpy.data.objects.new(name, data)
    item.show_in_front = True
    collection.objects.link(item)
    return item


def _material() -> bpy.types.Material:
    name = "Bonewright Curves"
    found = bpy.data.materials.get(name)
    if found is not None:
        return found
    material = bpy.data.materials.new(name)
    put(material, diffuse_color=(1.0, 0.4, 0.05, 1.0))
    material["bonewright_look"] = "curves"
    return material


def branches(edges: np.ndarray, count: int) -> list[list[int]]:
    """The graph cut at its ends and junctions: paths of point numbers; a free loop ends where it began."""
    near: dict[int, list[int]] = defaultdict(list)
    for one, two in edges.tolist():
        near[one].append(two)
        near[two].append(one)
    used: set[tuple[int, int]] = set()
    paths = [[point] for point in range(count) if not near[point]]
    corners = [point for point in range(count) if len(near[point]) not in (0, 2)]
    for start in [*corners, *range(count)]:  # whatever the corners have not reached is a loop
        for follow in near[start]:
            if (start, follow) not in used:
                paths.append(_walk(start, follow, near, used))
    return paths


def _walk(start: int, follow: int, near: dict[int, list[int]], used: set[tuple[int, int]]) -> list[int]:
    path = [start, follow]
    used.update([(start, follow), (follow, start)])
    while len(near[path[-1]]) == 2 and path[-1] != start:
        one, two = near[path[-1]]
        after = two if one == path[-2] else one
        used.update([(path[-1], after), (after, path[-1])])
        path.append(after)
    return path
