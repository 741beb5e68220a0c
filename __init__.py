"""The repository root is the extension; everything that knows Blender is in `addon`."""


def register() -> None:
    """Called by Blender when the extension is switched on."""
    from . import addon

    addon.register()


def unregister() -> None:
    """Called by Blender when the extension is switched off."""
    from . import addon

    addon.unregister()
