"""What a rig must fulfil without any truth, and how failures are counted."""

from dataclasses import replace

import numpy as np
import pytest
import trimesh

from inference.anatomy import Armature, Mesh, SkinWeights
from training.metrics import soundness


def rod() -> Mesh:
    made = trimesh.creation.cylinder(0.1, 1.0, sections=32)
    return Mesh(np.array(made.vertices), np.array(made.faces, np.int32))


def chain(ends: list[float]) -> Armature:
    """Bones along z, one behind the other."""
    count = len(ends) - 1
    points = np.array([[0, 0, z] for z in ends], float)
    return Armature(
        tuple(f"bone.{k}" for k in range(count)),
        np.arange(-1, count - 1, dtype=np.int32),
        points[:-1],
        points[1:],
        np.zeros(count),
        np.ones(count, bool),
        np.ones(count),
        np.ones(count, bool),
        np.full((count, 2), 0.1),
    )


def skin(vertices: int) -> SkinWeights:
    return SkinWeights(np.tile(np.array([0, 1], np.int32), (vertices, 1)), np.full((vertices, 2), 0.5, np.float32))


def test_a_plain_rig_is_valid_and_one_without_weights_is_not() -> None:
    assert soundness.is_valid(chain([-0.4, 0, 0.4]), skin(10))
    assert not soundness.is_valid(chain([-0.4, 0, 0.4]), None)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"names": ("same", "same")},
        {"parents": np.array([-1, -1], np.int32)},
        {"parents": np.array([1, 0], np.int32)},
        {"tails": np.array([[0, 0, 0], [0, 0, 0.0]])},
        {"heads": np.array([[0, 0, np.nan], [0, 0, 0]])},
    ],
)
def test_a_rig_with_a_fault_is_not_valid(spoilt: dict[str, object]) -> None:
    assert not soundness.is_valid(replace(chain([-0.4, 0, 0.4]), **spoilt), skin(10))


def test_weights_must_sum_to_one_and_be_few() -> None:
    good = skin(10)
    assert not soundness.is_valid(chain([-0.4, 0, 0.4]), SkinWeights(good.bones, good.weights * np.float32(1.001)))
    assert not soundness.is_valid(chain([-0.4, 0, 0.4]), good, influences=1)


def test_every_asset_counts_in_the_failure_rate() -> None:
    found = soundness.tally([True, False, None, True])
    assert (found.assets, found.failed, found.failure_rate) == (4, 2, 0.5)
    assert soundness.tally([]).failure_rate == 0


def test_the_share_inside_is_a_share_of_length() -> None:
    # 0.5 of the bones' 0.8 lies in the rod, which ends at 0.5.
    assert soundness.share_inside(chain([0.0, 0.6, 0.8]), rod()) == pytest.approx(0.5 / 0.8, abs=0.01)


def test_bones_that_do_not_deform_do_not_count() -> None:
    armature = replace(chain([0.0, 0.4, 2.0]), deform=np.array([True, False]))
    assert soundness.share_inside(armature, rod()) == 1


def test_coverage_of_half_a_rod_is_about_half() -> None:
    side, cap = 2 * np.pi * 0.1, np.pi * 0.01
    # Up to 0.4 a bone reaches 0.066 = sqrt(0.12^2 - 0.1^2) farther, on the side, on the cap, and below its start.
    expected = (side * (0.4 + 2 * 0.0663) + np.pi * 0.0663**2) / (side + 2 * cap)
    assert soundness.bone_coverage(chain([0.0, 0.2, 0.4]), rod()) == pytest.approx(expected, abs=0.02)


def test_a_sphere_reaches_a_fifth_beyond_its_radius() -> None:
    # Around the middle of the rod: the side within sqrt(0.12^2 - 0.1^2) either way.
    side, cap = 2 * np.pi * 0.1, np.pi * 0.01
    found = soundness.envelope_coverage(np.zeros((1, 3)), np.array([0.1]), rod())
    assert found == pytest.approx(side * 2 * 0.0663 / (side + 2 * cap), abs=0.01)
