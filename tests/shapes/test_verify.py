"""A shape that is not what it claims is found out."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from inference.anatomy import Armature, MedialSpheres, Mesh, SkinWeights
from tools.verify_shapes import Found, record
from training.shapes.families import FAMILIES, GROUPS, chosen
from training.shapes.shape import Curve, KnownRig, KnownShape
from training.shapes.verify import digest, faults


@pytest.fixture(scope="module")
def sound() -> KnownShape:
    return FAMILIES["aorta"](3)


def rigged(shape: KnownShape, share: float = 1.0, *, deform: bool = True) -> KnownShape:
    """Two bones in a row; every vertex hangs on the first by `share`."""
    armature = Armature(
        names=("root", "tip"),
        parents=np.array([-1, 0], np.int32),
        heads=np.array([[0, 0, -0.4], [0, 0, 0.0]]),
        tails=np.array([[0, 0, 0.0], [0, 0, 0.4]]),
        rolls=np.zeros(2),
        connected=np.array([False, True]),
        confidence=np.ones(2),
        deform=np.array([deform, True]),
        radii=np.full((2, 2), 0.05),
    )
    count = len(shape.mesh.vertices)
    skin = SkinWeights(np.zeros((count, 1), np.int32), np.full((count, 1), share, np.float32))
    return replace(shape, rig=KnownRig(armature, skin))


def test_a_sound_shape_has_no_faults(sound: KnownShape) -> None:
    assert faults(sound) == {}
    assert faults(rigged(sound)) == {}


def test_a_hole_is_found(sound: KnownShape) -> None:
    assert "watertight" in faults(replace(sound, mesh=Mesh(sound.mesh.vertices, sound.mesh.triangles[:-1])))


def test_a_triangle_turned_the_wrong_way_is_found(sound: KnownShape) -> None:
    triangles = sound.mesh.triangles.copy()
    triangles[5] = triangles[5, ::-1]
    assert "watertight" in faults(replace(sound, mesh=Mesh(sound.mesh.vertices, triangles)))


def test_a_surface_turned_inside_out_is_found(sound: KnownShape) -> None:
    inverted = Mesh(sound.mesh.vertices, np.ascontiguousarray(sound.mesh.triangles[:, ::-1]))
    assert "outward" in faults(replace(sound, mesh=inverted))


def test_a_handle_too_many_is_found(sound: KnownShape) -> None:
    assert faults(replace(sound, genus=1)) == {"genus": "0 handles, not 1"}


@pytest.mark.parametrize("change", [1.2, 0.8])
def test_a_sphere_that_ends_before_or_beyond_the_surface_is_found(sound: KnownShape, change: float) -> None:
    radii = sound.spheres.radii.copy()
    radii[int(radii.argmax())] *= change
    wrong = MedialSpheres(sound.spheres.centres, radii, sound.spheres.sheet)
    assert list(faults(replace(sound, spheres=wrong))) == ["spheres touch"]


def test_a_sphere_outside_is_found(sound: KnownShape) -> None:
    centres = sound.spheres.centres.copy()
    centres[0] = [0.4, 0.45, -0.45]
    wrong = MedialSpheres(centres, sound.spheres.radii, sound.spheres.sheet)
    assert "spheres inside" in faults(replace(sound, spheres=wrong))


def test_a_line_that_leaves_the_shape_is_found(sound: KnownShape) -> None:
    astray = Curve(np.array([[0, 0, 0], [0.4, 0.45, -0.45]]), np.full(2, 0.01))
    assert list(faults(replace(sound, curves=(*sound.curves, astray)))) == ["skeleton inside"]


def test_a_shape_off_its_frame_is_found(sound: KnownShape) -> None:
    moved = Mesh(sound.mesh.vertices + 0.01, sound.mesh.triangles)
    assert "frame" in faults(replace(sound, mesh=moved))


def test_numbers_that_are_none_are_found(sound: KnownShape) -> None:
    radii = sound.spheres.radii * np.nan
    wrong = MedialSpheres(sound.spheres.centres, radii, sound.spheres.sheet)
    assert list(faults(replace(sound, spheres=wrong))) == ["arrays"]


def test_weights_that_do_not_sum_to_one_are_found(sound: KnownShape) -> None:
    assert list(faults(rigged(sound, share=0.9))) == ["weights"]


def test_weights_of_a_bone_that_does_not_deform_are_found(sound: KnownShape) -> None:
    assert list(faults(rigged(sound, deform=False))) == ["weights"]


def test_an_armature_with_two_roots_is_found(sound: KnownShape) -> None:
    shape = rigged(sound)
    assert shape.rig is not None
    loose = replace(shape.rig.armature, parents=np.array([-1, -1], np.int32))
    assert faults(replace(shape, rig=replace(shape.rig, armature=loose))) == {"armature": "2 roots"}


def test_the_fingerprint_tells_the_smallest_change(sound: KnownShape) -> None:
    vertices = sound.mesh.vertices.copy()
    vertices[7, 1] = np.nextafter(vertices[7, 1], 1)
    assert digest(sound) != digest(replace(sound, mesh=Mesh(vertices, sound.mesh.triangles)))


@pytest.mark.parametrize(("family", "seed"), [("monitor", 193), ("quadruped", 269), ("insect", 581)])
def test_what_a_thousand_seeds_found_wrong_stays_right(family: str, seed: int) -> None:
    """A frame in one plane with its case, a trunk folded onto itself, a ball outside a sharp bend."""
    assert faults(FAMILIES[family](seed)) == {}


def test_what_failed_can_be_written_down() -> None:
    found = Found("chair", shapes=2, seconds=0.5)
    found.add("genus", 7, "1 handles, not 0")
    kept = json.loads(json.dumps(record(found)))
    assert kept["failures"] == {"genus": 1}
    assert kept["examples"] == {"genus": "seed 7: 1 handles, not 0"}
    assert kept["shapes_per_second"] == 4


def test_families_are_chosen_by_name_or_group_and_an_unknown_one_is_told() -> None:
    assert chosen(["vessel-tree", "plants"]) == ["vessel tree", *GROUPS["plants"]]
    assert chosen([]) == list(FAMILIES)
    with pytest.raises(SystemExit, match="no family or group 'unicorn'"):
        chosen(["unicorn"])


def test_no_two_groups_share_a_name() -> None:
    assert sum(len(group) for group in GROUPS.values()) == len(FAMILIES)
