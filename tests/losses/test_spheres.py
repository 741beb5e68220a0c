import torch

from training.losses.spheres import (
    attention_loss,
    gap_variance_loss,
    iou_loss,
    near_radius_loss,
    neighbours,
    outside_loss,
    repulsion_loss,
    split,
    two_edges,
)

# Three spheres in a row and one far away: nearest distances 1, 1, 2 and 10.
ROW = torch.tensor([[[0.0, 0, 0], [1, 0, 0], [3, 0, 0], [13, 0, 0]]])
RADII = torch.tensor([[0.1, 0.3, 0.6, 1.0]])


def test_fine_and_coarse_are_complementary_and_coarse_is_what_a_patch_fills():
    picture = torch.zeros(1, 12, 12)
    picture[0, 2:9, 2:9] = 1  # a square of seven ...
    picture[0, 10, :] = 1  # ... and a line
    fine, coarse = split(picture, 3)
    assert torch.equal(fine + coarse, picture)
    expected = torch.zeros(12, 12)
    expected[2:9, 2:9] = 1
    assert torch.equal(coarse[0], expected)
    assert torch.equal(split(picture, 9)[0], picture)


def test_outside_is_how_far_centres_lie_beside_the_silhouette_and_it_draws_them_back():
    across = (torch.arange(8) + 0.5) / 8
    signed = (across - 0.5).expand(1, 8, 8)  # the left half is inside
    places = torch.tensor([[[-0.5, 0.0], [0.3, 0.0], [0.5, 0.5], [1.6, 0.0]]], requires_grad=True)
    loss = outside_loss(places, signed)
    torch.testing.assert_close(loss, torch.tensor([(0.0 + 0.15 + 0.25 + (0.4375 + 0.3)) / 4]))
    loss.sum().backward()
    assert places.grad is not None
    torch.testing.assert_close(places.grad[0, :, 0], torch.tensor([0.0, 0.125, 0.125, 0.125]))
    torch.testing.assert_close(places.grad[0, :, 1], torch.zeros(4))


def test_iou_loss_is_one_minus_intersection_over_union():
    one, other = torch.zeros(2, 4, 4), torch.zeros(2, 4, 4)
    one[0, :2], other[0, 1:3] = 1, 1  # two rows each, one in common: 4 / 12
    other[1, 0, 0] = 1
    torch.testing.assert_close(iou_loss(one, other), torch.tensor([1 - 4 / 12, 1.0]))


def test_attention_sees_only_what_is_fine():
    fine = torch.zeros(1, 4, 4)
    fine[0, 0] = 1
    drawn = torch.ones(1, 4, 4)
    torch.testing.assert_close(attention_loss(drawn, fine), torch.zeros(1))
    drawn[0, 0, :2] = 0
    torch.testing.assert_close(attention_loss(drawn, fine), torch.tensor([0.5]))


def test_near_radius_loss_is_the_mean_difference_to_the_nearest_spheres_radius():
    torch.testing.assert_close(near_radius_loss(RADII, neighbours(ROW)), torch.tensor([(0.2 + 0.2 + 0.3 + 0.4) / 4]))


def test_repulsion_is_the_mean_inverse_cube_of_the_nearest_distance():
    torch.testing.assert_close(repulsion_loss(neighbours(ROW)), torch.tensor([(1 + 1 + 1 / 8 + 1 / 1000) / 4]))


def test_spheres_in_one_place_are_pushed_apart_by_a_finite_number():
    together = torch.zeros(1, 3, 3, requires_grad=True)
    loss = repulsion_loss(neighbours(together)).sum()
    loss.backward()
    assert torch.isfinite(loss)
    assert together.grad is not None
    assert torch.isfinite(together.grad).all()


def test_gap_variance_is_that_of_the_smallest_gap_to_any_near_sphere():
    gaps = torch.tensor([0.6, 0.6, 1.1, 8.4])  # 1 - 0.4, the same back, 2 - 0.9, 10 - 1.6
    torch.testing.assert_close(gap_variance_loss(RADII, neighbours(ROW)), gaps.var(correction=0)[None])


def test_neighbours_come_nearest_first_and_are_never_the_sphere_itself():
    near = neighbours(ROW, 2)
    assert near.which[0].tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]
    torch.testing.assert_close(near.distance[0, 3], torch.tensor([10.0, 12.0]))


def test_each_cone_is_there_once_and_long_ones_are_left_out():
    edges = two_edges(ROW, 2.5)[0].tolist()
    drawn = sorted(tuple(edge) for edge in edges if edge[0] >= 0)
    # 0-1 once though both are nearest to each other; 1-2; 0-2 is too long; the last sphere stands alone.
    assert drawn == [(0, 1), (1, 2), (3, 3)]


def test_every_loss_moves_centres_and_radii():
    random = torch.Generator().manual_seed(0)
    centres = torch.randn(2, 20, 3, generator=random, requires_grad=True)
    radii = torch.rand(2, 20, generator=random, requires_grad=True)
    near = neighbours(centres)
    (near_radius_loss(radii, near) + gap_variance_loss(radii, near) + repulsion_loss(near)).sum().backward()
    for moved in (centres, radii):
        assert moved.grad is not None
        assert (moved.grad.abs() > 0).float().mean() > 0.5
