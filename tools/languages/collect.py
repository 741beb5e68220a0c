"""Every word that the add-on shows: of what is registered in Blender, and of what panels and operators write."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import bpy

ADDON = Path(__file__).resolve().parents[2] / "addon"
_SKIPPED = ("rna_type", "name")  # properties that every group has
# Of groups that hold what is remembered, only these are shown.
_INNER: dict[str, tuple[str, ...]] = {
    "BONEWRIGHT_PG_rig": ("mirror",),
    "BONEWRIGHT_PG_mesh_link": (),
    "BONEWRIGHT_PG_checked": (),
    "BONEWRIGHT_PG_warning": (),
    "BONEWRIGHT_PG_row": (),
    "BONEWRIGHT_PG_rows": (),
}
_SHOWN_BY = ("label", "operator", "operator_menu_enum", "prop", "template_ID", "menu")  # of a layout
_TRANSLATED_BY = ("tr", "poll_message_set")


def collect() -> list[str]:
    """All of them, each once, in the order in which they are met. The add-on must be registered."""
    from bonewright.addon.scene.tour.steps import STEPS
    from bonewright.addon.scene.verdict import WORDS

    found = [*_registered(), *_written(), *WORDS, *STEPS]
    return [text for text in dict.fromkeys(found) if any(letter.isalpha() for letter in text)]


def _registered() -> Iterator[str]:
    """Labels, names and tooltips."""
    import bpy

    kinds = (bpy.types.Panel, bpy.types.Operator, bpy.types.PropertyGroup, bpy.types.AddonPreferences)
    ours = {cls for kind in kinds for cls in _below(kind) if cls.__name__.startswith("BONEWRIGHT_")}
    for cls in sorted(ours, key=lambda cls: (cls.__module__, cls.__qualname__)):
        rna = getattr(cls, "bl_rna", None)
        if rna is None:
            continue
        if issubclass(cls, bpy.types.Panel | bpy.types.Operator):
            yield rna.name if not hasattr(cls, "bl_label") else cls.bl_label
        if issubclass(cls, bpy.types.Operator):
            yield " ".join((cls.__doc__ or "").split())
        for prop in _properties(cls):
            if (
                prop.identifier in _SKIPPED
                or prop.is_hidden
                or (prop.type in ("POINTER", "COLLECTION") and not prop.description)
            ):
                continue
            yield from (prop.name, prop.description)
            if isinstance(prop, bpy.types.EnumProperty):
                for item in prop.enum_items_static:
                    yield from (item.name, item.description)


def _properties(cls: type) -> list[bpy.types.Property]:
    """Those of ours that are drawn somewhere."""
    import bpy

    if issubclass(cls, bpy.types.Operator):
        module, name = cls.bl_idname.split(".")
        return list(getattr(getattr(bpy.ops, module), name).get_rna_type().properties)
    own = getattr(cls, "__annotations__", {})
    found = [prop for prop in cls.bl_rna.properties if prop.identifier in own]
    if cls.__name__ in _INNER:
        return [prop for prop in found if prop.identifier in _INNER[cls.__name__]]
    return found


def _below(cls: type) -> Iterator[type]:
    for below in cls.__subclasses__():
        yield below
        yield from _below(below)


def _written() -> Iterator[str]:
    """What is drawn as it stands, and what is translated before something is filled in."""
    for path in sorted(ADDON.rglob("*.py")):
        if path.parent.name == "languages":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["title"]:
                yield from _constants(node.value)
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in _SHOWN_BY:
                yield from (text for key in node.keywords if key.arg == "text" for text in _constants(key.value))
            if name in _TRANSLATED_BY and node.args:
                yield from _constants(node.args[0])


def _constants(node: ast.expr) -> Iterator[str]:
    """The strings that an argument may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)
