"""Which volume a mesh stands for, and where that volume is continuous."""

from typing import cast

import igl
import numpy as np
import pytest
import trimesh
from scipy.spatial import KDTree

from inference.anatomy import Mesh, Solid
from inference.geometry.mesh.clean import clean_mesh
from inference.geometry.solid.graph import link_graph
from inference.geometry.solid.make import make_solid

create = trimesh.creation


def mesh_of(*shapes: trimesh.Trimesh) -> Mesh:
    """The shapes as one cleaned mesh in the unit frame."""
    whole = cast(trimesh.Trimesh, trimesh.util.concatenate(list(shapes)))
    vertices = np.asarray(whole.vertices, np.float64)
    low, high = vertices.min(0), vertices.max(0)
    unit = (vertices - (low + high) / 2) / (high - low).max()
    return clean_mesh(Mesh(unit, np.asarray(whole.faces, np.int32)))[0]


def box(size: tuple[float, float, float], at: tuple[float, float, float] = (0, 0, 0)) -> trimesh.Trimesh:
    return create.box(size).apply_translation(at)


def sheet() -> trimesh.Trimesh:
    x, y = np.meshgrid(np.linspace(0, 1, 20), np.linspace(0, 0.6, 12), indexing="ij")
    points = np.stack([x, y, 0.05 * np.sin(6 * x)], -1).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(19), np.arange(11), indexing="ij")
    corner = (i * 12 + j).ravel()
    quads = np.stack([corner, corner + 12, corner + 13, corner + 1], 1)
    return trimesh.Trimesh(points, np.vstack([quads[:, :3], quads[:, [0, 2, 3]]]), process=False)


def volume(solid: Solid) -> float:
    return float((~solid.thin).sum() * solid.spacing**3)


def pieces(solid: Solid) -> int:
    return int(solid.component.max()) + 1


def assert_covered(solid: Solid, mesh: Mesh, within: float = 1.6) -> None:
    shape = trimesh.Trimesh(mesh.vertices, mesh.triangles, process=False)
    samples = trimesh.sample.sample_surface(shape, 4000, seed=1)[0]
    distance = KDTree(solid.centres).query(np.vstack([samples, mesh.vertices]))[0]
    assert distance.max() < within * solid.spacing


def assert_well_formed(solid: Solid) -> None:
    order = np.lexsort((solid.cells[:, 2], solid.cells[:, 1], solid.cells[:, 0]))
    assert np.array_equal(order, np.arange(len(solid.cells)))
    assert (solid.cells >= 0).all()
    assert (solid.links[:, 0] < solid.links[:, 1]).all()
    step = np.abs(solid.cells[solid.links[:, 0]] - solid.cells[solid.links[:, 1]])
    assert (step.max(1) == 1).all()
    assert len(np.unique(solid.links, axis=0)) == len(solid.links)
    assert (solid.depth > 0).all()
    assert (np.diff(np.bincount(solid.component)) <= 0).all()


BALL = create.icosphere(4, 1.0)
BALL_VOLUME = float(BALL.volume) / 8


def flipped(share: float) -> trimesh.Trimesh:
    faces = np.array(BALL.faces)
    chosen = np.random.default_rng(3).random(len(faces)) < share
    faces[chosen] = faces[chosen][:, ::-1]
    return trimesh.Trimesh(BALL.vertices, faces, process=False)


def with_holes() -> trimesh.Trimesh:
    middle = BALL.triangles_center
    return trimesh.Trimesh(BALL.vertices, BALL.faces[(middle[:, 2] < 0.9) & (middle[:, 0] > -0.93)], process=False)


def doubled() -> trimesh.Trimesh:
    return trimesh.Trimesh(BALL.vertices, np.vstack([BALL.faces, BALL.faces[:, ::-1]]), process=False)


@pytest.mark.parametrize(
    "shape",
    [BALL, flipped(1.0), flipped(0.5), with_holes(), doubled()],
    ids=["closed", "flipped", "half flipped", "open", "drawn twice"],
)
def test_a_ball_is_full_however_badly_it_is_drawn(shape: trimesh.Trimesh):
    solid = make_solid(mesh_of(shape))
    assert_well_formed(solid)
    assert pieces(solid) == 1
    assert volume(solid) == pytest.approx(BALL_VOLUME, rel=0.04)


def test_one_flipped_limb_does_not_hollow_the_body():
    limb = create.capsule(2.0, 0.3).apply_translation([0.5, 0, 0])
    body = create.icosphere(3, 1.0)
    turned = limb.copy()
    turned.invert()
    right, wrong = make_solid(mesh_of(body, limb)), make_solid(mesh_of(body, turned))
    assert volume(wrong) == pytest.approx(volume(right), rel=1e-3)


def test_a_hollow_that_is_drawn_on_purpose_stays_hollow():
    inner = create.icosphere(3, 0.7)
    inner.invert()
    assert volume(make_solid(mesh_of(create.icosphere(4, 1.0), inner))) == pytest.approx(BALL_VOLUME * 0.657, rel=0.03)


def test_a_wall_inside_a_box_does_not_part_it():
    outer = create.box([2, 1, 1]).subdivide()
    wall = trimesh.Trimesh([[0, -0.5, -0.5], [0, 0.5, -0.5], [0, 0.5, 0.5], [0, -0.5, 0.5]], [[0, 1, 2], [0, 2, 3]])
    solid = make_solid(mesh_of(outer, wall))
    assert pieces(solid) == 1
    assert volume(solid) == pytest.approx(0.25, rel=0.03)


def test_touching_boxes_are_two_pieces():
    solid = make_solid(mesh_of(box((1, 1, 1)), box((1, 1, 1), (1, 0, 0))))
    assert pieces(solid) == 2
    assert_well_formed(solid)


def test_touching_boxes_of_different_size_are_two_pieces():
    assert pieces(make_solid(mesh_of(box((1, 1, 1)), box((0.6, 0.7, 0.8), (0.8, 0.05, 0))))) == 2


def test_legs_with_a_gap_far_below_a_cell_are_not_linked():
    hips = box((0.42, 0.2, 0.3), (0.1, 0, 0.6))
    legs = [box((0.2, 0.2, 1.0)), box((0.2, 0.2, 1.0), (0.202, 0, 0))]
    assert pieces(make_solid(mesh_of(*legs))) == 2
    solid = make_solid(mesh_of(*legs, hips))
    assert pieces(solid) == 1
    place = solid.centres * 1.25 + [0.1, 0, 0.125]  # back to the frame the boxes were given in
    one, other = place[solid.links[:, 0]], place[solid.links[:, 1]]
    low = (one[:, 2] < 0.4) & (other[:, 2] < 0.4)
    assert not (low & ((one[:, 0] < 0.1) != (other[:, 0] < 0.1))).any()


def test_overlapping_shells_are_one_piece():
    body = create.capsule(2.0, 0.5)
    middle, top = body.bounds.mean(0), body.bounds[1]
    shirt = create.cylinder(0.56, 1.2).apply_translation(middle)
    eye = create.icosphere(2, 0.15).apply_translation([0, -0.45, top[2] - 0.5])
    solid = make_solid(mesh_of(body, shirt, eye))
    assert pieces(solid) == 1
    assert volume(solid) > 0


def test_depth_is_the_distance_to_the_surface():
    for shape in (create.icosphere(5, 1.0), create.capsule(4.0, 0.3, count=[48, 48]), box((1, 0.5, 0.3))):
        mesh = mesh_of(shape)
        solid = make_solid(mesh)
        squared = igl.point_mesh_squared_distance(solid.centres, mesh.vertices, mesh.triangles.astype(np.int64))[0]
        error = np.abs(np.sqrt(np.asarray(squared)) - solid.depth) / solid.spacing
        assert np.percentile(error, 99.5) < 0.15


def test_walls_buried_in_the_shape_do_not_make_it_shallow():
    ball = create.icosphere(4, 1.0)
    solid = make_solid(mesh_of(ball, create.icosphere(2, 0.2)))
    assert solid.depth.max() == pytest.approx(0.5, rel=0.03)


def test_a_sheet_becomes_one_thin_piece():
    mesh = mesh_of(sheet())
    solid = make_solid(mesh)
    assert_well_formed(solid)
    assert_covered(solid, mesh)
    assert solid.thin.all()
    assert pieces(solid) == 1


def test_a_needle_and_a_single_triangle_become_one_thin_piece():
    triangle = trimesh.Trimesh([[0, 0, 0], [1, 0, 0.1], [0.2, 0.7, 0.3]], [[0, 1, 2]], process=False)
    for shape in (box((1, 0.001, 0.001)), triangle):
        solid = make_solid(mesh_of(shape))
        assert_covered(solid, mesh_of(shape))
        assert solid.thin.all()
        assert pieces(solid) == 1


def test_a_fin_hangs_on_the_body_it_grows_from_and_not_on_the_limb_beside_it():
    body, other = box((0.4, 0.4, 1.0)), box((0.4, 0.4, 1.0), (1.0, 0, 0))
    fin = box((0.39, 0.001, 0.5), (0.38, 0, 0))
    solid = make_solid(mesh_of(body, fin, other))
    assert solid.thin.any()
    assert pieces(solid) == 2
    assert np.unique(solid.component[solid.thin]).size == 1


def test_every_one_of_two_hundred_scattered_pieces_is_kept():
    places = np.random.default_rng(5).permutation(1000)[:200]
    grid = np.stack([places // 100, places // 10 % 10, places % 10], 1)
    mesh = mesh_of(*[create.icosphere(1, 0.3).apply_translation(p) for p in grid])
    solid = make_solid(mesh)
    assert pieces(solid) == 200
    assert_covered(solid, mesh, 2.0)


def test_a_symmetric_solid_is_its_own_mirror_image_in_every_bit():
    limb = create.capsule(1.0, 0.12, count=[16, 16]).apply_translation([0.4, 0.1, -1.2])
    whole = [create.icosphere(3, 0.6), limb, limb.copy().apply_scale([-1, 1, 1]), box((1.9, 0.001, 0.3), (0, 0.5, 0))]
    solid = make_solid(mesh_of(*whole), symmetric=True)
    assert_well_formed(solid)
    width = round(-2 * solid.origin[0] / solid.spacing)
    image = solid.cells * [-1, 1, 1] + [width, 0, 0]
    lookup = {tuple(cell): k for k, cell in enumerate(solid.cells.tolist())}
    partner = np.array([lookup[tuple(cell)] for cell in image.tolist()])
    assert np.array_equal(solid.centres[partner], solid.centres * [-1, 1, 1])
    assert np.array_equal(solid.depth[partner], solid.depth)
    assert np.array_equal(solid.thin[partner], solid.thin)
    graph = link_graph(solid)
    assert abs(graph[partner][:, partner] - graph).nnz == 0


def test_halves_that_touch_in_the_plane_of_symmetry_stay_apart():
    halves = mesh_of(box((0.5, 1, 1), (0.25, 0, 0)), box((0.5, 1, 1), (-0.25, 0, 0)))
    assert pieces(make_solid(halves, symmetric=True)) == 2


def test_a_symmetric_solid_keeps_what_hangs_on_one_side_only():
    body = box((0.4, 0.3, 1.0))
    mesh = mesh_of(body, box((0.3, 0.05, 0.05), (0.3, 0, 0.2)))
    low, high = mesh.vertices[mesh.vertices[:, 2].argsort()[[0, -1]], 0]
    shifted = Mesh(mesh.vertices - [(low + high) / 2, 0, 0], mesh.triangles)
    assert_covered(make_solid(shifted, symmetric=True), shifted)


def test_the_same_mesh_gives_the_same_bytes():
    mesh = mesh_of(create.torus(0.7, 0.2), sheet())
    one, other = make_solid(mesh), make_solid(mesh)
    assert one.depth.tobytes() == other.depth.tobytes()
    assert one.links.tobytes() == other.links.tobytes()


def test_bulky_and_slender_shapes_get_a_like_number_of_cells():
    for shape in (box((1, 1, 1)), create.capsule(4.0, 0.3), create.torus(0.7, 0.1)):
        assert 20_000 < len(make_solid(mesh_of(shape)).cells) < 62_000
