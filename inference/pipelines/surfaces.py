"""The way from pictures to a surface that networks draw: skeleton, field or deformed mesh, silhouettes, rig."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..anatomy import Crop, Grid, Imagined, MedialMesh, MedialSpheres, Mesh
from ..errors import BadRequestError, MissingRuntimeError, PictureError, WeightsError
from ..frames import SAME
from ..geometry.contour import contour, thickened, without_crumbs
from ..geometry.mesh.decimate import decimated
from ..geometry.mesh.field import field_of_mesh
from ..images.crop import draw_crop
from ..images.foreground import found_in
from ..images.outline import Outline, outline_of
from ..images.surfaces.aligning import aligned, fitted_to, found_by_outline
from ..images.surfaces.cameras import (
    Looking,
    azimuth_between,
    gone_round,
    looking_along,
    looking_by,
    placed_before,
)
from ..images.surfaces.carving import filled, kept_to
from ..networks.loader import Ask
from ..networks.running.devices import asks_networks
from ..networks.running.onnx_runtime import why_no_runtime
from ..networks.shelf import find_network
from ..networks.skeletonnet.apply import (
    FULL,
    Glance,
    Skeleton,
    SkeletonNetwork,
    SurfaceNetwork,
    between,
    cameras,
    code_of,
    deformed_between,
    field_between,
    field_network,
    look,
    mesh_network,
    skeleton,
    skeleton_network,
    spheres_of,
)
from ..networks.skeletonnet.names import CAMERA, missing_parts
from ..networks.weights_file import HOW_TO_GET
from ..progress import SILENT, Progress
from ..requests import ImageOptions, RigOptions
from .meshes import FACING_US, rig_standing

IMPLICIT = ImageOptions(surface="implicit")
MAP = 160  # pixels along a side of the maps that surfaces are held against
SOFT = 0.7  # cells by which hulls are blurred
FEW = 1500  # triangles of a hull
DRAFT = 32  # cells along a side of what cameras are aligned by
LEAST, MOST = 32, 256  # detail
NOTHING = "The networks see no shape in the picture. Choose another picture, or spheres as the surface."


@dataclass(frozen=True)
class Networks:
    """What draws surfaces."""

    skeletons: SkeletonNetwork
    surface: SurfaceNetwork
    is_field: bool
    camera: Ask | None
    camera_size: int


@dataclass(frozen=True)
class Seen:
    """Pictures of one object, looked at."""

    code: np.ndarray  # of the skeleton
    looks: np.ndarray  # (V, 4, S, S) crops as the network of surfaces sees them
    cameras: tuple[Looking, ...]
    are_guessed: tuple[bool, ...]  # which of these ways to look are not known
    outlines: tuple[Outline, ...]
    crops: tuple[Crop, ...]


@dataclass(frozen=True)
class Surfaced:
    """The shape that pictures show, in its own frame."""

    skeleton: Skeleton
    surface: Mesh
    spheres: MedialSpheres
    cameras: tuple[Looking, ...]
    outlines: tuple[Outline, ...]
    crops: tuple[Crop, ...]

    @property
    def volume(self) -> Mesh:
        """The surface of the skeletal volume."""
        return volume_of(self.skeleton)


def surface_networks(options: ImageOptions) -> Networks:
    """The trained networks; a named error says which are missing and how to get them."""
    check(options)
    if (reason := why_no_runtime()) is not None:
        raise MissingRuntimeError(reason)
    is_field = options.surface == "implicit"
    missing = missing_parts(options.surface)
    if options.own:
        missing = tuple(name for name in missing if name != CAMERA)
    skeletons, surface = skeleton_network(), field_network() if is_field else mesh_network()
    camera = find_network(CAMERA)
    if missing or skeletons is None or surface is None:
        raise WeightsError(
            f"The networks that draw {options.surface} surfaces are not here: {', '.join(missing)}. "
            f"A weights file may have them. {HOW_TO_GET} Or choose spheres as the surface."
        )
    return Networks(skeletons, surface, is_field, camera, 0 if camera is None else camera.card.size("size"))


@asks_networks
def rig_surface(pictures: Sequence[np.ndarray], options: ImageOptions, progress: Progress = SILENT) -> Imagined:
    """Pictures of one object -> its surface and rig, in the seen frame of the first one's crop."""
    shown = see_surface(pictures, options, progress.part(0.0, 0.5))
    first = shown.cameras[0]
    frame = placed_before(first, shown.surface)
    rig, curves = rig_standing(shown.surface, _rig_of(options), progress.part(0.5, 1.0), FACING_US)
    spheres = frame.out(shown.spheres)
    return Imagined(
        spheres,
        _unjoined(spheres),
        frame.out(shown.surface),
        frame.out(curves),
        frame.out(rig),
        shown.crops,
        (0.0, *(azimuth_between(first, other) for other in shown.cameras[1:])),
        filled(shown.surface, shown.cameras, shown.outlines),
        frame.out(shown.volume),
        frame.axes,
    )


@asks_networks
def see_surface(pictures: Sequence[np.ndarray], options: ImageOptions, progress: Progress = SILENT) -> Surfaced:
    """The surface in pictures of one object; with `refine`, kept to what they show of it."""
    networks = surface_networks(options)
    progress.step(0.0, "Finding the object")
    seen = _seen(networks, pictures, options)
    progress.step(0.1, "Drawing the skeleton")
    found = skeleton(networks.skeletons, seen.code)
    if not found.cells.any():
        raise PictureError(NOTHING)
    if options.refine:
        progress.step(0.2, "Finding where it is seen from")
        seen = _aligned(networks, seen, found)
    grid = _grid(networks, [(seen, 1.0)], found, options.detail, progress.part(0.3, 0.8))
    surface = _surface(grid)
    spheres = spheres_of(found, surface)
    if options.refine:
        progress.step(0.8, "Fitting the surface to the outline")
        grid, spheres = kept_to(grid, spheres, seen.cameras, seen.outlines, surface)
        surface = _surface(grid)
    progress.step(1.0, "Done")
    return Surfaced(found, surface, spheres, seen.cameras, seen.outlines, seen.crops)


@asks_networks
def blend_images(
    first: Sequence[np.ndarray],
    second: Sequence[np.ndarray],
    share: float,
    options: ImageOptions = IMPLICIT,
    progress: Progress = SILENT,
) -> Imagined:
    """The shape between those that pictures of two objects show, with its rig, standing in its own frame."""
    if not 0 <= share <= 1:
        raise BadRequestError(f"Share is {share}. Choose a number from 0 to 1.")
    if options.surface == "spheres":
        raise BadRequestError("Spheres of two pictures cannot be blended. Choose a deformed or an implicit surface.")
    networks = surface_networks(options)
    progress.step(0.0, "Finding the objects")
    ends = [_seen(networks, pictures, options) for pictures in (first, second)]
    if options.refine:
        ends = [_aligned(networks, end, skeleton(networks.skeletons, end.code)) for end in ends]
    progress.step(0.2, "Drawing the skeleton")
    found = skeleton(networks.skeletons, between(ends[0].code, ends[1].code, share))
    if not found.cells.any():
        raise PictureError(NOTHING)
    shares = [(end, part) for end, part in zip(ends, (1 - share, share), strict=True) if part > 0]
    surface = _surface(_grid(networks, shares, found, options.detail, progress.part(0.3, 0.5)))
    spheres = spheres_of(found, surface)
    rig, curves = rig_standing(surface, _rig_of(options), progress.part(0.5, 1.0), FACING_US)
    return Imagined(spheres, _unjoined(spheres), surface, curves, rig, (), (), (), volume_of(found), SAME.axes)


def volume_of(found: Skeleton) -> Mesh:
    """The surface of a skeletal volume, in the shape's own frame."""
    resolution = len(found.chances)
    return contour(Grid(np.full(3, 0.5 / resolution - 0.5), 1 / resolution, found.chances - np.float32(FULL)))


def hull_of(found: Skeleton) -> Mesh:
    """A rough surface around a skeleton, a cell thick, to tell cameras by."""
    resolution = len(found.chances)
    thick = thickened(found.chances, SOFT)
    grid = Grid(np.full(3, 0.5 / resolution - 0.5), 1 / resolution, thick - np.float32(FULL))
    return decimated(contour(grid), FEW)


def check(options: ImageOptions) -> None:
    """What cannot be asked for is refused by name."""
    if not LEAST <= options.detail <= MOST:
        raise BadRequestError(f"Detail is {options.detail}. Choose a number from {LEAST} to {MOST}.")
    if len(options.own) not in (0, 9) or not all(np.isfinite(options.own)):
        raise BadRequestError("The shape's own axes are three rows of three numbers. Give nine, or none.")


def _rig_of(options: ImageOptions) -> RigOptions:
    """Networks that have seen objects alone draw objects, whatever these look like."""
    known = skeleton_network()
    if options.rig.kind != "auto" or known is None or known.bodies:
        return options.rig
    return replace(options.rig, kind="object")


def _seen(networks: Networks, pictures: Sequence[np.ndarray], options: ImageOptions) -> Seen:
    """Pictures looked at, with cameras that are known or guessed."""
    if not pictures:
        raise BadRequestError("There is no picture. Choose one.")
    cut, crops = found_in(pictures)

    def drawn(size: int) -> np.ndarray:
        return np.stack([draw_crop(picture, crop, size) for picture, crop in zip(cut, crops, strict=True)])

    outlines = tuple(outline_of(each[3]) for each in drawn(MAP))
    guessed = []
    if networks.camera is not None:
        guessed = [looking_by(each) for each in cameras(networks.camera, drawn(networks.camera_size))]
    by = _cameras(guessed, len(pictures), options)
    code = code_of(networks.skeletons, drawn(networks.skeletons.size))
    further = not options.azimuths  # where these are told, only the first one's way to look can be wrong
    guesses = (not options.own, *[further] * (len(pictures) - 1))
    return Seen(code, drawn(networks.surface.size), by, guesses, outlines, crops)


def _cameras(guessed: Sequence[Looking], count: int, options: ImageOptions) -> tuple[Looking, ...]:
    """Where each picture was taken from."""
    azimuths = options.azimuths
    if azimuths and len(azimuths) != count - 1:
        raise BadRequestError(
            f"There are {count} pictures and {len(azimuths)} azimuths. Give one for each picture after the first."
        )
    if not all(np.isfinite(azimuths)):
        raise BadRequestError("An azimuth is not a finite number. Give degrees.")
    first = looking_along(np.reshape(options.own, (3, 3))) if options.own else guessed[0]
    if azimuths:
        return first, *(gone_round(first, azimuth) for azimuth in azimuths)
    if count > 1 and not guessed:
        raise WeightsError(
            f"The network that finds cameras is not here: {CAMERA}. It is in the weights file. {HOW_TO_GET} Or give "
            "the azimuths of the further pictures."
        )
    return first, *guessed[1:]


def _aligned(networks: Networks, seen: Seen, found: Skeleton) -> Seen:
    """The same with cameras that see a draft of the surface as the outlines have it."""
    hull = hull_of(found)
    rough = tuple(
        found_by_outline(by, hull, outline) if guessed else fitted_to(by, hull.vertices, outline)
        for by, outline, guessed in zip(seen.cameras, seen.outlines, seen.are_guessed, strict=True)
    )
    start = replace(seen, cameras=rough)
    draft = contour(_grid(networks, [(start, 1.0)], found, DRAFT, SILENT))
    if len(draft.triangles) == 0:
        return start
    better = tuple(
        aligned(by, draft, outline, turns=guessed)
        for by, outline, guessed in zip(rough, seen.outlines, seen.are_guessed, strict=True)
    )
    return replace(seen, cameras=better)


def _grid(
    networks: Networks, parts: Sequence[tuple[Seen, float]], found: Skeleton, detail: int, progress: Progress
) -> Grid:
    """The surface's field, values from -1 outside to 1 inside."""
    progress.step(0.0, "Drawing the surface")
    looks: list[tuple[Glance, float]] = []
    for seen, share in parts:
        by = np.stack([each.matrix for each in seen.cameras])
        looks.append((look(networks.surface, seen.looks, by), share))
    if networks.is_field:
        return field_between(networks.surface, looks, found.cells, detail, progress)
    return field_of_mesh(deformed_between(networks.surface, looks, found.cells, networks.surface.vertices), detail)


def _surface(grid: Grid) -> Mesh:
    made = contour(without_crumbs(grid))
    if len(made.triangles) == 0:
        raise PictureError(NOTHING)
    return made


def _unjoined(spheres: MedialSpheres) -> MedialMesh:
    return MedialMesh(spheres, np.zeros((0, 2), np.int32), np.zeros((0, 3), np.int32))
