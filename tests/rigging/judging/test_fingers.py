"""The judge sees fingers that cross, that are there twice, and thumbs out of place."""

import numpy as np

from inference.rigging.judging.fingers import FingerBones, closest, crossings, thumb_astray


def hand() -> list[FingerBones]:
    """Four fingers side by side and a thumb."""

    def finger(place: int, x: float, length: float, base: float = 0.0) -> FingerBones:
        points = np.array([[x, base + length * step, 0.0] for step in (0.0, 0.4, 0.7, 1.0)])
        return FingerBones(place, points[0], points[-1], points)

    thumb = FingerBones(
        0, np.array([-1.0, -2.0, 0]), np.array([-2.6, 0.2, 0]), np.array([[-1.0, -2, 0], [-1.6, -1, 0], [-2.6, 0.2, 0]])
    )
    return [thumb, *(finger(place, float(place - 1), 3.0) for place in range(1, 5))]


def test_fingers_side_by_side_cross_nowhere() -> None:
    assert crossings(hand()) == 0
    assert closest(hand()) > 0.2
    assert thumb_astray(hand()) == 0


def test_two_fingers_whose_tips_change_places_cross() -> None:
    fingers = hand()
    one, other = fingers[2], fingers[3]
    fingers[2] = FingerBones(2, one.base, other.tip, np.concatenate([one.points[:1], other.points[1:]]))
    fingers[3] = FingerBones(3, other.base, one.tip, np.concatenate([other.points[:1], one.points[1:]]))
    assert crossings(fingers) >= 1


def test_a_finger_that_is_there_twice_is_on_top_of_the_other() -> None:
    fingers = hand()
    fingers[3] = FingerBones(3, fingers[2].base, fingers[2].tip, fingers[2].points)
    assert closest(fingers) < 1e-9


def test_a_thumb_at_the_ring_finger_is_astray() -> None:
    fingers = hand()
    points = fingers[3].points + np.array([0.1, -0.5, 0.0])
    fingers[0] = FingerBones(0, points[0], points[-1], points)
    assert thumb_astray(fingers) == 1
