"""A worker whose jobs do what the tests need: the seed of a rig job says what."""

import ctypes
import os
import time

import numpy as np

from inference.anatomy import MedialSpheres
from inference.engine import worker
from inference.errors import EmptyMeshError
from inference.progress import Progress
from inference.requests import Job, RigJob

ECHO, STEPS, STUCK, CRASH, REFUSE, MISTAKE, CHATTER, SILENT_LONG = range(8)


def run_trial(job: Job[object], progress: Progress) -> MedialSpheres:
    assert isinstance(job, RigJob)
    match job.options.seed:
        case 1:
            for i in range(1000):
                progress.step(i / 1000, f"step {i}")
                time.sleep(0.01)
        case 2:
            ctypes.PyDLL(None).sleep(60)  # native code that holds the interpreter lock
        case 3:
            os.abort()
        case 4:
            raise EmptyMeshError("'Fox' has no faces. Select a mesh with faces.")
        case 5:
            np.zeros(3)[7] = 1
        case 6:
            os.write(1, b"a library prints\n" * 20_000)
            print("and Python too")
        case 7:
            progress.step(0.25, "long stage")
            time.sleep(1.5)
    return MedialSpheres(job.mesh.vertices, np.ones(len(job.mesh.vertices)), np.zeros(len(job.mesh.vertices), bool))


def main(parent: int) -> None:
    worker.main(parent, run_trial)
