"""A creature to try things on, made with Blender's own skin modifier."""

import bpy

# joint: place, thickness, what it hangs on; the left side, mirrored in x where it is off the middle
_PLAN = {
    "hips": ((0, 0, 0.95), 0.15, None),
    "chest": ((0, 0, 1.35), 0.17, "hips"),
    "neck": ((0, 0, 1.52), 0.07, "chest"),
    "head": ((0, -0.02, 1.72), 0.13, "neck"),
    "shoulder": ((0.2, 0, 1.43), 0.08, "chest"),
    "elbow": ((0.5, 0.02, 1.42), 0.06, "shoulder"),
    "wrist": ((0.78, 0, 1.41), 0.05, "elbow"),
    "hand": ((0.93, 0, 1.4), 0.06, "wrist"),
    "hip": ((0.11, 0, 0.88), 0.11, "hips"),
    "knee": ((0.12, -0.02, 0.48), 0.08, "hip"),
    "ankle": ((0.13, 0, 0.09), 0.06, "knee"),
    "toe": ((0.14, -0.2, 0.05), 0.05, "ankle"),
}


def add_figure(name: str = "Figure", details: int = 2) -> bpy.types.Object:
    """A person with arms spread, facing -Y."""
    places, radii, edges, index = [], [], [], {}
    for side in (1, -1):
        for joint, ((x, y, z), radius, above) in _PLAN.items():
            key = joint if x == 0 else f"{joint}{side}"
            if key in index:
                continue
            index[key] = len(places)
            places.append((x * side, y, z))
            radii.append(radius)
            if above is not None:
                edges.append((index.get(f"{above}{side}", index.get(above)), index[key]))
    data = bpy.data.meshes.new(name)
    data.from_pydata(places, edges, [])
    item = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(item)
    bpy.context.view_layer.objects.active = item
    item.select_set(state=True)
    item.modifiers.new("Skin", "SKIN")
    for point, radius in zip(data.skin_vertices[0].data, radii, strict=True):
        point.radius = (radius, radius)
    item.modifiers.new("Smooth", "SUBSURF").levels = details
    bpy.ops.object.convert(target="MESH")
    return bpy.context.view_layer.objects.active
