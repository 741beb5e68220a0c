"""All assets as surface points in one file of under 40 MB, small enough to be carried to a machine with a GPU.

Frame: Z up, facing -Y, left at +X, the longest bounding-box side is 1 and the box is centred at the origin. Reading
needs NumPy and safetensors only. Made by `python -m training.datasets.packed.surfaces`.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.anatomy import Armature, Mesh, SkinWeights
from training.shapes.shape import KnownShape

from ..likeness import left_of_truth
from ..rigged_glb import Listing, as_armature, list_assets, read_mesh, read_rigged

VERSION = "bonewright surfaces 1"
STEPS = 65534  # the longest side in steps of the stored coordinates: half a step is 8e-6


@dataclass(frozen=True)
class PackedAsset:
    """One asset. The big arrays stay as small as they are in the file; ask for floats where they are used."""

    name: str
    kind: str  # as the data says it
    split: str  # train or val
    faces_front: bool  # False: its front is not known, and it stands as it was found
    size: float  # longest side in the source's units
    quantised: np.ndarray  # (P, 3) int16, see `points`
    directions: np.ndarray  # (P, 3) int8, see `normals`
    bones: np.ndarray  # (P, 4) uint8, heaviest first; all zero without a rig
    shares: np.ndarray  # (P, 4) uint8, sum 255 in each row; all zero without a rig
    names: tuple[str, ...]  # (J,) empty without a rig
    parents: np.ndarray  # (J,) int16, -1 for the root, parents first
    heads: np.ndarray  # (J, 3) float32: the joints
    tails: np.ndarray  # (J, 3) float32

    @property
    def rigged(self) -> bool:
        """Whether there are joints."""
        return len(self.names) > 0

    @property
    def points(self) -> np.ndarray:
        """Surface points, uniform by area, in no order; (P, 3) float32."""
        return self.quantised.astype(np.float32) / STEPS

    @property
    def normals(self) -> np.ndarray:
        """Unit normals of the faces they lie on, (P, 3) float32."""
        long = self.directions.astype(np.float32)
        return long / np.maximum(np.linalg.norm(long, axis=1, keepdims=True), 1e-6)

    @property
    def skin(self) -> SkinWeights:
        """Weights of the points, interpolated over their faces."""
        return SkinWeights(self.bones.astype(np.int32), self.shares.astype(np.float32) / 255.0)


def pack_listing(listing: Listing, count: int) -> PackedAsset:
    """A GLB of the library, turned to face -Y where its truth says what is left."""
    if not listing.rigged:
        return pack_mesh(listing.name, listing.kind, listing.split, read_mesh(listing.path), count)
    asset = read_rigged(listing)
    found = left_of_truth(asset)
    left = found[0] if found is not None else np.array([1.0, 0.0, 0.0])
    armature = as_armature(asset)
    turn = np.array([left, np.cross([0.0, 0.0, 1.0], left), [0.0, 0.0, 1.0]])  # rows: left -> +X, backward -> +Y
    return pack_mesh(
        asset.name,
        asset.kind,
        asset.split,
        asset.mesh,
        count,
        faces_front=found is not None,
        turn=turn,
        armature=armature,
        skin=asset.skin,
    )


def pack_shape(shape: KnownShape, count: int, split: str = "train", *, faces_front: bool = True) -> PackedAsset:
    """A generated shape: its frame is ours already. A tree, say, has no front."""
    name = f"{shape.family.replace(' ', '_')}_{shape.seed}"
    if shape.rig is None:
        return pack_mesh(name, shape.family, split, shape.mesh, count, faces_front=faces_front)
    rig = shape.rig
    return pack_mesh(
        name,
        shape.family,
        split,
        shape.mesh,
        count,
        faces_front=faces_front,
        turn=np.eye(3),
        armature=rig.armature,
        skin=rig.skin,
    )


def pack_mesh(
    name: str,
    kind: str,
    split: str,
    mesh: Mesh,
    count: int,
    *,
    faces_front: bool = False,
    turn: np.ndarray | None = None,  # (3, 3), brings the mesh to face -Y
    armature: Armature | None = None,
    skin: SkinWeights | None = None,
) -> PackedAsset:
    """`count` points of any mesh; the same name and mesh give the same points."""
    turn = np.eye(3) if turn is None else turn
    vertices = mesh.vertices @ turn.T
    box = vertices[np.unique(mesh.triangles)]
    low, high = box.min(0), box.max(0)
    centre, size = (low + high) / 2, float((high - low).max())
    faces, shares, normals = quantised_samples(Mesh(vertices, mesh.triangles), count, zlib.crc32(name.encode()))
    corners = mesh.triangles[faces]
    points = np.einsum("pk,pkd->pd", shares, vertices[corners])
    bones, weights = np.zeros((count, 4), np.uint8), np.zeros((count, 4), np.uint8)
    if armature is not None and skin is not None:
        dense = skin.dense(len(armature.names))
        bones, weights = _four_heaviest(np.einsum("pk,pkj->pj", shares, dense[corners]))
    heads, tails = (
        ((ends @ turn.T - centre) / size).astype(np.float32)
        for ends in ((armature.heads, armature.tails) if armature is not None else (np.zeros((0, 3)),) * 2)
    )
    return PackedAsset(
        name,
        kind,
        split,
        faces_front,
        size,
        np.round((points - centre) / size * STEPS).astype(np.int16),
        np.round(normals * 127).astype(np.int8),
        bones,
        weights,
        armature.names if armature is not None else (),
        armature.parents.astype(np.int16) if armature is not None else np.zeros(0, np.int16),
        heads,
        tails,
    )


def quantised_samples(mesh: Mesh, count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points uniform by area: their faces (count,), barycentric coordinates (count, 3) and unit normals (count, 3)."""
    random = np.random.default_rng(seed)
    a, b, c = (mesh.vertices[mesh.triangles[:, k]] for k in range(3))
    across = np.cross(b - a, c - a)
    doubled = np.linalg.norm(across, axis=1)
    ends = np.cumsum(doubled)
    # One point in each of `count` equal shares of the area: as random as needed, and no large gaps.
    faces = np.searchsorted(ends, (np.arange(count) + random.random(count)) / count * ends[-1], side="right")
    faces = random.permutation(np.minimum(faces, len(ends) - 1))
    u, v = random.random((2, count))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    normals = across[faces] / np.maximum(doubled[faces, None], 1e-30)
    return faces, np.stack([1 - u - v, u, v], 1), normals


def _four_heaviest(dense: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bones (P, 4) and their shares of 255 (P, 4), which sum to 255, of weights (P, J)."""
    if dense.shape[1] > 256:
        raise ValueError(f"{dense.shape[1]} bones do not fit: at most 256.")
    width = min(4, dense.shape[1])
    bones = np.argsort(-dense, axis=1, kind="stable")[:, :width]
    weights = np.take_along_axis(dense, bones, 1)
    shares = np.floor(255 * weights / np.maximum(weights.sum(1, keepdims=True), 1e-12)).astype(np.int64)
    shares[:, 0] += 255 - shares.sum(1)
    bones = np.where(shares > 0, bones, 0)
    pad = ((0, 0), (0, 4 - width))
    return np.pad(bones, pad).astype(np.uint8), np.pad(shares, pad).astype(np.uint8)


def write_packed(path: Path, assets: Iterable[PackedAsset]) -> None:
    """All assets into one file; a killed writer leaves none."""
    from safetensors.numpy import save_file

    kept = list(assets)
    arrays = {
        "points": np.stack([asset.quantised for asset in kept]),
        "normals": np.stack([asset.directions for asset in kept]),
        "bones": np.stack([asset.bones for asset in kept if asset.rigged] or [np.zeros((0, 4), np.uint8)]),
        "shares": np.stack([asset.shares for asset in kept if asset.rigged] or [np.zeros((0, 4), np.uint8)]),
        "parents": np.concatenate([asset.parents for asset in kept]),
        "heads": np.concatenate([asset.heads for asset in kept]),
        "tails": np.concatenate([asset.tails for asset in kept]),
    }
    about = [
        {
            "name": asset.name,
            "kind": asset.kind,
            "split": asset.split,
            "faces_front": asset.faces_front,
            "size": asset.size,
            "joints": asset.names,
        }
        for asset in kept
    ]
    check = zlib.crc32(b"".join(arrays[name].tobytes() for name in sorted(arrays)))
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(path.name + ".half")
    save_file(arrays, half, {"format": VERSION, "assets": json.dumps(about), "crc32": str(check)})
    half.replace(path)


def read_packed(path: Path) -> tuple[PackedAsset, ...]:
    """What `write_packed` wrote. A damaged file is a ValueError that names it."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "np") as file:
            head = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except SafetensorError as error:
        raise ValueError(f"'{path}' is damaged ({error}). Make it again.") from error
    if head.get("format") != VERSION:
        raise ValueError(f"'{path}' is not a file of {VERSION}. Make it again.")
    if head["crc32"] != str(zlib.crc32(b"".join(arrays[name].tobytes() for name in sorted(arrays)))):
        raise ValueError(f"'{path}' is damaged. Make it again.")
    about = json.loads(head["assets"])
    ends = np.cumsum([0] + [len(entry["joints"]) for entry in about])
    rigs = np.cumsum([0] + [len(entry["joints"]) > 0 for entry in about])
    without = np.zeros((arrays["points"].shape[1], 4), np.uint8)
    return tuple(
        PackedAsset(
            name=entry["name"],
            kind=entry["kind"],
            split=entry["split"],
            faces_front=entry["faces_front"],
            size=entry["size"],
            quantised=arrays["points"][row],
            directions=arrays["normals"][row],
            bones=arrays["bones"][rigs[row]] if entry["joints"] else without,
            shares=arrays["shares"][rigs[row]] if entry["joints"] else without,
            names=tuple(entry["joints"]),
            parents=arrays["parents"][ends[row] : ends[row + 1]],
            heads=arrays["heads"][ends[row] : ends[row + 1]],
            tails=arrays["tails"][ends[row] : ends[row + 1]],
        )
        for row, entry in enumerate(about)
    )


@dataclass(frozen=True)
class Options:
    """Pack the library's surfaces, or generated ones."""

    data: Path = Path("../shared/data")
    """Folder with SOURCES.csv."""
    out: Path = Path("out/surfaces.safetensors")
    points: int = 4096
    """Points of each asset."""
    generated: int = 0
    """Instead of the library: so many shapes of each generated family (1024 points of each are plenty)."""
    group: str = ""
    """Only the families of this group: characters, categories, vessels ..."""


def main(options: Options) -> None:
    """Every asset of the folder, static ones too; or every family."""
    if options.generated:
        assets = list(generated_assets(options.generated, options.points, options.group))
    else:
        listings = list_assets(options.data, rigged=None)
        assets = [pack_listing(listing, options.points) for listing in listings]
    write_packed(options.out, assets)
    print(f"{options.out}: {len(assets)} assets, {options.out.stat().st_size / 2**20:.1f} MB")


def generated_assets(seeds: int, points: int, only: str = "") -> Iterator[PackedAsset]:
    """The first seeds of every family, all for training. Only furniture, vehicles and characters have a front."""
    from training.shapes.families import GROUPS

    for group, families in GROUPS.items():
        for make in families.values() if only in ("", group) else ():
            for seed in range(seeds):
                yield pack_shape(make(seed), points, faces_front=group in ("categories", "characters"))


if __name__ == "__main__":
    import tyro

    main(tyro.cli(Options))
