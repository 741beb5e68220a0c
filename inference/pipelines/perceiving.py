"""What perception makes of a shape that stands: parts, votes and the armature they come to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..anatomy import Armature, Mesh
from ..geometry.mesh.surface import shuffled_samples
from ..networks.perception.apply import perceive
from ..networks.perception.inputs import POINTS
from ..networks.shelf import perception_network
from ..requests import Density
from ..rigging.bodies.interior import Interior
from ..rigging.bodies.perceived import Perceived
from ..rigging.bodies.words import PLANS, kinds_of
from ..rigging.bones.moved import tips_drawn_in
from ..rigging.plans.proposals import StandingShape
from ..rigging.votes.armature import voted_armature

LOOKS = 2
SURE = 0.5  # chance from which a body plan is believed
SURE_OF_KIND = 0.65  # chance from which a kind is believed against the geometry's: from 0.98 down more kinds are right
MORE: dict[Density, float] = {"few": 0.6, "normal": 1.0, "many": 1.6}  # joints beside as many as suit the shape


def perceived_shape(shape: StandingShape, density: Density = "normal", seed: int = 0) -> Perceived | None:
    """What the network says of a shape's surface, in its canonical frame; None without the network's weights."""
    network = perception_network()
    if network is None:
        return None
    points, normals = shuffled_samples(shape.mesh, LOOKS * POINTS, seed)
    vertices = len(shape.mesh.vertices)
    first = perceive(network, points, normals, vertices, looks=1)
    # Told what it is and how many joints there are to be, points that could belong to several rigs agree on one.
    plan = PLANS[int(first.plan.argmax())] if first.plan.max() >= SURE else ""
    return perceive(network, points, normals, vertices, first.joints * MORE[density], plan, LOOKS)


def at_a_glance(mesh: Mesh, seed: int = 0) -> Perceived | None:
    """What one look at a mesh that stands and faces -Y tells; None without the network's weights."""
    network = perception_network()
    if network is None:
        return None
    points, normals = shuffled_samples(mesh, POINTS, seed)
    return perceive(network, points, normals, len(mesh.vertices), looks=1, mirrored=False)


def surely_kind(seen: Perceived) -> str:
    """The kind that a shape is, where the network is next to certain; else nothing."""
    kinds = kinds_of(seen.plan)
    kind = max(kinds, key=lambda name: kinds[name])
    return kind if kinds[kind] >= SURE_OF_KIND else ""


def voted_shape(shape: StandingShape, seen: Perceived) -> Armature | None:
    """The armature that the points of a shape vote for; None where there is none."""
    size = float(np.ptp(shape.mesh.vertices, axis=0).max())
    made = voted_armature(seen, size, even=shape.frame.symmetric)
    if made is None:
        return None
    interior = Interior(shape.solid)
    tails = tips_drawn_in(made, interior)
    return replace(made, tails=tails, radii=np.stack([interior.depth(made.heads), interior.depth(tails)], 1))
