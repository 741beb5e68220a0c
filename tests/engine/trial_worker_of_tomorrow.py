"""A worker that an update has left behind, or ahead."""

import trial_worker

from inference.engine import wire


def main(parent: int) -> None:
    wire.PROTOCOL += 1
    trial_worker.main(parent)
