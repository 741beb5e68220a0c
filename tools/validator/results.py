"""What is wrong with the result of rigging one file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inference.pipelines.files import read_mesh, rig_file
from inference.requests import RigOptions
from tools.validator import issues, new_issues
from tools.validator.lossless import losses

SAME = 2e-6  # of the size: how far the rounding of matrices may move a vertex


def check_file(folder: Path, options: RigOptions, source: Path) -> list[str]:
    """Rig a GLB into `folder` and say what is lost, new to the validator, or moved; the result is removed."""
    target = folder / f"{source.parent.name}-{source.name}"
    try:
        rig_file(source, target, options, replace_rig=True)
        wrong = [f"lost: {text}" for text in losses(source, target, replaced=True)]
        wrong += [f"{item.severity}: {item.code} at {item.pointer}" for item in new_issues(*issues([source, target]))]
        before, after = read_mesh(source).vertices, read_mesh(target).vertices
        if not np.allclose(after, before, rtol=0, atol=SAME * np.ptp(before, axis=0).max()):
            wrong.append(f"moved: by up to {np.abs(after - before).max():.3g}")
        return wrong
    finally:
        target.unlink(missing_ok=True)
