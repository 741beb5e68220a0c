"""The way from pictures of an object to its spheres, surface, curves and rig."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..anatomy import Crop, Imagined, MedialSpheres, Mesh
from ..errors import BadRequestError, PictureError, WeightsError
from ..images.crop import draw_crop
from ..images.foreground import found_in
from ..images.outline import draw_mesh, outline_of, overlap
from ..images.placing import upright
from ..images.seeing import Sight, surface_around, understand
from ..images.several import SeenFrom
from ..networks.running.devices import asks_networks
from ..networks.s3ds.apply import SphereNetwork, image_network
from ..progress import SILENT, Progress
from ..requests import FRONTS, Front, ImageOptions
from ..rigging.standing.hint import AS_GIVEN, Way
from .meshes import rig_standing
from .surfaces import rig_surface

DEFAULTS = ImageOptions()
MAP = 160  # pixels along a side of the maps that spheres are fitted to


@dataclass(frozen=True)
class Shown:
    """The shape that pictures show."""

    sight: Sight
    surface: Mesh  # seen frame of the first picture's crop
    crops: tuple[Crop, ...]


@asks_networks
def rig_images(
    pictures: tuple[np.ndarray, ...], options: ImageOptions = DEFAULTS, progress: Progress = SILENT
) -> Imagined:
    """Pictures of one object -> all that can be said about its shape, in the seen frame of the first one's crop."""
    if options.surface != "spheres":
        return rig_surface(pictures, options, progress)
    shown = see_shape(pictures, options, progress.part(0.0, 0.45))
    sight, surface = shown.sight, shown.surface
    standing = upright(options.up)
    stood = standing.into(surface)
    rig, curves = rig_standing(stood, options.rig, progress.part(0.45, 1.0), _way(options.rig.front))
    return Imagined(
        sight.medial.spheres,
        sight.medial,
        surface,
        standing.out(curves),
        standing.out(rig),
        shown.crops,
        sight.azimuths,
        silhouettes_filled(shown),
    )


def _way(front: Front) -> Way:
    """How what is seen stands: on +Z, and looking to `front` where that is level and not to be found out."""
    level = front in FRONTS and FRONTS[front][2] == 0.0
    return replace(AS_GIVEN, front=np.array(FRONTS[front])) if level else AS_GIVEN


@asks_networks
def see_shape(pictures: tuple[np.ndarray, ...], options: ImageOptions = DEFAULTS, progress: Progress = SILENT) -> Shown:
    """The spheres in pictures of one object, and the surface around them."""
    if not pictures:
        raise BadRequestError("There is no picture. Choose one.")
    network = _network()
    progress.step(0.0, "Finding the object")
    cut, crops = found_in(pictures)
    progress.step(0.1, "Looking at the picture" if len(cut) == 1 else "Looking at the pictures")
    views = _views(network, cut, crops)
    progress.step(0.5, "Fitting spheres to the outline")
    sight = understand(views, options.azimuths, refine=options.refine)
    if len(sight.medial.spheres.radii) == 0:
        raise PictureError("Too little of the object is seen to tell its shape. Choose a larger picture of it.")
    progress.step(0.7, "Drawing the surface")
    return Shown(sight, surface_around(sight), crops)


def silhouettes_filled(shown: Shown) -> tuple[float, ...]:
    """How well the surface fills the outline in each picture: intersection over union."""
    surface, shares = shown.surface, []
    for view, placement in zip(shown.sight.views, shown.sight.placements, strict=True):
        moved = placement.out(surface)
        shares.append(overlap(draw_mesh(moved, view.outline.size), view.outline.inside))
    return tuple(shares)


def _network() -> SphereNetwork:
    network = image_network()
    if network is None:
        raise WeightsError("The network that sees shapes in pictures has no trained weights. Install Bonewright again.")
    return network


def _views(network: SphereNetwork, pictures: Sequence[np.ndarray], crops: Sequence[Crop]) -> list[SeenFrom]:
    """The outline of the object in each picture, and the spheres that the network sees there: it is asked once."""
    pairs = list(zip(pictures, crops, strict=True))
    centres, radii = network.predict(np.stack([draw_crop(picture, crop, network.size) for picture, crop in pairs]))
    sheet = np.arange(radii.shape[1]) >= network.fine
    spheres = [MedialSpheres(c, r, sheet) for c, r in zip(centres.astype(float), radii.astype(float), strict=True)]
    outlines = [outline_of(draw_crop(picture, crop, MAP)[3]) for picture, crop in pairs]
    return [SeenFrom(outline, seen) for outline, seen in zip(outlines, spheres, strict=True)]
