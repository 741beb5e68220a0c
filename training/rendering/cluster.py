"""Views over a cluster with Ray. All machines must see the inputs and the output folder under the same paths."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from inference.engine.killable import Limits
from inference.errors import BadRequestError, BonewrightError

from .blender_process import Blender, blender_program
from .items import Item
from .views import Machine, Record, Settings, render_item

ROOT = Path(__file__).resolve().parents[2]
LEFT_BEHIND = [
    "/.git",
    "/.*cache",
    "/.venv*",
    "/build",
    "/dist",
    "/docs",
    "/out",
    "/blender_tests",
    "/tests",
    "/inference/weights",
]


class ClusterError(BonewrightError):
    """Ray is missing, or the cluster cannot be reached."""


class Renderer:
    """One Blender on one of the machines."""

    def __init__(self, settings: Settings, out: Path, machine: Machine) -> None:
        self.settings, self.out, self.threads = settings, out, machine.each()
        self.blender = Blender(blender_program(machine.blender), Limits(silence=machine.timeout_s))

    def render(self, item: Item) -> Record:
        """Render what is missing of the item."""
        return render_item(self.blender, item, self.settings, self.out, self.threads)


def render_on_cluster(
    items: Sequence[Item], settings: Settings, out: Path, machine: Machine, address: str
) -> Iterator[Record]:
    """As `views.render_items`, with Blenders on the machines of the Ray cluster at `address`."""
    if not address:
        raise BadRequestError("The cluster's address is empty. Give auto or ray://machine:10001.")
    try:
        import ray  # pyright: ignore[reportMissingImports]
        from ray.exceptions import RayError  # pyright: ignore[reportMissingImports]
        from ray.util import ActorPool  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise ClusterError("Rendering over a cluster needs Ray. Install it with: pip install 'ray[client]'") from None
    try:
        code = {"working_dir": str(ROOT), "excludes": LEFT_BEHIND}
        ray.init(address=address, runtime_env=code, log_to_driver=False, logging_level=logging.WARNING)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        raise ClusterError(f"No Ray cluster answers at '{address}': {error}") from error
    machine = replace(machine, threads=machine.threads or 1)  # the machines' processors may differ from this one's
    remote = ray.remote(num_cpus=machine.threads)(Renderer)
    try:
        count = min(machine.processes, len(items))
        pool = ActorPool([remote.remote(settings, out.absolute(), machine) for _ in range(count)])
        yield from cast(
            Iterator[Record], pool.map_unordered(lambda renderer, item: renderer.render.remote(item), list(items))
        )
    except RayError as error:
        raise ClusterError(f"The cluster gave up: {error}") from error
    finally:
        ray.shutdown()
