"""Random ways through the operators: what a user may click in any order. Nothing may raise, crash or lose the mesh."""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np

if __package__:
    from .beside import Beside
else:  # a script in a window has this folder on its path
    from beside import Beside

Step = Callable[[random.Random], object]


class Walk:
    """One random user.

    `how` is "INVOKE_DEFAULT" in a window, where jobs run beside everything else; "BESIDE" has them do so without one.
    `switch` turns the extension off and on again.
    """

    def __init__(self, seed: int, how: str = "EXEC_DEFAULT", switch: Callable[[], object] | None = None) -> None:
        self.choose = random.Random(seed)
        self.how = how
        self.beside = Beside()
        self.log: list[str] = []
        self.mesh = bpy.data.objects["Figure"].data.name
        self.shapes = [_shape(bpy.data.meshes[self.mesh])]  # what the mesh may look like, with undo and redo
        self.steps: dict[str, Callable[[], object]] = {
            "generate": self._generate,
            "front": self._front,
            "try as": lambda: self._ask("try_as"),
            "take": self._take,
            "spheres": lambda: self._ask("spheres"),
            "curves": lambda: self._ask("curves"),
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
            "move": self._move_joint,
            "follow": lambda: self._ask("follow_joints"),
            "weights": lambda: setattr(
                bpy.context.scene.bonewright, "follow", self._one("LIVE", "LIVE", "DONE", "NEVER")
            ),
            "finish": lambda: bpy.ops.bonewright.finish_joints("EXEC_DEFAULT", True),
            "bind": lambda: self._ask("bind"),
            "motion": lambda: bpy.ops.bonewright.test_motion("EXEC_DEFAULT", True),
            "rest": lambda: bpy.ops.bonewright.end_motion("EXEC_DEFAULT", True),
            "check": lambda: self._ask("check"),
            "warning": lambda: bpy.ops.bonewright.show_warning("EXEC_DEFAULT", True, index=self.choose.randrange(3)),
            "rename": lambda: bpy.ops.bonewright.rename_bones(
                "EXEC_DEFAULT", True, convention=self._one("bonewright", "rigify", "mixamo", "unreal", "humanoid")
            ),
            "rest pose": lambda: self._reshape(
                lambda: bpy.ops.bonewright.pose_as_rest(
                    "EXEC_DEFAULT", True, stance=self._one("T", "A", "RELAXED", "POSED")
                )
            ),
            "skeleton": lambda: self._reshape(self._fit_skeleton),
            "shape": lambda: self._ask("generate_shape"),
            "vary": lambda: self._ask("vary_shape"),
            "blend": lambda: self._ask("blend_shapes"),
            "complete": lambda: self._ask("complete_shape"),
            "balls": lambda: self._ask("show_skeleton"),
            "push ball": self._push_ball,
            "decode": lambda: self._ask("decode_skeleton"),
            "remove balls": lambda: bpy.ops.bonewright.remove_skeleton("EXEC_DEFAULT", True, name="Figure_skeleton"),
            "pick two": self._pick_two,
            "undo": self._undo,
            "redo": self._redo,
            "pick mesh": lambda: self._pick("Figure"),
            "pick armature": lambda: self._pick("Figure_rig"),
            "delete armature": lambda: self._delete("Figure_rig"),
            "delete look": lambda: self._delete("Figure_spheres"),
            "other scene": self._other_scene,
            "mode": self._mode,
        }
        if how == "BESIDE":
            self.steps |= {"delete mesh": self._delete_mesh, "other file": self._other_file, "wait": self._wait}
        if switch is not None:
            self.steps["off and on"] = switch

    def step(self) -> None:
        """Do something; an operator may refuse, with words for the user."""
        name = self.choose.choice(list(self.steps)) if self.log else "generate"
        self.log.append(name)
        try:
            self.steps[name]()
            self.beside.look()
        except RuntimeError as error:
            if "Traceback" in str(error):
                raise AssertionError(f"after {self.log}") from error

    def check(self) -> None:
        """The mesh has every vertex where it was, or where a rest pose has put it."""
        data = bpy.data.meshes.get(self.mesh)
        assert data is not None, self.log
        assert any(np.array_equal(_shape(data), known) for known in self.shapes), str(self.log)

    def _one(self, *names: str) -> str:
        return self.choose.choice(names)

    def _generate(self) -> object:
        bpy.context.scene.bonewright.density = self._one("few", "normal")
        bpy.context.scene.bonewright.bind = self.choose.random() < 0.8
        return self._ask("generate")

    def _front(self) -> object:
        """The redo box of Generate, while its result is remembered."""
        operator = bpy.types.Operator.bl_rna_get_subclass_py("BONEWRIGHT_OT_apply_rig")
        jobs = sys.modules[operator.__module__.replace(".operators.generate", ".session.jobs")]
        found = [token for token, kept in jobs._runner.results.items() if isinstance(kept, operator.kept)]
        if not found:
            return None
        front = self._one("found", "-y", "+y", "-x", "+x", "+z", "-z")
        return bpy.ops.bonewright.apply_rig("EXEC_DEFAULT", True, token=found[-1], name="Figure_rig", front=front)

    def _take(self) -> object:
        """One of the pictures; what it starts is a job of its own."""
        return bpy.ops.bonewright.take_attempt("EXEC_DEFAULT", True, index=self.choose.randrange(3))

    def _ask(self, name: str) -> object:
        if self.how != "BESIDE":
            return getattr(bpy.ops.bonewright, name)(self.how)
        self.beside.start(name)
        return self.beside.look(self.choose.choice((0, 0.05, 0.3, 20, 20)))

    def _reshape(self, do: Callable[[], object]) -> None:
        """Something that is meant to put vertices elsewhere."""
        do()
        shape = _shape(bpy.data.meshes[self.mesh])
        assert np.isfinite(shape).all(), self.log
        assert np.ptp(shape) < 4 * np.ptp(self.shapes[0]), self.log
        self.shapes.append(shape)

    def _fit_skeleton(self) -> None:
        bpy.context.scene.bonewright.skeleton = self._one("mixamo", "unreal", "vrm", "rigify", "scene")
        bpy.context.scene.bonewright.keep_pose = self.choose.random() < 0.3
        bpy.ops.bonewright.fit_skeleton("EXEC_DEFAULT", True)

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

    def _move_joint(self) -> object:
        item = bpy.context.edit_object
        if item is None or item.type != "ARMATURE" or not item.data.edit_bones:
            return None
        bone, end = self.choose.choice(list(item.data.edit_bones)), self._one("HEAD", "TAIL")
        place = [part + self.choose.uniform(-0.1, 0.1) for part in (bone.head if end == "HEAD" else bone.tail)]
        straight = self.choose.random() < 0.3
        return bpy.ops.bonewright.move_joint(
            "EXEC_DEFAULT", True, bone=bone.name, end=end, place=place, straight=straight
        )

    def _pick(self, name: str) -> None:
        item = bpy.data.objects.get(name)
        if item is None or item.name not in bpy.context.view_layer.objects:
            return
        if bpy.context.object is not None and bpy.context.object.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        for other in bpy.context.view_layer.objects:
            other.select_set(other == item)
        bpy.context.view_layer.objects.active = item

    def _mode(self) -> None:
        active = bpy.context.object
        if active is None or active.type != "EMPTY":  # which has no other mode
            bpy.ops.object.mode_set(mode=self._one("EDIT", "OBJECT"))

    def _pick_two(self) -> None:
        """Whatever meshes there are, for what wants two."""
        if bpy.context.object is not None and bpy.context.object.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        meshes = [item for item in bpy.context.view_layer.objects if item.type == "MESH"]
        for item in self.choose.sample(meshes, min(2, len(meshes))):
            item.select_set(True)
            bpy.context.view_layer.objects.active = item

    def _push_ball(self) -> None:
        """One of the balls that a shape is drawn around: away, to another size, or off."""
        balls = [item for item in bpy.data.objects if item.get("bonewright_look") == "skeleton point"]
        if not balls or (bpy.context.object is not None and bpy.context.object.mode != "OBJECT"):
            return
        ball = self.choose.choice(balls)
        match self._one("move", "scale", "delete"):
            case "move":
                ball.location.x += self.choose.uniform(-1, 1)
            case "scale":
                ball.scale *= self.choose.choice((0.0, 0.5, 2.0))
            case _:
                bpy.data.objects.remove(ball)
        bpy.ops.ed.undo_push(message="Push")

    def _undo(self) -> None:
        bpy.ops.ed.undo()
        if "Figure" not in bpy.data.objects:  # not so far back that it is not made yet
            bpy.ops.ed.redo()

    def _redo(self) -> None:
        bpy.ops.ed.redo()
        if "Figure" not in bpy.data.objects:  # nor the user's own deletion once more
            bpy.ops.ed.undo()

    def _delete(self, name: str) -> None:
        item = bpy.data.objects.get(name)
        if item is not None and item.mode == "OBJECT":
            bpy.data.objects.remove(item)
            bpy.ops.ed.undo_push(message="Delete")

    def _delete_mesh(self) -> None:
        """Perhaps while a job works on it; then the user wants it back."""
        item = bpy.data.objects.get("Figure")
        if item is None or item.mode != "OBJECT":
            return
        bpy.ops.ed.undo_push(message="Before")
        bpy.data.objects.remove(item)
        bpy.ops.ed.undo_push(message="Delete")
        self._wait()
        for _ in range(9):
            if "Figure" in bpy.data.objects:
                break
            bpy.ops.ed.undo()
        assert "Figure" in bpy.data.objects, self.log

    def _other_file(self) -> None:
        """Save, look into a new file, come back; a job under way ends with the file."""
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "Figür.blend")
            if bpy.context.object is not None and bpy.context.object.mode != "OBJECT":
                bpy.ops.object.mode_set(mode="OBJECT")
            bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)
            self.beside.stop()
            bpy.ops.wm.read_homefile(use_empty=False, use_factory_startup=True)
            bpy.ops.wm.open_mainfile(filepath=path)
        bpy.context.preferences.edit.use_global_undo = True
        bpy.ops.ed.undo_push(message="Opened")

    def _wait(self) -> None:
        self.beside.look(20)

    def _other_scene(self) -> None:
        window = bpy.context.window
        if window is not None:
            others = [scene for scene in bpy.data.scenes if scene != window.scene]
            window.scene = others[0] if others else bpy.data.scenes.new("Other")


def _shape(data: bpy.types.Mesh) -> np.ndarray:
    points = np.empty(3 * len(data.vertices), np.float32)
    data.vertices.foreach_get("co", points)
    return points
