"""Geometric skin weights corrected by a trained network, where it is sure to be better."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix

from ...requests import WeightsMethod
from ...rigging.skin.bind import Correction
from ...rigging.skin.evidence import Evidence
from ...rigging.skin.islands import stiffen
from ...rigging.skin.proxy import Proxy, make_proxy, on_surface
from ...rigging.skin.prune import normalised
from ..chances import sigmoid
from ..loader import Ask
from ..shelf import find_network, needed_network
from .inputs import Answer, skin_inputs

NAME = "skin"
MOST = 6000  # points that are looked at; a denser surface is looked at through a coarser one
FAR = 1e-6  # weight that bones without a part in a point are taken to have
DOUBTED, SURE = 0.4, 0.6  # chance of being better: below the first the geometry stays, above the second it goes
STRANGE, FAMILIAR = 0.3, 0.45  # mean trust in a shape: below the first its kind is too strange to be corrected at all


def learned_weights(method: WeightsMethod = "auto") -> Correction | None:
    """What `bind` calls to correct its weights; None when the geometry's are wanted, or there is nothing better."""
    if method == "geometric":
        return None
    ask = needed_network(NAME) if method == "learned" else find_network(NAME)
    return None if ask is None else lambda evidence: corrected(evidence, ask, everywhere=method == "learned")


def corrected(evidence: Evidence, ask: Ask, *, everywhere: bool = False) -> np.ndarray:
    """Weights (P, B), rows sum to 1; the geometry's where the network is not sure, unless it is wanted `everywhere`."""
    found = _corrected_all(evidence, ask, everywhere=everywhere)
    # What moves as one must not be torn by corrections that differ from point to point.
    return stiffen(evidence.islands, evidence.piece, evidence.areas, found, evidence.parents)


def _corrected_all(evidence: Evidence, ask: Ask, *, everywhere: bool) -> np.ndarray:
    """The same without regard to loose pieces."""
    coarse = make_proxy(evidence.mesh, MOST)
    if coarse.reach == 0.0:
        return _corrected_here(evidence, ask, everywhere=everywhere)
    seen = _through(coarse, evidence)
    change = np.log((_corrected_here(seen, ask, everywhere=everywhere) + FAR) / (seen.weights + FAR))
    result = np.empty_like(evidence.weights)
    for part, found in on_surface(coarse, evidence.mesh.vertices, change):
        moved = (evidence.weights[part] + FAR) * np.exp(found) - FAR
        result[part] = normalised(np.maximum(moved, 0))
    return result


def trusted(better: np.ndarray) -> np.ndarray:
    """How far a correction is followed, 0..1, from the network's logits."""
    return np.clip((sigmoid(better) - DOUBTED) / (SURE - DOUBTED), 0, 1)


def followed(trust: np.ndarray) -> np.ndarray:
    """Trust of single points (P,), lessened where the shape as a whole is strange to the network."""
    return trust * np.clip((trust.mean() - STRANGE) / (FAMILIAR - STRANGE), 0, 1)


def _corrected_here(evidence: Evidence, ask: Ask, *, everywhere: bool) -> np.ndarray:
    inputs = skin_inputs(evidence)
    answer = Answer(*ask(vars(inputs)))
    near = inputs.near[0]
    trust = 1.0 if everywhere else followed(trusted(answer.better[0]))[:, None]
    result = (1 - trust) * evidence.weights
    rows = np.arange(len(near))[:, None]
    result[rows, near] += trust * answer.weights[0]
    return normalised(result)


def _through(coarse: Proxy, evidence: Evidence) -> Evidence:
    """The evidence at the vertices of a coarser surface: means over its clusters by area."""
    total = np.maximum(np.bincount(coarse.cluster, evidence.areas), 1e-12)
    share = np.maximum(evidence.areas, 1e-12) / total[coarse.cluster]
    gather = csr_matrix((share, (coarse.cluster, np.arange(len(share)))), (len(total), len(share)))
    normals = gather @ evidence.normals
    piece = np.zeros(len(total), np.int32)
    piece[coarse.cluster] = evidence.piece  # asked of the coarse faces, vertices that have lost theirs would be pieces
    return replace(
        evidence,
        mesh=coarse.mesh,
        normals=normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9),
        piece=piece,
        areas=total,
        detour=gather @ evidence.detour,
        nearest=gather @ evidence.nearest,
        sources=csr_matrix(gather @ evidence.sources),
        spread=normalised(gather @ evidence.spread),
        weights=normalised(gather @ evidence.weights),
    )
