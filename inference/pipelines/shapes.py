"""Shapes that come with their rig, by skeletal latents: generated, varied, blended, completed and reshaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from ..anatomy import Blended, CurveSkeleton, Grid, Mesh, Shape, SkeletalLatent
from ..errors import BadRequestError, BonewrightError, Cancelled, ShapeError
from ..geometry.contour import contour, count_pieces, without_crumbs
from ..geometry.mesh.clean import clean_mesh
from ..geometry.mesh.surface import sample_surface
from ..kinds import Choice
from ..networks.running.devices import asks_networks, networks_on
from ..networks.skeldiff.apply import (
    SURFACE,
    ShapeNetwork,
    blend,
    encode,
    field_of,
    generate,
    needed_shape_network,
    vary,
)
from ..networks.skeldiff.field import LOW, SIZE
from ..networks.skeldiff.inputs import frame_of
from ..progress import SILENT, Progress
from ..requests import FRONTS, Device, RigOptions, ShapeOptions
from ..rigging.standing.hint import AS_GIVEN, Way, way_to_front
from .meshes import FACING_US, rig_standing

DEFAULTS = ShapeOptions()
MOST = 64  # shapes of one request
NOTHING = "The network drew no surface around this skeleton. Try another seed, or undo what was moved."
NO_CURVES = CurveSkeleton(np.zeros((0, 3)), np.zeros(0), np.zeros((0, 2), np.int32), np.zeros(0, np.int32))
ROOM = 1.02  # how far from the middle of its frame a skeleton may reach; shapes reach to 1
BODIES: dict[str, Choice] = {
    "biped": "biped",
    "quadruped": "quadruped",
    "bird": "creature",
    "fish": "creature",
    "insect": "creature",
}
"""What generated bodies are rigged as; whatever else is generated is an object."""


@asks_networks
def generate_shapes(
    category: str, seed: int = 0, count: int = 1, options: ShapeOptions = DEFAULTS, progress: Progress = SILENT
) -> tuple[Shape, ...]:
    """New shapes of a category. They stand on +Z and look along -Y, as all that the network has learned from."""
    _check(options, count)
    network = needed_shape_network()
    latents = generate(network, category, seed, count, options.guidance, progress=progress.part(0.0, 0.2))
    kind = BODIES.get(category, "object")
    options = replace(options, rig=replace(options.rig, kind=kind if options.rig.kind == "auto" else options.rig.kind))
    return _shapes(network, latents, options, progress.part(0.2, 1.0), way=FACING_US)


@asks_networks
def vary_shape(
    of: Mesh | SkeletalLatent,
    strength: float,
    seed: int = 0,
    count: int = 1,
    category: str | None = None,
    options: ShapeOptions = DEFAULTS,
    progress: Progress = SILENT,
) -> tuple[Shape, ...]:
    """Shapes like this one, in as many pieces at most."""
    _check(options, count)
    _check_share("Strength", strength)
    network = needed_shape_network()
    latent = _latent(network, of)
    guidance = options.guidance if category is not None else 0.0
    made = vary(network, latent, category, strength, seed, count, guidance, progress=progress.part(0.05, 0.25))
    return _shapes(network, made, options, progress.part(0.25, 1.0), like=(latent,))


@asks_networks
def blend_shapes(
    first: Mesh | SkeletalLatent,
    second: Mesh | SkeletalLatent,
    share: float,
    options: ShapeOptions = DEFAULTS,
    progress: Progress = SILENT,
) -> Blended:
    """The shape that is `share` of the way from the first to the second, in as many pieces at most as they have."""
    _check(options)
    _check_share("Share", share)
    network = needed_shape_network()
    ends = _latent(network, first), _latent(network, second)
    progress.step(0.1, "Blending")
    between = blend(*ends, share)
    (shape,) = _shapes(network, [between], options, progress.part(0.1, 1.0), like=ends)
    return Blended(*ends, shape)


@asks_networks
def complete_shape(mesh: Mesh, options: ShapeOptions = DEFAULTS, progress: Progress = SILENT) -> Shape:
    """The closed shape that a mesh stands for, as the network understands it."""
    _check(options)
    network = needed_shape_network()
    (shape,) = _shapes(network, [_latent(network, mesh)], options, progress.part(0.05, 1.0))
    return shape


def encode_mesh(mesh: Mesh, device: Device = "auto") -> SkeletalLatent:
    """The skeletal latent of any mesh that has faces."""
    with networks_on(device):
        return _latent(needed_shape_network(), mesh)


@asks_networks
def decode_shape(latent: SkeletalLatent, options: ShapeOptions = DEFAULTS, progress: Progress = SILENT) -> Shape:
    """The shape around a skeletal latent, whatever was done to its points."""
    _check(options)
    if len(latent.radii) == 0:
        raise ShapeError("No skeleton point is left. Undo, or keep some of them.")
    network = needed_shape_network()
    if latent.features.shape[1] != network.features:
        raise BadRequestError("This skeleton was made with other weights. Encode the mesh again.")
    (shape,) = _shapes(network, [refitted(latent)], options, progress)
    return shape


def refitted(latent: SkeletalLatent) -> SkeletalLatent:
    """The same balls in a frame that they fit into: points that were moved far may have left theirs."""
    low, high = (latent.points - latent.radii[:, None]).min(0), (latent.points + latent.radii[:, None]).max(0)
    if max(-low.min(), high.max()) <= ROOM:
        return latent
    middle, half = (low + high) / 2, float((high - low).max()) / 2
    return replace(
        latent,
        points=((latent.points - middle) / half).astype(np.float32),
        radii=(latent.radii / half).astype(np.float32),
        origin=latent.origin + latent.size * middle,
        size=latent.size * half,
    )


def _latent(network: ShapeNetwork, of: Mesh | SkeletalLatent) -> SkeletalLatent:
    if isinstance(of, SkeletalLatent):
        return of
    cleaned, _ = clean_mesh(of)
    return encode(network, sample_surface(cleaned, max(SURFACE, network.points))[0])


def _shapes(
    network: ShapeNetwork,
    latents: Sequence[SkeletalLatent],
    options: ShapeOptions,
    progress: Progress,
    like: tuple[SkeletalLatent, ...] = (),
    way: Way | None = None,
) -> tuple[Shape, ...]:
    """Each latent drawn and rigged, standing the given `way`. Those `like` others have no more pieces than these."""
    front = options.rig.front
    way = way or (AS_GIVEN if front == "auto" else way_to_front(FRONTS[front], None))

    @cache
    def most() -> int:
        """Pieces; they are counted only if it matters."""
        return max(count_pieces(_field(network, end, options.resolution, SILENT)) for end in like)

    shapes = []
    for number, latent in enumerate(latents):
        part = progress.part(number / len(latents), (number + 1) / len(latents))
        grid = without_crumbs(_field(network, latent, options.resolution, part.part(0.0, 0.4)))
        if like and count_pieces(grid) > 1:
            grid = without_crumbs(grid, max(most(), 1))
        surface = frame_of(latent).out(contour(grid))
        if len(surface.triangles) == 0:
            raise ShapeError(NOTHING)
        shapes.append(_rigged(latent, surface, options.rig, way, part.part(0.4, 1.0)))
    return tuple(shapes)


def _field(network: ShapeNetwork, latent: SkeletalLatent, resolution: int, progress: Progress) -> Grid:
    values, known = field_of(network, latent, resolution, progress)
    spacing = SIZE / resolution
    return Grid(np.full(3, LOW + spacing / 2), spacing, values, known)


def _rigged(latent: SkeletalLatent, surface: Mesh, options: RigOptions, way: Way, progress: Progress) -> Shape:
    """The shape with curves, armature and weights; where none fits, the reason."""
    try:
        rig, curves = rig_standing(surface, options, progress, way)
    except Cancelled:
        raise
    except BonewrightError as error:
        return Shape(latent, surface, NO_CURVES, None, str(error))
    return Shape(latent, surface, curves, rig)


def _check(options: ShapeOptions, count: int = 1) -> None:
    if not 16 <= options.resolution <= 160:
        raise BadRequestError(f"Resolution is {options.resolution}. Choose a number from 16 to 160.")
    if not 1 <= count <= MOST:
        raise BadRequestError(f"Count is {count}. Choose a number from 1 to {MOST}.")
    if not 0 <= options.guidance <= 10:
        raise BadRequestError(f"Guidance is {options.guidance}. Choose a number from 0 to 10.")


def _check_share(name: str, share: float) -> None:
    if not 0 <= share <= 1:
        raise BadRequestError(f"{name} is {share}. Choose a number from 0 to 1.")
