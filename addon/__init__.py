"""Everything that imports bpy, and nothing that computes."""

from importlib import import_module

# In the order in which they are switched on. None of them imports NumPy: that waits for the first click.
_ROOMS = (
    "languages",
    "properties",
    "preferences",
    "presets",
    "operators",
    "panels",
    "markers",
    "menus",
    "session.jobs",
    "session.batch",
    "command",
)


def register() -> None:
    """Switch every part on."""
    for room in _ROOMS:
        import_module(f".{room}", __package__).register()


def unregister() -> None:
    """Switch every part off, the last one first."""
    for room in reversed(_ROOMS):
        import_module(f".{room}", __package__).unregister()
