"""The circle of Willis: TopCoW's label volumes, their published meshes and centre lines, or meshes of one's own.

    cow_seg_labelsTr/topcow_mr_001.nii.gz              TopCoW 2024 and later; `mul_labelsTr`, `bin_labelsTr` in 2023;
                                                       imagesTr/topcow_mr_001_0000.nii.gz beside them or not
    cow_meshes/topcow_mr_001.vtp                       the surfaces of the centre-line release
    cow_graphs/topcow_mr_001.vtp                       its centre lines, with radii
    anything.stl, .obj, .ply, .vtp, .vtk               where none of these folders is there

Frame: label volumes stand as the NIfTI headers say, in millimetres. Meshes have Z towards the head; which way x and y
go is not said (assumed: as in NIfTI). Labels of volumes: see SEGMENTS.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from inference.anatomy import CurveSkeleton, Mesh

from .common import NO_SPLIT, Frame, Item, Skipped, damage_named, need_folder, not_found
from .label_volumes import SCANNER, read_labels, read_surface, surface_of
from .mesh_files import mesh_paths, read_mesh_file
from .vtk_polydata import read_polydata

NAME = "CoW"
LAYOUT = "a folder with cow_seg_labelsTr/*.nii.gz (TopCoW), cow_meshes/*.vtp and cow_graphs/*.vtp, or mesh files"
ASSUMED = Frame(up=(0, 0, 1), forward=(0, 1, 0), source="assumed")
LABEL_FOLDERS = ("cow_seg_labels", "mul_labels", "bin_labels")  # the first that is there, then Tr or Ts
RADII = ("mis_radius", "ce_radius", "voreen_radius")  # the largest sphere inside comes first
SEGMENTS = {
    1: "BA",
    2: "R-PCA",
    3: "L-PCA",
    4: "R-ICA",
    5: "R-MCA",
    6: "L-ICA",
    7: "L-MCA",
    8: "R-Pcom",
    9: "L-Pcom",
    10: "Acom",
    11: "R-ACA",
    12: "L-ACA",
    15: "3rd-A2",
}


def list_items(folder: Path, skipped: list[Skipped]) -> Iterator[Item]:
    """All circles: those of label volumes, else those of meshes; sorted by name."""
    need_folder(folder, NAME, LAYOUT)
    for start in LABEL_FOLDERS:
        found = sorted(path for ending in ("Tr", "Ts") for path in folder.rglob(f"{start}{ending}/*.nii.gz"))
        if found:
            return _of_volumes(folder, found, skipped)
    meshes = sorted(folder.rglob("cow_meshes/*.vtp"))
    if not meshes:
        meshes = mesh_paths(folder)
        meshes = [path for path in meshes if path.parent.name != "cow_graphs"]
    graphs = _graphs(folder, skipped)
    if not meshes and not graphs:
        raise not_found(folder, NAME, LAYOUT)
    return _of_meshes(meshes, graphs, skipped)


def read_segments(path: Path) -> dict[str, Mesh]:
    """The surface of each vessel in a label volume, by name; neighbours touch where one ends."""
    volume = read_labels(path)
    with damage_named(path.name):
        present = [int(label) for label in np.unique(volume.labels) if label != 0]
        return {SEGMENTS.get(label, f"label {label}"): surface_of(volume, (label,)) for label in present}


def read_centre_lines(path: Path, name: str = "") -> CurveSkeleton:
    """A labelled centre-line graph; the radius of a point is the mean of the steps that meet in it."""
    with damage_named(name or path.stem):
        graph = read_polydata(path)
        if len(graph.segments) == 0:
            raise ValueError("it has no centre line")
        radius = next((graph.segment_values[key] for key in RADII if key in graph.segment_values), None)
        if radius is None:
            raise ValueError(f"it has none of the radii {', '.join(RADII)}")
        edges = np.unique(np.sort(graph.segments, axis=1), axis=0)
        ends = graph.segments.reshape(-1)
        used = np.unique(edges)
        sums = np.bincount(ends, np.repeat(radius.astype(np.float64), 2), len(graph.points))
        radii = (sums / np.maximum(np.bincount(ends, minlength=len(graph.points)), 1))[used]
        if not (radii > 0).all() or not np.isfinite(graph.points).all():
            raise ValueError("some of its radii are not above 0")
        return _skeleton(ASSUMED.apply(graph.points[used]), radii, np.searchsorted(used, edges))


def _skeleton(points: np.ndarray, radii: np.ndarray, edges: np.ndarray) -> CurveSkeleton:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(points)
    links = coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(count, count))
    _, component = connected_components(links, directed=False)
    return CurveSkeleton(points, radii, edges.astype(np.int32), component.astype(np.int32))


def _of_volumes(folder: Path, labels: list[Path], skipped: list[Skipped]) -> Iterator[Item]:
    graphs = _graphs(folder, skipped)
    have = {_case(path) for path in labels}
    for scan in sorted(path for ending in ("Tr", "Ts") for path in folder.rglob(f"images{ending}/*.nii.gz")):
        if (case := _case(scan)) not in have:
            skipped.append(Skipped(case, "it has a scan but no label volume"))
    for path in labels:
        name = _case(path)
        split = "test" if path.parent.name.endswith("Ts") else "train"
        load_curve = partial(read_centre_lines, graphs[name], name) if name in graphs else None
        yield Item(name, split, _kind(name), SCANNER, partial(read_surface, path, name), load_curve=load_curve)


def _of_meshes(meshes: list[Path], graphs: dict[str, Path], skipped: list[Skipped]) -> Iterator[Item]:
    by_name = {path.stem: path for path in meshes}
    for path in meshes:
        if by_name[path.stem] is not path:
            skipped.append(Skipped(str(path), f"'{path.stem}' is there twice"))
    for name in sorted(by_name.keys() | graphs.keys()):
        load_mesh = partial(read_mesh_file, by_name[name], ASSUMED, name) if name in by_name else None
        load_curve = partial(read_centre_lines, graphs[name], name) if name in graphs else None
        yield Item(name, NO_SPLIT, _kind(name), ASSUMED, load_mesh=load_mesh, load_curve=load_curve)


def _graphs(folder: Path, skipped: list[Skipped]) -> dict[str, Path]:
    """The centre lines by name."""
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("cow_graphs/*.vtp")):
        if found.setdefault(path.stem, path) is not path:
            skipped.append(Skipped(str(path.relative_to(folder)), f"'{path.stem}' is there twice"))
    return found


def _case(path: Path) -> str:
    """A file's name without what marks scans ("_0000") and foreign masks ("_full_LPS_Mask")."""
    return path.name.removesuffix(".nii.gz").removesuffix("_0000").removesuffix("_full_LPS_Mask")


def _kind(name: str) -> str:
    words = set(name.lower().replace("-", "_").split("_"))
    scanner = "mr" if words & {"mr", "mra"} else "ct" if words & {"ct", "cta"} else ""
    return f"circle of willis {scanner}".strip()
