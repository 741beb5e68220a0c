"""Runs inside Blender, as a module or as the program: a request for each shape, an answer for each view.

`blender_process.py` is the other end; what a request holds is said there.

Each view is rendered twice: as a picture, and with one sample through each pixel's centre for depth and normals.
"""

from __future__ import annotations

import hashlib
import math
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix, Vector

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # Blender starts this file as a script

from inference.engine.channels import Facts, serve_lines
from inference.errors import BadMeshError, EmptyMeshError
from inference.files import written_whole
from training.rendering.cameras import Camera, Fit, fit
from training.rendering.looks import Light, Look
from training.rendering.pixels import npz_bytes, png_bytes, read_exr, srgb, to_bytes

SCRATCH = Path(tempfile.gettempdir()) / f"bonewright-views-{os.getpid()}.exr"
FINER = 4  # Workbench's samples per pixel and side
BACKDROP = 1e9  # both engines give 1e10 as the depth of nothing
UPRIGHT = {"y": Matrix.Rotation(math.pi / 2, 4, "X"), "z": Matrix.Identity(4)}
READERS = {
    ".blend": ("wm.open_mainfile", {"load_ui": False, "use_scripts": False}),
    ".glb": ("import_scene.gltf", {}),
    ".gltf": ("import_scene.gltf", {}),
    ".fbx": ("wm.fbx_import" if bpy.app.version >= (5, 0) else "import_scene.fbx", {}),
    ".obj": ("wm.obj_import", {"up_axis": "Z", "forward_axis": "Y"}),
    ".ply": ("wm.ply_import", {}),
    ".stl": ("wm.stl_import", {}),
    ".usd": ("wm.usd_import", {}),
    ".usda": ("wm.usd_import", {}),
    ".usdc": ("wm.usd_import", {}),
    ".usdz": ("wm.usd_import", {}),
}


def serve() -> None:
    """Answer requests until the input ends."""
    serve_lines(_render_shape, {"version": bpy.app.version_string, "denoises": _denoises(bpy.context.scene)})
    SCRATCH.unlink(missing_ok=True)


def _render_shape(request: dict, tell: Callable[[Facts], None]) -> Facts:
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    source = Path(request["path"])
    meshes = _arrays(source, request["smooth"]) if source.suffix == ".npz" else _file(source)
    turn = Matrix.Rotation(math.radians(request["turn"]), 4, "Z") @ UPRIGHT[request["up"]]
    for mesh in meshes:
        mesh.transform(turn)
    placed = _fit(meshes)
    tell({"fit": {"centre": placed.centre.tolist(), "scale": placed.scale}})
    if not request["views"]:
        return {}
    look = _look(request["look"])
    scene = _scene(meshes, request)
    _dress(meshes, look, own=request["materials"] == "own")
    _light(scene, look)
    for view in request["views"]:
        camera = Camera(**view["camera"])
        _aim(scene, camera)
        engine = _workbench if request["engine"] == "workbench" else _cycles
        picture, geometry = engine(scene, camera, look, request)
        tell({"view": view["name"], "files": _write(Path(request["folder"]), view["name"], picture, geometry, camera)})
    return {}


# --- reading


def _arrays(path: Path, smooth: float) -> list[bpy.types.Mesh]:
    """A mesh from `vertices` and `triangles`; edges sharper than `smooth` degrees stay sharp."""
    with np.load(path) as arrays:
        vertices, triangles = arrays["vertices"].astype(np.float32), arrays["triangles"].astype(np.int32)
    mesh = bpy.data.meshes.new("Shape")
    mesh.vertices.add(len(vertices))
    mesh.vertices.foreach_set("co", vertices.ravel())
    mesh.loops.add(triangles.size)
    mesh.loops.foreach_set("vertex_index", triangles.ravel())
    mesh.polygons.add(len(triangles))
    mesh.polygons.foreach_set("loop_start", np.arange(0, triangles.size, 3, dtype=np.int32))
    mesh.update(calc_edges=True)
    if smooth > 0:
        mesh.shade_smooth()
        mesh.set_sharp_from_angle(angle=math.radians(smooth))
    else:
        mesh.shade_flat()
    return [mesh]


def _file(path: Path) -> list[bpy.types.Mesh]:
    """The visible meshes of a file as they look, in the scene's coordinates and with their materials."""
    operator, options = READERS[path.suffix.lower()]
    group, name = operator.split(".")
    try:
        getattr(getattr(bpy.ops, group), name)(filepath=str(path), **options)
    except (RuntimeError, OSError) as error:
        said = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
        raise BadMeshError(f"Blender cannot read it: {said[-1].removeprefix('Error: ')}") from error
    seen = bpy.context.evaluated_depsgraph_get()
    meshes = []
    for item in bpy.context.scene.objects:
        if item.type not in ("MESH", "CURVE", "SURFACE", "META", "FONT") or not item.visible_get() or item.hide_render:
            continue
        if item.type == "MESH" and item.display_type in ("WIRE", "BOUNDS"):  # rigs' widgets
            continue
        evaluated = item.evaluated_get(seen)
        mesh = bpy.data.meshes.new_from_object(evaluated, preserve_all_data_layers=True, depsgraph=seen)
        mesh.transform(evaluated.matrix_world)
        if evaluated.matrix_world.determinant() < 0:
            mesh.flip_normals()
        if len(mesh.polygons):
            meshes.append(mesh)
    if not meshes:
        raise EmptyMeshError("It shows no mesh with faces. Export one with it.")
    return meshes


def _fit(meshes: Sequence[bpy.types.Mesh]) -> Fit:
    """Move the meshes together to where the cameras expect a shape."""
    corners = []
    for mesh in meshes:
        places, used = np.empty(3 * len(mesh.vertices)), np.empty(len(mesh.loops), np.int32)
        mesh.vertices.foreach_get("co", places)
        mesh.loops.foreach_get("vertex_index", used)
        corners.append(places.reshape(-1, 3)[np.unique(used)])
    placed = fit(np.concatenate(corners))
    move = Matrix.Scale(placed.scale, 4) @ Matrix.Translation(-Vector(placed.centre))
    for mesh in meshes:
        mesh.transform(move)
    return placed


# --- scene


def _scene(meshes: Sequence[bpy.types.Mesh], request: dict) -> bpy.types.Scene:
    """A new scene with the meshes and a camera; what else the file held stays outside."""
    scene = bpy.data.scenes.new("Views")
    bpy.context.window.scene = scene
    for mesh in meshes:
        scene.collection.objects.link(bpy.data.objects.new(mesh.name, mesh))
        normals = np.empty(3 * len(mesh.loops), np.float32)
        mesh.corner_normals.foreach_get("vector", normals)
        layer = mesh.attributes.new("Views normals", "FLOAT_COLOR", "CORNER")  # Workbench has no pass for them
        colours = np.concatenate([normals.reshape(-1, 3) / 2 + 0.5, np.ones((len(mesh.loops), 1), np.float32)], 1)
        layer.data.foreach_set("color", colours.ravel())
        mesh.color_attributes.active_color = layer
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    render, image = scene.render, scene.render.image_settings
    render.film_transparent = True
    render.use_persistent_data = True
    render.threads_mode, render.threads = "FIXED", request["threads"]
    render.use_compositing = render.use_sequencer = False
    render.filepath = str(SCRATCH)
    if hasattr(image, "media_type"):  # Blender 5
        image.media_type = "MULTI_LAYER_IMAGE"
    image.file_format, image.color_depth, image.exr_codec = "OPEN_EXR_MULTILAYER", "32", "NONE"
    if hasattr(image, "use_exr_interleave"):  # without it Blender 5 makes one part of each pass
        image.use_exr_interleave = True
    layer = scene.view_layers[0]
    layer.use_pass_z = layer.use_pass_normal = True
    return scene


def _aim(scene: bpy.types.Scene, camera: Camera) -> None:
    lens = scene.camera.data
    lens.sensor_fit, lens.angle = "HORIZONTAL", math.radians(camera.fov)
    lens.clip_start, lens.clip_end = max(camera.distance - 1, 0.01), camera.distance + 1
    right, down, forward = camera.rotation
    place = np.eye(4)
    place[:3] = np.stack([right, -down, -forward, camera.eye], 1)
    scene.camera.matrix_world = Matrix(place.tolist())
    scene.render.resolution_x = scene.render.resolution_y = camera.size
    scene.render.resolution_percentage = 100


def _look(record: dict) -> Look:
    return Look(**{**record, "lights": tuple(Light(**light) for light in record["lights"])})


def _dress(meshes: Sequence[bpy.types.Mesh], look: Look, *, own: bool) -> None:
    """One material over everything, or, with `own`, over what came without."""
    material = bpy.data.materials.new("Look")
    material.use_nodes = True
    material.diffuse_color, material.roughness, material.metallic = (*look.colour, 1), look.roughness, look.metallic
    nodes, link = material.node_tree.nodes, material.node_tree.links.new
    surface = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
    surface.inputs["Roughness"].default_value = look.roughness
    surface.inputs["Metallic"].default_value = look.metallic
    surface.inputs["Base Color"].default_value = (*look.colour, 1)
    if look.pattern != "plain":
        kind = {"noise": "ShaderNodeTexNoise", "checker": "ShaderNodeTexChecker", "stripes": "ShaderNodeTexWave"}
        texture, ramp = nodes.new(kind[look.pattern]), nodes.new("ShaderNodeValToRGB")
        link(nodes.new("ShaderNodeNewGeometry").outputs["Position"], texture.inputs["Vector"])
        texture.inputs["Scale"].default_value = look.pattern_scale
        for stop, (place, colour) in zip(
            ramp.color_ramp.elements, ((0.4, look.colour), (0.6, look.other)), strict=True
        ):
            stop.position, stop.color = place, (*colour, 1)
        link(next(out for out in texture.outputs if out.name in ("Fac", "Factor")), ramp.inputs[0])
        link(ramp.outputs["Color"], surface.inputs["Base Color"])
    for mesh in meshes:
        if not own or not any(mesh.materials):
            mesh.materials.clear()
            mesh.materials.append(material)


def _light(scene: bpy.types.Scene, look: Look) -> None:
    for light in look.lights:
        data = bpy.data.lights.new("Sun", "SUN")
        data.energy, data.angle = math.pi * max(light.colour), math.radians(light.softness)
        data.color = [part / max(light.colour) for part in light.colour]
        item = bpy.data.objects.new("Sun", data)
        item.rotation_euler = Vector(light.towards).to_track_quat("Z", "Y").to_euler()
        scene.collection.objects.link(item)
    scene.world = bpy.data.worlds.new("Ambient")
    scene.world.use_nodes = True
    nodes = scene.world.node_tree.nodes
    background = next((node for node in nodes if node.type == "BACKGROUND"), None)
    if background is None:
        background, output = nodes.new("ShaderNodeBackground"), nodes.new("ShaderNodeOutputWorld")
        scene.world.node_tree.links.new(background.outputs[0], output.inputs[0])
    background.inputs["Color"].default_value = (*look.ambient, 1)


# --- rendering


def _cycles(scene: bpy.types.Scene, camera: Camera, look: Look, request: dict) -> tuple[dict, dict]:
    """The picture's and the geometry's passes."""
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.device, cycles.seed, cycles.max_bounces, cycles.use_adaptive_sampling = "CPU", 0, 3, False
    cycles.samples, cycles.pixel_filter_type, cycles.filter_width = request["samples"], "BOX", 1.0
    cycles.use_denoising, cycles.denoising_prefilter = (
        _denoises(scene),
        "FAST",
    )  # the accurate one takes 5 times as long
    picture = _passes()
    cycles.samples, cycles.filter_width, cycles.use_denoising = 1, 0.01, False
    geometry = _passes()
    return picture, geometry


def _workbench(scene: bpy.types.Scene, camera: Camera, look: Look, request: dict) -> tuple[dict, dict]:
    """The same; lights are the viewport's own, which move with the camera unless they are turned against it."""
    scene.render.engine = "BLENDER_WORKBENCH"
    shading = scene.display.shading
    shading.light, shading.show_specular_highlight, shading.show_object_outline = "STUDIO", True, False
    shading.show_shadows = shading.show_cavity = False
    shading.color_type = "TEXTURE" if request["materials"] == "own" else "MATERIAL"
    system = bpy.context.preferences.system
    system.use_studio_light_edit = True
    system.light_ambient = look.ambient
    turned = np.diag([1, -1, -1]) @ camera.rotation  # right, up, towards the eye
    for number, lamp in enumerate(system.solid_lights):
        lamp.use = number < len(look.lights)
        if lamp.use:
            light = look.lights[number]
            lamp.direction = (turned @ np.array(light.towards)).tolist()
            lamp.diffuse_color, lamp.smooth = light.colour, light.softness / 90
            lamp.specular_color = [0.3 * part for part in light.colour]
    # its own anti-aliasing averages logarithms, which shifts borders by 0.2 pixels: average many pixels instead
    scene.display.render_aa = "OFF"
    scene.render.resolution_percentage = 100 * FINER
    picture = {name: _averaged(values) for name, values in _passes().items() if name.startswith("Combined")}
    scene.render.resolution_percentage = 100
    shading.light, shading.color_type = "FLAT", "VERTEX"
    geometry = _passes()
    for axis, channel in zip("XYZ", "RGB", strict=True):
        geometry[f"Normal.{axis}"] = 2 * geometry[f"Combined.{channel}"] - 1
    return picture, geometry


def _denoises(scene: bpy.types.Scene) -> bool:
    """Whether this Blender was built with Intel's denoiser: some distributions leave it out."""
    try:
        scene.cycles.denoiser = "OPENIMAGEDENOISE"
    except TypeError:  # the choices are made up as they are asked for
        return False
    return True


def _passes() -> dict[str, np.ndarray]:
    """Render and return channels by pass, (H, W) each: "Combined.R", "Depth.Z", "Normal.X" ..."""
    bpy.ops.render.render(write_still=True, scene="Views")
    return {name.split(".", 1)[1]: values for name, values in read_exr(SCRATCH).items()}


def _averaged(values: np.ndarray) -> np.ndarray:
    """Means of FINER x FINER pixels."""
    size = len(values) // FINER
    return values.reshape(size, FINER, size, FINER).mean((1, 3))


def _write(folder: Path, name: str, picture: dict, geometry: dict, camera: Camera) -> dict[str, str]:
    """Files of one view; returns their checksums."""
    alpha = picture["Combined.A"]
    colour = np.stack([picture[f"Combined.{channel}"] for channel in "RGB"], 2) / np.maximum(alpha, 1e-6)[..., None]
    coverage = to_bytes(alpha)
    rgb = np.where(coverage[..., None] > 0, to_bytes(srgb(colour)), 0).astype(np.uint8)
    hit = geometry["Depth.Z"] < BACKDROP
    depth = np.where(hit, geometry["Depth.Z"], 0).astype(np.float32)
    normals = np.stack([geometry[f"Normal.{axis}"] for axis in "XYZ"], 2)
    normals /= np.maximum(np.linalg.norm(normals, axis=2, keepdims=True), 1e-9)
    normals = np.where(hit[..., None], normals * _facing(normals, camera), 0).astype(np.float16)
    contents = {
        f"{name}.png": png_bytes(np.concatenate([rgb, coverage[..., None]], 2)),
        f"{name}_silhouette.png": png_bytes(coverage),
        f"{name}.npz": npz_bytes(depth=depth, normals=normals),
    }
    for file, content in contents.items():
        with written_whole(folder / file) as part:  # a process that outlived its client may write the same
            part.write_bytes(content)
    return {file: hashlib.sha256(content).hexdigest() for file, content in contents.items()}


def _facing(normals: np.ndarray, camera: Camera) -> np.ndarray:
    """-1 where a normal (H, W, 3) points away from the eye, as on the back of an open surface."""
    centres = (np.arange(camera.size) + 0.5 - camera.size / 2) / camera.focal
    x, y = np.meshgrid(centres, centres)
    rays = np.stack([x, y, np.ones_like(x)], 2) @ camera.rotation
    return np.where((rays * normals).sum(2, keepdims=True) > 0, -1.0, 1.0)


if __name__ == "__main__":
    serve()
    sys.stdout.flush()
    os._exit(0)  # Blender as a module may crash while Python shuts down after it has drawn something
