"""Silhouettes of medial primitives: right pictures, right gradients."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.spatial import ConvexHull
from torch import Tensor
from torch.nn.functional import softplus

from training.rendering import tiles
from training.rendering.cameras import Pinholes, paper_cameras, stack, to_torch
from training.rendering.hulls import Hulls, hull_distance, hull_foot
from training.rendering.silhouettes import medial_silhouettes, primitive_silhouettes, project, sphere_silhouettes

torch.set_num_threads(1)
FOCAL = 1 / (2 * math.tan(math.radians(15)))  # for an image one pixel wide


def straight_on(batch: int, side: int, dtype: torch.dtype = torch.float32) -> Pinholes[Tensor]:
    """Cameras of the papers that look along the world's +z and have its +y down."""
    eye = torch.tensor([0, 0, -2.732], dtype=dtype).expand(batch, 3)
    turned = torch.eye(3, dtype=dtype).expand(batch, 3, 3)
    return Pinholes(turned, eye, torch.full((batch,), FOCAL * side, dtype=dtype), side)


def cloud(batch: int, count: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    made = torch.Generator().manual_seed(seed)
    centres = torch.rand(batch, count, 3, generator=made, dtype=dtype) - 0.5
    return centres, 0.02 + 0.1 * torch.rand(batch, count, generator=made, dtype=dtype)


def grid(side: int) -> tuple[Tensor, Tensor]:
    along = torch.arange(side, dtype=torch.float64) + 0.5
    return along.repeat(side), along.repeat_interleave(side)


def outline(centres: np.ndarray, radii: np.ndarray, count: int = 4000) -> np.ndarray:
    """Corners of a fine polygon around the hull of discs, counter-clockwise."""
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    ring = np.stack([np.cos(turn), np.sin(turn)], 1)
    points = (centres[:, None] + radii[:, None, None] * ring).reshape(-1, 2)
    return points[ConvexHull(points).vertices]


def distance_to_polygon(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Signed, positive inside."""
    side = np.roll(corners, -1, 0) - corners
    away = points[:, None] - corners
    t = np.clip((away * side).sum(2) / (side**2).sum(1), 0, 1)
    nearest = np.linalg.norm(away - t[:, :, None] * side, axis=2).min(1)
    inside = (side[:, 0] * away[:, :, 1] - side[:, 1] * away[:, :, 0] >= 0).all(1)
    return np.where(inside, nearest, -nearest)


HULLS = {
    "disc": ([[20, 22]], [9]),
    "cone": ([[10, 12], [28, 25]], [3, 8]),
    "capsule": ([[10, 12], [28, 25]], [4, 4]),
    "a disc that holds the other": ([[20, 20], [22, 21]], [10, 3]),
    "two on one spot": ([[20, 20], [20, 20]], [3, 7]),
    "slab": ([[8, 8], [30, 12], [15, 32]], [2, 5, 3]),
    "slab of one thickness": ([[8, 8], [30, 12], [15, 32]], [2, 2, 2]),
    "slab with one end much larger": ([[8, 8], [25, 22], [15, 30]], [2, 12, 3]),
    "three in a row": ([[8, 10], [16, 20], [24, 30]], [3, 3, 3]),
    "three in a row, the middle one fat": ([[8, 10], [16, 20], [24, 30]], [2, 7, 3]),
    "three in a row, the middle one thin": ([[8, 10], [16, 20], [24, 30]], [4, 2, 5]),
    "slab whose third is inside": ([[8, 8], [30, 30], [18, 19]], [3, 8, 1]),
    "three in one": ([[20, 20], [21, 20], [20, 22]], [9, 2, 3]),
    "three on one spot": ([[20, 20], [20, 20], [20, 20]], [4, 4, 4]),
    "points": ([[8, 8], [30, 12], [15, 32]], [0, 0, 0]),
}


@pytest.mark.parametrize("name", HULLS)
def test_the_distance_to_a_hull_of_discs_is_exact_inside_and_outside(name: str) -> None:
    centres, radii = (np.array(part, float) for part in HULLS[name])
    hulls = Hulls(*(torch.tensor(part)[None] for part in (centres[:, 0], centres[:, 1], radii)))
    px, py = grid(40)
    expected = distance_to_polygon(np.stack([px.numpy(), py.numpy()], 1), outline(centres, radii))
    for found in (hull_distance(hulls, px, py), hull_foot(hulls, px, py).distance):
        np.testing.assert_allclose(found[0].numpy(), expected, atol=2e-4)


def test_the_distance_to_any_three_discs_is_exact() -> None:
    rng = np.random.default_rng(4)
    px, py = grid(12)
    points = np.stack([px.numpy(), py.numpy()], 1) * 3.3
    for _ in range(40):
        centres, radii = rng.uniform(5, 35, (3, 2)), rng.uniform(0, 12, 3) * rng.integers(0, 2, 3)
        hulls = Hulls(*(torch.tensor(part)[None] for part in (centres[:, 0], centres[:, 1], radii)))
        found = hull_distance(hulls, px * 3.3, py * 3.3)[0].numpy()
        np.testing.assert_allclose(found, distance_to_polygon(points, outline(centres, radii, 1500)), atol=1e-3)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_foot_explains_the_distance(count: int) -> None:
    rng = np.random.default_rng(count)
    hulls = Hulls(
        torch.tensor(rng.uniform(5, 30, (50, count))),
        torch.tensor(rng.uniform(5, 30, (50, count))),
        torch.tensor(rng.uniform(0, 9, (50, count))),
    )
    px, py = grid(36)
    foot = hull_foot(hulls, px, py)
    weights = foot.weights or (torch.ones_like(foot.distance),)
    torch.testing.assert_close(sum(weights), torch.ones_like(foot.distance))
    gap = sum(
        w * (hulls.x[:, k, None] * foot.ux + hulls.y[:, k, None] * foot.uy + hulls.radii[:, k, None])
        for k, w in enumerate(weights)
    )
    torch.testing.assert_close(gap - (px * foot.ux + py * foot.uy), foot.distance)


def test_a_sphere_on_the_axis_is_a_disc_of_radius_f_r_over_z() -> None:
    camera = straight_on(1, 112)
    x, y, radius, depth = project(torch.zeros(1, 1, 3), torch.full((1, 1), 0.2), camera)
    assert (x.item(), y.item()) == (56, 56)
    assert depth.item() == pytest.approx(2.732)
    assert radius.item() == pytest.approx(FOCAL * 112 * 0.2 / 2.732)
    picture = sphere_silhouettes(torch.zeros(1, 1, 3), torch.full((1, 1), 0.2), camera, 0.25)
    assert picture.sum().item() == pytest.approx(math.pi * radius.item() ** 2, rel=0.005)


def test_discs_lie_where_the_cameras_of_the_papers_see_the_spheres() -> None:
    front = to_torch(stack([paper_cameras(100)[0]]), dtype=torch.float64)
    # The shape faces -Y, the camera faces the shape: its left (+X) is to the right, up is up, -Y is near.
    x, y, near, depth = project(torch.tensor([[[0.3, -0.5, 0.2]]]).double(), torch.full((1, 1), 0.1), front)
    scale = FOCAL * 100 / (2.732 - 0.5)
    assert depth.item() == pytest.approx(2.232)
    assert x.item() == pytest.approx(50 + 0.3 * scale)
    assert y.item() == pytest.approx(50 - 0.2 * scale)
    assert near.item() == pytest.approx(0.1 * scale)


def test_leaving_out_what_is_out_of_reach_does_not_show() -> None:
    centres, radii = cloud(3, 150)
    camera, softness = straight_on(3, 50), 0.6
    x, y, r, _ = project(centres, radii, camera)
    px, py = (part.float() for part in grid(50))
    distance = r[..., None] - torch.hypot(px - x[..., None], py - y[..., None])
    every = 1 - torch.exp(-softplus(distance / softness).sum(1)).view(3, 50, 50)
    # What is left out changes a pixel by less than 3e-4 for each sphere.
    assert (sphere_silhouettes(centres, radii, camera, softness) - every).abs().max() < 2e-3


def test_the_picture_does_not_depend_on_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    centres, radii = cloud(2, 60)
    radii.requires_grad_()
    pictures, gradients = [], []
    for size in (1 << 18, 1 << 9):
        monkeypatch.setitem(tiles.CHUNK, "cpu", size)
        pictures.append(sphere_silhouettes(centres, radii, straight_on(2, 64)))
        gradients.append(torch.autograd.grad(pictures[-1].square().sum(), radii)[0])
    torch.testing.assert_close(pictures[0], pictures[1])
    torch.testing.assert_close(gradients[0], gradients[1])


def test_a_cone_fills_the_gap_between_its_spheres_and_a_slab_that_among_three() -> None:
    centres = torch.tensor([[[-0.4, -0.3, 0.0], [0.4, -0.3, 0.0], [0.0, 0.4, 0.0]]])
    radii = torch.full((1, 3), 0.05)
    cameras = straight_on(1, 64)
    spheres = sphere_silhouettes(centres, radii, cameras)[0]
    cone = primitive_silhouettes(centres, radii, torch.tensor([[0, 1]]), cameras)[0]
    slab = primitive_silhouettes(centres, radii, torch.tensor([[0, 1, 2]]), cameras)[0]
    row = round(32 - 0.3 * FOCAL * 64 / 2.732)
    assert spheres[row, 32] < 0.01 < 0.95 < cone[row, 32]
    assert cone[32, 32] < 0.01 < 0.95 < slab[32, 32]
    whole = medial_silhouettes(centres, radii, torch.tensor([[0, 1]]), torch.tensor([[0, 1, 2]]), cameras)[0]
    assert (whole >= torch.stack([spheres, cone, slab]).amax(0) - 1e-5).all()


def test_a_primitive_without_index_is_not_drawn() -> None:
    centres, radii = cloud(2, 4)
    edges = torch.tensor([[[0, 1], [2, 3]], [[0, 1], [-1, -1]]])
    cameras = straight_on(2, 32)
    pictures = primitive_silhouettes(centres, radii, edges, cameras)
    alone = primitive_silhouettes(centres[1:], radii[1:], edges[1:, :1], straight_on(1, 32))
    torch.testing.assert_close(pictures[1:], alone)


@pytest.mark.parametrize(
    "spoil",
    [lambda c, r: c.mul_(0).add_(torch.tensor([0, 0, -9.0])), lambda c, r: c.add_(50), lambda c, r: c.mul_(math.nan)],
)
def test_what_is_behind_the_camera_off_the_image_or_not_a_number_is_not_drawn(spoil) -> None:
    centres, radii = cloud(1, 5)
    spoil(centres, radii)
    assert sphere_silhouettes(centres, radii, straight_on(1, 32)).abs().max() == 0


@pytest.mark.parametrize("count", [1, 2, 3])
def test_gradients_are_those_of_finite_differences(count: int) -> None:
    centres, radii = cloud(2, 6, seed=7, dtype=torch.float64)
    corners = torch.arange(6).view(-1, count)
    camera = straight_on(2, 21, torch.float64)
    weights = torch.rand(2, 21, 21, dtype=torch.float64, generator=torch.Generator().manual_seed(1))

    def score(c: Tensor, r: Tensor, turn: Tensor, shift: Tensor, focal: Tensor) -> Tensor:
        view = Pinholes(camera.rotation + turn, camera.eye + shift, camera.focal * focal, camera.size)
        return (weights * primitive_silhouettes(c, r, corners, view, 0.7)).sum((1, 2))

    inputs = (
        centres,
        radii,
        torch.zeros(2, 3, 3, dtype=torch.float64),
        torch.zeros(2, 3, dtype=torch.float64),
        torch.ones(2, dtype=torch.float64),
    )
    assert torch.autograd.gradcheck(score, tuple(part.requires_grad_() for part in inputs), eps=1e-7, atol=1e-4)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_gradients_stay_finite_where_everything_coincides(count: int) -> None:
    centres = torch.zeros(1, 6, 3, requires_grad=True)
    radii = torch.full((1, 6), 0.1, requires_grad=True)
    # An odd image puts a pixel exactly on the centres.
    primitive_silhouettes(centres, radii, torch.arange(6).view(-1, count), straight_on(1, 33)).sum().backward()
    assert centres.grad is not None
    assert radii.grad is not None
    assert torch.isfinite(centres.grad).all()
    assert torch.isfinite(radii.grad).all()
    assert (radii.grad.view(-1, count).sum(1) > 0).all()


def test_half_precision_is_drawn_in_full() -> None:
    centres, radii = cloud(1, 20)
    coarse, small = centres.bfloat16(), radii.bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        picture = sphere_silhouettes(coarse, small, straight_on(1, 48))
    assert picture.dtype == torch.float32
    exact = sphere_silhouettes(coarse.float(), small.float(), straight_on(1, 48))
    torch.testing.assert_close(picture, exact)


def test_spheres_move_to_where_a_silhouette_is() -> None:
    target_centres, target_radii = cloud(1, 12, seed=3)
    cameras = straight_on(1, 64)
    wanted = sphere_silhouettes(target_centres, target_radii, cameras).detach()
    made = torch.Generator().manual_seed(5)
    centres = (target_centres + 0.03 * torch.randn(1, 12, 3, generator=made)).requires_grad_()
    radii = torch.full((1, 12), 0.05, requires_grad=True)
    optimiser = torch.optim.Adam([centres, radii], 0.01)
    losses = []
    for _ in range(150):
        drawn = sphere_silhouettes(centres, radii, cameras)
        loss = 1 - (drawn * wanted).sum() / (drawn + wanted - drawn * wanted).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
