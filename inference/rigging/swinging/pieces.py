"""Loose pieces that hang on a head or a trunk: hair in strips or as a cap, capes, flaps and ribbons."""

from __future__ import annotations

from dataclasses import dataclass

import igl
import numpy as np

from .cones import Cone, cone_of
from .figure import SKULL, SURE, TRUNK, Figure
from .lanes import DIRECTIONS, Hanging, Lane, along_strip, angles, down_cone
from .levels import around

LONG = 1.7  # times as long as wide: a strip
ENOUGH = 0.35  # of the head's length: hair that is shorter does not swing
EARS = 0.55  # of the head's length above its joint: hair swings below that
LOW = 0.0  # hair has to reach so far down, of the head's length above its joint: shorter hair keeps its cut
HOLDS = 0.9  # winding number of a place that a piece closes in on all sides
THIN = 0.25  # the thickness of cloth over its width
CAPE = 0.6  # of the way from the neck to the hips: a cape is longer, a collar is not
FLAP = 0.3  # of a thigh's length: what hangs from the hips is longer
MANY = 6  # strips of hair that are more than these move as one cap
UPPER, HANGS = 0.25, 0.5  # of a piece's height, its upper end; the share of that end that has to hang on something
OPEN = 0.65  # share of directions in which a cape is around a body at most; a shirt goes round it
LEAST = 0.01  # of the surface: what a network calls hair or cloth is larger
UP = np.array([0.0, 0.0, 1.0])
RIGID = ("worn", "rigid", "horn", "eye", "ear", "antenna")  # what does not swing by itself


@dataclass(frozen=True)
class Piece:
    """A part of the surface that may hang."""

    vertices: np.ndarray  # (N,) numbers
    carrier: int  # the bone that moves it
    spans: np.ndarray  # (3,) how long, wide and thick it is
    told: str  # what a network says it is: hair, cloth, or nothing


def hair(figure: Figure) -> list[Hanging]:
    """Strips of hair one by one, or all of it as a cap where it goes round the head."""
    if not figure.has("head"):
        return []
    size = float(figure.armature.lengths[figure.bones["head"]])
    joint = figure.head("head")
    found = []
    for piece in _pieces(figure, SKULL, "hair"):
        points = figure.mesh.vertices[piece.vertices]
        low, long = float(points[:, 2].min()), float(np.ptp(points[:, 2]))
        if piece.told != "hair" and (
            low > joint[2] + LOW * size or long < ENOUGH * size or _holds(figure, piece, figure.bones["head"])
        ):
            continue
        found.append(piece)
    if not found:
        return []
    strips = [piece for piece in found if piece.spans[0] >= LONG * piece.spans[1]]
    caps = [piece for piece in found if piece.spans[0] < LONG * piece.spans[1]]
    if len(strips) > MANY:
        strips, caps = [], found
    hanging = _strips(figure, strips, "hair", figure.bones["head"], joint + size * UP, ENOUGH * size)
    if caps:
        vertices = _mask(figure, caps)
        top = joint[2] + EARS * size
        if top - figure.mesh.vertices[vertices, 2].min() >= ENOUGH * size:
            cone = cone_of(figure.mesh, vertices, "hair", figure.bones["head"], joint[:2], top)
            made = None if cone is None else _down(figure, cone, 0.6 * size)
            hanging += [] if made is None else [made]
    return hanging


def capes(figure: Figure, taken: np.ndarray) -> list[Hanging]:
    """Sheets behind the back, and flaps and ribbons that hang from the trunk; (V,) bool are spoken for already."""
    if not figure.has("head", "hips"):
        return []
    neck = figure.head("neck")[2] if figure.has("neck") else figure.head("head")[2]
    hips = figure.head("hips")
    trunk = max(float(neck - hips[2]), 1e-6)
    hanging: list[Hanging] = []
    flaps = []
    for piece in _pieces(figure, (*TRUNK, "head"), "cloth"):
        if taken[piece.vertices].any():
            continue
        points = figure.mesh.vertices[piece.vertices]
        top, low = points[:, 2].max(), points[:, 2].min()
        behind = points[:, 1].mean() > hips[1]
        if top > neck - 0.35 * trunk and top - low > CAPE * trunk and behind and _is_open(figure, piece, hips):
            made = _cape(figure, piece, float(min(top, neck)) - 0.1 * trunk, hips)
            hanging += [] if made is None else [made]
        elif piece.told == "cloth" or piece.spans[2] < THIN * piece.spans[1]:
            long = figure.has("thigh.L") and top - low > FLAP * figure.armature.lengths[figure.bones["thigh.L"]]
            if long and low < hips[2] and not _holds(figure, piece, piece.carrier):
                flaps.append(piece)
    return hanging + _strips(figure, flaps, "cloth", figure.bones["hips"], hips + trunk * UP, 0.2 * trunk)


def _is_open(figure: Figure, piece: Piece, hips: np.ndarray) -> bool:
    """A piece does not go round the trunk, as a shirt does."""
    points = figure.mesh.vertices[piece.vertices]
    middle = np.abs(points[:, 2] - (points[:, 2].min() + points[:, 2].max()) / 2) < 0.2 * np.ptp(points[:, 2])
    return not middle.any() or around(points[middle, :2], hips[:2]) < OPEN


def _cape(figure: Figure, piece: Piece, top: float, hips: np.ndarray) -> Hanging | None:
    """Three chains down the back: the middle one and one to each side."""
    carrier = figure.bones["chest"] if figure.has("chest") else piece.carrier
    vertices = np.zeros(len(figure.mesh.vertices), bool)
    vertices[piece.vertices] = True
    cone = cone_of(figure.mesh, vertices, "cape", carrier, hips[:2], top)
    made = None if cone is None else _down(figure, cone, 0.35 * (top - float(hips[2])) + 1e-6)
    if made is None:
        return None
    called = {"cape.B": "cape", "cape.B.L": "cape.L", "cape.B.R": "cape.R"}
    lanes = tuple(Lane(called[lane.name], lane.joints, lane.angle) for lane in made.lanes if lane.name in called)
    return Hanging("cape", carrier, made.vertices, lanes, made.angle) if lanes else None


def _down(figure: Figure, cone: Cone, bone: float) -> Hanging | None:
    return down_cone(cone, figure.mesh.vertices, bone, mirrored=figure.armature.symmetry is not None)


def _strips(
    figure: Figure, pieces: list[Piece], base: str, carrier: int, above: np.ndarray, bone: float
) -> list[Hanging]:
    """A chain along each piece, from the end next to what it hangs on."""
    made = []
    middle = figure.armature.heads[carrier]
    order = sorted(pieces, key=lambda piece: _turn(figure.mesh.vertices[piece.vertices].mean(0)[:2], middle[:2]))
    for number, piece in enumerate(order):
        points = figure.mesh.vertices[piece.vertices]
        count = int(np.clip(round(float(piece.spans[0]) / max(bone, 1e-9)), 2, 4))
        joints = along_strip(points, above, count)
        name = base if len(order) == 1 else f"{base}{number + 1}"
        own = np.zeros(len(figure.mesh.vertices), bool)
        own[piece.vertices] = True
        made.append(Hanging(base, carrier, own, (Lane(name, joints),)))
    return made


def _turn(place: np.ndarray, middle: np.ndarray) -> float:
    """From the front over the left, 0..2 pi: the order in which strips are numbered."""
    return float(angles(place[None], middle[None])[0] % (2 * np.pi)) + 1e-9 * len(DIRECTIONS)


def _pieces(figure: Figure, words: tuple[str, ...], part: str) -> list[Piece]:
    """Loose pieces whose upper end bones of these words move, and what a network surely calls `part`."""
    found = []
    count = int(figure.piece.max()) + 1
    carried = np.array([word in words for word in figure.word])
    if count > 1:
        area = np.bincount(figure.piece, figure.areas, count)
        order = np.argsort(figure.piece, kind="stable")
        starts = np.searchsorted(figure.piece[order], np.arange(count + 1))
        body = int(area.argmax())
        rigid = sum((figure.chance(word) for word in RIGID), np.zeros(len(figure.piece)))
        for number in range(count):
            vertices = order[starts[number] : starts[number + 1]]
            weigh = figure.areas[vertices] + 1e-15
            if number == body or len(vertices) < 4 or carried[figure.owner[_upper(figure, vertices)]].mean() <= HANGS:
                continue
            if float(np.average(rigid[vertices], weights=weigh)) > SURE:
                continue
            told = part if float(np.average(figure.chance(part)[vertices], weights=weigh)) > SURE else ""
            found.append(_piece(figure, vertices, told))
    known = np.zeros(len(figure.piece), bool)
    for piece in found:
        known[piece.vertices] = True
    sure = (figure.chance(part) > SURE) & ~known & carried[figure.owner]
    if figure.areas[sure].sum() > LEAST * figure.areas.sum():
        from ...geometry.mesh.clean import vertex_components

        inside = figure.mesh.triangles[sure[figure.mesh.triangles].all(1)]
        label = vertex_components(inside, len(sure))
        for number in np.unique(label[np.unique(inside)]):
            vertices = np.flatnonzero((label == number) & sure)
            if figure.areas[vertices].sum() > LEAST * figure.areas.sum() and len(vertices) >= 4:
                found.append(_piece(figure, vertices, part))
    return found


def _piece(figure: Figure, vertices: np.ndarray, told: str) -> Piece:
    points = figure.mesh.vertices[vertices]
    axes = np.linalg.svd(points - points.mean(0), full_matrices=False)[2]
    spans = np.ptp(points @ axes.T, axis=0)
    votes = np.bincount(figure.owner[vertices], figure.areas[vertices] + 1e-15, len(figure.word))
    return Piece(vertices, int(votes.argmax()), np.sort(spans)[::-1], told)


def _upper(figure: Figure, vertices: np.ndarray) -> np.ndarray:
    """The vertices at the upper end of a piece: what it hangs by. Farther down it may lie nearer to other bones."""
    height = figure.mesh.vertices[vertices, 2]
    return vertices[height >= height.max() - UPPER * np.ptp(height)]


def _holds(figure: Figure, piece: Piece, bone: int) -> bool:
    """The piece is what the bone lies in: a skull, a torso."""
    own = np.zeros(len(figure.mesh.vertices), bool)
    own[piece.vertices] = True
    faces = figure.mesh.triangles[own[figure.mesh.triangles].all(1)].astype(np.int64)
    if len(faces) == 0:
        return False
    head, tail = figure.armature.heads[bone], figure.armature.tails[bone]
    places = np.stack([head * (1 - share) + tail * share for share in (0.3, 0.5, 0.7)])
    inside = np.abs(igl.fast_winding_number(figure.mesh.vertices, faces, places)) > HOLDS
    return int(inside.sum()) >= 2


def _mask(figure: Figure, pieces: list[Piece]) -> np.ndarray:
    mask = np.zeros(len(figure.mesh.vertices), bool)
    for piece in pieces:
        mask[piece.vertices] = True
    return mask
