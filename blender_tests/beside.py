"""Jobs beside everything else where no window sends timer events: what the modal operators do, done by hand."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import bpy


class Beside:
    """One job of the real worker, started by an operator's own code and applied by it."""

    def __init__(self) -> None:
        self._hand: SimpleNamespace | None = None
        self._operator: type | None = None
        self._number = 0

    @property
    def busy(self) -> bool:
        return self._operator is not None and self._jobs().is_under_way(self._number)

    def start(self, name: str) -> None:
        """Invoke the operator called `name`; where it refuses, nothing happens."""
        if self.busy or not getattr(bpy.ops.bonewright, name).poll():
            return
        self._operator = operator = bpy.types.Operator.bl_rna_get_subclass_py(f"BONEWRIGHT_OT_{name}")
        known = getattr(bpy.ops.bonewright, name).get_rna_type().properties
        usual = {prop.identifier: prop.default for prop in known if hasattr(prop, "default")}
        self._hand = hand = SimpleNamespace(_read=lambda context: operator._read(hand, context), **usual)
        self._number = self._jobs().start(operator.title, self, bpy.context)

    def look(self, seconds: float = 0.0) -> None:
        """A timer event after `seconds`, or as soon as the job is done: apply what came of it."""
        if self.busy and self._jobs().ticket().wait(seconds):
            self._jobs().look(self._number, self, bpy.context)

    def stop(self) -> None:
        """Blender ends the operator, as when another file is opened."""
        if self.busy:
            self._jobs().end(self._number)

    def read(self, context: bpy.types.Context) -> tuple[object, tuple[str, ...]]:
        return self._operator.make_job(self._hand, context), getattr(self._hand, "about", ())

    def apply(self, context: bpy.types.Context, result: object) -> tuple[str, str]:
        told = self._operator.take(self._hand, context, result)
        return told.level, told.text

    def allowed(self, context: bpy.types.Context) -> bool:
        return self._operator.poll(context)

    def tell(self, level: str, text: str) -> None:
        assert "made a mistake" not in text, text

    def _jobs(self) -> ModuleType:
        assert self._operator is not None
        return sys.modules[f"{self._operator.__module__.split('.addon.')[0]}.addon.session.jobs"]
