"""Files rigged by the nodes of a Ray cluster: Ray says where, a killable process on the node does it."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from ...inference.engine.channels import Facts
from ...inference.engine.killable import Killable, Limits
from ...inference.engine.memory import fair_share
from ...inference.errors import BadRequestError, WorkerError
from .engines import Workers
from .facts import Record
from .plan import Engine, FileJob
from .pool import NEEDS_BLENDER, START_SECONDS, News, open_worker, rig_one

AHEAD = 2  # files a processor has waiting, so that it never does
RETRIES = 10  # a file goes to another node when the one that had it is lost
PACKAGE = str(__package__).partition(".addon")[0]  # has to be installed on each node
_mine: dict[Engine, Killable[Facts, Facts]] = {}  # of one process of Ray on a node, from file to file


def run_on_cluster(
    address: str, jobs: Sequence[FileJob], processes: int, limits: Limits, told: Callable[[News], None]
) -> Iterator[News]:
    """Rig `jobs` on the cluster at `address`, up to `processes` at once (0: as many as it has processors).

    Yields each with its record, as they come. What a lost node had begun is done by another one.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        raise BadRequestError("--cluster takes Ray. Install bonewright[cluster], here and on each node.") from None
    try:
        _knock(address)
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except Exception as error:  # Ray has many ways to say that nobody is there
        said = " ".join(str(error).split())[:300]
        raise BadRequestError(f"There is no Ray cluster at '{address}' ({said}).") from error
    try:
        place = ray.remote(num_cpus=1, max_retries=RETRIES)(rig_here)
        waiting, begun = iter(jobs), {}
        while True:
            room = (processes or AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))) - len(begun)
            for job in islice(waiting, max(0, room)):
                begun[place.remote(job, limits)] = job
                told(News(job, 0.0, "waiting for a node"))
            if not begun:
                return
            for reference in ray.wait(list(begun), num_returns=1, timeout=1.0)[0]:
                job = begun.pop(reference)
                yield News(job, 1.0, "", _record(lambda reference=reference: ray.get(reference), job))
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Raise OSError at once where nobody listens: Ray would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), timeout=10.0).close()


def rig_here(job: FileJob, limits: Limits) -> Record:
    """Runs on a node: rig one file with the process that this process of Ray keeps for it."""
    record = rig_one(_worker(job.engine, limits), job, lambda _: None)
    if job.may_switch and record.get("error_type") == NEEDS_BLENDER:
        job = replace(job, engine="blender", reason=str(record["error"]))
        record = rig_one(_worker("blender", limits), job, lambda _: None)
    return record


def _worker(engine: Engine, limits: Limits) -> Killable[Facts, Facts]:
    if engine not in _mine:
        memory = min(limits.memory_mib, fair_share(os.cpu_count() or 1))
        start = [sys.executable, "-m", PACKAGE, "worker"]
        workers = Workers([*start, "gltf"], [*start, "blender"])
        _mine[engine] = open_worker(workers, engine, replace(limits, memory_mib=memory, start_seconds=START_SECONDS))
    _mine[engine].limits = replace(limits, memory_mib=_mine[engine].limits.memory_mib, start_seconds=START_SECONDS)
    return _mine[engine]


def _record(get: Callable[[], Record], job: FileJob) -> Record:
    """What came from a node, or what is to be said of a file that no node lived through."""
    try:
        return get()
    except WorkerError as error:
        raise WorkerError(f"{error} Install bonewright on each node, see docs/cluster.md.") from error
    except Exception as error:  # whatever Ray makes of a node's end
        text = " ".join(str(error).split())[:600]
        told = {"error": f"No node could rig '{job.source.name}': {text}", "error_type": "WorkerError"}
        return {"status": "failed", **told, "quarantined": True, "engine": job.engine}
