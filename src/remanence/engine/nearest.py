"""A caller's own vector in, the nearest of those he brought out: of one namespace or several, merged by score.

A score is (1 + cosine) / 2: 1 for the same direction, 0.5 for a right angle, 0 for the opposite.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from time import perf_counter_ns

import numpy as np
from numpy.typing import ArrayLike, NDArray

from remanence.engine.arguments import checked_k, checked_threshold
from remanence.engine.history import Past
from remanence.engine.ingest import checked_vector
from remanence.engine.metadata import Where
from remanence.engine.namespace import Namespace
from remanence.engine.vectors import GivenVectors, text_of
from remanence.errors import InvalidFilter, InvalidInput
from remanence.types import SIGNALS, Hit, Hits, Position

_SEMANTIC = SIGNALS.index("semantic")


def search_vector(
    live: Sequence[Namespace | Past],
    vector: ArrayLike,
    *,
    trace_id: str,
    k: int,
    where: Where | None,
    threshold: float | None,
) -> Hits:
    """Return the nearest vectors of all these namespaces together; arguments as in `Memory.search_vector`."""
    started = perf_counter_ns()
    given = checked_vector(vector)
    k, least = checked_k(k), checked_threshold(threshold)
    if where is not None and not isinstance(where, Mapping):
        raise InvalidFilter(f"where is {where!r}; give a mapping of metadata keys to values or operators")
    query = given / np.abs(given).max()  # a length without overflow
    query /= np.sqrt(np.vecdot(query, query))
    found = [_found(each, query, k, where) for each in live]
    hits = found[0] if len(found) == 1 else sorted(chain(*found), key=lambda hit: -hit.score)[:k]
    if least:
        hits = [hit for hit in hits if hit.score >= least]
    timings = {"total": (perf_counter_ns() - started) / 1e3}
    with live[0].lock:
        state = live[0].state()
        position = Position(state.seq, state.digest)
    return Hits(hits, hits[0].score if hits else 0.0, trace_id, timings, position, live[0].around.clock())


def _found(live: Namespace | Past, query: NDArray[np.float32], k: int, where: Where | None) -> list[Hit]:
    with live.lock:
        vectors = live.state().given
        if not vectors.n:
            return []
        if len(query) != vectors.dim:
            raise InvalidInput(
                f"vector has {len(query)} numbers, and the vectors of namespace {live.name!r} have {vectors.dim}; "
                "ask with a vector of the same model"
            )
        rows, cosines = vectors.nearest(query, k, where)
        return [
            _hit(vectors, row, cosine, live.name) for row, cosine in zip(rows.tolist(), cosines.tolist(), strict=True)
        ]


def _hit(vectors: GivenVectors, row: int, cosine: float, namespace: str) -> Hit:
    weighted = [0.0] * len(SIGNALS)
    weighted[_SEMANTIC] = cosine
    value = vectors.payload(row)
    return Hit(
        id=vectors.id_of(row),
        version=vectors.version_of(row),
        text=text_of(value),
        score=min(max((1 + cosine) / 2, 0.0), 1.0),
        weighted=weighted,
        fidelity=1.0,
        at_ns=int(vectors.at[row]),
        speaker="",
        role="",
        session="",
        metadata=vectors.metadata.get(row),
        namespace=namespace,
        kind="vector",
        value=value,
    )
