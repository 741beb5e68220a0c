"""The networks of SkeletonNet, untrained and small: shapes, sizes, seams, neighbours, views, gradients."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from inference.networks.skeletonnet.field import FieldNet, FieldSize
from inference.networks.skeletonnet.graph import GraphLayer, GraphNet, GraphSize, in_pictures
from inference.networks.skeletonnet.inputs import LATTICE, SCALES
from inference.networks.skeletonnet.network import PlainNet, Size, SkeletonNet
from inference.networks.skeletonnet.points import PointDecoder, PointsSize, SkeletonReader
from inference.networks.skeletonnet.pose import PoseNet, PoseSize
from inference.networks.skeletonnet.volumes import MARGIN, Synthesis, VolumeSize

torch.set_num_threads(1)
POINTS = PointsSize(latent=32, lines=3, squares=2, along=5, across=3)
VOLUME = VolumeSize(latent=32, r=32, guide=16, width=4)
SMALL = Size(size=32, width=4, cells=1, points=POINTS, volume=VOLUME)
AROUND = SCALES * LATTICE**3


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def test_pictures_become_points_and_a_volume_and_every_part_learns() -> None:
    net = SkeletonNet(SMALL)
    k, v = net(torch.rand(2, 1, 4, 32, 32))
    assert k.shape == (2, 3 * 5 + 2 * 9, 3)
    assert v.shape == (2, 32, 32, 32)
    assert 0 <= v.min() < v.max() <= 1
    v.square().sum().backward()  # the volume's gradient reaches the picture through Point2Voxel alone or the guide
    parts = [net.encoder, net.points, net.volumes]
    for part in parts:
        assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in part.parameters())
    assert net.points.curves is not None
    assert net.points.curves.code.weight.grad is not None
    assert net.points.curves.code.weight.grad.abs().sum() > 0


def test_primitives_are_bent_without_tearing_and_come_in_order() -> None:
    decoder = PointDecoder(replace(POINTS, along=50))
    lines, squares, loose = decoder.primitives(torch.rand(2, 32))
    assert loose.shape[1] == 0
    step = (lines[:, :, 1:] - lines[:, :, :-1]).norm(dim=3)
    assert step.max() < 0.2
    k = decoder(torch.rand(2, 32))[0]
    assert k.shape[1] == 3 * 50 + 18
    assert squares.abs().max() < 0.5


@pytest.mark.parametrize(
    ("size", "count"),
    [
        (replace(POINTS, lines=0), 18),
        (replace(POINTS, squares=0), 15),
        (replace(POINTS, lines=0, squares=0, loose=40), 40),
        (replace(POINTS, shared=True), 33),
    ],
    ids=["squares", "lines", "loose", "shared"],
)
def test_other_ways_to_draw_points_to_compare_with(size: PointsSize, count: int) -> None:
    decoder = PointDecoder(size)
    assert decoder(torch.rand(2, 32))[0].shape == (2, count, 3)
    bent = [name for name, _ in decoder.named_parameters() if name.startswith("curves.")]
    assert bool(bent) == (bool(size.lines) and not size.shared)


def test_the_reader_does_not_mind_the_order_of_points() -> None:
    reader, points = SkeletonReader(32), torch.rand(1, 20, 3)
    assert torch.allclose(reader(points), reader(points[:, torch.randperm(20)]), atol=1e-6)


@pytest.mark.parametrize(("r", "guide", "parts"), [(64, 32, 2), (64, 16, 4), (128, 32, 4), (256, 64, 4)])
def test_volumes_of_every_resolution_come_from_the_same_code(r: int, guide: int, parts: int) -> None:
    net = Synthesis(VolumeSize(latent=8, r=r, guide=guide, parts=parts, width=2)).eval()
    with torch.no_grad():
        v = net(torch.rand(1, 8), torch.zeros(1, 1, r // 2, r // 2, r // 2))[0]
    assert v.shape == (1, r, r, r)


def test_what_every_subvolume_answers_alike_has_no_seams() -> None:
    size = replace(VOLUME, parts=2)
    net = Synthesis(size).eval()
    side = 2 * (size.part + 2 * MARGIN)
    ramp = torch.arange(32 + 4 * MARGIN, dtype=torch.float32) / 100  # a true answer: what it is depends on the place
    at = iter([(x, y, z) for x in range(2) for y in range(2) for z in range(2)])

    def told(x: torch.Tensor, beside: torch.Tensor | None = None) -> torch.Tensor:
        assert beside is None
        a, b, c = (slice(k * 2 * size.part, k * 2 * size.part + side) for k in next(at))
        return torch.logit(0.1 + ramp[a, None, None] / 2 + ramp[None, b, None] / 3 + ramp[None, None, c] / 5)[
            None, None
        ]

    net.local.forward = told
    with torch.no_grad():
        v = net(torch.rand(1, 32), torch.zeros(1, 1, 16, 16, 16))[0][0]
    inner = ramp[2 * MARGIN : -2 * MARGIN]
    true = 0.1 + inner[:, None, None] / 2 + inner[None, :, None] / 3 + inner[None, None, :] / 5
    assert torch.allclose(v, true, atol=1e-5)


def test_a_cut_and_its_truth_show_the_same_place() -> None:
    net = Synthesis(replace(VOLUME, guided=False))
    volume = torch.zeros(1, 32, 32, 32)
    volume[0, 20, 6, 30] = 1
    rough = torch.nn.functional.max_pool3d(volume[:, None], 2)
    cut = net.cut(net.seen(rough, None), (1, 0, 1))
    true = net.true_part(volume, (1, 0, 1))
    assert true.shape[-1] == 2 * cut.shape[-1]
    assert torch.equal(torch.nn.functional.max_pool3d(true, 2), cut)
    assert true.sum() == 1


def test_a_guide_reaches_every_subvolume_and_without_it_nothing_of_the_code_does() -> None:
    code, other, rough = torch.rand(1, 32), torch.rand(1, 32), torch.rand(1, 1, 16, 16, 16)
    guided, alone = Synthesis(VOLUME).eval(), Synthesis(replace(VOLUME, guided=False)).eval()
    with torch.no_grad():
        changed = (guided(code, rough)[0] != guided(other, rough)[0])[0].unflatten(0, (2, 16)).unflatten(2, (2, 16))
        assert changed.unflatten(4, (2, 16)).any(5).any(3).any(1).all()  # in each of the eight
        assert torch.equal(alone(code, rough)[0], alone(other, rough)[0])


def test_a_plain_network_draws_volumes_too() -> None:
    assert PlainNet(SMALL)(torch.rand(2, 1, 4, 32, 32)).shape == (2, 32, 32, 32)


@pytest.mark.parametrize("streams", ["whole aligned skeletal", "whole aligned", "whole", "aligned skeletal", "aligned"])
def test_a_field_listens_to_the_streams_it_has_and_to_no_other(streams: str) -> None:
    names = ("whole", "aligned", "skeletal")
    has = {name: name in streams for name in names}
    net = FieldNet(FieldSize(size=32, width=4, cells=1, latent=16, hidden=16, subvolume=4, **has)).eval()
    crops, points = torch.rand(1, 2, 4, 32, 32), torch.rand(1, 6, 3) - 0.5
    places, around = torch.rand(1, 2, 6, 2) - 0.5, torch.rand(1, 6, AROUND)
    code, maps = net.encoder(crops)
    assert maps.shape == (1, 2, 60, 8, 8)

    def told(code=code, places=places, around=around) -> torch.Tensor:
        return net.decoder(code, maps, points, places, around)[0]

    before = told()
    assert before.shape == (1, 6, 2)
    assert torch.equal(told(code=code + 1), before) != has["whole"]
    assert torch.equal(told(places=-places), before) != has["aligned"]
    assert torch.equal(told(around=1 - around), before) != has["skeletal"]


def test_more_views_are_pooled_and_their_order_does_not_matter() -> None:
    net = FieldNet(FieldSize(size=32, width=4, cells=1, latent=16, hidden=16, subvolume=4)).eval()
    crops, points, around = torch.rand(1, 3, 4, 32, 32), torch.rand(1, 5, 3) - 0.5, torch.rand(1, 5, AROUND)
    places = torch.rand(1, 3, 5, 2) * 2 - 1
    one = net(crops, points, places, around)
    other = net(crops.flip(1), points, places.flip(1), around)
    assert torch.allclose(one, other, atol=1e-5)
    again = net(crops[:, [0, 1, 2, 2]], points, places[:, [0, 1, 2, 2]], around)
    assert torch.allclose(one, again, atol=1e-5)
    assert not torch.allclose(one, net(crops[:, :1], points, places[:, :1], around), atol=1e-4)


def test_a_graph_layer_is_linear_in_itself_and_the_mean_of_its_neighbours() -> None:
    layer = GraphLayer(3, 4)
    f = torch.rand(1, 5, 3)
    near = torch.tensor([[[1, 2], [0, 0], [0, 3], [2, 4], [3, 3]]])
    share = torch.tensor([[[0.5, 0.5], [1, 0], [0.5, 0.5], [0.5, 0.5], [1, 0]]])
    told = layer(f, near, share)
    assert torch.allclose(told[0, 0], layer.own(f[0, 0]) + layer.others((f[0, 1] + f[0, 2]) / 2), atol=1e-6)
    two = layer(f.expand(2, -1, -1), near.expand(2, -1, -1), share.expand(2, -1, -1))
    assert torch.allclose(two[1], told[0])


def test_a_mesh_is_moved_by_what_its_camera_sees() -> None:
    net = GraphNet(GraphSize(size=32, width=4, cells=1, latent=16, hidden=16, layers=3)).eval()
    crops, vertices = torch.rand(1, 1, 4, 32, 32), (torch.rand(1, 7, 3) - 0.5)
    near, share = torch.randint(0, 7, (1, 7, 4)), torch.full((1, 7, 4), 0.25)
    camera = PoseNet(PoseSize(size=32, width=4, cells=1, latent=16)).eval()(crops[:, 0])[0][:, None]
    moved = net(crops, camera, vertices, near, share)
    assert moved.shape == (1, 7, 3)
    assert not torch.equal(moved, net(crops, camera * torch.tensor([-1, 1, 1])[:, None], vertices, near, share))
    order = torch.tensor([[3, 0, 1, 2, 4, 5, 6]])
    back = torch.argsort(order[0])
    turned = net(crops, camera, vertices[:, order[0]], back[near[:, order[0]]], share)
    assert torch.allclose(turned, moved[:, order[0]], atol=1e-5)


def test_a_camera_looks_at_the_middle_of_what_it_sees() -> None:
    net = PoseNet(PoseSize(size=32, width=4, cells=1, latent=16)).eval()
    camera = net(torch.rand(2, 4, 32, 32))[0]
    assert camera.shape == (2, 3, 4)
    assert torch.allclose(camera[:, 2, 3], torch.full((2,), 2.732))
    rotation, scale, shift = net.frames(torch.rand(2, 4, 32, 32))
    assert (scale > 0).all()
    assert shift.shape == (2, 2)
    assert in_pictures(camera[:, None], torch.zeros(2, 4, 3)).shape == (2, 1, 4, 2)
    assert torch.allclose(rotation @ rotation.transpose(1, 2), torch.eye(3).expand(2, 3, 3), atol=1e-5)
