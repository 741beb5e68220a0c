"""What is remembered: the options in the scene, and on each armature which meshes it is for and how good it is."""

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    FloatVectorProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from ..inference.kinds import KINDS, choices
from ..inference.requests import FRONTS as RIG_FRONTS
from .networks import category_items

REMEMBERED = "bonewright"  # the property of scenes and objects that holds what is remembered of them

INFLUENCES = "The most bones that may move one vertex"  # also where operators offer it
_KINDS = (
    ("auto", "Auto", "Find out what the mesh is"),
    *((kind, KINDS[kind].label, KINDS[kind].about) for kind in choices() if kind != "auto"),
)
DENSITIES = (
    ("few", "Few", "The main limbs: no shoulders, fingers or toes"),
    ("normal", "Normal", "Shoulders, fingers and toes too, where they are seen"),
    ("many", "Many", "More bones in the spine, in tails and in fine chains"),
)
FINGERS = (("auto", "Auto", "As many as are seen"), *((n, n, f"At most {n}, the thumb counted") for n in "012345"))
COUNTS = (("auto", "Auto", "As Bones has it: few, normal or many"), *((n, n, f"{n} in a row") for n in "12345678"))
PARTS = (
    ("auto", "Auto", "Where they are seen"),
    ("on", "On", "Where they are expected, seen or not"),
    ("off", "Off", "None"),
)
METHODS = (
    ("auto", "Auto", "The best of all, by what can be measured on the rig"),
    ("named", "Named", "The usual joints of its kind, put where riggers put them; learned from artists' rigs"),
    (
        "agreed",
        "Agreed",
        "Named joints, completed and thinned out by the surface's votes; learned",
    ),
    ("voted", "Voted", "Where the places of the surface say that joints are, whatever body it is; learned"),
    ("geometric", "Geometric", "From the shape alone; nothing learned"),
    ("free", "Free (trial)", "Joints and bones of any shape, learned; often wrong where Auto is right"),
)
FRONTS = (
    ("auto", "Auto", "Find out where it looks"),
    *((front, front.upper().replace("-", "\N{MINUS SIGN}"), f"It looks along {front.upper()}") for front in RIG_FRONTS),
)
WEIGHTS = (
    ("auto", "Auto", "Corrected as artists would where that is sure to be better"),
    ("learned", "Learned", "Corrected everywhere; learned from artists' weights"),
    ("geometric", "Geometric", "From the shape alone; nothing learned"),
)

FOLLOW = (
    ("LIVE", "Follow", "Bound meshes follow at once, near the joints that were moved"),
    ("DONE", "On Done", "Bind again when Done is pressed"),
    ("NEVER", "By Hand", "Weights stay as they are until Bind is pressed"),
)
SOURCES = (
    ("VIEW", "3D View", "As the 3D view shows it"),
    ("CAMERA", "Camera", "As the scene's camera shows it"),
)
SUBJECTS = (
    ("SELECTED", "Selected", "The selected objects alone, whatever stands before or behind them"),
    ("EVERYTHING", "Everything", "All that is in the picture, as it is"),
)


SURFACES = (
    ("spheres", "Spheres", "Around medial spheres: quick and rough"),
    ("deformed", "Deformed", "The hull of a skeleton, blown up to the shape: one smooth skin; by larger networks"),
    ("implicit", "Implicit", "A field around a skeleton, for thin parts and holes; by larger networks"),
)
SKELETONS = (
    ("mixamo", "Mixamo", "Names and rest axes of Mixamo's characters, in T-pose"),
    ("unreal", "Unreal", "Unreal's mannequin: root, twist and IK bones too, in its A-pose"),
    ("vrm", "Unity / VRM", "The humanoid of Unity and VRM: axes of the world, in T-pose"),
    ("rigify", "Rigify", "Rigify's human metarig, along the bones of the character"),
    ("scene", "Armature", "An armature of this scene"),
    ("file", "File", "An armature in a .blend, .glb or .gltf file"),
)


BATCH_SOURCES = (
    ("FOLDER", "Folder", "Every file with a mesh in a folder; all meshes of a file are one character"),
    ("SELECTED", "Selected", "The selected objects; those below one parent are one character"),
)
BATCH_FORMATS = (
    ("glb", "glTF", "One binary glTF file; what else is in a glTF file stays as it is"),
    ("fbx", "FBX", "Unity and Unreal"),
    ("blend", "Blender", "A .blend file"),
    ("usdc", "USD", "A binary USD file"),
)


def _is_armature(_: object, item: bpy.types.Object) -> bool:
    return item.type == "ARMATURE"


class BONEWRIGHT_PG_shape(bpy.types.PropertyGroup):
    """Options of shapes that networks draw."""

    category: EnumProperty(name="Category", description="What to make", items=category_items)
    seed: IntProperty(name="Seed", description="The same seed gives the same shapes", default=0, min=0)
    count: IntProperty(name="Count", description="How many to make, in a row", default=1, min=1, max=16)
    guidance: FloatProperty(
        name="Guidance",
        description="How closely shapes are held to their category, at the cost of variety",
        default=1.0,
        min=0.0,
        max=10.0,
        soft_max=4.0,
    )
    resolution: IntProperty(
        name="Resolution",
        description="Cells along each side of the grid that the surface is drawn on",
        default=64,
        min=16,
        max=160,
    )
    strength: FloatProperty(
        name="Strength",
        description="How far variations may be from the selected mesh",
        default=0.4,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )


class BONEWRIGHT_PG_picture(bpy.types.PropertyGroup):
    """A further picture of the object."""

    picture: PointerProperty(type=bpy.types.Image, name="Image", description="The object from elsewhere")
    mask: PointerProperty(
        type=bpy.types.Image, name="Mask", description="White where the object is; not needed where the image has alpha"
    )


class BONEWRIGHT_PG_seen(bpy.types.PropertyGroup):
    """What is made of pictures."""

    surface: EnumProperty(name="Surface", description="How the surface is made", items=SURFACES, default="spheres")
    detail: IntProperty(
        name="Detail",
        description="Cells along each side of the grid that deformed and implicit surfaces are drawn on",
        default=64,
        min=32,
        max=256,
    )
    more: CollectionProperty(type=BONEWRIGHT_PG_picture)


class BONEWRIGHT_PG_batch(bpy.types.PropertyGroup):
    """What a batch reads and writes."""

    source: EnumProperty(
        name="Assets",
        description="What is rigged",
        items=BATCH_SOURCES,
        default="FOLDER",
        translation_context="Bonewright",
    )
    folder: StringProperty(
        name="Read", description="Folder of assets; folders within it are searched too", subtype="DIR_PATH"
    )
    out: StringProperty(
        name="Write", description="Folder for the results, and for what is remembered of the run", subtype="DIR_PATH"
    )
    format: EnumProperty(name="Format", description="What is written", items=BATCH_FORMATS, default="glb")
    picture: BoolProperty(
        name="Pictures", description="Draw mesh, skeleton and a test pose beside each result", default=False
    )
    gallery: BoolProperty(
        name="Gallery", description="Make a page for the browser in the end, to look at all results", default=True
    )
    at_once: IntProperty(
        name="At Once",
        description="Assets worked on at the same time, each by a process of its own",
        default=1,
        min=1,
        soft_max=16,
    )


class BONEWRIGHT_PG_row(bpy.types.PropertyGroup):
    """One asset of a batch, for a list that can be scrolled."""

    stand: StringProperty(name="Stand")
    text: StringProperty(name="Text")
    result: StringProperty(name="Result")


class BONEWRIGHT_PG_rows(bpy.types.PropertyGroup):
    """All assets of a batch."""

    rows: CollectionProperty(type=BONEWRIGHT_PG_row)
    active: IntProperty(name="Asset", description="The asset that is told about below", default=0)


class BONEWRIGHT_PG_options(bpy.types.PropertyGroup):
    """Options of the next Generate, kept in the scene."""

    kind: EnumProperty(name="Kind", description="What the mesh is", items=_KINDS, default="auto")
    front: EnumProperty(
        name="Front", description="Where it looks, which decides what is left and right", items=FRONTS, default="auto"
    )
    density: EnumProperty(
        name="Bones",
        description="How many bones to make",
        items=DENSITIES,
        default="normal",
        translation_context="Bonewright",  # Blender's own word for "Normal" is about normals
    )
    fingers: EnumProperty(name="Fingers", description="Fingers of each hand", items=FINGERS, default="auto")
    spine: EnumProperty(name="Spine", description="Bones that are called spine", items=COUNTS, default="auto")
    neck: EnumProperty(name="Neck", description="Bones of the neck", items=COUNTS, default="auto")
    toes: EnumProperty(name="Toes", description="Bones of toes", items=PARTS, default="auto")
    eyes: EnumProperty(name="Eyes", description="Bones of eyes", items=PARTS, default="auto")
    jaw: EnumProperty(name="Jaw", description="A bone of the jaw", items=PARTS, default="auto")
    twist: BoolProperty(
        name="Twist Bones", description="Helpers that let arms and legs turn about themselves", default=False
    )
    swing: BoolProperty(
        name="Swinging Parts",
        description="Add chains of bones for skirts, loose hair and capes, and have them, tails and ears swing",
        default=False,
    )
    method: EnumProperty(name="Joints", description="How joints are found", items=METHODS, default="auto")
    symmetry: BoolProperty(
        name="Symmetry", description="Mirror the bones exactly where the shape is symmetric", default=True
    )
    influences: IntProperty(name="Influences", description=INFLUENCES, default=4, min=1, max=16)
    bind: BoolProperty(name="Bind", description="Bind the mesh to the armature too", default=True)
    weights: EnumProperty(
        name="Weights",
        description="How skin weights are found",
        items=WEIGHTS,
        default="auto",
        translation_context="Bonewright",
    )
    smooth: IntProperty(
        name="Smooth", description="Rounds of smoothing along the surface after Bind", default=0, min=0, max=50
    )
    follow: EnumProperty(
        name="Weights", description="When weights follow joints that are moved", items=FOLLOW, default="LIVE"
    )
    markers: BoolProperty(name="Joint Markers", description="Show joints as dots that can be dragged", default=True)
    snap: BoolProperty(
        name="Snap to Middle",
        description="A dragged joint goes to the middle of the limb under the mouse; Ctrl does the other",
        default=True,
    )
    straight: BoolProperty(
        name="Straight Chains",
        description="Joints between bones of one name, such as the pieces of a split bone, stay on a line",
        default=False,
    )
    source: EnumProperty(name="From", description="Where it is seen from", items=SOURCES, default="VIEW")
    subject: EnumProperty(name="Seen", description="What is seen", items=SUBJECTS, default="SELECTED")
    picture: PointerProperty(type=bpy.types.Image, name="Image", description="A picture of the object")
    mask: PointerProperty(
        type=bpy.types.Image, name="Mask", description="White where the object is; not needed where the image has alpha"
    )
    skeleton: EnumProperty(name="Skeleton", description="Whose skeleton is fitted", items=SKELETONS, default="mixamo")
    skeleton_armature: PointerProperty(
        type=bpy.types.Object, name="Armature", description="The skeleton to fit", poll=_is_armature
    )
    skeleton_file: StringProperty(
        name="File", description="A .blend, .glb or .gltf file with the skeleton to fit", subtype="FILE_PATH"
    )
    keep_pose: BoolProperty(
        name="Keep the Pose",
        description="Leave the character as it rests and turn the skeleton's axes instead. "
        "Clips from files still play, actions of Blender that were made on the skeleton do not",
        default=False,
    )
    seed: IntProperty(name="Seed", description="The same seed gives the same armature", default=0, min=0)
    shape: PointerProperty(type=BONEWRIGHT_PG_shape)
    seen: PointerProperty(type=BONEWRIGHT_PG_seen)
    batch: PointerProperty(type=BONEWRIGHT_PG_batch)


class BONEWRIGHT_PG_mesh_link(bpy.types.PropertyGroup):
    """One mesh of a character."""

    item: PointerProperty(type=bpy.types.Object, name="Mesh", description="A mesh that this armature was made for")


class BONEWRIGHT_PG_checked(bpy.types.PropertyGroup):
    """A mesh as it was when the report was made."""

    item: PointerProperty(type=bpy.types.Object, name="Mesh", description="A mesh that the report is about")
    shape: StringProperty(name="Shape", description="Differs where a vertex or the number of faces does")
    place: FloatVectorProperty(name="Place", description="Where it is, seen from the armature", size=16)


class BONEWRIGHT_PG_warning(bpy.types.PropertyGroup):
    """Something a rigger should look at."""

    message: StringProperty(name="Message")
    bones: StringProperty(name="Bones", description="Names, one a line")
    vertices: StringProperty(name="Vertices", description="Mesh name, a tab, vertex numbers; one mesh a line")


class BONEWRIGHT_PG_spring(bpy.types.PropertyGroup):
    """A chain that swings."""

    bones: StringProperty(name="Bones", description="From the body outwards, one a line")
    stiffness: FloatProperty(name="Stiffness", description="How strongly it returns to its rest", min=0, soft_max=4)
    gravity: FloatProperty(name="Gravity", description="How strongly it is drawn down", min=0, soft_max=2)
    drag: FloatProperty(name="Drag", description="How soon it comes to rest", min=0, max=1)
    radius: FloatProperty(name="Radius", description="How thick it is where it meets other bones", min=0)
    added: BoolProperty(name="Added", description="Its bones are there for this alone", default=False)
    around: StringProperty(name="Around", description="Bones that it does not pass through, one a line")


class BONEWRIGHT_PG_rig(bpy.types.PropertyGroup):
    """What is known about an armature that was made here."""

    made: BoolProperty(name="Made by Bonewright", default=False)
    adjusted: BoolProperty(name="Edit Joints", description="It was pressed for this armature", default=False)
    mirror: BoolProperty(
        name="Mirror Left and Right",
        description="Markers and buttons change both sides, whichever way the character faces",
        default=False,
    )
    seen: BoolProperty(name="Made from a Picture", default=False)
    meshes: CollectionProperty(type=BONEWRIGHT_PG_mesh_link)
    bones: StringProperty(name="Bones", description="The bones that have vertex groups, one a line")
    reported: BoolProperty(name="There is a report", default=False)
    coverage: FloatProperty(name="Coverage", description="Share of the surface near some bone")
    inside: FloatProperty(name="Inside", description="Share of the bones' length inside the volume")
    stretch: FloatProperty(name="Stretch", description="How much edges stretch in random poses (99th percentile)")
    forgotten: FloatProperty(name="Forgotten", description="Share of the surface far from every bone")
    method: StringProperty(name="Joints", description="How the joints were found")
    device: StringProperty(name="Device", description="What networks ran on; nothing where none was asked")
    keys: StringProperty(name="Shape Keys", description="Those that the report counts in, with their values")
    checked: CollectionProperty(type=BONEWRIGHT_PG_checked)
    verdict: StringProperty(name="Verdict", description="good, look or wrong; nothing before the first report")
    certainty: FloatProperty(name="Certainty", description="Chance that the rig is right")
    reasons: StringProperty(name="Reasons", description="What speaks against the rig, one a line")
    warnings: CollectionProperty(type=BONEWRIGHT_PG_warning)
    springs: CollectionProperty(type=BONEWRIGHT_PG_spring)
    swing_bones: StringProperty(name="Swinging Bones", description="Those that were added to swing, one a line")
    controls: PointerProperty(
        type=bpy.types.Object, name="Controls", description="The rig that moves its meshes instead"
    )
    widgets: PointerProperty(type=bpy.types.Collection, name="Widgets", description="Shapes of the controls")
    script: PointerProperty(type=bpy.types.Text, name="Script", description="What draws the panel of the controls")
    groups: StringProperty(
        name="Groups", description="Bones and the vertex groups they lent, a tab between, one a line"
    )
    missing: StringProperty(name="Missing", description="Joints of a fitted skeleton that the character lacks")


_CLASSES = (
    BONEWRIGHT_PG_shape,
    BONEWRIGHT_PG_picture,
    BONEWRIGHT_PG_seen,
    BONEWRIGHT_PG_batch,
    BONEWRIGHT_PG_row,
    BONEWRIGHT_PG_rows,
    BONEWRIGHT_PG_options,
    BONEWRIGHT_PG_mesh_link,
    BONEWRIGHT_PG_checked,
    BONEWRIGHT_PG_warning,
    BONEWRIGHT_PG_spring,
    BONEWRIGHT_PG_rig,
)


_OWNERS = (
    (bpy.types.Scene, BONEWRIGHT_PG_options),
    (bpy.types.Object, BONEWRIGHT_PG_rig),
    (bpy.types.WindowManager, BONEWRIGHT_PG_rows),
)


def register() -> None:
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    for owner, group in _OWNERS:
        setattr(owner, REMEMBERED, PointerProperty(type=group))


def unregister() -> None:
    for owner, _ in reversed(_OWNERS):
        delattr(owner, REMEMBERED)
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
