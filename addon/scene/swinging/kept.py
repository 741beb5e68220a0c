"""What is noted with an armature about what swings."""

from __future__ import annotations

from collections.abc import Sequence

import bpy

from ....inference.anatomy import Spring
from ...typed import armature_data, record_of


def keep_springs(armature: bpy.types.Object, springs: Sequence[Spring]) -> None:
    """Note with the armature what swings, and which of its bones are there for that alone."""
    record = record_of(armature)
    record.springs.clear()
    for spring in springs:
        entry = record.springs.add()
        entry.name, entry.bones, entry.around = spring.name, "\n".join(spring.bones), "\n".join(spring.around)
        entry.stiffness, entry.gravity, entry.drag = spring.stiffness, spring.gravity, spring.drag
        entry.radius, entry.added = spring.radius, spring.added
    record.swing_bones = "\n".join(bone for spring in springs if spring.added for bone in spring.bones)


def springs_of(armature: bpy.types.Object) -> list[Spring]:
    """What was noted with the armature, as far as its bones are still there."""
    bones = armature_data(armature).bones
    return [
        Spring(
            name=entry.name,
            bones=tuple(entry.bones.split("\n")),
            stiffness=entry.stiffness,
            gravity=entry.gravity,
            drag=entry.drag,
            radius=entry.radius,
            around=tuple(name for name in entry.around.split("\n") if name),
            added=entry.added,
        )
        for entry in record_of(armature).springs
        if all(name in bones for name in entry.bones.split("\n"))
    ]
