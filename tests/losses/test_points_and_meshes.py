"""Losses of points and meshes: their values where they are known, and their gradients against finite differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import trimesh

from training.losses.meshes import edge_loss, normal_loss, on_surface
from training.losses.points import chamfer, line_laplacian, square_laplacian, weighted_chamfer
from training.metrics.clouds import chamfer_squared

torch.set_num_threads(1)


def drawn(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def ball() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    made = trimesh.creation.icosphere(subdivisions=2)
    parts = made.vertices, made.faces, made.edges_unique, made.face_adjacency
    vertices, triangles, edges, pairs = (torch.from_numpy(np.array(part))[None] for part in parts)
    return vertices, triangles, edges, pairs


def test_chamfer_is_the_metric() -> None:
    points, true = drawn(2, 30, 3), drawn(2, 40, 3) + 0.1
    for k in range(2):
        assert chamfer(points, true)[k].item() == pytest.approx(chamfer_squared(points[k].numpy(), true[k].numpy()))


def test_weights_of_one_change_nothing_and_heavier_points_count_more() -> None:
    points, true = drawn(1, 30, 3), drawn(1, 40, 3) + 0.1
    ones = torch.ones(1, 40, dtype=torch.float64)
    assert weighted_chamfer(points, true, ones) == pytest.approx(chamfer(points, true))
    assert weighted_chamfer(points, true, 5 * ones).item() == pytest.approx(5 * chamfer(points, true).item())
    heavy = ones.clone()
    heavy[0, 0] = 5
    moved = points.requires_grad_()
    (one,) = torch.autograd.grad(weighted_chamfer(moved, true, ones, 0.55).sum(), moved)
    (other,) = torch.autograd.grad(weighted_chamfer(moved, true, heavy, 0.55).sum(), moved)
    assert (one - other).abs().sum() > 0


def test_straight_lines_and_flat_squares_have_no_laplacian_but_at_their_ends() -> None:
    along = torch.linspace(0, 1, 5, dtype=torch.float64)
    line = torch.stack([along, 2 * along, -along], 1)[None, None]
    assert line_laplacian(line).item() == pytest.approx(2 * 6 * 0.25**2 / 5)  # each end is a step from its neighbour
    bent = line.clone()
    bent[0, 0, 2, 2] += 0.5
    assert line_laplacian(bent).item() > line_laplacian(line).item()
    grid = torch.stack(torch.meshgrid(along, along, indexing="ij"), -1).flatten(0, 1)
    square = torch.cat([grid, torch.zeros(25, 1, dtype=torch.float64)], 1)[None, None]
    raised = square.clone()
    raised[0, 0, 12, 2] += 0.4
    # The raised point is off by its height, the four beside it by a quarter of it.
    assert (square_laplacian(raised) - square_laplacian(square)).item() == pytest.approx((0.16 + 4 * 0.01) / 25)
    assert line_laplacian(line[:, :0]).tolist() == [0]


def test_points_on_a_surface_are_even_and_pull_its_corners() -> None:
    vertices, triangles, _, _ = ball()
    points = on_surface(vertices, triangles, 20_000)
    assert points.norm(dim=2).min() > 0.95
    assert points.mean(1).abs().max() < 0.02
    one = torch.tensor([[[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]], requires_grad=True)
    on_surface(one, torch.tensor([[[0, 1, 2], [0, 0, 0]]]), 3000).sum().backward()
    assert one.grad is not None
    assert one.grad[0].sum(0).tolist() == pytest.approx([3000] * 3, rel=1e-4)
    assert one.grad[0, :, 0].tolist() == pytest.approx([1000] * 3, rel=0.1)


def test_edges_and_normals_of_a_ball_and_what_is_padded_counts_nothing() -> None:
    vertices, triangles, edges, pairs = ball()
    length = (vertices[0, edges[0, :, 0]] - vertices[0, edges[0, :, 1]]).square().sum(1).mean()
    assert edge_loss(vertices, edges).item() == pytest.approx(length.item())
    padded = torch.cat([edges, torch.zeros(1, 7, 2, dtype=torch.long)], 1)
    assert edge_loss(vertices, padded).item() == pytest.approx(length.item())
    smooth = normal_loss(vertices, triangles, pairs)
    assert 0 < smooth.item() < 0.06
    more = torch.cat([pairs, torch.zeros(1, 7, 2, dtype=torch.long)], 1)
    assert normal_loss(vertices, triangles, more).item() == pytest.approx(smooth.item())
    rough = vertices * (1 + 0.1 * drawn(1, vertices.shape[1], 1))
    assert normal_loss(rough, triangles, pairs) > smooth


@pytest.mark.parametrize(
    "loss",
    [
        lambda x: chamfer(x, drawn(1, 9, 3) + 0.2),
        lambda x: weighted_chamfer(x, drawn(1, 9, 3) + 0.2, 1 + 4 * drawn(1, 9), 0.55),
        lambda x: line_laplacian(x[:, None]),
        lambda x: square_laplacian(x[:, None, :9]),
        lambda x: edge_loss(x, torch.tensor([[[0, 1], [1, 2], [3, 3]]])),
        lambda x: normal_loss(x, torch.tensor([[[0, 1, 2], [1, 3, 2], [4, 4, 4]]]), torch.tensor([[[0, 1], [2, 2]]])),
    ],
    ids=["chamfer", "weighted", "line", "square", "edges", "normals"],
)
def test_gradients_are_those_of_finite_differences(loss) -> None:
    points = (0.5 * drawn(1, 10, 3)).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: loss(x).sum(), points, eps=1e-7, atol=1e-5)
