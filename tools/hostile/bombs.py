"""Small files that ask for much: counts without data, one mesh a thousand times, deep trees, huge pictures."""

from __future__ import annotations

import copy
import struct

from tools.hostile.valid import joined, png, split


def bombs(valid: dict[str, bytes]) -> dict[str, bytes]:
    """Name with suffix -> content, of which none is larger than a megabyte or two."""
    document, binary = split(valid["fox.glb"])
    return {
        **_claims(),
        **_trees(document, binary),
        **_accessors(document, binary),
        **_texts(),
        **_pictures(document, binary),
    }


def _claims() -> dict[str, bytes]:
    """Headers that count what is not there."""
    head = (
        "ply\nformat {} 1.0\nelement vertex {}\n{}element face {}\nproperty list uchar int vertex_indices\nend_header\n"
    )
    xyz = "property float x\nproperty float y\nproperty float z\n"
    binary, text, many = "binary_little_endian", "ascii", 4_000_000_000
    return {
        "claims_vertices.ply": head.format(binary, many, xyz, 1).encode() + bytes(1500),
        "claims_faces.ply": head.format(binary, 3, xyz, many).encode() + bytes(1500),
        "claims_text.ply": head.format(text, many, xyz, 1).encode() + b"0 0 0\n" * 200,
        "claims_more_than_a_number_holds.ply": head.format(binary, 10**25, xyz, 1).encode() + bytes(200),
        "claims_less_than_nothing.ply": head.format(binary, -5, xyz, -5).encode() + bytes(200),
        "list_of_vertices.ply": head.format(text, 1, "property list int float x\n", 1).encode() + b"2000000000 1 2 3\n",
        "claims.stl": bytes(80) + struct.pack("<I", 4_000_000_000) + bytes(1500),
        "claims.off": b"OFF\n4000000000 4000000000 0\n" + b"0 0 0\n" * 200,
        "face_of_everything.off": b"OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n4000000000 0 1 2\n",
        "claims_length.glb": struct.pack("<4sII", b"glTF", 2, 2**32 - 1)
        + struct.pack("<I4s", 2**32 - 8, b"JSON")
        + b"{}",
    }


def _trees(document: dict, binary: bytes) -> dict[str, bytes]:
    """One mesh at many nodes; nodes below nodes; JSON within JSON."""
    crowd = copy.deepcopy(document)
    first = len(crowd["nodes"])
    crowd["nodes"] += [{"mesh": 0, "translation": [float(k % 60), 0.0, float(k // 60)]} for k in range(3000)]
    crowd["scenes"][0]["nodes"] = [*crowd["scenes"][0]["nodes"], *range(first, first + 3000)]
    legion = copy.deepcopy(crowd)
    legion["nodes"] = [{"mesh": 0} for _ in range(60_000)]
    legion["scenes"][0]["nodes"] = list(range(60_000))
    deep = copy.deepcopy(document)
    deep["nodes"] = [{"children": [k + 1], "translation": [0.0, 0.001, 0.0]} for k in range(20_000)] + [{"mesh": 0}]
    deep["scenes"] = [{"nodes": [0]}]
    below = copy.deepcopy(deep)  # deep, but not too deep: each with its path is quadratic
    below["nodes"] = [{"children": [k + 1], "scale": [1.001] * 3} for k in range(900)] + [{"mesh": 0}]
    circle = copy.deepcopy(document)
    circle["nodes"] = [{"children": [1]}, {"children": [0], "mesh": 0}]
    circle["scenes"] = [{"nodes": [0]}]
    return {
        "crowd.glb": joined(crowd, binary),
        "legion.glb": joined(legion, binary),
        "deep.glb": joined(deep, binary),
        "nearly_deep.glb": joined(below, binary),
        "circle.glb": joined(circle, binary),
        "brackets.gltf": b'{"asset":' + b"[" * 400_000,
        "extras.gltf": b'{"asset":{"version":"2.0"},"extras":' + b'{"a":' * 90_000 + b"1" + b"}" * 90_000 + b"}",
    }


def _accessors(document: dict, binary: bytes) -> dict[str, bytes]:
    """Elements without a byte for them, and the same bytes again and again."""
    empty = copy.deepcopy(document)
    for accessor in empty["accessors"]:
        accessor.pop("bufferView", None)
        accessor["count"] = 40_000_000
    again = copy.deepcopy(document)
    again["meshes"][0]["primitives"] *= 4000
    sparse = copy.deepcopy(empty)
    view = {"bufferView": 0, "componentType": 5125}
    sparse["accessors"][0]["sparse"] = {"count": 3, "indices": view, "values": {"bufferView": 0}}
    stride = copy.deepcopy(document)
    for view in stride["bufferViews"]:
        view["byteStride"] = 0
    for accessor in stride["accessors"]:
        accessor["count"] = 2**31
    far = copy.deepcopy(document)
    far["nodes"][0]["scale"] = [1e300, 1e-300, 1.0]
    return {
        "nothing_forty_million_times.glb": joined(empty, binary),
        "again_and_again.glb": joined(again, binary),
        "sparse.glb": joined(sparse, binary),
        "no_stride.glb": joined(stride, binary),
        "far.glb": joined(far, binary),
    }


def _texts() -> dict[str, bytes]:
    triangle = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"
    return {
        "wide_face.obj": b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf " + b"1 2 3 " * 100_000 + b"\n",
        "nowhere.obj": triangle + b"f -9999999999 4000000000 2\n",
        "infinite.obj": b"v nan inf 1e999\n" * 50 + triangle,
        "itself.obj": b"mtllib itself.obj\n" * 2000 + triangle,
        "one_line.obj": b"v " + b"1" * 1_000_000 + b"\n",
        "materials.obj": b"mtllib huge.mtl\nvt 0 0\n" + triangle.replace(b"f 1 2 3", b"usemtl fur\nf 1/1 2/1 3/1"),
        "solid.stl": b"solid " + b"x" * 1_000_000,
        "vertices.stl": b"solid x\n" + b"vertex 0 0 0\n" * 100_001 + b"endsolid\n",
    }


def _pictures(document: dict, binary: bytes) -> dict[str, bytes]:
    """A picture that claims to be 60,000 pixels wide and high, in a file and beside one."""
    shown = copy.deepcopy(document)
    picture = png(2, 2, claimed=(60_000, 60_000))
    start = len(binary) + -len(binary) % 4
    shown["bufferViews"].append({"buffer": 0, "byteOffset": start, "byteLength": len(picture)})
    shown["buffers"][0]["byteLength"] = start + len(picture)
    shown["images"] = [{"bufferView": len(shown["bufferViews"]) - 1, "mimeType": "image/png"}]
    shown["textures"] = [{"source": 0}]
    shown["materials"] = [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}]
    shown["meshes"][0]["primitives"][0]["material"] = 0
    return {"huge_picture.glb": joined(shown, binary + bytes(-len(binary) % 4) + picture)}


def beside_bombs() -> dict[str, bytes]:
    """What bombs refer to."""
    return {
        "huge.mtl": b"newmtl fur\nmap_Kd huge.png\n",
        "huge.png": png(8000, 8000, claimed=(16_000, 12_000)),
    }
