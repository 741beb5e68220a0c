"""New names for bones. Blender carries vertex groups, animation and drivers along."""

from __future__ import annotations

from collections.abc import Mapping

import bpy

from ...typed import armature_data, record_of


def rename_bones(armature: bpy.types.Object, changes: Mapping[str, str]) -> None:
    """Rename old -> new. In two rounds, so that a name may pass from one bone to another."""
    bones = armature_data(armature).bones
    passing = {old: f"\u2026{place}" for place, old in enumerate(changes)}
    for old, between in passing.items():
        bones[old].name = between
    for old, between in passing.items():
        bones[between].name = changes[old]
    record = record_of(armature)
    record.bones = "\n".join(changes.get(name, name) for name in record.bones.split("\n"))
    for warning in record.warnings:
        warning.bones = "\n".join(changes.get(name, name) for name in warning.bones.split("\n"))
