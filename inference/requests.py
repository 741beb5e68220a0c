"""What can be asked of the backend: plain requests. The one place where an option is defined, with its help text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from .kinds import Choice

if TYPE_CHECKING:  # the options alone, which a menu needs, must not cost the import of NumPy
    from .anatomy import (  # noqa: F401 what comes of jobs is named in quotes, which the linter does not read
        Armature,
        Array,
        Blended,
        CurveSkeleton,
        Imagined,
        MedialSpheres,
        Mesh,
        Report,
        Rig,
        Shape,
        SkeletalLatent,
        SkinWeights,
        Swung,
        Tried,
    )

Density = Literal["few", "normal", "many"]
Fingers = Literal["auto", "0", "1", "2", "3", "4", "5"]
Count = Literal["auto", "1", "2", "3", "4", "5", "6", "7", "8"]
Part = Literal["auto", "on", "off"]
SymmetryMode = Literal["auto", "off"]
Method = Literal["auto", "named", "agreed", "voted", "free", "geometric"]
WeightsMethod = Literal["auto", "learned", "geometric"]
Surface = Literal["spheres", "deformed", "implicit"]
RestPose = Literal["found", "t", "a", "relaxed"]
Front = Literal["auto", "-y", "+y", "-x", "+x", "+z", "-z"]
Device = Literal[
    "auto",
    "cpu",
    "gpu",
    "cuda",
    "directml",
    "coreml",
    "torch-cpu",
    "torch-cuda",
    "torch-rocm",
    "torch-xpu",
    "torch-mps",
]
FRONTS: dict[Front, tuple[float, float, float]] = {
    "-y": (0.0, -1.0, 0.0),
    "+y": (0.0, 1.0, 0.0),
    "-x": (-1.0, 0.0, 0.0),
    "+x": (1.0, 0.0, 0.0),
    "+z": (0.0, 0.0, 1.0),
    "-z": (0.0, 0.0, -1.0),
}


@dataclass(frozen=True)
class RigOptions:
    """How a mesh is rigged."""

    kind: Choice = "auto"
    """What the mesh is; auto finds out."""
    method: Method = "auto"
    """How joints are found: named, agreed, voted or free (all learned), geometric, or the best; see the user guide."""
    front: Front = "auto"
    """Where it looks: along an axis of the scene (up is +z); auto finds out. It decides what is left and right."""
    density: Density = "normal"
    """How many bones: few (the main limbs), normal (shoulders, fingers, toes too), many (more spine, fine chains)."""
    fingers: Fingers = "auto"
    """The most fingers of a hand, the thumb counted; auto: as many as are seen."""
    spine: Count = "auto"
    """How many bones are called spine; auto: as few, normal or many has it."""
    neck: Count = "auto"
    """How many bones the neck has; auto: as few, normal or many has it."""
    twist: bool = False
    """Add helpers that let upper arms, forearms, thighs and shins turn about themselves."""
    toes: Part = "auto"
    """Bones of toes; auto: where they are seen, on: where feet are, off: none."""
    eyes: Part = "auto"
    """Bones of eyes; auto: where they are seen, on: where a head is, off: none."""
    jaw: Part = "auto"
    """A bone of the jaw; auto: where it is seen, on: where a head is, off: none."""
    symmetry: SymmetryMode = "auto"
    """auto: mirror the bones exactly when the shape is symmetric; off: never."""
    influences: int = 4
    """The most bones that may move one vertex (1 to 16)."""
    bind: bool = True
    """Compute skin weights too."""
    weights: WeightsMethod = "auto"
    """How skin weights are found: geometric (by the shape alone), learned (corrected), auto (learned where sure)."""
    swing: bool = False
    """Add chains of bones for skirts, loose hair and capes that hang, and mark them, tails and ears as swinging."""
    seed: int = 0
    """The same seed gives the same rig, byte for byte."""
    device: Device = "auto"
    """What networks run on: cpu, gpu, auto (a graphics card where one was set up), or a provider by its name."""


@dataclass(frozen=True)
class FitOptions:
    """What becomes of a rig before it is written."""

    rest: RestPose = "found"
    """The pose that the character rests in: as it was found, T, A or relaxed; mesh and morph targets too."""
    skeleton: str = ""
    """Whose skeleton it gets: mixamo, unreal, vrm, rigify, or a .glb, .gltf or .blend file that has one."""
    keep_pose: bool = False
    """Turn the skeleton's axes along with the bones instead of bringing the character into the skeleton's rest pose."""


@dataclass(frozen=True)
class SkinOptions:
    """How a mesh is bound to an armature that exists."""

    influences: int = 4
    """The most bones that may move one vertex (1 to 16)."""
    weights: WeightsMethod = "auto"
    """How skin weights are found: geometric (by the shape alone), learned (corrected), auto (learned where sure)."""
    quick: bool = False
    """Look at dense meshes through a coarser surface: a little rougher, and fast enough to follow the hand."""
    device: Device = "auto"
    """What networks run on: cpu, gpu, auto (a graphics card where one was set up), or a provider by its name."""


@dataclass(frozen=True)
class ImageOptions:
    """How the object in pictures is rigged."""

    refine: bool = True
    """Make what the networks see fill the silhouettes, and nothing beside them."""
    azimuths: tuple[float, ...] = ()
    """Degrees the camera went around the object, to its right, for each picture after the first; nothing: found."""
    up: tuple[float, float, float] = (0.0, 0.0, 1.0)
    """Which way is up in the first picture's seen frame (see images/camera.py), where the camera's tilt is known."""
    surface: Surface = "spheres"
    """The surface: around spheres, a skeleton's hull deformed, or implicit: a field around a skeleton (networks)."""
    detail: int = 64
    """Cells along each side of the grid that deformed and implicit surfaces are drawn on (32 to 256)."""
    own: tuple[float, ...] = ()
    """The shape's own axes in the first picture's seen frame, three rows, where the camera is known; nothing: found."""
    rig: RigOptions = RigOptions()
    """How the surface is rigged."""


@dataclass(frozen=True)
class ShapeOptions:
    """How shapes are drawn and rigged."""

    resolution: int = 64
    """Cells along each side of the grid that the surface is drawn on (16 to 160)."""
    guidance: float = 1.0
    """How closely what is generated is held to its category: 0 loosely, 4 at the cost of variety."""
    rig: RigOptions = RigOptions()
    """How the surface is rigged."""


ResultT_co = TypeVar("ResultT_co", covariant=True)


class Job(Generic[ResultT_co]):
    """What can be asked of the backend; each kind of job says what comes of it."""


@dataclass(frozen=True)
class RigJob(Job["Rig"]):
    """A mesh to a rig."""

    mesh: Mesh
    options: RigOptions = RigOptions()
    locked: tuple[str, ...] = ()
    """Bones that stay as they are in `kept`; the others are made anew around them."""
    kept: Armature | None = None


@dataclass(frozen=True)
class TryJob(Job["Tried"]):
    """A mesh to other ways to rig it than `options`, with small pictures."""

    mesh: Mesh
    options: RigOptions = RigOptions()


@dataclass(frozen=True)
class SkinJob(Job["SkinWeights"]):
    """A mesh and its armature to skin weights."""

    mesh: Mesh
    armature: Armature
    options: SkinOptions = SkinOptions()
    locked: tuple[str, ...] = ()
    """Bones whose weights stay as they are in `kept`."""
    kept: SkinWeights | None = None


@dataclass(frozen=True)
class SwingJob(Job["Swung"]):
    """A mesh and its rig to chains of bones for what hangs on it."""

    mesh: Mesh
    armature: Armature
    skin: SkinWeights
    influences: int = 4
    """The most bones that may move one vertex (1 to 16)."""
    seed: int = 0
    device: Device = "auto"


@dataclass(frozen=True)
class JudgeJob(Job["Report"]):
    """A mesh and a rig that may have been changed by hand to a fresh report."""

    mesh: Mesh
    armature: Armature
    skin: SkinWeights | None = None
    device: Device = "auto"
    """What networks run on, as in `RigOptions`."""


@dataclass(frozen=True)
class SpheresJob(Job["MedialSpheres"]):
    """A mesh to its medial spheres."""

    mesh: Mesh


@dataclass(frozen=True)
class CurvesJob(Job["CurveSkeleton"]):
    """A mesh to its curve skeleton."""

    mesh: Mesh


@dataclass(frozen=True)
class ImagesJob(Job["Imagined"]):
    """Pictures of one object to its spheres, surface, curves and rig."""

    pictures: tuple[Array, ...]
    """Each (H, W, 4) uint8, RGB and straight alpha, the upper row first; all opaque: the background must be plain."""
    options: ImageOptions = ImageOptions()


@dataclass(frozen=True)
class BlendPicturesJob(Job["Imagined"]):
    """Pictures of one object and of another to the shape between the two, in its own frame."""

    first: tuple[Array, ...]
    second: tuple[Array, ...]
    share: float = 0.5
    """Where between them: 0 is the first, 1 the second."""
    options: ImageOptions = ImageOptions(surface="implicit")


@dataclass(frozen=True)
class GenerateJob(Job["tuple[Shape, ...]"]):
    """A category and a seed to new shapes with their rigs."""

    category: str
    seed: int = 0
    """The same seed gives the same shapes; the first ones are the same however many are made."""
    count: int = 1
    options: ShapeOptions = ShapeOptions()


@dataclass(frozen=True)
class VaryJob(Job["tuple[Shape, ...]"]):
    """A shape to others like it."""

    of: Mesh | SkeletalLatent
    strength: float = 0.4
    """How far they may be from it: 0 not at all, 1 as far as shapes of one category are from each other."""
    seed: int = 0
    count: int = 1
    category: str = ""
    """What it is, where that is known; nothing: it may become something else."""
    options: ShapeOptions = ShapeOptions()


@dataclass(frozen=True)
class BlendJob(Job["Blended"]):
    """Two shapes to one between them."""

    first: Mesh | SkeletalLatent
    second: Mesh | SkeletalLatent
    share: float = 0.5
    """Where between them: 0 is the first, 1 the second."""
    options: ShapeOptions = ShapeOptions()


@dataclass(frozen=True)
class CompleteJob(Job["Shape"]):
    """A mesh with holes, noise or inner faces to a closed one like it."""

    mesh: Mesh
    options: ShapeOptions = ShapeOptions()


@dataclass(frozen=True)
class EncodeJob(Job["SkeletalLatent"]):
    """A mesh to its skeletal latent."""

    mesh: Mesh
    device: Device = "auto"
    """What networks run on, as in `RigOptions`."""


@dataclass(frozen=True)
class DecodeJob(Job["Shape"]):
    """A skeletal latent, whose points may have been moved, resized or deleted, to the shape around it."""

    latent: SkeletalLatent
    options: ShapeOptions = ShapeOptions()
