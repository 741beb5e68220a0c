"""Points of curves and sheets from meshes whose skeleton is known."""

import numpy as np
import pytest
import trimesh

from inference.anatomy import Mesh
from training.datasets.builders.known import skeleton_of
from training.datasets.builders.meso_skeleton import meso_skeleton
from training.datasets.store.records import SkeletonPoints
from training.shapes.shape import Curve, KnownShape, Sheet
from training.shapes.topology import known_solids

SOLIDS = {solid.name: solid for solid in known_solids(64)}


def mesh_of(drawn: trimesh.Trimesh) -> Mesh:
    return Mesh(np.asarray(drawn.vertices, float), np.asarray(drawn.faces, np.int32))


def box(x: float, y: float, z: float) -> Mesh:
    return mesh_of(trimesh.creation.box((x, y, z)))


@pytest.mark.parametrize("name", ["stick", "torus", "thin torus", "chain of three links", "trefoil knot", "ladder"])
def test_tubes_are_curves_even_where_they_meet_bend_or_pass_close(name: str) -> None:
    assert meso_skeleton(SOLIDS[name].mesh, 2000).sheet.mean() < 0.1


@pytest.mark.parametrize("size", [(1, 0.05, 0.05), (0.08, 0.1, 1)])
def test_bars_are_curves(size: tuple[float, float, float]) -> None:
    assert meso_skeleton(box(*size), 2000).sheet.mean() < 0.02


@pytest.mark.parametrize("size", [(1, 0.1, 0.02), (1, 1, 0.1)])
def test_slabs_at_least_five_times_as_wide_as_thick_are_sheets(size: tuple[float, float, float]) -> None:
    assert meso_skeleton(box(*size), 2000).sheet.mean() > 0.88


def test_a_shell_is_a_sheet() -> None:
    assert meso_skeleton(SOLIDS["hollow ball"].mesh, 2000).sheet.mean() > 0.98


def table() -> Mesh:
    top = trimesh.creation.box((1, 0.6, 0.04))
    legs = [trimesh.creation.box((0.05, 0.05, 0.6)) for _ in range(4)]
    for leg, (x, y) in zip(legs, [(-0.45, -0.25), (0.45, -0.25), (-0.45, 0.25), (0.45, 0.25)], strict=True):
        leg.apply_translation((x, y, -0.3))
    return mesh_of(trimesh.boolean.union([top, *legs], engine="manifold"))


def test_a_table_has_a_sheet_for_its_top_and_curves_for_its_legs() -> None:
    found = meso_skeleton(table())
    leg = found.points[:, 2] < -0.06
    assert found.sheet[leg].mean() < 0.05
    assert found.sheet[~leg].mean() > 0.95
    axes = np.array([[x, y] for x in (-0.45, 0.45) for y in (-0.25, 0.25)])
    apart = np.abs(found.points[leg, None, :2] - axes).max(2).min(1)
    assert np.percentile(apart, 95) < 0.006
    assert np.percentile(np.abs(found.points[~leg & found.sheet, 2]), 95) < 0.006
    assert found.radii[found.sheet] == pytest.approx(0.02, abs=0.006)
    # As much of the skeleton as of the surface.
    assert leg.mean() == pytest.approx(0.48 / (2 * 0.6 + 0.128 + 0.48), abs=0.05)


def test_points_lie_on_the_axis_of_a_tube_in_the_frame_of_the_mesh() -> None:
    drawn = trimesh.creation.cylinder(3, 40, sections=64)
    drawn.apply_translation((100, -50, 7))
    found = meso_skeleton(mesh_of(drawn), 1000)
    assert np.linalg.norm(found.points[:, :2] - [100, -50], axis=1).max() < 0.3
    assert np.ptp(found.points[:, 2]) > 30
    assert found.radii == pytest.approx(3, abs=0.3)


def test_the_same_mesh_gives_the_same_points() -> None:
    first, second = (meso_skeleton(SOLIDS["ladder"].mesh, 500) for _ in range(2))
    assert all(np.array_equal(getattr(first, k), getattr(second, k)) for k in ("points", "radii", "sheet"))


def test_the_skeleton_a_generator_knows_is_drawn_by_its_surface() -> None:
    line = Curve(np.array([[0, 0, 0], [0, 0, 0.5], [0, 0, 1.0]]), np.array([0.1, 0.1, 0.1]))
    grid = np.stack(np.meshgrid([0, 0.5, 1.0], [0, 0.3], indexing="ij"), -1)
    plate = Sheet(np.concatenate([grid, np.ones((3, 2, 1))], 2), np.full((3, 2), 0.02))
    mesh = box(1, 1, 1)
    spheres = SkeletonPoints(np.zeros((0, 3)), np.zeros(0), np.zeros(0, bool))
    shape = KnownShape("t", 3, mesh, watertight=True, genus=0, curves=(line,), sheets=(plate,), spheres=spheres)  # pyright: ignore[reportArgumentType]
    found = skeleton_of(shape, 4000)
    share = 2 * 0.3 / (2 * 0.3 + 2 * np.pi * 0.1)
    assert found.sheet.mean() == pytest.approx(share, abs=0.01)
    assert np.allclose(found.points[found.sheet, 2], 1)
    assert np.allclose(found.points[~found.sheet, :2], 0)
    assert np.allclose(found.radii, np.where(found.sheet, 0.02, 0.1))
    assert found.points[found.sheet].mean(0) == pytest.approx([0.5, 0.15, 1], abs=0.02)
