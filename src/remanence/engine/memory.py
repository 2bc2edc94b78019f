"""One namespace as its user sees it: the front of the two walks.

It checks what it is given, calls the walk, and shapes what comes back. It holds no state of its own. What it reads is
in `Reader`, which serves the past as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from numpy.typing import ArrayLike

from remanence.engine.following import checked_timeout, following
from remanence.engine.history import Past, When, moment_of
from remanence.engine.ingest import Draft, draft, name_of, vectored
from remanence.engine.kv import Kv
from remanence.engine.lineage import lineage_of, why
from remanence.engine.namespace import Namespace
from remanence.engine.reader import Reader
from remanence.engine.stream import Stream
from remanence.engine.telling import ended, told
from remanence.engine.tracing import Tracer
from remanence.engine.watching import changes
from remanence.errors import InvalidInput
from remanence.lineage import Lineage, Why
from remanence.records import Faded, Pinned, Reinforced
from remanence.types import Change, Fact, Position, Receipt, Stats


class Memory(Reader):
    """The memories of one namespace. May be used from several threads.

    Attributes:
        namespace: its name.
        agent: who is using it, as given to `Store.memory`.
        budget_bytes: hot bytes it is meant to keep; reported by `stats`, not enforced yet.
    """

    def __init__(
        self,
        live: Callable[[], Namespace],
        name: str,
        budget_bytes: int,
        agent: str | None,
        trace: Tracer,
    ) -> None:
        super().__init__(live, name, trace)
        self.agent = agent
        self.budget_bytes = budget_bytes
        self._writing = live

    def __repr__(self) -> str:
        return f"Memory({self.namespace!r})"

    # --- writing ------------------------------------------------------------------------------------

    def add(
        self,
        text: str,
        *,
        speaker: str | None = None,
        role: str | None = None,
        at: datetime | str | None = None,
        session: str | None = None,
        id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        salience: float = 1.0,
        pinned: bool = False,
        ttl: float | None = None,
        durable: bool = False,
    ) -> Receipt:
        """Remember a text; the next search finds it.

        Args:
            text: what was said; at most `Config.max_text_bytes` of UTF-8.
            speaker: who said it.
            role: "user", "assistant", "system" or "tool"; left out: "user" when there is no speaker.
            at: when it was said, a datetime or ISO 8601, naive means UTC; left out: now.
            session: which conversation it belongs to; left out: turns less than half an hour apart
                belong together.
            id: the caller's name for it; the same id with another text is a new version.
            metadata: plain values by key, for `where` filters.
            salience: how much it matters, above 0; 1 is ordinary.
            pinned: keep it whatever the budget.
            ttl: seconds from now after which no search finds it; left out: for good.
            durable: return only when it is on the disk.

        Raises:
            InvalidInput: with what is wrong; nothing was written.
            QuotaExceeded: the namespace holds as much as `Config.quotas` allows; nothing was written.
            StorageError: the disk failed; nothing was written.

        Cost: about 0.3 ms, a third of it the rules for facts; 0.6 ms and more when durable.
        """
        around = self._writing().around
        said = draft(
            text,
            embedder=around.embedder,
            config=around.config,
            speaker=speaker,
            role=role,
            at=at,
            session=session,
            id=id,
            metadata=metadata,
            salience=salience,
            pinned=pinned,
            ttl_s=ttl,
            now_ns=0 if ttl is None else around.clock(),
        )
        return self._write([said], durable)

    def add_turn(
        self,
        *,
        user: str | None = None,
        assistant: str | None = None,
        trace_id: str | None = None,
        speaker: str | None = None,
        at: datetime | str | None = None,
        session: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        durable: bool = False,
    ) -> Receipt:
        """Remember both sides of one turn, together or not at all; either may be left out.

        Args:
            user: what the user said.
            assistant: what the agent answered.
            trace_id: the reading (`Context.trace_id`) the answer was made from.
            speaker: the user's name.
            at, session, metadata, durable: as in `add`.

        Returns:
            A receipt with the ids of both in `.ids`.
        """
        if user is None and assistant is None:
            raise InvalidInput("a turn needs user=..., assistant=... or both")
        around = self._writing().around
        spoken = partial(
            draft, embedder=around.embedder, config=around.config, at=at, session=session, metadata=metadata
        )
        drafts: list[Draft] = []
        if user is not None:
            tied = trace_id if assistant is None else None
            drafts.append(spoken(user, speaker=speaker, role="user", trace_id=tied))
        if assistant is not None:
            drafts.append(spoken(assistant, speaker=self.agent, role="assistant", trace_id=trace_id))
        return self._write(drafts, durable)

    def add_vector(
        self,
        vector: ArrayLike,
        payload: Any,
        *,
        id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        at: datetime | str | None = None,
        durable: bool = False,
    ) -> Receipt:
        """Keep a vector of the caller's own model with what it stands for; the next `search_vector` finds it.

        Args:
            vector: (d,), any real dtype, finite, not all zero; only its direction is searched by. The first of a
                namespace fixes d. The log keeps it as float32.
            payload: what JSON can hold; a str is the text of the hit.
            id: the caller's name for it, which no text may have; the same id replaces what was there, as a new
                version. Left out: `v<seq>`.
            metadata: plain values by key, for `where` filters.
            at: when it happened, a datetime or ISO 8601, naive means UTC; left out: now.
            durable: return only when it is on the disk.

        Raises:
            InvalidInput: with what is wrong; nothing was written.
            StorageError: the disk failed; nothing was written.

        Cost: about 0.3 ms at 384 dimensions, and as many bytes of memory, some 90 and the payload.
        """
        config = self._writing().around.config
        return self._write([vectored(vector, payload, config=config, id=id, metadata=metadata, at=at)], durable)

    def used(self, trace_id: str, ids: Sequence[str]) -> Receipt:
        """Record that these memories were of use in the answer made from a reading: it reinforces them."""
        if isinstance(ids, str) or not isinstance(ids, Iterable):
            raise InvalidInput(f"ids is {ids!r}; give a list of ids")
        event = Reinforced([name_of("id", id) for id in ids], name_of("trace_id", trace_id))
        return self._write([Draft(event)], False)

    def reinforce(self, id: str) -> Receipt:
        """Record that a memory was of use."""
        return self._write([Draft(Reinforced([name_of("id", id)]))], False)

    def pin(self, id: str) -> Receipt:
        """Mark a memory to be kept whatever the budget; recorded, for no budget is enforced yet."""
        return self._write([Draft(Pinned(name_of("id", id), True))], False)

    def unpin(self, id: str) -> Receipt:
        """Let the budget decide about a memory again."""
        return self._write([Draft(Pinned(name_of("id", id), False))], False)

    def fade(self, id: str) -> Receipt:
        """Let a memory or a vector go now: no search finds it, and it stays in the log."""
        return self._write([Draft(Faded(name_of("id", id)))], False)

    def add_fact(
        self,
        subject: str,
        relation: str,
        object: str,
        *,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
        single: bool | None = None,
        source: str | None = None,
        durable: bool = False,
    ) -> Receipt:
        """Record that something is true, without an utterance that says so: `facts` and `as_of` tell it.

        Args:
            subject: whom it is about: "user", a speaker, "user's dog".
            relation: what is told of them: "name", "residence", "allergy", or a word of your own.
            object: the value.
            since: when it became true, a datetime or ISO 8601; left out: now.
            until: when it was over; it then takes the place of nothing. Left out: it is still true.
            single: it ends what was said of this relation before; left out: as is known of the relation, and
                False for one of your own.
            source: id of the memory it comes from; when that gets another text, the fact is withdrawn.
                Left out: it cites its own record.
            durable: return only when it is on the disk.

        Raises:
            NotFound: no memory has the id `source`.
            InvalidInput: with what is wrong; nothing was written.
        """
        now_ns = self._writing().around.clock()
        fact = told(subject, relation, object, since=since, until=until, single=single, source=source, now_ns=now_ns)
        return self._write([fact], durable)

    def end_fact(
        self,
        subject: str,
        relation: str,
        object: str | None = None,
        *,
        since: datetime | str | None = None,
        source: str | None = None,
        durable: bool = False,
    ) -> Receipt:
        """Record that something is no longer true; it stays in `facts(ended=True)`.

        Args:
            object: the value that is over; left out: whatever it was.
            since: when it ended; left out: now.
            subject, relation, source, durable: as in `add_fact`.

        Raises:
            NotFound: nothing of the kind is told that could end then, or no memory has the id `source`.
            InvalidInput: with what is wrong; nothing was written.
        """
        now_ns = self._writing().around.clock()
        end = ended(subject, relation, object, since=since, source=source, now_ns=now_ns)
        return self._write([end], durable)

    def _write(self, drafts: Sequence[Draft], durable: bool) -> Receipt:
        return self._writing().write(drafts, durable=durable)

    @property
    def kv(self) -> Kv:
        """JSON values by key, a mutable mapping."""
        return Kv(self._writing)

    def stream(self, name: str) -> Stream:
        """Return an append-only stream of JSON values; it need not exist yet."""
        return Stream(self._writing, name)

    # --- the past and the present -------------------------------------------------------------------

    def watch(self, since: Position | None = None, *, timeout: float | None = None) -> Iterator[Change]:
        """Yield what happens in this namespace, in order, whichever thread or process does it.

        Args:
            since: start after this position, such as `Receipt.position`; left out: only what comes after the call.
            timeout: stop after so many seconds in which nothing happened; left out: never.

        Raises:
            Conflict, NotFound: as `as_of`.

        Cost: a look each 10 ms while it waits.
        """
        timeout = checked_timeout(timeout)
        namespace = self._writing()
        with namespace.lock:
            if since is not None and not isinstance(since, Position):
                raise InvalidInput(f"since is {since!r}; give a Position, such as Receipt.position")
            after = namespace.state().seq if since is None else moment_of(namespace, since).position.seq
        return following(lambda seq: changes(self._writing(), seq), lambda change: change.seq, after, timeout)

    def as_of(
        self, when: When | None = None, *, recorded: When | None = None, valid: datetime | str | None = None
    ) -> Reader:
        """Return the same reading calls over what had been recorded by a moment, exact to the record.

        Args:
            when: a datetime or ISO 8601, naive means UTC; a `Position`, which is the moment of its record; or a
                `Context`, `Hits` or `Lineage`, for what could be known when that was read.
            recorded: the same, by the name of its clock.
            valid: the time whose facts are asked for, by what is recorded then; left out: the same moment. Given
                alone: what is known now of that time.

        Raises:
            Conflict: the position is of another store.
            NotFound: it is beyond the end of the log.

        Cost: nothing by itself; the first reading copies the columns, 0.1 s at 100,000 memories, and what is kept
            of them takes their place in memory once more. Later ones cost what they cost in the present.
        """
        if (when is None and recorded is None and valid is None) or (when is not None and recorded is not None):
            raise InvalidInput("give as_of a time or a position, either by itself or as recorded=; or valid=")
        if valid is not None and not isinstance(valid, datetime | str):
            raise InvalidInput(f"valid is {valid!r}; give a datetime or ISO 8601")
        moment = recorded if when is None else when
        namespace = self._writing()
        with namespace.lock:
            if moment is None:
                state = namespace.state()
                moment = Position(state.seq, state.digest)
            past = Past(namespace, moment_of(namespace, moment, valid))
        return Reader(lambda: past, self.namespace, self._trace)

    def lineage(self, trace_id: str) -> Lineage:
        """Return what was known when something was said: one reading of this namespace, and what was made of it.

        Args:
            trace_id: of a `Context` or `Hits`; or the id of an answer that was added with one.

        Raises:
            NotFound: there is no such reading, it is not kept any more, or `Config.trace_detail` is "off".
            Conflict: it was read from another log than this one.
            StorageError: the file of the traces cannot be read.

        Cost: about 10 µs a memory it returned; the first call reads the log once, 20 µs a record.
        """
        return lineage_of(self._writing(), self._trace.log, name_of("trace_id", trace_id), self._trace.open)

    def why(self, id: str | Fact, *, limit: int = 100) -> Why:
        """Return where a memory comes from, what it states, who was given it, and what was made of that.

        Args:
            id: of a memory or a vector; or a `Fact`, for the memory that says it.
            limit: how many readings that returned it, the latest ones.

        Raises:
            NotFound: no memory and no vector has this id.
            StorageError: the file of the traces cannot be read.

        Cost: about 1 µs for each reading that is kept of the namespace; the first call as in `lineage`.
        """
        if type(limit) is not int or limit < 0:
            raise InvalidInput(f"limit is {limit!r}; give a number of readings")
        source = id.source if isinstance(id, Fact) else name_of("id", id)
        return why(self._writing(), self._trace.log, source, limit)

    def stats(self) -> Stats:
        """Return how much is held."""
        namespace = self._writing()
        with namespace.lock:
            state = namespace.state()
            by_part = namespace.bytes_by_part(state)
            return Stats(
                items=state.alive,
                hot_bytes=sum(by_part.values()),
                hot_bytes_by_part=by_part,
                budget_bytes=self.budget_bytes,
                log_bytes=namespace.log_bytes(),
                by_fidelity=state.by_fidelity(),
                position=Position(state.seq, state.digest),
                snapshot_seq=namespace.snapshot_seq,
            )

    def preload(self) -> None:
        """Load the namespace and the rules for facts now rather than on first use."""
        namespace = self._writing()
        namespace.ready()
        with namespace.lock:
            namespace.state()

    def warm(self, partial_text: str | None = None) -> None:
        """Ready the caches for the query to come, from what is known of it so far.

        Voice frameworks give interim transcripts while the user still speaks: call this with each, off
        the critical path. It returns nothing and changes nothing.
        """
        if partial_text is not None and not isinstance(partial_text, str):
            raise InvalidInput(f"partial_text is a {type(partial_text).__name__}; give a str")
        text = partial_text if partial_text and not partial_text.isspace() else "what did we say"
        Reader(self._writing, self.namespace, self._trace.silent()).context(text)
