"""How many characters are what they claim, how many of their joints lie inside, and whether left is left.

`python -m tools.verify_characters --seeds 1000`; what holds for every family is in `tools.verify_shapes`.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

import numpy as np
import tyro

from inference.anatomy import Armature
from inference.rigging.bones.names import other_side, sign_of_side
from training.shapes.characters import CHARACTERS
from training.shapes.humans import HUMANS, human
from training.shapes.making.inscribed import inside
from training.shapes.verify import faults


@dataclass
class Options:
    """What to check."""

    seeds: int = 1000
    first: int = 0
    kinds: tuple[str, ...] = (*CHARACTERS, "human")


def side_faults(armature: Armature) -> dict[str, str]:
    """On symmetric rigs the left is at +X, the right its mirror image, and the middle on the plane."""
    mirror = armature.symmetry
    if mirror is None:
        return {}
    side = mirror.side(0.5 * (armature.heads + armature.tails))
    flipped = mirror.mirror(armature.heads)
    place = {name: number for number, name in enumerate(armature.names)}
    found = {}
    for name, number in place.items():
        if sign_of_side(name) > 0:
            other = place.get(other_side(name))
            if side[number] <= 0:
                found["left"] = f"{name} is not at +X"
            if other is None or np.abs(flipped[number] - armature.heads[other]).max() > 1e-6:
                found["mirror"] = f"{name} has no mirror image"
        elif sign_of_side(name) == 0 and abs(side[number]) > 1e-6:
            found["middle"] = f"{name} is off the plane"
    return found


def main(options: Options) -> None:
    """Check, and print a line for each kind."""
    for kind in options.kinds:
        if kind == "human" and not HUMANS.exists():
            print(f"human      skipped: '{HUMANS}' is not there")
            continue
        generator = human if kind == "human" else CHARACTERS[kind]
        generator(options.first)
        seconds, wrong, inner, sizes, failed = 0.0, Counter[str](), [], [], 0
        for seed in range(options.first, options.first + options.seeds):
            began = time.process_time()
            shape = generator(seed)
            seconds += time.process_time() - began
            if shape.rig is None:
                continue
            found = faults(shape) | side_faults(shape.rig.armature)
            failed += bool(found)
            wrong.update(found)
            inner.append(inside(shape.mesh, shape.rig.armature.heads).mean())
            sizes.append(len(shape.mesh.vertices))
        print(
            f"{kind:10s} {options.seeds / seconds:6.1f} shapes/s  vertices {np.median(sizes):6.0f}  "
            f"joints inside {100 * np.mean(inner):6.2f} %  failed {failed} of {options.seeds}  {dict(wrong)}",
            flush=True,
        )


if __name__ == "__main__":
    main(tyro.cli(Options))
