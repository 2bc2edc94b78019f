"""Reading over several namespaces of a store: the same calls for the present and for any time of the past."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from numpy.typing import ArrayLike

from remanence.engine import nearest, reading
from remanence.engine.history import Past
from remanence.engine.ingest import namespace_name
from remanence.engine.metadata import Where
from remanence.engine.namespace import Namespace
from remanence.engine.reader import Reader
from remanence.engine.tracing import Tracer
from remanence.errors import InvalidInput
from remanence.ports import TokenCounter
from remanence.types import Context, Hits

_VECTORS = ("vector",)  # the kind of all that `search_vector` finds


class StoreReader:
    """What the namespaces of a store hold, or held at a time; made by `Store.as_of`."""

    def __init__(self, source: Callable[[str], Namespace | Past], trace: Tracer) -> None:
        self._source = source
        self._trace = trace

    def memory(self, namespace: str) -> Reader:
        """Return what one namespace held then."""
        name = namespace_name(namespace)
        return Reader(lambda: self._source(name), name, self._trace)

    def __getitem__(self, namespace: str) -> Reader:
        return self.memory(namespace)

    def search(
        self,
        query: str,
        *,
        namespaces: Sequence[str],
        k: int = 10,
        where: Where | None = None,
        kinds: Sequence[str] | None = None,
        threshold: float | None = None,
        depth: str = "fast",
        max_latency_ms: float | None = None,
    ) -> Hits:
        """Return the best memories of several namespaces together; arguments as in `Memory.search`.

        The first named is the one that asks: the reading's trace is in its lineage, and in no other.
        """
        live = self._several(namespaces)
        found = reading.search(
            live,
            query,
            trace_id=self._trace(),
            k=k,
            where=where,
            kinds=kinds,
            threshold=threshold,
            depth=depth,
            max_latency_ms=max_latency_ms,
        )
        return self._trace.noted(found, query, k, live[0].name, several=_names(live), kinds=kinds)

    def context(
        self,
        query: str,
        *,
        namespaces: Sequence[str],
        budget_tokens: int = 1024,
        profile_tokens: int | None = None,
        counter: TokenCounter | None = None,
        where: Where | None = None,
        kinds: Sequence[str] | None = None,
        threshold: float | None = None,
        depth: str = "fast",
        max_latency_ms: float | None = None,
    ) -> Context:
        """Return one context from several namespaces; arguments as in `Memory.context`, the trace as in `search`."""
        live = self._several(namespaces)
        found = reading.context(
            live,
            query,
            trace_id=self._trace(),
            budget_tokens=budget_tokens,
            profile_tokens=profile_tokens,
            counter=counter,
            where=where,
            kinds=kinds,
            threshold=threshold,
            depth=depth,
            max_latency_ms=max_latency_ms,
        )
        return self._trace.noted(found, query, budget_tokens, live[0].name, several=_names(live), kinds=kinds)

    def search_vector(
        self,
        vector: ArrayLike,
        *,
        namespaces: Sequence[str],
        k: int = 10,
        where: Where | None = None,
        threshold: float | None = None,
    ) -> Hits:
        """Return the nearest vectors of several namespaces together; arguments as in `Memory.search_vector`, the trace
        as in `search`."""
        live = self._several(namespaces)
        found = nearest.search_vector(live, vector, trace_id=self._trace(), k=k, where=where, threshold=threshold)
        return self._trace.noted(found, None, k, live[0].name, several=_names(live), kinds=_VECTORS)

    def _several(self, namespaces: Sequence[str]) -> list[Namespace | Past]:
        if isinstance(namespaces, str) or not isinstance(namespaces, Iterable):
            raise InvalidInput(f"namespaces is {namespaces!r}; give a list of names")
        names = list(dict.fromkeys(namespace_name(name) for name in namespaces))
        if not names:
            raise InvalidInput("namespaces is empty; name at least one")
        return [self._source(name) for name in names]


def _names(live: Sequence[Namespace | Past]) -> list[str]:
    """Return what namespaces are called where there are several."""
    return [each.name for each in live] if len(live) > 1 else []
