"""The frame that a rig's bones are written in."""

from __future__ import annotations

import numpy as np

from ...anatomy import Mesh, Rig
from ...frames import Frame
from ...geometry.mesh.surface import used_vertices
from ..bones.names import sign_of_side


def ground_frame(rig: Rig, mesh: Mesh) -> Frame:
    """Its origin lies on the ground under the middle of the mesh; the character's left is its +X, the back its +Y.

    So whatever mirrors in an armature's own X works whichever way the character faces. A rig without a left and a
    right keeps the axes of the mesh.
    """
    armature = rig.armature
    axes = np.eye(3)
    if armature.symmetry is not None or any(sign_of_side(name) for name in armature.names):
        axes = np.round(np.stack([rig.pose.left, -rig.pose.forward, rig.pose.up]), 12) + 0.0  # no -0
    points = used_vertices(mesh)
    points = points[np.isfinite(points).all(1)] @ axes.T
    low, high = points.min(0), points.max(0)
    origin = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]]) @ axes
    if armature.symmetry is not None:
        origin = origin - armature.symmetry.side(origin[None])[0] * armature.symmetry.normal
    return Frame(axes, 1.0, origin)
