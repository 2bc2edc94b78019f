"""The reading half of a namespace: the same calls for the present and for any moment of the past."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from numpy.typing import ArrayLike

from remanence.engine import nearest, reading
from remanence.engine.columns import ALIVE
from remanence.engine.history import Past
from remanence.engine.ingest import name_of
from remanence.engine.kv import Values
from remanence.engine.metadata import Where
from remanence.engine.namespace import Namespace
from remanence.engine.stream import Entries
from remanence.engine.tracing import Tracer
from remanence.errors import NotFound
from remanence.ports import TokenCounter
from remanence.types import Context, Fact, Hits, Item, Position

_VECTORS = ("vector",)  # the kind of all that `search_vector` finds


class Reader:
    """What a namespace holds, or held at a moment; made by `Memory.as_of`. May be used from several threads.

    Attributes:
        namespace: its name.
    """

    def __init__(self, live: Callable[[], Namespace | Past], name: str, trace: Tracer) -> None:
        self.namespace = name
        self._live = live
        self._trace = trace

    def __repr__(self) -> str:
        return f"Reader({self.namespace!r})"

    def facts(self, subject: str | None = None, relation: str | None = None, *, ended: bool = False) -> list[Fact]:
        """Return what is true, by what was stated; those that began first in front.

        Args:
            subject: whom it is about: "user", a speaker, "user's dog"; left out: anyone.
            relation: what is told of them: "name", "residence", "allergy" …; left out: anything.
            ended: with those that are no longer true, or not yet.

        Cost: a look-up with both given; otherwise about 1 µs a fact.
        """
        namespace = self._live()
        who = None if subject is None else name_of("subject", subject)
        what = None if relation is None else name_of("relation", relation)
        with namespace.lock:
            facts = namespace.state().facts
            return facts.ever(who, what) if ended else facts.valid(namespace.valid_ns(), who, what)

    def fact(self, subject: str, relation: str) -> Fact | None:
        """Return the one fact of a relation that is true, the newest where there are several; None where none is."""
        found = self.facts(name_of("subject", subject), name_of("relation", relation))
        return found[-1] if found else None

    @property
    def kv(self) -> Values:
        """JSON values by key."""
        return Values(self._live)

    def stream(self, name: str) -> Entries:
        """Return a stream of JSON values; it need not exist."""
        return Entries(self._live, name)

    def streams(self) -> list[str]:
        """Return the names of the streams that have an entry, oldest first."""
        namespace = self._live()
        with namespace.lock:
            return list(namespace.state().streams)

    def search(
        self,
        query: str,
        *,
        k: int = 10,
        where: Where | None = None,
        kinds: Sequence[str] | None = None,
        threshold: float | None = None,
        depth: str = "fast",
        max_latency_ms: float | None = None,
    ) -> Hits:
        """Return the best memories for a query, best first.

        Args:
            query: a question, a statement, or a few words.
            k: how many at most, 1 to 10,000.
            where: metadata filter: a value, `{"$in": [...]}`, `{"$gte": ...}` and the like by key. A fact has the
                metadata of the memory that states it; keys and streams have none, and pass no filter.
            kinds: what to look among: "text", "fact", "kv", "stream", "vector"; left out: texts. The others are put
                in words on the first query that asks for them, 0.2 ms each, and kept in memory.
            threshold: leave out hits with a lower score, in [0, 1].
            depth: "fast": what the hot state holds.
            max_latency_ms: how long it may take; where the store has a reranker, it spends what the hot state
                leaves of that on looking at the best hits again. At most one small batch late.

        Raises:
            InvalidInput: an empty query, k below 1, an unknown operator, kind or depth.

        Cost: about 0.4 ms at a thousand memories, 1.5 ms at a hundred thousand.
        """
        found = reading.search(
            [self._live()],
            query,
            trace_id=self._trace(),
            k=k,
            where=where,
            kinds=kinds,
            threshold=threshold,
            depth=depth,
            max_latency_ms=max_latency_ms,
        )
        return self._trace.noted(found, query, k, self.namespace, kinds=kinds)

    def context(
        self,
        query: str,
        *,
        budget_tokens: int = 1024,
        profile_tokens: int | None = None,
        counter: TokenCounter | None = None,
        where: Where | None = None,
        kinds: Sequence[str] | None = None,
        threshold: float | None = None,
        depth: str = "fast",
        max_latency_ms: float | None = None,
    ) -> Context:
        """Return what to paste into the prompt for the next turn.

        Args:
            query: what the user said.
            budget_tokens: the text never takes more, by `counter`.
            profile_tokens: what the facts it opens with may take of that; left out: a sixth, and 160 at most.
            counter: gives the tokens of a text; left out: an estimate that needs no vocabulary.
                docs/tokens.md names the tokenizers whose contexts it does not count low, and a dearer one.
            threshold: leave out memories with a lower score, in [0, 1]. Left out: none, but the text is empty
                where the memory does not seem to hold what was asked; 0: never.
            where, kinds, depth, max_latency_ms: as in `search`.

        Cost: as `search`, and some 2 µs a line.
        """
        found = reading.context(
            [self._live()],
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
        return self._trace.noted(found, query, budget_tokens, self.namespace, kinds=kinds)

    def search_vector(
        self, vector: ArrayLike, *, k: int = 10, where: Where | None = None, threshold: float | None = None
    ) -> Hits:
        """Return the nearest of the vectors that `add_vector` kept, nearest first.

        Args:
            vector: (d,), of the model whose vectors were added; any real dtype, of any length but 0.
            k, where: as in `search`; filters are over the metadata of vectors.
            threshold: leave out hits with a lower score, in [0, 1]. A score is (1 + cosine) / 2.

        Returns:
            Hits of kind "vector", with the payload in `value`; `confidence` is the score of the first.

        Raises:
            InvalidInput: it has another number of dimensions than what was added, or no direction.

        Cost: at 384 dimensions 0.2 ms for a thousand vectors; for a hundred thousand 2 ms where they lie in clusters,
        up to 15 ms where they point anywhere.
        """
        found = nearest.search_vector(
            [self._live()], vector, trace_id=self._trace(), k=k, where=where, threshold=threshold
        )
        return self._trace.noted(found, None, k, self.namespace, kinds=_VECTORS)

    def get(self, id: str) -> Item:
        """Return the latest version of a memory, or of a vector: its text is what the payload says.

        Raises:
            NotFound: nothing has this id.
        """
        namespace = self._live()
        with namespace.lock:
            state = namespace.state()
            row = state.row_of(name_of("id", id))
            if row is not None:
                return state.item(row)
            if (row := state.given.row_of(id)) is not None:
                return state.given.item(row)
            raise NotFound(f"no memory {id!r} in namespace {self.namespace!r}")

    def items(self) -> Iterator[Item]:
        """Return the memories that can be found, in the order they were written, as of this call."""
        namespace = self._live()
        with namespace.lock:
            state = namespace.state()
            rows = state.alive_rows().tolist()

        def each() -> Iterator[Item]:
            for row in rows:
                with namespace.lock:
                    item = state.item(row)
                yield item

        return each()

    def __len__(self) -> int:
        namespace = self._live()
        with namespace.lock:
            return namespace.state().alive

    def __contains__(self, id: object) -> bool:
        namespace = self._live()
        with namespace.lock:
            state = namespace.state()
            if not isinstance(id, str):
                return False
            row = state.row_of(name_of("id", id))
            if row is not None:
                return bool(state.columns.flags[row] & ALIVE)
            return (row := state.given.row_of(id)) is not None and state.given.alive(row)

    def history(self, id: str) -> list[Item]:
        """Return all versions of a memory, or of a vector, oldest first.

        Raises:
            NotFound: nothing has this id.
        """
        namespace = self._live()
        with namespace.lock:
            state = namespace.state()
            row = state.row_of(name_of("id", id))
            if row is None and (given := state.given.row_of(id)) is not None:
                return [state.given.item(each) for each in reversed(state.given.versions(given))]
            if row is None:
                raise NotFound(f"no memory {id!r} in namespace {self.namespace!r}")
            versions: list[Item] = []
            while row is not None:
                versions.append(state.item(row))
                row = state.superseded.get(row)
            return versions[::-1]

    def head(self) -> Position:
        """Return where the log of this namespace stands."""
        namespace = self._live()
        with namespace.lock:
            state = namespace.state()
            return Position(state.seq, state.digest)
