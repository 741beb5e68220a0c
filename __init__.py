"""Any mesh to a clean, named, skinned armature: a Blender extension, and the Python package `bonewright`.

Everything that knows Blender is in `addon`; what the package gives is listed in `inference/library.py`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .inference.library import *  # noqa: F403

__all__ = [  # noqa: F405 they come from the library, below
    "Armature",
    "BonewrightError",
    "CurveSkeleton",
    "Finding",
    "FitOptions",
    "MedialMesh",
    "MedialSpheres",
    "Mesh",
    "Pose",
    "Progress",
    "Report",
    "Rig",
    "RigOptions",
    "RiggedFile",
    "SkinOptions",
    "SkinWeights",
    "curve_skeleton",
    "judge_rig",
    "medial_mesh",
    "medial_spheres",
    "read_mesh",
    "rig_file",
    "rig_mesh",
    "skin_mesh",
]


def register() -> None:
    """Called by Blender when the extension is switched on."""
    from . import addon

    addon.register()


def unregister() -> None:
    """Called by Blender when the extension is switched off."""
    from . import addon

    addon.unregister()


def __getattr__(name: str) -> object:
    """A name of the library, loaded when it is first asked for: Blender starts without NumPy and SciPy."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .inference import library

    return getattr(library, name)
