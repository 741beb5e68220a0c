"""What the geometric core makes of rigged assets: the input of the network that corrects it.

In the frame of `surfaces` (Z up, facing -Y, longest side 1, box centred). Made by
`python -m tools.build_dataset guesses`; with `--points N` of generated shapes their surfaces go along.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np

from inference.anatomy import Armature, Mesh
from inference.pipelines.meshes import rig_mesh
from inference.requests import RigOptions

from ..builders.build import Recipe, Records
from ..builders.sources import Source
from ..store.records import Array, Record, read_all
from .surfaces import PackedAsset, pack

UNBOUND = RigOptions(bind=False, method="geometric")
FLOATS = ("heads", "tails", "rolls", "confidence", "radii")
FEW = 16  # points that are packed only to learn how the asset was moved


@dataclass(frozen=True)
class GuessRecord(Record):
    """An armature with all that the core knows of it."""

    PREFIX: ClassVar[str] = "guess"
    names: tuple[str, ...]
    kind: str
    parents: Annotated[np.ndarray, Array("<i4", ("B",))]
    heads: Annotated[np.ndarray, Array("<f4", ("B", 3))]
    tails: Annotated[np.ndarray, Array("<f4", ("B", 3))]
    rolls: Annotated[np.ndarray, Array("<f4", ("B",))]
    connected: Annotated[np.ndarray, Array("?", ("B",))]
    deform: Annotated[np.ndarray, Array("?", ("B",))]
    confidence: Annotated[np.ndarray, Array("<f4", ("B",))]
    radii: Annotated[np.ndarray, Array("<f4", ("B", 2))]

    @staticmethod
    def of(noun: Armature) -> GuessRecord:
        """From the noun."""
        return GuessRecord(**{field.name: getattr(noun, field.name) for field in fields(GuessRecord)})

    def noun(self) -> Armature:
        """As the noun."""
        floats = {name: getattr(self, name).astype(np.float64) for name in FLOATS}
        return Armature(
            self.names, self.parents, **floats, connected=self.connected, deform=self.deform, kind=self.kind
        )


@dataclass(frozen=True)
class Guesses(Recipe):
    """The core's armatures of rigs."""

    points: int = 0  # of the surface, which goes along; 0 leaves it out

    kind: ClassVar[str] = "guesses"

    def make(self, source: Source, name: str) -> Records:
        """The armature of one shape, and its surface."""
        mesh, artist, _ = source.rig(name)
        packed = pack(source, name, self.points or FEW)
        guess = GuessRecord.of(guess_of(mesh, artist.heads, packed))
        return [(guess, None), (packed.stored, None)] if self.points else [(guess, None)]


def guess_of(mesh: Mesh, joints: np.ndarray, packed: PackedAsset) -> Armature:
    """The core's armature of a mesh, moved into the packed frame as the artist's joints (J, 3) were."""
    armature = rig_mesh(mesh, UNBOUND).armature
    turn, shift = _fitted(joints, packed.heads.astype(float) * packed.size)
    heads, tails = ((points @ turn.T + shift) / packed.size for points in (armature.heads, armature.tails))
    return Armature(
        armature.names,
        armature.parents,
        heads,
        tails,
        armature.rolls,
        armature.connected,
        armature.confidence,
        armature.deform,
        armature.radii / packed.size,
        armature.kind,
    )


def _fitted(points: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The turn about Z and the shift that bring points (N, 3) onto targets (N, 3)."""
    from_middle, to_middle = points.mean(0), targets.mean(0)
    a, b = points - from_middle, targets - to_middle
    angle = np.arctan2((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum(), (a[:, :2] * b[:, :2]).sum())
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1.0]])
    return turn, to_middle - turn @ from_middle


def read_guesses(path: Path) -> dict[str, Armature]:
    """By the names of the assets."""
    return {name: record.noun() for name, record in read_all(GuessRecord, path)}
