"""Whatever a network sees, the medial mesh fills the outline and nothing beside it."""

import numpy as np
import pytest

from inference.anatomy import MedialSpheres
from inference.errors import BadRequestError
from inference.frames import Frame
from inference.geometry.medial.envelope import envelope
from inference.images.fitting import fit_spheres
from inference.images.joining import draw_medial
from inference.images.outline import draw_discs, draw_mesh, outline_of, overlap, places_of
from inference.images.seeing import surface_around, understand
from inference.images.several import AZIMUTHS, SeenFrom, find_azimuth, place
from training.shapes.making.union import components_and_genus

SIZE = 160
Y, X = np.mgrid[:SIZE, :SIZE] / SIZE - 0.5
NOTHING = MedialSpheres(np.zeros((0, 3)), np.zeros(0), np.zeros(0, bool))


def masks() -> dict[str, np.ndarray]:
    ring = (np.hypot(X, Y) < 0.34) & (np.hypot(X, Y) > 0.22)
    table = ((np.abs(Y + 0.2) < 0.04) & (np.abs(X) < 0.34)) | ((np.abs(np.abs(X) - 0.3) < 0.025) & (np.abs(Y) < 0.24))
    return {"ring": ring, "table": table, "disc": np.hypot(X, Y) < 0.34, "two": np.abs(np.hypot(X, Y) - 0.25) < 0.02}


def scattered(seed: int, count: int = 200) -> MedialSpheres:
    rng = np.random.default_rng(seed)
    return MedialSpheres(rng.uniform(-0.5, 0.5, (count, 3)), rng.uniform(0.01, 0.12, count), np.arange(count) % 2 == 0)


@pytest.mark.parametrize("name", masks())
def test_spheres_anywhere_come_to_fill_the_outline(name: str):
    mask = masks()[name]
    sight = understand([SeenFrom(outline_of(mask.astype(float)), scattered(3))], (), refine=True)
    assert overlap(draw_medial(sight.medial, SIZE), mask) > 0.9
    assert overlap(draw_mesh(envelope(sight.medial, resolution=64), SIZE), mask) > 0.85


@pytest.mark.parametrize("name", masks())
def test_even_without_a_single_sphere_the_outline_is_filled(name: str):
    mask = masks()[name]
    sight = understand([SeenFrom(outline_of(mask.astype(float)), NOTHING)], (), refine=True)
    assert overlap(draw_medial(sight.medial, SIZE), mask) > 0.85


def test_a_hole_in_the_outline_stays_open():
    mask = masks()["ring"]
    sight = understand([SeenFrom(outline_of(mask.astype(float)), scattered(5))], (), refine=True)
    assert not draw_medial(sight.medial, SIZE)[70:90, 70:90].any()


def test_fitted_spheres_lie_inside_and_keep_their_depth():
    outline = outline_of(masks()["table"].astype(float))
    spheres = scattered(7)
    fitted = fit_spheres(spheres, outline)
    places, scale = places_of(fitted.centres, SIZE)
    assert (outline.depth_at(places) > 0).all()
    assert (fitted.radii * scale <= outline.depth_at(places) + 1.0).all()
    assert np.isin(fitted.centres[:, 1], spheres.centres[:, 1]).all()


def test_a_sphere_that_fits_stays_as_it_is():
    outline = outline_of(masks()["disc"].astype(float))
    one = MedialSpheres(np.array([[0.05, 0.2, -0.03]]), np.array([0.1]), np.array([True]))
    fitted = fit_spheres(one, outline)
    assert fitted.centres == pytest.approx(one.centres)
    assert fitted.radii == pytest.approx(one.radii)


def test_the_same_views_give_the_same_bytes():
    view = SeenFrom(outline_of(masks()["table"].astype(float)), scattered(1))
    one, other = (understand([view], (), refine=True).medial for _ in range(2))
    assert one.spheres.centres.tobytes() == other.spheres.centres.tobytes()
    assert (one.edges == other.edges).all()
    assert (one.faces == other.faces).all()


def lamp() -> MedialSpheres:
    """A thing that looks different from every side: a post with three arms of different heights and lengths."""
    parts = [np.stack([np.zeros(20), np.zeros(20), np.linspace(-0.45, 0.45, 20)], 1)]
    for angle, height, length in ((0.0, 0.4, 0.3), (1.3, 0.1, 0.42), (4.0, -0.3, 0.36)):
        steps = np.linspace(0.05, length, 12)[:, None]
        parts.append(steps * (np.cos(angle), np.sin(angle), 0) + (0, 0, height))
    centres = np.concatenate(parts)
    return MedialSpheres(centres, np.full(len(centres), 0.05), np.zeros(len(centres), bool))


def seen_from(azimuth: float) -> SeenFrom:
    """The lamp before a camera that went round it, moved so that its outline is in the middle of the picture."""
    angle = np.radians(azimuth)
    turn = np.array([[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    spheres = Frame(turn.T, 1.0, np.zeros(3)).out(lamp())
    for _ in range(3):
        places, scale = places_of(spheres.centres, SIZE)
        mask = draw_discs(places, spheres.radii * scale, SIZE)
        columns = np.flatnonzero(mask.any(0))
        aside = ((columns[0] + columns[-1] + 1) / 2 - SIZE / 2) / scale.mean()
        spheres = MedialSpheres(spheres.centres - (aside, 0, 0), spheres.radii, spheres.sheet)
    places, scale = places_of(spheres.centres, SIZE)
    return SeenFrom(outline_of(draw_discs(places, spheres.radii * scale, SIZE).astype(float)), spheres)


@pytest.mark.parametrize("azimuth", [45.0, 90.0, 210.0, 285.0])
def test_how_far_the_camera_went_is_found(azimuth: float):
    gap = abs(find_azimuth(seen_from(0.0), seen_from(azimuth)) - azimuth)
    assert min(gap, 360 - gap) <= 15.0


def test_a_view_from_the_side_puts_right_what_the_first_cannot_know():
    front, side = seen_from(0.0), seen_from(90.0)
    squeezed = MedialSpheres(front.spheres.centres * (1, 2.2, 1), front.spheres.radii, front.spheres.sheet)
    alone = place(front, side, 90.0).out(squeezed)
    together = understand([SeenFrom(front.outline, squeezed), side], (90.0,), refine=True)
    seen = together.placements[1].out(together.medial.spheres)

    def outside(spheres: MedialSpheres) -> float:
        return float((side.outline.depth_at(places_of(spheres.centres, SIZE)[0]) < -2).mean())

    assert outside(alone) > 0.1
    assert outside(seen) < 0.03
    moved = MedialSpheres(seen.centres, seen.radii, seen.sheet)
    places, scale = places_of(moved.centres, SIZE)
    assert overlap(draw_discs(places, moved.radii * scale, SIZE), side.outline.inside) > 0.75


def test_azimuths_are_asked_for_each_further_view():
    view = SeenFrom(outline_of(masks()["disc"].astype(float)), scattered(1))
    with pytest.raises(BadRequestError, match="2 pictures and 2 azimuths"):
        understand([view, view], (0.0, 90.0), refine=True)
    with pytest.raises(BadRequestError, match="finite"):
        understand([view, view], (float("nan"),), refine=True)
    assert len(AZIMUTHS) == 24


def test_scattered_spheres_become_one_surface_without_handles_that_nobody_sees():
    mask = masks()["disc"]
    sight = understand([SeenFrom(outline_of(mask.astype(float)), scattered(3, 300))], (), refine=True)
    surface = surface_around(sight)
    assert 2 * components_and_genus(surface)[1] < components_and_genus(envelope(sight.medial, resolution=56))[1]
    assert overlap(draw_mesh(surface, SIZE), mask) > 0.9
    ring = understand([SeenFrom(outline_of(masks()["ring"].astype(float)), scattered(5))], (), refine=True)
    assert not draw_mesh(surface_around(ring), SIZE)[70:90, 70:90].any()
