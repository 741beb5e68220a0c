"""What was tried for a character last, and its pictures as icons; kept until taken or until other meshes are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy
import bpy.utils.previews
import numpy as np

from ....inference.kinds import KINDS
from ...compat import put

if TYPE_CHECKING:
    from ....inference.anatomy import Attempt, Tried


@dataclass
class _Kept:
    first: str  # name of the first mesh
    attempts: tuple[Attempt, ...]
    icons: bpy.utils.previews.ImagePreviewCollection


_kept: list[_Kept] = []


def keep(first: str, tried: Tried) -> None:
    """Show these from now on."""
    forget()
    icons = bpy.utils.previews.new()
    for number, attempt in enumerate(tried.attempts):
        image = icons.new(str(number))
        height, width = attempt.picture.shape[:2]
        put(image, image_size=(width, height))
        pixels = np.ascontiguousarray(attempt.picture[::-1], np.float32) / 255
        image.image_pixels_float.foreach_set(pixels.ravel().data)  # Blender has the lower row first
    _kept.append(_Kept(first, tried.attempts, icons))


def forget() -> None:
    """Nothing was tried."""
    while _kept:
        bpy.utils.previews.remove(_kept.pop().icons)


def attempts_for(meshes: Sequence[bpy.types.Object]) -> tuple[Attempt, ...]:
    """What was tried for these meshes."""
    return _kept[0].attempts if _kept and meshes and meshes[0].name == _kept[0].first else ()


def icon(index: int) -> int:
    """The picture of one of them."""
    return _kept[0].icons[str(index)].icon_id


def label(attempt: Attempt) -> str:
    """What it differs in: "Quadruped, -Y"."""
    facts = [facts.label for kind, facts in KINDS.items() if kind == attempt.kind]
    method = "Geometric" if attempt.method == "geometric" else ""
    return ", ".join(word for word in (*facts, attempt.front.upper(), method) if word)
