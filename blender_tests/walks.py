"""Random ways through the operators: what a user may click in any order. Nothing may raise, crash or lose the mesh."""

from __future__ import annotations

import random
from collections.abc import Callable

import bpy
import numpy as np

Step = Callable[[random.Random], object]


class Walk:
    """One random user. `how` is "INVOKE_DEFAULT" in a window, where jobs run beside everything else."""

    def __init__(self, seed: int, how: str = "EXEC_DEFAULT") -> None:
        self.choose = random.Random(seed)
        self.how = how
        self.log: list[str] = []
        self.mesh = bpy.data.objects["Figure"].data.name
        self.before = _shape(bpy.data.meshes[self.mesh])
        self.steps: dict[str, Callable[[], object]] = {
            "generate": self._generate,
            "spheres": lambda: bpy.ops.bonewright.spheres(how),
            "curves": lambda: bpy.ops.bonewright.curves(how),
            "cancel": lambda: bpy.ops.bonewright.cancel(),
            "colours": lambda: bpy.ops.bonewright.bone_colours(
                "EXEC_DEFAULT", True, colours=self._one("LIMBS", "CONFIDENCE")
            ),
            "edit": lambda: bpy.ops.bonewright.edit_joints("EXEC_DEFAULT", True),
            "split": self._on_a_bone(lambda: bpy.ops.bonewright.split_bones("EXEC_DEFAULT", True)),
            "merge": self._on_a_bone(lambda: bpy.ops.bonewright.merge_bones("EXEC_DEFAULT", True)),
            "remove": self._on_a_bone(lambda: bpy.ops.bonewright.remove_bones("EXEC_DEFAULT", True)),
            "centre": self._on_a_bone(lambda: bpy.ops.bonewright.centre_joints("EXEC_DEFAULT", True)),
            "mirror": self._on_a_bone(lambda: bpy.ops.bonewright.mirror_bones("EXEC_DEFAULT", True)),
            "lock": self._on_a_bone(
                lambda: bpy.ops.bonewright.lock_bones("EXEC_DEFAULT", True, locked=self._one("", "x") == "x")
            ),
            "finish": lambda: bpy.ops.bonewright.finish_joints("EXEC_DEFAULT", True),
            "bind": lambda: bpy.ops.bonewright.bind(how),
            "motion": lambda: bpy.ops.bonewright.test_motion("EXEC_DEFAULT", True),
            "rest": lambda: bpy.ops.bonewright.end_motion("EXEC_DEFAULT", True),
            "check": lambda: bpy.ops.bonewright.check(how),
            "warning": lambda: bpy.ops.bonewright.show_warning("EXEC_DEFAULT", True, index=self.choose.randrange(3)),
            "rename": lambda: bpy.ops.bonewright.rename_bones(
                "EXEC_DEFAULT", True, convention=self._one("bonewright", "rigify", "mixamo", "unreal", "humanoid")
            ),
            "undo": self._undo,
            "redo": lambda: bpy.ops.ed.redo(),
            "pick mesh": lambda: self._pick("Figure"),
            "pick armature": lambda: self._pick("Figure_rig"),
            "delete armature": lambda: self._delete("Figure_rig"),
            "delete look": lambda: self._delete("Figure_spheres"),
            "other scene": self._other_scene,
            "mode": lambda: bpy.ops.object.mode_set(mode=self._one("EDIT", "OBJECT")),
        }

    def step(self) -> None:
        """Do something; an operator may refuse, with words for the user."""
        name = self.choose.choice(list(self.steps)) if self.log else "generate"
        self.log.append(name)
        try:
            self.steps[name]()
        except RuntimeError as error:
            if "Traceback" in str(error):
                raise AssertionError(f"after {self.log}") from error

    def check(self) -> None:
        """The mesh has every vertex where it was."""
        data = bpy.data.meshes.get(self.mesh)
        assert data is not None, self.log
        np.testing.assert_array_equal(_shape(data), self.before, str(self.log))

    def _one(self, *names: str) -> str:
        return self.choose.choice(names)

    def _generate(self) -> object:
        bpy.context.scene.bonewright.density = self._one("few", "normal")
        bpy.context.scene.bonewright.bind = self.choose.random() < 0.8
        return bpy.ops.bonewright.generate(self.how)

    def _on_a_bone(self, do: Callable[[], object]) -> Callable[[], object]:
        def step() -> object:
            item = bpy.context.edit_object
            if item is None or item.type != "ARMATURE" or not item.data.edit_bones:
                return None
            bone = self.choose.choice(list(item.data.edit_bones))
            for other in item.data.edit_bones:
                other.select = other.select_head = other.select_tail = other == bone
            return do()

        return step

    def _pick(self, name: str) -> None:
        item = bpy.data.objects.get(name)
        if item is None or item.name not in bpy.context.view_layer.objects:
            return
        if bpy.context.object is not None and bpy.context.object.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        for other in bpy.context.view_layer.objects:
            other.select_set(other == item)
        bpy.context.view_layer.objects.active = item

    def _undo(self) -> None:
        bpy.ops.ed.undo()
        if self.mesh not in bpy.data.meshes:  # not so far back that the mesh is not made yet
            bpy.ops.ed.redo()

    def _delete(self, name: str) -> None:
        item = bpy.data.objects.get(name)
        if item is not None and item.mode == "OBJECT":
            bpy.data.objects.remove(item)
            bpy.ops.ed.undo_push(message="Delete")

    def _other_scene(self) -> None:
        window = bpy.context.window
        if window is not None:
            others = [scene for scene in bpy.data.scenes if scene != window.scene]
            window.scene = others[0] if others else bpy.data.scenes.new("Other")


def _shape(data: bpy.types.Mesh) -> np.ndarray:
    points = np.empty(3 * len(data.vertices), np.float32)
    data.vertices.foreach_get("co", points)
    return points
