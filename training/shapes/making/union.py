"""Many overlapping parts to one watertight surface, with the truth that is still true of the whole."""

from __future__ import annotations

from collections.abc import Sequence

import igl
import manifold3d
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from inference.anatomy import MedialSpheres, Mesh

from ..shape import Curve, KnownShape, Sheet
from .lofts import cross
from .parts import Part

# A part's sphere counts while the distance to the joined surface is its radius within a share of it and a little more.
TOUCH_SHARE, TOUCH_MORE = 0.15, 0.001
FEWEST = 500  # triangles of a shape
STEP = 0.027  # between the truth's samples where parts are thin
STEP_SHARE = 0.65  # ... and where they are thick, of their radius


def union(parts: Sequence[Part], fewest: int = 0) -> Mesh:
    """The outer surface of overlapping closed parts, exactly: watertight, consistently turned outward.

    A surface of fewer triangles than asked is cut finer without changing its shape.
    """
    solids = [_manifold(*_together(group)) for group in _apart(parts)]
    whole = manifold3d.Manifold.batch_boolean(solids, manifold3d.OpType.Add)
    length = float(np.subtract(whole.bounding_box()[3:], whole.bounding_box()[:3]).max())
    for share in (0.2, 0.1, 0.05):
        if whole.num_tri() < fewest:
            whole = whole.refine_to_length(share * length)
    joined = whole.to_mesh64()
    return Mesh(np.array(joined.vert_properties)[:, :3], np.array(joined.tri_verts).astype(np.int32))


def _apart(parts: Sequence[Part]) -> list[list[Part]]:
    """The parts in as few groups as greed finds whose members' boxes keep apart: a group is one solid already."""
    low, high = (np.stack([bound(part.vertices, 0) for part in parts]) for bound in (np.min, np.max))
    meets = ((low[:, None] <= high[None]) & (low[None] <= high[:, None])).all(-1)
    groups: list[list[int]] = []
    for place, row in enumerate(meets.tolist()):
        group = next((group for group in groups if not any(row[other] for other in group)), None)
        if group is None:
            groups.append([place])
        else:
            group.append(place)
    return [[parts[place] for place in group] for group in groups]


def _together(parts: Sequence[Part]) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and triangles of parts that do not meet."""
    starts = np.cumsum([0, *(len(part.vertices) for part in parts[:-1])])
    triangles = [part.triangles + start for part, start in zip(parts, starts, strict=True)]
    return np.concatenate([part.vertices for part in parts]), np.concatenate(triangles)


def one_piece(mesh: Mesh) -> Mesh:
    """The outer surface with the largest volume; hollows sealed inside and loose pieces are left out."""
    label = connected_components(_links(mesh), directed=False)[1][mesh.triangles[:, 0]]
    corners = mesh.vertices[mesh.triangles]
    volumes = np.bincount(label, (corners[:, 0] * cross(corners[:, 1], corners[:, 2])).sum(1))
    triangles = mesh.triangles[label == volumes.argmax()]
    used, triangles = np.unique(triangles, return_inverse=True)
    return Mesh(mesh.vertices[used], triangles.reshape(-1, 3).astype(np.int32))


def difference(body: Part, tool: Part) -> Mesh:
    """The body without the tool's volume."""
    solids = [_manifold(part.vertices, part.triangles) for part in (body, tool)]
    cut = (solids[0] - solids[1]).to_mesh64()
    return Mesh(np.array(cut.vert_properties)[:, :3], np.array(cut.tri_verts).astype(np.int32))


def _manifold(vertices: np.ndarray, triangles: np.ndarray) -> manifold3d.Manifold:
    mesh = manifold3d.Mesh64(np.ascontiguousarray(vertices, np.float64), np.ascontiguousarray(triangles, np.uint64))
    solid = manifold3d.Manifold(mesh)
    if solid.status() != manifold3d.Error.NoError or solid.is_empty():
        raise ValueError(f"A part is not a closed surface ({solid.status()}). Close it, and turn its faces alike.")
    return solid


def is_watertight(mesh: Mesh) -> bool:
    """Every edge has two triangles, turned alike, and no triangle uses a vertex twice."""
    start, stop = mesh.triangles.ravel().astype(np.int64), np.roll(mesh.triangles, -1, 1).ravel().astype(np.int64)
    size = len(mesh.vertices)
    forward, backward = np.sort(start * size + stop), np.sort(stop * size + start)
    return bool((start != stop).all() and (np.diff(forward) > 0).all() and np.array_equal(forward, backward))


def components_and_genus(mesh: Mesh) -> tuple[int, int]:
    """Connected pieces of a watertight surface, and its handles summed over them (1 - chi / 2 each)."""
    used = np.zeros(len(mesh.vertices), bool)
    used[mesh.triangles] = True
    pieces = connected_components(_links(mesh), directed=False)[0] - int((~used).sum())
    characteristic = int(used.sum()) - mesh.triangles.size // 2 + len(mesh.triangles)
    return pieces, pieces - characteristic // 2


def _links(mesh: Mesh) -> coo_array:
    start, stop = mesh.triangles.ravel(), mesh.triangles[:, [1, 2, 0]].ravel()
    return coo_array((np.ones(len(start), bool), (start, stop)), (len(mesh.vertices), len(mesh.vertices)))


def known_shape(family: str, seed: int, parts: Sequence[Part]) -> KnownShape:
    """Join parts to one solid, bring it into the common frame and keep what is still medial.

    Hollows sealed inside are filled, parts that touch nothing are left out. At least FEWEST triangles.
    A sphere stays when it still touches the joined surface; its radius becomes the exact distance. Lines are cut where
    they run deep inside other parts, sheets lose the border rows and columns that do.
    """
    mesh = union(parts, FEWEST)
    pieces, genus = components_and_genus(mesh)
    if pieces > 1:
        mesh = one_piece(mesh)
        genus = components_and_genus(mesh)[1]
        parts = [part for part in parts if _belongs(part, mesh)]
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    scale, centre = 1 / float((high - low).max()), (low + high) / 2
    mesh = Mesh((mesh.vertices - centre) * scale, mesh.triangles)
    curves, sheets, spheres = true_medial(mesh, [_framed(part, centre, scale) for part in parts])
    return KnownShape(family, seed, mesh, is_watertight(mesh), genus, curves, sheets, spheres)


def _belongs(part: Part, mesh: Mesh) -> bool:
    """Whether the part is in the mesh; it is connected, so one point of its truth can tell."""
    known = [*(c.points for c in part.curves), *(s.points.reshape(-1, 3) for s in part.sheets), part.balls[:, :3]]
    points = np.concatenate(known)
    middle = points[len(points) // 2 :][:1]
    return bool(np.max(igl.fast_winding_number(mesh.vertices, mesh.triangles, middle)) > 0.5) if len(middle) else False


def _framed(part: Part, centre: np.ndarray, scale: float) -> Part:
    """The part's truth in the common frame, its samples no closer than STEP or STEP_SHARE of a radius."""
    curves, sheets = [], []
    for curve in part.curves:
        row = _thinned(curve.points, curve.radii, scale)
        curves.append(Curve((curve.points[row] - centre) * scale, curve.radii[row] * scale))
    for sheet in part.sheets:
        row = _thinned(sheet.points[:, sheet.points.shape[1] // 2], sheet.radii, scale)
        column = _thinned(sheet.points[sheet.points.shape[0] // 2], sheet.radii, scale)
        grid = np.ix_(row, column)
        sheets.append(Sheet((sheet.points[grid] - centre) * scale, sheet.radii[grid] * scale))
    return Part(part.vertices, part.triangles, tuple(curves), tuple(sheets), (part.balls - [*centre, 0]) * scale)


def _thinned(line: np.ndarray, radii: np.ndarray, scale: float) -> np.ndarray:
    """Which of the points of a line to keep; always its ends."""
    steps = line[1:] - line[:-1]
    length = scale * float(np.sqrt((steps * steps).sum(1)).sum())
    count = int(np.ceil(length / max(STEP, STEP_SHARE * scale * float(radii.sum()) / radii.size))) + 1
    return (
        np.arange(len(line)) if count >= len(line) else np.linspace(0, len(line) - 1, max(count, 2)).round().astype(int)
    )


def true_medial(mesh: Mesh, parts: Sequence[Part]) -> tuple[tuple[Curve, ...], tuple[Sheet, ...], MedialSpheres]:
    """What of the parts' medial axes is medial in the mesh, their union in the same frame."""
    curves = [curve for part in parts for curve in part.curves]
    sheets = [sheet for part in parts for sheet in part.sheets]
    balls = np.concatenate([np.zeros((0, 4)), *(part.balls for part in parts)])
    groups = [*(curve.points for curve in curves), *(sheet.points.reshape(-1, 3) for sheet in sheets), balls[:, :3]]
    points = np.concatenate(groups)
    radii = np.concatenate(
        [*(curve.radii for curve in curves), *(sheet.radii.ravel() for sheet in sheets), balls[:, 3]]
    )
    squared = igl.point_mesh_squared_distance(points, mesh.vertices, mesh.triangles)[0]
    distance = np.sqrt(squared)
    touches = np.abs(distance - radii) <= TOUCH_SHARE * radii + TOUCH_MORE
    # The exact distance where it touches, the part's own radius where another part swallows it.
    radii = np.where(touches, distance, radii)
    ends = np.cumsum([len(group) for group in groups])[:-1]
    kept, radius = np.split(touches, ends), np.split(radii, ends)
    lines = len(curves)
    true_curves = [run for k, curve in enumerate(curves) for run in _runs(curve.points, radius[k], kept[k])]
    true_sheets = [
        _cropped(sheet.points, radius[lines + k].reshape(sheet.radii.shape), kept[lines + k].reshape(sheet.radii.shape))
        for k, sheet in enumerate(sheets)
    ]
    flat = np.zeros(len(points), bool)
    flat[sum(len(curve.points) for curve in curves) : len(points) - len(balls)] = True
    spheres = MedialSpheres(points[touches], radii[touches], flat[touches])
    return tuple(true_curves), tuple(sheet for sheet in true_sheets if sheet is not None), spheres


def _runs(points: np.ndarray, radii: np.ndarray, kept: np.ndarray) -> list[Curve]:
    """The stretches of a line that touch the surface, each one point longer at both ends."""
    grown = kept.copy()
    grown[1:] |= kept[:-1]
    grown[:-1] |= kept[1:]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], grown, [False]]).astype(np.int8)))
    return [Curve(points[a:b], radii[a:b]) for a, b in edges.reshape(-1, 2) if b - a > 1 and kept[a:b].any()]


def _cropped(points: np.ndarray, radii: np.ndarray, kept: np.ndarray) -> Sheet | None:
    """The sheet between the first and the last row and column that touch the surface."""
    rows, columns = np.flatnonzero(kept.any(1)), np.flatnonzero(kept.any(0))
    if len(rows) < 2 or len(columns) < 2:
        return None
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return Sheet(points[box], radii[box])
