"""The benchmark of From View clicks through, and every click makes an armature."""

from tools.bench.images.view import PLACES, view


def test_every_click_makes_an_armature_with_limbs(blender: None) -> None:
    found = view(1)
    later, bones = found["later"], found["bones"]
    assert isinstance(later, list)
    assert isinstance(bones, list)
    assert len(later) == len(PLACES) - 1
    assert min(bones) > 8
