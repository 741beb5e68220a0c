"""Make the sample creature: a fox-like animal from round cones, watertight. The same seed, the same animal."""

from __future__ import annotations

import argparse
from pathlib import Path

import igl
import numpy as np
from scipy.spatial import KDTree

# Round cones from a to b with radii at both ends, for the creature that faces -Y and stands on z = 0; metres.
# Those off the middle (x > 0) are mirrored. Each: a, b, radius at a, radius at b.
_CONES: dict[str, list[tuple[tuple[float, float, float], tuple[float, float, float], float, float]]] = {
    "body": [
        ((0, 0.32, 0.57), (0, 0.05, 0.555), 0.120, 0.118),
        ((0, 0.05, 0.555), (0, -0.22, 0.56), 0.118, 0.140),
    ],
    "neck": [((0, -0.27, 0.60), (0, -0.42, 0.80), 0.095, 0.075)],
    "head": [
        ((0, -0.42, 0.845), (0, -0.50, 0.84), 0.100, 0.085),
        ((0, -0.50, 0.825), (0, -0.70, 0.78), 0.062, 0.026),
    ],
    "ear": [((0.06, -0.42, 0.91), (0.115, -0.40, 1.07), 0.040, 0.012)],
    "tail": [
        ((0, 0.40, 0.58), (0, 0.58, 0.50), 0.045, 0.060),
        ((0, 0.58, 0.50), (0, 0.78, 0.47), 0.060, 0.085),
        ((0, 0.78, 0.47), (0, 1.00, 0.56), 0.085, 0.020),
    ],
    "foreleg": [
        ((0.090, -0.25, 0.50), (0.110, -0.20, 0.34), 0.064, 0.046),
        ((0.110, -0.20, 0.34), (0.110, -0.24, 0.07), 0.043, 0.030),
        ((0.110, -0.24, 0.045), (0.110, -0.32, 0.032), 0.038, 0.030),
    ],
    "hind leg": [
        ((0.090, 0.32, 0.52), (0.115, 0.24, 0.35), 0.085, 0.052),
        ((0.115, 0.24, 0.35), (0.115, 0.37, 0.20), 0.047, 0.032),
        ((0.115, 0.37, 0.20), (0.115, 0.34, 0.05), 0.031, 0.030),
        ((0.115, 0.34, 0.042), (0.115, 0.26, 0.032), 0.036, 0.030),
    ],
}
_BLEND = 0.045  # metres over which neighbouring parts melt into each other


def make_creature(seed: int = 0, cells: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """Vertices (V, 3) and triangles (F, 3) of the creature; `cells` along its longest side, exactly symmetric in x."""
    cones = _proportioned(seed)
    starts, ends = (np.array([cone[place] for cone in cones]) for place in (0, 1))
    reach = np.array([max(cone[2:]) for cone in cones])[:, None] + 3 * _BLEND
    low, high = np.minimum(starts, ends) - reach, np.maximum(starts, ends) + reach
    low, high = low.min(0), high.max(0)
    spacing = (high - low).max() / cells
    half = int(np.ceil(high[0] / spacing))
    axes = [
        spacing * np.arange(-half, half + 1),
        *(np.arange(low[axis], high[axis] + spacing, spacing) for axis in (1, 2)),
    ]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    distance = _melted(grid.reshape(-1, 3), cones).reshape(grid.shape[:3])
    distance = (distance + distance[::-1]) / 2
    # igl counts x fastest
    points = grid.transpose(2, 1, 0, 3).reshape(-1, 3)
    nx, ny, nz = grid.shape[:3]
    surface = igl.marching_cubes(distance.transpose(2, 1, 0).ravel(), points, nx, ny, nz, 0.0)
    triangles = np.asarray(surface[1], np.int32)
    return _evened(np.asarray(surface[0], np.float64), triangles), triangles


def _evened(vertices: np.ndarray, triangles: np.ndarray, rounds: int = 3) -> np.ndarray:
    """The same surface with more even triangles: the slivers of the marching would shade as specks when it bends.

    The triangles do not mirror each other, only the vertices do: each is evened out with its twin on the other side.
    """
    mirror = np.array([-1.0, 1.0, 1.0])
    twin = KDTree(vertices).query(vertices * mirror)[1]
    edges = np.unique(np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1), axis=0)
    ends = np.concatenate([edges, edges[:, ::-1]])
    count = np.bincount(ends[:, 0], minlength=len(vertices))[:, None]
    for _ in range(rounds):
        around = np.stack([np.bincount(ends[:, 0], vertices[ends[:, 1], k], len(vertices)) for k in range(3)], 1)
        vertices = 0.5 * vertices + 0.5 * around / count
        vertices = 0.5 * (vertices + vertices[twin] * mirror)
    return vertices


def _proportioned(seed: int) -> list[tuple[np.ndarray, np.ndarray, float, float]]:
    """All cones, both sides, with thickness of each part varied by up to a tenth for seeds other than 0."""
    random = np.random.default_rng(seed)
    cones = []
    for part in _CONES.values():
        thickness = 1.0 + (0.1 * random.uniform(-1, 1) if seed else 0.0)
        for start, end, first, second in part:
            for side in (1, -1) if start[0] else (1,):
                mirror = np.array([side, 1, 1])
                cones.append((start * mirror, end * mirror, first * thickness, second * thickness))
    return cones


def _melted(points: np.ndarray, cones: list[tuple[np.ndarray, np.ndarray, float, float]]) -> np.ndarray:
    """Smooth minimum of the distances of `points` (N, 3) to all cones, (N,)."""
    whole = np.full(len(points), np.inf)
    for cone in cones:
        distance = _to_cone(points, *cone)
        near = np.maximum(_BLEND - np.abs(whole - distance), 0.0)
        whole = np.minimum(whole, distance) - near**2 / (4 * _BLEND)
    return whole


def _to_cone(points: np.ndarray, start: np.ndarray, end: np.ndarray, first: float, second: float) -> np.ndarray:
    """Signed distance to the sphere swept from `start` to `end` as its radius goes from `first` to `second`."""
    axis = end - start
    length = np.linalg.norm(axis)
    along = (points - start) @ axis / length
    across = np.linalg.norm(points - start - along[:, None] * axis / length, axis=1)
    slope = (first - second) / length
    foot = np.clip((along + across * slope / np.sqrt(max(1 - slope**2, 1e-9))) / length, 0.0, 1.0)
    return np.hypot(along - foot * length, across) - (first + foot * (second - first))


def write_obj(path: Path, vertices: np.ndarray, triangles: np.ndarray) -> None:
    """Write an OBJ file with Y up, as other programs expect it."""
    lines = [f"v {x:.6f} {z:.6f} {-y:.6f}" for x, y, z in vertices.tolist()]
    lines += ["s 1"]  # one smoothing group: shaded round, not faceted
    lines += [f"f {a + 1} {b + 1} {c + 1}" for a, b, c in triangles.tolist()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def write_npz(path: Path, vertices: np.ndarray, triangles: np.ndarray) -> None:
    """Write the arrays alone, Z up, as the tour in Blender reads them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, vertices=vertices.astype(np.float32), triangles=triangles.astype(np.uint16))


def main() -> None:
    """Write the creature of the demonstration, or of the tour: `--cells 70 addon/scene/tour/creature.npz`."""
    parser = argparse.ArgumentParser(prog="python -m tools.sample", description=__doc__)
    parser.add_argument("out", type=Path, help="the OBJ or NPZ file to write")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other proportions (default: 0)")
    parser.add_argument("--cells", type=int, default=120, help="fineness: cells along the longest side (default: 120)")
    asked = parser.parse_args()
    vertices, triangles = make_creature(asked.seed, asked.cells)
    (write_npz if asked.out.suffix == ".npz" else write_obj)(asked.out, vertices, triangles)
    print(f"{asked.out}: {len(vertices)} vertices, {len(triangles)} triangles")


if __name__ == "__main__":
    main()
