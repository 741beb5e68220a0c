"""From pictures to a rig: what comes of it, and what is said where nothing can."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from inference.anatomy import Imagined
from inference.engine.local import LocalBackend
from inference.engine.wire import Ask, Done, read_message, write_message
from inference.errors import BackgroundError, BadRequestError, EmptyPictureError, PictureError, WeightsError
from inference.images.crop import FILL
from inference.networks.s3ds.apply import SphereNetwork
from inference.networks.s3ds.network import Size
from inference.pipelines import pictures as imaging
from inference.requests import ImageOptions, ImagesJob, RigOptions
from training.networks.asking import asked
from training.networks.pictures import fresh_spheres

QUICK = RigOptions(bind=False, method="geometric")
Y, X = np.mgrid[:120, :160]
FIGURE = ((np.abs(X - 80) < 14) & (np.abs(Y - 55) < 30)) | (np.hypot(X - 80, Y - 18) < 12)
FIGURE |= ((np.abs(np.abs(X - 80) - 9) < 5) & (Y > 80) & (Y < 115)) | ((np.abs(Y - 35) < 5) & (np.abs(X - 80) < 45))


@pytest.fixture(autouse=True, scope="module")
def network() -> Iterator[SphereNetwork]:
    """One that has learned nothing: spheres all over a ball, whatever it sees."""
    shape = Size(size=32, width=4, cells=1, latent=16, hidden=16, fine=60, coarse=60, thinning=8)
    torch.manual_seed(0)
    made = SphereNetwork(asked(fresh_spheres(shape).eval()), shape.size, shape.fine)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imaging, "image_network", lambda: made)
        yield made


def picture(background: int | None = None) -> np.ndarray:
    """A figure before a transparent or a plain background."""
    made = np.zeros((120, 160, 4), np.uint8)
    if background is not None:
        made[:] = (background, background, background, 255)
    made[FIGURE] = (180, 60, 40, 255)
    return made


@pytest.fixture(scope="module")
def imagined(network: SphereNetwork) -> Imagined:
    return imaging.rig_images((picture(),), ImageOptions(rig=QUICK))


def test_a_picture_becomes_spheres_a_closed_surface_curves_and_an_armature(imagined: Imagined):
    assert len(imagined.spheres.radii) > 50
    assert imagined.medial.spheres is imagined.spheres
    edges = np.sort(imagined.surface.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    assert (np.unique(edges, axis=0, return_counts=True)[1] % 2 == 0).all()
    assert len(imagined.curves.points) > 5
    assert imagined.rig.report.valid
    assert imagined.azimuths == (0.0,)


def test_the_surface_fills_the_silhouette_even_if_the_network_knows_nothing(imagined: Imagined):
    assert imagined.seen[0] > 0.85
    plain = imaging.see_shape((picture(),), ImageOptions(refine=False))
    assert imaging.silhouettes_filled(plain)[0] < imagined.seen[0]


def test_the_crop_is_told_in_pixels_of_the_picture(imagined: Imagined):
    crop = imagined.crops[0]
    assert (crop.width, crop.height) == (160, 120)
    assert crop.x == pytest.approx(80.5, abs=1)
    assert crop.size * FILL == pytest.approx(109, abs=2)


def test_a_plain_background_is_as_good_as_a_transparent_one():
    shown = imaging.see_shape((picture(230),))
    assert imaging.silhouettes_filled(shown)[0] > 0.85
    assert shown.crops[0].size == pytest.approx(imaging.see_shape((picture(),)).crops[0].size, rel=0.03)


def test_grey_pictures_of_sixteen_bits_are_understood():
    grey = np.where(FIGURE, 9_000, 60_000).astype(np.uint16)
    assert imaging.silhouettes_filled(imaging.see_shape((grey,)))[0] > 0.85


def test_several_pictures_are_told_apart_by_their_azimuths():
    turned = picture()[:, 20:140]
    shown = imaging.see_shape((picture(), turned), ImageOptions(azimuths=(180.0,)))
    assert shown.sight.azimuths == (0.0, 180.0)
    assert min(imaging.silhouettes_filled(shown)) > 0.6
    assert len(imaging.see_shape((picture(), turned)).sight.azimuths) == 2


def test_the_request_and_the_result_go_through_the_pipe(imagined: Imagined):
    for message in (Ask(1, ImagesJob((picture(),), ImageOptions(azimuths=(90.0,), rig=QUICK))), Done(1, imagined)):
        pipe = io.BytesIO()
        write_message(pipe, message)
        pipe.seek(0)
        received = read_message(pipe)
        assert type(received) is type(message)
        assert repr(received) == repr(message)
        assert isinstance(received, Ask | Done)


def test_the_backend_does_the_job_to_the_byte_and_hands_errors_on(imagined: Imagined):
    done = LocalBackend().ask(ImagesJob((picture(),), ImageOptions(rig=QUICK))).result()
    assert isinstance(done, Imagined)
    assert done.surface.vertices.tobytes() == imagined.surface.vertices.tobytes()
    assert done.rig.armature.heads.tobytes() == imagined.rig.armature.heads.tobytes()
    with pytest.raises(EmptyPictureError):
        LocalBackend().ask(ImagesJob((np.zeros((9, 9, 4), np.uint8),))).result()


def test_one_pixel_and_a_hair_are_handled_or_refused_by_name():
    dot = np.zeros((50, 50, 4), np.uint8)
    dot[20, 30] = 255
    assert len(imaging.see_shape((dot,)).surface.triangles) > 0
    hair = np.zeros((50, 900, 4), np.uint8)
    hair[20] = 255
    with pytest.raises(PictureError, match="larger picture"):
        imaging.see_shape((hair,))


def test_what_cannot_be_answered_is_refused_by_name(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(BadRequestError, match="no picture"):
        imaging.rig_images(())
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3), dtype=np.uint8)
    with pytest.raises(BackgroundError):
        imaging.rig_images((noise,))
    with pytest.raises(BadRequestError, match="azimuth"):
        imaging.rig_images((picture(),), ImageOptions(azimuths=(90.0,)))
    monkeypatch.setattr(imaging, "image_network", lambda: None)
    with pytest.raises(WeightsError, match="no trained weights"):
        imaging.rig_images((picture(),))
