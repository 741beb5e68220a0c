"""A rigged shape as those see it who look for what hangs on it: upright, facing -Y, with its joints found by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...anatomy import Armature, Mesh, SkinWeights
from ...geometry.mesh.clean import vertex_components
from ..bodies.perceived import Perceived
from ..bodies.words import PART
from ..bones.conventions import own_names

SURE = 0.6  # chance from which a point of the surface is believed to be hair or cloth
TRUNK = ("hips", "spine", "chest", "neck", "root", "trunk", "shoulder", "pelvis")  # bones that cloth hangs on
SKULL = ("head", "jaw", "eye", "neck", "ear")  # bones of the head


@dataclass(frozen=True)
class Figure:
    """A cleaned mesh of size 1 or so, +Z up, facing -Y, left at +X, and the rig that moves it."""

    mesh: Mesh
    armature: Armature
    skin: SkinWeights
    seen: Perceived | None = None  # what networks say of its surface, where there are any

    @cached_property
    def bones(self) -> dict[str, int]:
        """The bones by what we would call them."""
        called = own_names(self.armature.names, self.armature.parents)
        return {called[name]: number for number, name in enumerate(self.armature.names)}

    @cached_property
    def piece(self) -> np.ndarray:
        """The connected piece of each vertex, (V,)."""
        return vertex_components(self.mesh.triangles, len(self.mesh.vertices))

    @cached_property
    def owner(self) -> np.ndarray:
        """The bone that moves each vertex most, (V,)."""
        places = self.skin.weights.argmax(1)
        return np.take_along_axis(self.skin.bones, places[:, None], 1)[:, 0]

    @cached_property
    def word(self) -> list[str]:
        """What each bone is, without sides and numbers: `upper_arm`, `spine`."""
        ours = {number: name for name, number in self.bones.items()}
        return [ours[number].split(".")[0] for number in range(len(self.armature.names))]

    @cached_property
    def areas(self) -> np.ndarray:
        """The share of the surface around each vertex, (V,), in its own units."""
        corners = self.mesh.vertices[self.mesh.triangles]
        area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 6
        return np.bincount(self.mesh.triangles.ravel(), np.repeat(area, 3), len(self.mesh.vertices))

    def chance(self, part: str) -> np.ndarray:
        """How likely each vertex is to be `part`, (V,); 0 where no network was asked."""
        if self.seen is None:
            return np.zeros(len(self.mesh.vertices))
        return self.seen.part[self._seen_at, PART[part]]

    @cached_property
    def _seen_at(self) -> np.ndarray:
        from scipy.spatial import KDTree  # here: it is needed only where a network has spoken

        assert self.seen is not None
        return np.asarray(KDTree(self.seen.points).query(self.mesh.vertices)[1])

    def head(self, name: str) -> np.ndarray:
        """Where the joint of the bone `name` is."""
        return self.armature.heads[self.bones[name]]

    def tail(self, name: str) -> np.ndarray:
        """Where the bone `name` ends."""
        return self.armature.tails[self.bones[name]]

    def has(self, *names: str) -> bool:
        """Whether all these bones are there."""
        return all(name in self.bones for name in names)
