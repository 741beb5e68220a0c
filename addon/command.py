"""`blender --command bonewright ...`: registered at start-up, loaded only when it is called."""

from __future__ import annotations

import bpy

_handles: list[object] = []


def register() -> None:
    """Make the command known to Blender."""
    _handles.append(bpy.utils.register_cli_command("bonewright", _run))


def unregister() -> None:
    """Take the command back."""
    while _handles:
        bpy.utils.unregister_cli_command(_handles.pop())


def _run(arguments: list[str]) -> int:
    from .cli import command
    from .networks import users_weights

    users_weights()
    start = [bpy.app.binary_path, "--command", "bonewright"]
    return command(arguments, start, "blender --command bonewright", online=bpy.app.online_access)
