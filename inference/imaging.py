"""The way from pictures of an object to its spheres, surface, curves and rig."""

from __future__ import annotations

import numpy as np

from .anatomy import Imagined, MedialSpheres, Mesh
from .engine.jobs import ImageOptions
from .errors import BadRequestError, WeightsError
from .geometry.connectivity import knn_mesh
from .geometry.envelope import envelope
from .images.crop import crop_picture
from .images.placing import rig_out, upright
from .networks.s3ds import S3dsNetwork
from .networks.shelf import image_network
from .pipelines import curve_skeleton, rig_mesh
from .progress import SILENT, Progress

DEFAULTS = ImageOptions()
K_FINE, K_COARSE, REACH = 3, 6, 2.0  # neighbours that spheres are joined to (see `knn_mesh`)
RESOLUTION = 64  # of the surface


def rig_images(
    pictures: tuple[np.ndarray, ...], options: ImageOptions = DEFAULTS, progress: Progress = SILENT
) -> Imagined:
    """Pictures of one object -> all that can be said about its shape, in the seen frame of the first one's crop."""
    if not pictures:
        raise BadRequestError("There is no picture. Choose one.")
    network = _network()
    crop, where = crop_picture(pictures[0], network.shape.size)
    progress.step(0.0, "Looking at the picture")
    centres, radii = network.predict(crop[None])
    sheet = np.arange(len(radii[0])) >= network.shape.fine
    spheres = MedialSpheres(centres[0].astype(np.float64), radii[0].astype(np.float64), sheet)
    medial = knn_mesh(spheres, K_FINE, K_COARSE, REACH)
    surface = envelope(medial, resolution=RESOLUTION)
    standing = upright(options.up)
    stood = Mesh(standing.points_in(surface.vertices), surface.triangles)
    rig = rig_out(rig_mesh(stood, options.rig, progress.part(0.4, 0.9)), standing)
    curves = curve_skeleton(surface, progress.part(0.9, 1.0))
    return Imagined(medial.spheres, medial, surface, curves, rig, (where,), (0.0,), (0.0,))


def _network() -> S3dsNetwork:
    network = image_network()
    if network is None:
        raise WeightsError("The network that sees shapes in pictures has no trained weights. Install Bonewright again.")
    return network
