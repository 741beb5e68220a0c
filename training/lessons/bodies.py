"""Assets of the library as bodies: what each joint and each surface point is, ready to be varied and shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.rigging.bodies.words import CHAINS, PART, PLANS, read_label
from training.datasets.labels import FIGURES, PACKS, VALID
from training.datasets.packed.surfaces import PackedAsset

GROUPS = {
    "head": ("head", "jaw", "tongue", "eye", "face", "ear", "horn", "antenna", "trunk", "hair"),
    "arm": ("arm.clavicle", "arm.upper", "arm.lower", "foreleg.scapula", "foreleg.upper", "foreleg.lower", "claw"),
    "hand": ("arm.hand", "thumb", "index", "middle", "ring", "pinky", "finger", "foreleg.foot", "foreleg.toe"),
    "leg": ("leg.hip", "leg.thigh", "leg.shin", "leg.cannon", "foreleg.cannon", "leg"),
    "foot": ("leg.foot", "leg.toe"),
    "wing": ("wing", "fin.dorsal", "fin.pectoral", "fin.pelvic", "fin.anal", "fluke"),
    "tail": ("tail", "tentacle"),
    "neck": ("neck",),
}  # what grows together where proportions differ; all else is the trunk's
GROUP = {part: 1 + index for index, parts in enumerate(GROUPS.values()) for part in parts}


@dataclass(frozen=True)
class Body:
    """One asset. J joints, S surface points; the frame is that of packed.surfaces."""

    name: str
    split: str
    artist: str
    plan: int  # index into PLANS
    fronted: bool  # whether its front is known
    vertices: int
    quantised: np.ndarray  # (S, 3) int16
    directions: np.ndarray  # (S, 3) int8
    bones: np.ndarray  # (S, 4) uint8
    shares: np.ndarray  # (S, 4) uint8
    joint: np.ndarray  # (S,) the labelled joint that moves each point most
    along: np.ndarray  # (S,) float32, how far along its chain
    parents: np.ndarray  # (J,) in the rig, -1 for the root
    heads: np.ndarray  # (J, 3)
    tails: np.ndarray  # (J, 3)
    part: np.ndarray  # (J,) index into PARTS
    side: np.ndarray  # (J,) index into SIDES
    pair: np.ndarray  # (J,) number of the pair of legs or of the arm
    above: np.ndarray  # (J,) nearest labelled joint towards the root, the joint itself for the first
    group: np.ndarray  # (J,) what it grows with
    counts: np.ndarray  # (len(PARTS),) labelled joints with flesh
    joints: int  # their number
    still: np.ndarray  # (J,) bool, joints that carry the whole body, which no pose turns
    poses: np.ndarray  # (Q, J, 3, 3) turns of each joint against its parent, of clips

    @property
    def labelled(self) -> bool:
        """Whether it is known what its joints are."""
        return self.joints > 0


def body_of(asset: PackedAsset, poses: Path | None) -> Body:
    """An asset with what is known of it; `poses` is the folder of its clips' poses."""
    labels = [read_label(word) for word in asset.labels]
    count = len(labels)
    host = np.arange(count)
    for joint, label in enumerate(labels):  # parents come first
        if not label.part and asset.parents[joint] >= 0:
            host[joint] = host[asset.parents[joint]]
    part = np.array([PART.get(label.part, 0) for label in labels], np.int64)[host]
    side = np.array([label.side for label in labels], np.int64)[host]
    above = np.array([host[p] if p >= 0 else j for j, p in enumerate(asset.parents)], np.int64)[:count]
    joint = host[asset.bones[:, 0]] if count else np.zeros(len(asset.bones), np.int64)
    fleshed = np.unique(joint) if count else np.zeros(0, np.int64)
    counts = np.bincount(part[fleshed], minlength=len(PART)) if count else np.zeros(len(PART), np.int64)
    return Body(
        name=asset.name,
        split=asset.split,
        artist=asset.artist,
        plan=PLANS.index(asset.plan or "other"),
        fronted=asset.faces_front,
        vertices=asset.vertices,
        quantised=asset.quantised,
        directions=asset.directions,
        bones=asset.bones,
        shares=asset.shares,
        joint=joint,
        along=_along(asset, part, side, above, host, joint),
        parents=asset.parents.astype(np.int64),
        heads=asset.heads.astype(np.float64),
        tails=asset.tails.astype(np.float64),
        part=part,
        side=side,
        pair=np.array([label.number for label in labels], np.int64)[host],
        above=above,
        group=np.array([GROUP.get(label.part, 0) for label in labels], np.int64)[host],
        counts=counts,
        joints=len(fleshed),
        still=np.array([asset.parents[j] < 0 or label.part in ("root", "hips") for j, label in enumerate(labels)]),
        poses=_clip_poses(asset, poses),
    )


def _along(
    asset: PackedAsset, part: np.ndarray, side: np.ndarray, above: np.ndarray, host: np.ndarray, joint: np.ndarray
) -> np.ndarray:
    """How far along the chain of its part each point lies, 0 at the body .. 1; (S,) float32."""
    if not len(part):
        return np.zeros(len(joint), np.float32)
    bones = (asset.tails - asset.heads).astype(np.float64)
    length = np.maximum(np.linalg.norm(bones, axis=1), 1e-6)
    chained = np.isin(part, [PART[name] for name in CHAINS])
    before = np.zeros(len(part))  # length of the chain up to each joint
    last = np.arange(len(part))  # the farthest joint of the chain that each joint lies in
    same = chained & (above != np.arange(len(part))) & (part[above] == part) & (side[above] == side)
    for j in np.flatnonzero(same & (host == np.arange(len(part)))):
        before[j] = before[above[j]] + length[above[j]]
    whole = before + length
    for j in np.flatnonzero(same & (host == np.arange(len(part))))[::-1]:
        if whole[last[j]] > whole[last[above[j]]]:
            last[above[j]] = last[j]
    points = asset.points.astype(np.float64)
    here = ((points - asset.heads[joint]) * bones[joint]).sum(1) / length[joint] ** 2
    return ((before[joint] + np.clip(here, 0, 1) * length[joint]) / whole[last[joint]]).clip(0, 1).astype(np.float32)


def _clip_poses(asset: PackedAsset, folder: Path | None) -> np.ndarray:
    """Turns (Q, J, 3, 3) of each joint against its parent in the packed frame; none where there are no clips."""
    count = len(asset.names)
    found = next(iter(folder.glob(f"*/{asset.name}.npz")), None) if folder is not None and count else None
    if found is None or len(asset.axes) != count:
        return np.zeros((0, count, 3, 3), np.float32)
    with np.load(found) as kept:
        names, turned = [str(name) for name in kept["names"]], kept["q"].astype(np.float64)
    if len(set(names)) < len(names) or set(names) != set(asset.names):
        return np.zeros((0, count, 3, 3), np.float32)
    turned = turned[:, [names.index(name) for name in asset.names]]
    local = _matrices(turned)
    return (asset.axes @ local @ asset.axes.transpose(0, 2, 1)).astype(np.float32)


def _matrices(quaternions: np.ndarray) -> np.ndarray:
    """Rotations (..., 3, 3) of quaternions (..., 4) in the order x, y, z, w."""
    unit = quaternions / np.maximum(np.linalg.norm(quaternions, axis=-1, keepdims=True), 1e-9)
    x, y, z, w = np.moveaxis(unit, -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, -1) for row in rows], -2)


def chances_of(
    bodies: list[Body], attributed: float, packs: float, own: float, static: float, made: float = 0.0
) -> np.ndarray:
    """How often each body is shown: by the root of its artist's number of files, and a share for each group.

    Of the artist who made nearly all else, by the root of the number of files of a body plan; of one who made variants
    of a single figure, of what has no joints, and of what generators made, evenly.
    """
    files, plans = Counter(body.artist for body in bodies), Counter((body.artist, body.plan) for body in bodies)
    groups = np.array([_group(body) for body in bodies])
    chances = np.array(
        [
            plans[body.artist, body.plan] ** -0.5 if body.artist == PACKS else files[body.artist] ** -0.5
            for body in bodies
        ]
    )
    for group, share in enumerate((attributed, packs, own, static, made)):
        mine = groups == group
        chances[mine] *= share / max(chances[mine].sum(), 1e-12)
    return chances / chances.sum()


def _group(body: Body) -> int:
    if not body.labelled:
        return 3
    return {PACKS: 1, VALID: 2, FIGURES: 4}.get(body.artist, 0)
