"""Generate Armature: the selected meshes become one rigged character."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty, StringProperty

from ..errors import SceneError
from ..preferences import device
from ..properties import FRONTS as FRONT_ITEMS
from ..properties import INFLUENCES
from ..scene.characters import active_armature, armatures_for, armatures_of, rig_name, selected_meshes
from ..scene.verdict import announcement
from ..typed import armature_data, record_of, settings_of
from .base import ApplyOperator, Told, apply_by
from .job import JobOperator

if TYPE_CHECKING:
    from ...inference.anatomy import Rig
    from ...inference.requests import RigJob, RigOptions
    from ..properties import BONEWRIGHT_PG_options
    from ..scene.meshes import SceneMesh

DISPLAYS = (
    ("OCTAHEDRAL", "Octahedral", "Bones as long octahedra"),
    ("STICK", "Stick", "Bones as lines"),
    ("BBONE", "B-Bone", "Bones as boxes"),
    ("ENVELOPE", "Envelope", "Bones as thick as the shape around them"),
    ("WIRE", "Wire", "Bones as thin wires"),
)
TURNS = (("found", "As Found", "Where it was found to look"), *FRONT_ITEMS[1:])


@dataclass(frozen=True)
class GeneratedRig:
    """A rig, and the objects it is for; names, since pointers do not outlive an undo."""

    rig: Rig
    source: SceneMesh
    replaced: tuple[str, ...]


class BONEWRIGHT_OT_generate(JobOperator["Rig"], bpy.types.Operator):
    """Make an armature that fits the selected meshes, which count as one character, and bind them to it"""

    bl_idname = "bonewright.generate"
    bl_label = "Generate Armature"

    title = "Generating armature"

    def make_job(self, context: bpy.types.Context) -> RigJob:
        from ...inference.requests import RigJob
        from ..scene.adjust.bones import read_locked
        from ..scene.attach import check_writable
        from ..scene.meshes import read_mesh

        options = settings_of(context.scene)
        meshes = selected_meshes(context)
        if options.bind:
            check_writable(meshes)
        old = _replaceable(meshes)
        kept, locked = read_locked(old[0]) if old else (None, ())
        self._replaced = tuple(item.name for item in old)
        self._name = rig_name(context, meshes, old)
        self._source = read_mesh(meshes)
        self.about = tuple(part.name for part in self._source.parts)
        return RigJob(self._source.mesh, rig_options(options, bind=options.bind), locked, kept)

    def take(self, context: bpy.types.Context, result: Rig) -> Told:
        options = settings_of(context.scene)
        apply_by(
            "apply_rig",
            GeneratedRig(result, self._source, self._replaced),
            name=self._name,
            bind=options.bind,
            influences=options.influences,
        )
        return about_armature(context)


class BONEWRIGHT_OT_apply_rig(ApplyOperator[GeneratedRig], bpy.types.Operator):
    """Put the generated armature into the scene"""

    bl_idname = "bonewright.apply_rig"
    bl_label = "Generate Armature"

    name: StringProperty(name="Name", description="Name of the armature")
    bind: BoolProperty(name="Bind", description="Bind the meshes to the armature", default=True)
    influences: IntProperty(name="Influences", description=INFLUENCES, default=4, min=1, max=16)
    display: EnumProperty(name="Display As", description="How bones are drawn", items=DISPLAYS, default="OCTAHEDRAL")
    in_front: BoolProperty(name="In Front", description="Draw the bones over the mesh", default=True)
    front: EnumProperty(
        name="Front",
        description="Where it looks: sides, names and the way joints bend follow, nothing is computed anew",
        items=TURNS,
        default="found",
        options={"SKIP_SAVE"},
    )

    kept = GeneratedRig
    forgotten = "This result is not remembered any more. Generate the armature again."

    def apply(self, context: bpy.types.Context, result: GeneratedRig) -> None:
        from ...inference.requests import FRONTS
        from ...inference.rigging.bones.turned import facing
        from ..scene.apply import apply_outcome
        from ..scene.swinging.kept import keep_springs
        from ..scene.swinging.play import add_play

        influences = self.influences if self.bind else 0
        rig = facing(result.rig, FRONTS[self.front]) if self.front in FRONTS else result.rig
        armature = apply_outcome(context, rig, result.source, self.name, influences, result.replaced)
        if rig.springs and influences:
            keep_springs(armature, rig.springs)
            add_play(context, armature)
        armature.show_in_front = self.in_front
        armature_data(armature).display_type = self.display


def rig_options(options: BONEWRIGHT_PG_options, *, bind: bool) -> RigOptions:
    """What the panel says about armatures."""
    from ...inference.requests import RigOptions

    return RigOptions(
        kind=options.kind,
        method=options.method,
        front=options.front,
        density=options.density,
        fingers=options.fingers,
        spine=options.spine,
        neck=options.neck,
        twist=options.twist,
        swing=options.swing,
        toes=options.toes,
        eyes=options.eyes,
        jaw=options.jaw,
        symmetry="auto" if options.symmetry else "off",
        influences=options.influences,
        bind=bind,
        weights=options.weights,
        seed=options.seed,
        device=device(),
    )


def _replaceable(meshes: list[bpy.types.Object]) -> list[bpy.types.Object]:
    """Armatures that a new one takes the place of: our own. One made by hand is not ours to remove."""
    for item in armatures_of(meshes):
        if not record_of(item).made:
            raise SceneError(
                f"The mesh is already moved by the armature '{item.name}'. Bind to that one instead, or remove its "
                "modifier first."
            )
    return armatures_for(meshes)


def about_armature(context: bpy.types.Context) -> Told:
    """What the armature at hand is, and how good it is."""
    armature = active_armature(context)
    if armature is None:
        return Told("No armature was asked for")
    return Told(announcement(armature), "INFO" if record_of(armature).verdict == "good" else "WARNING")


CLASSES = (BONEWRIGHT_OT_generate, BONEWRIGHT_OT_apply_rig)
