"""What the networks of SkeletonNet are called on the shelf, and which of them a surface of pictures needs."""

from __future__ import annotations

from ...requests import Surface
from ..shelf import folder_of

ENCODER, POINTS, VOLUMES = "skeletonnet-encoder", "skeletonnet-points", "skeletonnet-volumes"
FIELD_ENCODER, FIELD_DECODER = "skeletonnet-field-encoder", "skeletonnet-field-decoder"
MESH_ENCODER, MESH_DECODER = "skeletonnet-mesh-encoder", "skeletonnet-mesh-decoder"
CAMERA = "skeletonnet-camera"


def missing_parts(surface: Surface) -> tuple[str, ...]:
    """The names of the networks for such surfaces of pictures that are not here."""
    if surface == "spheres":
        return ()
    parts = (FIELD_ENCODER, FIELD_DECODER) if surface == "implicit" else (MESH_ENCODER, MESH_DECODER)
    return tuple(name for name in (ENCODER, POINTS, VOLUMES, *parts, CAMERA) if folder_of(name) is None)
