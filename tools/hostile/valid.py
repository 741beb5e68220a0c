"""Valid files of each format, small: what hostile ones are made from."""

from __future__ import annotations

import io
import json
import struct

import numpy as np
import trimesh

from tools.sample import make_creature


def valid_files(cells: int = 16) -> dict[str, bytes]:
    """Name with suffix -> content. Beside them lie `fur.mtl`, `fur.png` and `fox.bin`, which they refer to."""
    vertices, triangles = make_creature(cells=cells)
    mesh = trimesh.Trimesh(vertices, triangles, process=False)
    made = {f"fox.{kind}": _bytes(mesh.export(file_type=kind)) for kind in ("stl", "off", "glb")}
    made["ascii.stl"] = _bytes(mesh.export(file_type="stl_ascii"))
    made["fox.ply"] = _bytes(mesh.export(file_type="ply"))
    made["ascii.ply"] = _bytes(mesh.export(file_type="ply", encoding="ascii"))
    rows = [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in vertices]
    rows += [f"vt {x:.3f} {y:.3f}" for x, y, _ in np.clip(vertices, 0, 1)]
    faces = [f"f {a}/{a} {b}/{b} {c}/{c}" for a, b, c in triangles + 1]
    made["fox.obj"] = "\n".join(["mtllib fur.mtl", *rows, "usemtl fur", *faces, ""]).encode()
    document, binary = split(made["fox.glb"])
    document["buffers"][0]["uri"] = "fox.bin"
    made["fox.gltf"] = json.dumps(document).encode()
    made["full.glb"] = joined(*_with_everything(document | {}, binary))
    return made


def beside() -> dict[str, bytes]:
    """The files that the valid ones refer to."""
    vertices, triangles = make_creature(cells=16)
    _, binary = split(_bytes(trimesh.Trimesh(vertices, triangles, process=False).export(file_type="glb")))
    return {"fur.mtl": b"newmtl fur\nKd 1 0 0\nmap_Kd fur.png\n", "fur.png": png(2, 2), "fox.bin": binary}


def split(glb: bytes) -> tuple[dict, bytes]:
    """JSON and binary chunk of a valid GLB."""
    (length,) = struct.unpack_from("<I", glb, 12)
    return json.loads(glb[20 : 20 + length]), glb[28 + length :]


def joined(document: dict, binary: bytes) -> bytes:
    """A GLB of these, whatever they say."""
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body = binary + bytes(-len(binary) % 4)
    head = struct.pack("<4sII", b"glTF", 2, 28 + len(text) + len(body))
    return head + struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(body), b"BIN\0") + body


def png(width: int, height: int, claimed: tuple[int, int] | None = None) -> bytes:
    """A black picture; what its header claims may be another size."""
    from PIL import Image

    sink = io.BytesIO()
    Image.new("RGB", (width, height)).save(sink, "PNG")
    content = bytearray(sink.getvalue())
    if claimed:
        import zlib

        content[16:24] = struct.pack(">II", *claimed)
        content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return bytes(content)


def _with_everything(document: dict, binary: bytes) -> tuple[dict, bytes]:
    """Cameras, a light, an old skin, morph targets, a sparse accessor, several scenes: more to break."""
    made = json.loads(json.dumps(document))
    made["buffers"] = [{"byteLength": len(binary)}]
    primitive = made["meshes"][0]["primitives"][0]
    primitive["targets"] = [{"POSITION": primitive["attributes"]["POSITION"]}]
    made["meshes"][0]["weights"] = [0.0]
    made["cameras"] = [{"type": "perspective", "perspective": {"yfov": 1.0, "znear": 0.1}}]
    made["nodes"] += [{"camera": 0, "translation": [0, 1, 4]}, {"name": "empty", "rotation": [0, 0, 0, 1]}]
    made["scenes"].append({"nodes": [len(made["nodes"]) - 1]})
    made["materials"] = [{"name": "fur", "pbrMetallicRoughness": {"metallicFactor": 0.0}}]
    made["extensionsUsed"] = ["KHR_lights_punctual"]
    made["extensions"] = {"KHR_lights_punctual": {"lights": [{"type": "point"}]}}
    return made, binary


def _bytes(content: object) -> bytes:
    return content.encode() if isinstance(content, str) else bytes(content)  # type: ignore[arg-type]
