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
        self._running = None

    @property
    def busy(self) -> bool:
        return self._running is not None

    def start(self, name: str) -> None:
        """Invoke the operator called `name`; where it refuses, nothing happens."""
        if self.busy or not getattr(bpy.ops.bonewright, name).poll():
            return
        self._operator = bpy.types.Operator.bl_rna_get_subclass_py(f"BONEWRIGHT_OT_{name}")
        errors = self._module("inference.errors")
        known = getattr(bpy.ops.bonewright, name).get_rna_type().properties
        usual = {prop.identifier: prop.default for prop in known if hasattr(prop, "default")}
        self._hand = hand = SimpleNamespace(_read=lambda context: self._operator._read(hand, context), **usual)
        try:
            job = self._operator.make_job(hand, bpy.context)
            self._running = self._module("addon.session").start(self._operator.title, job)
        except errors.BonewrightError:
            self._running = None

    def look(self, seconds: float = 0.0) -> None:
        """A timer event after `seconds`, or as soon as the job is done: apply what came of it."""
        running = self._running
        if running is None or not running.ticket.wait(seconds):
            return
        self._running = None
        self._module("addon.session").end(running)
        errors = self._module("inference.errors")
        try:
            self._operator.take(self._hand, bpy.context, running.ticket.result())
        except errors.UnexpectedError:
            raise
        except errors.BonewrightError:
            pass  # refused, with words for the user

    def stop(self) -> None:
        """Blender ends the operator, as when another file is opened."""
        if self._running is not None:
            self._module("addon.session").end(self._running)
            self._running = None

    def _module(self, name: str) -> ModuleType:
        assert self._operator is not None
        return sys.modules[f"{self._operator.__module__.split('.addon.')[0]}.{name}"]
