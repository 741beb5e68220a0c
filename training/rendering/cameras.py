"""The papers' cameras: 24 azimuths of 15 degrees at elevations 0 and 30, by the camera that networks know.

Shape: Z up, facing -Y, left at +X, centred, longest side 1, and no point farther than `REACH` from the centre
(`fit` says how any shape gets there). Azimuth 0 looks the shape in the face; it grows towards the shape's left.
Camera: x right, y down, z forward, the eye at the origin. Depth is this z, in the shape's units.
Pixels: u right, v down from the picture's upper left corner; pixel (row r, column c) is centred at (c + 0.5, r + 0.5).

Everything that takes arrays takes NumPy's and torch's alike, keeps gradients and needs torch only for torch's.
"""

# Operators on either kind of array give the same kind; pyright sees the other's overloads too.
# pyright: reportReturnType=false

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from inference.anatomy import Mesh
from inference.errors import BadMeshError, EmptyMeshError
from inference.images.camera import DISTANCE, FIELD_OF_VIEW

if TYPE_CHECKING:
    import torch

AZIMUTHS = tuple(15.0 * number for number in range(24))
ELEVATIONS = (0.0, 30.0)
REACH = 0.70  # a ball of DISTANCE * sin(FIELD_OF_VIEW / 2) = 0.7071 would touch the picture's borders

Array = TypeVar("Array", np.ndarray, "torch.Tensor")


@dataclass(frozen=True)
class Camera:
    """One pinhole that looks at the origin; the picture is square."""

    azimuth: float  # degrees
    elevation: float  # degrees
    size: int  # pixels
    distance: float = DISTANCE
    fov: float = FIELD_OF_VIEW

    @property
    def eye(self) -> np.ndarray:
        """Where it stands, (3,)."""
        return -self.distance * self.rotation[2]

    @property
    def rotation(self) -> np.ndarray:
        """World to camera (3, 3): its rows are the camera's right, down and forward."""
        a, e = math.radians(self.azimuth), math.radians(self.elevation)
        forward = np.array([-math.cos(e) * math.sin(a), math.cos(e) * math.cos(a), -math.sin(e)])
        right = np.array([math.cos(a), math.sin(a), 0.0])
        return np.stack([right, np.cross(forward, right), forward])

    @property
    def focal(self) -> float:
        """Pixels per unit of x / z."""
        return self.size / 2 / math.tan(math.radians(self.fov) / 2)

    @property
    def intrinsics(self) -> np.ndarray:
        """Camera to homogeneous pixels, (3, 3)."""
        return np.array([[self.focal, 0, self.size / 2], [0, self.focal, self.size / 2], [0, 0, 1]])

    @property
    def extrinsics(self) -> np.ndarray:
        """World to camera, homogeneous (4, 4)."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.rotation
        matrix[:3, 3] = -self.rotation @ self.eye
        return matrix


@dataclass(frozen=True)
class Pinholes(Generic[Array]):
    """B cameras with pictures of one size."""

    rotation: Array  # (B, 3, 3) world to camera
    eye: Array  # (B, 3)
    focal: Array  # (B,) pixels
    size: int  # pixels


@dataclass(frozen=True)
class Fit:
    """How a shape is moved before the cameras: (point - centre) * scale."""

    centre: np.ndarray  # (3,)
    scale: float

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Points (..., 3) as the cameras see them."""
        return (points - self.centre) * self.scale


def paper_cameras(size: int) -> list[Camera]:
    """All 48: elevation 0 first, then 30, by azimuth."""
    return [Camera(azimuth, elevation, size) for elevation in ELEVATIONS for azimuth in AZIMUTHS]


def fit(vertices: np.ndarray) -> Fit:
    """Centre the box, make its longest side 1, and smaller where a corner would leave a picture (as a cube's would)."""
    if len(vertices) == 0:
        raise EmptyMeshError("The mesh has no vertices. Export a mesh with faces.")
    if not np.isfinite(vertices).all():
        raise BadMeshError("The mesh has coordinates that are not finite numbers. Export it again.")
    low, high = vertices.min(0), vertices.max(0)
    side = float((high - low).max())
    if side <= 0:
        raise BadMeshError("All vertices of the mesh lie in one point. Export a mesh with faces.")
    centre = (low + high) / 2
    reach = float(np.linalg.norm(vertices - centre, axis=1).max()) / side
    return Fit(centre, min(1.0, REACH / reach) / side)


def fit_mesh(mesh: Mesh) -> Fit:
    """The same for the vertices that triangles use."""
    return fit(mesh.vertices[np.unique(mesh.triangles)])


def fitted(mesh: Mesh) -> Mesh:
    """The mesh as the cameras see it."""
    return Mesh(fit_mesh(mesh)(mesh.vertices), mesh.triangles)


def stack(cameras: Sequence[Camera]) -> Pinholes[np.ndarray]:
    """Cameras with pictures of one size as one batch."""
    if len({camera.size for camera in cameras}) != 1:
        raise ValueError("The cameras of a batch must have pictures of one size.")
    return Pinholes(
        np.stack([camera.rotation for camera in cameras]),
        np.stack([camera.eye for camera in cameras]),
        np.array([camera.focal for camera in cameras]),
        cameras[0].size,
    )


def to_torch(
    pinholes: Pinholes[np.ndarray], device: torch.device | str = "cpu", dtype: torch.dtype | None = None
) -> Pinholes[torch.Tensor]:
    """The same cameras as tensors, float32 unless told."""
    import torch

    kind = dtype or torch.float32
    rotation, eye, focal = (
        torch.as_tensor(part, dtype=kind, device=device) for part in (pinholes.rotation, pinholes.eye, pinholes.focal)
    )
    return Pinholes(rotation, eye, focal, pinholes.size)


def to_camera(points: Array, pinholes: Pinholes[Array]) -> Array:
    """World points (B, N, 3), or (N, 3) for all cameras, to camera points (B, N, 3)."""
    return (points - pinholes.eye[:, None, :]) @ pinholes.rotation.swapaxes(-1, -2)


def to_world(points: Array, pinholes: Pinholes[Array]) -> Array:
    """Camera points (B, N, 3) to world points (B, N, 3)."""
    return points @ pinholes.rotation + pinholes.eye[:, None, :]


def project(points: Array, pinholes: Pinholes[Array]) -> tuple[Array, Array]:
    """World points (B, N, 3), or (N, 3) for all cameras, to pixels (B, N, 2) and depths (B, N)."""
    seen = to_camera(points, pinholes)
    return seen[..., :2] / seen[..., 2:] * pinholes.focal[:, None, None] + pinholes.size / 2, seen[..., 2]


def unproject(pixels: Array, depth: Array, pinholes: Pinholes[Array]) -> Array:
    """Pixels (B, N, 2) and depths (B, N) to world points (B, N, 3)."""
    sideways = (pixels - pinholes.size / 2) / pinholes.focal[:, None, None] * depth[..., None]
    turned = sideways @ pinholes.rotation[:, :2] + depth[..., None] * pinholes.rotation[:, 2:]
    return turned + pinholes.eye[:, None, :]


def disc_radii(radii: Array, depth: Array, pinholes: Pinholes[Array]) -> Array:
    """Radii in pixels (B, N) of the discs that spheres of radii (B, N) at depths (B, N) cover, to first order."""
    return radii / depth * pinholes.focal[:, None]
