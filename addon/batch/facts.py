"""What the report says about a rig; only what JSON can hold."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...inference.anatomy import Rig

Record = dict[str, object]  # of one file


def facts_of(rig: Rig, vertices: int, meshes: Sequence[str]) -> Record:
    """The facts of a rig made for so many vertices of the meshes of these names."""
    armature, report = rig.armature, rig.report
    return {
        "kind": armature.kind,
        "vertices": vertices,
        "meshes": list(meshes),
        "bones": [
            {"name": name, "parent": armature.names[parent] if parent >= 0 else None, "confidence": round(sure, 4)}
            for name, parent, sure in zip(armature.names, armature.parents, armature.confidence.tolist(), strict=True)
        ],
        "symmetric": armature.symmetry is not None,
        "facing": [round(float(number), 6) for number in rig.pose.forward],
        "coverage": _number(report.coverage),
        "inside": _number(report.inside),
        "inside_worst": _number(report.inside_worst),
        "stretch": _number(report.stretch),
        "device": report.device,
        "valid": bool(report.valid),
        "score": _number(report.score),
        "verdict": report.verdict,
        "certainty": _number(report.certainty),
        "reasons": list(report.reasons),
        "warnings": [
            {"message": warning.message, "bones": list(warning.bones), "vertices": len(warning.vertices)}
            for warning in report.warnings
        ],
    }


def _number(value: float) -> float | None:
    """As JSON can hold it: there is no infinity in it."""
    return round(float(value), 6) if math.isfinite(value) else None
