"""Which formats are read and which are written."""

from __future__ import annotations

from pathlib import Path

INPUTS = (".blend", ".dae", ".fbx", ".glb", ".gltf", ".obj", ".off", ".ply", ".stl", ".usd", ".usda", ".usdc", ".usdz")
PICTURES = (".bmp", ".exr", ".gif", ".jpeg", ".jpg", ".png", ".tga", ".tif", ".tiff", ".webp")
OUTPUTS = (".blend", ".fbx", ".glb", ".gltf", ".usd", ".usda", ".usdc")
BY_OURSELVES = (".gltf",)  # which Blender is not asked to write
KNOWN = ", ".join(suffix[1:] for suffix in INPUTS + PICTURES)


def is_picture(path: Path) -> bool:
    """Whether it is read as a picture."""
    return path.suffix.lower() in PICTURES
