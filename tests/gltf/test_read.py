"""Every way that glTF stores a mesh is read; what cannot be read, or would lead elsewhere, is refused by name."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inference.anatomy import Mesh
from inference.errors import FileError, NeedsBlenderError
from inference.gltf.read import parse_asset, read_asset
from inference.gltf.scene import read_scene
from tests.gltf.documents import Builder, creature, plain, shown_points
from tests.gltf.rigs import rigged

POINTS, CORNERS = creature(20)
BARE = {"type": "VEC3", "componentType": 5126}  # an accessor without a buffer view: all zeros
Z_UP = np.stack([POINTS[:, 0], -POINTS[:, 2], POINTS[:, 1]], 1)


def read(made: Builder) -> Mesh:
    return read_scene(parse_asset(made.glb(), "fox.glb", Path("/nowhere"))).mesh


def corners_of(mesh: Mesh) -> np.ndarray:
    """The triangles as points, (F, 3, 3)."""
    return mesh.vertices[mesh.triangles]


def test_vertices_come_in_their_order_with_z_up() -> None:
    mesh = read(plain(POINTS, CORNERS))
    np.testing.assert_allclose(mesh.vertices, Z_UP, atol=1e-6)
    np.testing.assert_array_equal(mesh.triangles, CORNERS)


def test_a_mirrored_node_turns_the_triangles_so_that_they_look_outwards() -> None:
    mesh = read(plain(POINTS, CORNERS, scale=[-1, 1, 1]))
    np.testing.assert_allclose(mesh.vertices, Z_UP * [-1, 1, 1], atol=1e-6)
    np.testing.assert_array_equal(mesh.triangles, CORNERS[:, ::-1])


def test_quantised_positions_are_read_through_the_scale_of_their_node() -> None:
    low, size = POINTS.min(0), np.ptp(POINTS, axis=0).max()
    stored = np.round((POINTS - low) / size * 32767).astype("<i2")
    made = plain(POINTS, CORNERS, translation=low.tolist(), scale=[size] * 3)
    made.document["extensionsUsed"] = made.document["extensionsRequired"] = ["KHR_mesh_quantization"]
    primitive = made.document["meshes"][0]["primitives"][0]
    primitive["attributes"]["POSITION"] = made.accessor(stored, "VEC3", normalized=True)
    np.testing.assert_allclose(read(made).vertices, Z_UP, atol=size / 32767)


def test_sparse_accessors_replace_some_elements() -> None:
    flat = POINTS.copy()
    moved = np.flatnonzero(POINTS[:, 1] > np.median(POINTS[:, 1]))
    flat[moved] = 0
    made = plain(flat, CORNERS)
    indices, values = made.view(moved.astype("<u2").tobytes()), made.view(POINTS[moved].astype("<f4").tobytes())
    made.document["accessors"][0]["sparse"] = {
        "count": len(moved),
        "indices": {"bufferView": indices, "componentType": 5123},
        "values": {"bufferView": values},
    }
    np.testing.assert_allclose(read(made).vertices, Z_UP, atol=1e-6)


def test_strips_fans_and_bare_corners_are_triangles_too() -> None:
    square = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 2, 0]], float)
    drawn = {
        5: [[0, 1, 2], [2, 1, 3], [2, 3, 4]],
        6: [[0, 1, 2], [0, 2, 3], [0, 3, 4]],
        4: [[0, 1, 2]],
    }
    for mode, corners in drawn.items():
        made = plain(square, CORNERS[:1])
        primitive = made.document["meshes"][0]["primitives"][0]
        primitive.update(mode=mode)
        del primitive["indices"]
        turned = np.stack([square[:, 0], -square[:, 2], square[:, 1]], 1)
        np.testing.assert_allclose(corners_of(read(made)), turned[np.array(corners)])


def test_only_the_scene_that_opens_is_read_and_hidden_nodes_are_not() -> None:
    made = plain(POINTS, CORNERS)
    made.add("nodes", {"mesh": 0, "extensions": {"KHR_node_visibility": {"visible": False}}})
    made.add("nodes", {"mesh": 0})
    made.document["scenes"] = [{"nodes": [2]}, {"nodes": [0, 1]}]
    made.document["scene"] = 1
    assert len(read(made).triangles) == len(CORNERS)


@pytest.mark.parametrize("kept", ["beside", "in a folder with blanks", "inside"])
def test_a_buffer_may_lie_beside_the_file_or_in_it(tmp_path: Path, kept: str) -> None:
    made = plain(POINTS, CORNERS)
    content = bytes(made.binary)
    uri = {"beside": "fox.bin", "inside": "data:application/octet-stream;base64," + base64.b64encode(content).decode()}
    if kept.startswith("in a"):
        (tmp_path / "a b").mkdir()
    name = uri.get(kept, "a%20b/fox.bin")
    if kept != "inside":
        (tmp_path / name.replace("%20", " ")).write_bytes(content)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG and so on")
    made.add("images", {"uri": "picture.png", "name": "fur"})
    source, target = tmp_path / "fox.gltf", tmp_path / "rigged.glb"
    source.write_text(made.gltf(name), encoding="utf-8")
    rigged(source, target)
    asset = read_asset(target)
    assert asset.buffers[0] is not None
    assert asset.buffers[0].startswith(content)
    view = asset.document["bufferViews"][asset.document["images"][0]["bufferView"]]
    assert asset.buffers[0][view["byteOffset"] :].startswith(b"\x89PNG and so on")
    drawn = shown_points(asset.document, asset.buffers[0])
    np.testing.assert_allclose(drawn, POINTS, atol=1e-5)


@pytest.mark.parametrize(
    "uri", ["../secret.bin", "/etc/passwd", "http://x.invalid/a.bin", "file:///etc/passwd", "%2e%2e/s", "link"]
)
def test_nothing_outside_of_the_folder_is_ever_opened(tmp_path: Path, uri: str) -> None:
    folder = tmp_path / "asset"
    folder.mkdir()
    made = plain(POINTS, CORNERS)
    for name in ("secret.bin", "s"):
        (tmp_path / name).write_bytes(bytes(made.binary))
    (folder / "link").symlink_to(tmp_path / "secret.bin")
    (folder / "fox.gltf").write_text(made.gltf(uri))
    with pytest.raises(FileError, match="outside of its folder"):
        read_asset(folder / "fox.gltf")


def test_a_picture_outside_of_the_folder_is_left_where_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "asset"
    folder.mkdir()
    (tmp_path / "fur.png").write_bytes(b"\x89PNG")
    made = plain(POINTS, CORNERS)
    made.add("images", {"uri": "../fur.png"})
    (folder / "fox.glb").write_bytes(made.glb())
    rigged(folder / "fox.glb", folder / "rigged.glb")
    assert read_asset(folder / "rigged.glb").document["images"] == [{"uri": "../fur.png"}]


def spoil(change: Callable[[Builder], object]) -> Builder:
    made = plain(POINTS, CORNERS)
    change(made)
    return made


def _primitive(made: Builder) -> dict:
    return made.document["meshes"][0]["primitives"][0]


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        (lambda b: _primitive(b).update(extensions={"KHR_draco_mesh_compression": {}}), NeedsBlenderError, "draco"),
        (lambda b: b.document["nodes"][0].update(extensions={"EXT_mesh_gpu_instancing": {}}), FileError, "instances"),
        (lambda b: b.document["asset"].update(version="1.0"), FileError, "glTF 1.0"),
        (lambda b: b.document.pop("meshes"), FileError, "damaged"),
        (lambda b: b.document["nodes"].clear(), FileError, "damaged"),
        (lambda b: b.document["scenes"][0]["nodes"].clear(), FileError, "no mesh"),
        (lambda b: b.document["nodes"][0].update(children=[0]), FileError, "two parents"),
        (lambda b: b.document["accessors"][0].update(count=4_000_000_000), FileError, "ends after its buffer"),
        (lambda b: b.document["accessors"][0].update(count=-5), FileError, "the index -5"),
        (lambda b: b.document["accessors"].__setitem__(0, {**BARE, "count": 4_000_000_000}), FileError, "without data"),
        (lambda b: _primitive(b).update(mode=1), FileError, "no mesh with faces"),
        (lambda b: b.document["nodes"][0].update(translation=["x", 0, 0]), FileError, "damaged"),
        (lambda b: b.document["meshes"].__setitem__(0, 7), FileError, "damaged"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_name(change: Callable[[Builder], object], error: type, told: str) -> None:
    with pytest.raises(error, match=told):
        read(spoil(change))


def test_meshopt_compression_is_refused_where_the_bytes_are_nowhere_else() -> None:
    made = plain(POINTS, CORNERS)
    made.glb()
    made.document["buffers"] = [{"byteLength": len(made.binary), "extensions": {"EXT_meshopt_compression": {}}}]
    text = json.dumps(made.document).encode()
    with pytest.raises(FileError, match="EXT_meshopt_compression"):
        read_scene(parse_asset(text, "fox.gltf", Path("/nowhere")))


def test_a_file_cut_short_anywhere_is_refused() -> None:
    whole = plain(POINTS, CORNERS).glb()
    for length in (0, 3, 11, 15, 40, len(whole) // 2, len(whole) - 1):
        with pytest.raises(FileError):
            read_scene(parse_asset(whole[:length], "fox.glb", Path("/nowhere")))


def test_a_json_of_endless_brackets_is_refused() -> None:
    with pytest.raises(FileError, match="damaged"):
        parse_asset(b"[" * 200_000, "fox.gltf", Path("/nowhere"))


def test_random_damage_ends_in_a_mesh_or_in_a_named_error() -> None:
    """Bytes of the header and of the JSON are exchanged; nothing else than a FileError ever comes out."""
    whole, chance = plain(POINTS, CORNERS).glb(), np.random.default_rng(0)
    (length,) = struct.unpack_from("<I", whole, 12)
    for _ in range(300):
        content = bytearray(whole)
        for place in chance.integers(0, 20 + length, chance.integers(1, 4)):
            content[place] = int(chance.integers(32, 127))
        try:
            mesh = read_scene(parse_asset(bytes(content), "fox.glb", Path("/nowhere"))).mesh
        except FileError:
            continue
        assert mesh.triangles.max() < len(mesh.vertices)
