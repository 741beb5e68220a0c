import numpy as np
import torch

from inference.anatomy import Crop
from inference.images.camera import DISTANCE
from training.rendering.cameras import Camera, project, stack
from training.rendering.crop_frames import Frames, frame_of, into_crops, mirrored, on_the_crop, out_of_crops

CAMERAS = [Camera(40.0, 30.0, 200), Camera(310.0, -10.0, 200)]
CROPS = [Crop(90.0, 120.0, 150.0, 200, 200), Crop(100.0, 100.0, 260.0, 200, 200)]


def frames() -> Frames[np.ndarray]:
    found = [frame_of(camera, crop) for camera, crop in zip(CAMERAS, CROPS, strict=True)]
    return Frames(*(np.array(part) for part in zip(*found, strict=True)))


def spheres() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return random.uniform(-0.4, 0.4, (2, 30, 3)), random.uniform(0.01, 0.2, (2, 30))


def test_there_and_back_again_is_where_it_began():
    centres, radii = spheres()
    again = out_of_crops(*into_crops(centres, radii, frames()), frames())
    np.testing.assert_allclose(again[0], centres, atol=1e-12)
    np.testing.assert_allclose(again[1], radii, atol=1e-12)


def test_a_sphere_is_seen_at_the_same_place_of_the_crop_and_as_large():
    centres, radii = spheres()
    pixels, depth = project(centres, stack(CAMERAS))
    seen, seen_radii = into_crops(centres, radii, frames())
    straight = stack([Camera(0.0, 0.0, 64)] * 2)
    found, found_depth = project(seen, straight)
    for place, (camera, crop) in enumerate(zip(CAMERAS, CROPS, strict=True)):
        expected = (pixels[place] - (crop.x, crop.y)) * 64 / crop.size + 32
        np.testing.assert_allclose(found[place], expected, atol=1e-9)
        large = radii[place] / depth[place] * camera.focal * 64 / crop.size
        np.testing.assert_allclose(seen_radii[place] / found_depth[place] * straight.focal[place], large, atol=1e-9)


def test_places_on_the_crop_are_those_that_a_camera_projects_to():
    centres = spheres()[0]
    before = centres.copy()
    places = on_the_crop(centres)
    pixels, _ = project(centres, stack([Camera(0.0, 0.0, 64)] * 2))
    np.testing.assert_allclose(places, pixels / 32 - 1, atol=1e-9)
    np.testing.assert_array_equal(centres, before)


def test_the_crop_of_a_whole_picture_is_what_its_camera_sees():
    camera = Camera(0.0, 0.0, 100)
    rotation, scale, shift = frame_of(camera, Crop(50.0, 50.0, 100.0, 100, 100))
    whole = Frames(rotation[None], np.array([scale]), shift[None])
    centres, radii = spheres()
    found = into_crops(centres[:1], radii[:1], whole)
    np.testing.assert_allclose(found[0], centres[:1], atol=1e-12)
    assert camera.eye[1] == -DISTANCE


def test_a_mirrored_view_sees_the_mirrored_shape():
    centres, radii = spheres()
    other = mirrored(frames(), np.array([-1.0, 1.0]))
    np.testing.assert_allclose(np.linalg.det(other.rotation), 1.0)
    flipped = centres * 1
    flipped[0, :, 0] *= -1
    found = into_crops(flipped, radii, other)[0]
    plain = into_crops(centres, radii, frames())[0]
    np.testing.assert_allclose(found[1], plain[1], atol=1e-12)
    np.testing.assert_allclose(found[0] * (-1, 1, 1), plain[0], atol=1e-12)


def test_tensors_go_the_same_way():
    centres, radii = spheres()
    there = frames()
    tensors = Frames(*(torch.from_numpy(part) for part in (there.rotation, there.scale, there.shift)))
    found = into_crops(torch.from_numpy(centres), torch.from_numpy(radii), tensors)
    np.testing.assert_allclose(found[0].numpy(), into_crops(centres, radii, there)[0], atol=1e-12)
    back = out_of_crops(*found, tensors)
    np.testing.assert_allclose(back[1].numpy(), radii, atol=1e-12)
