"""At the API's edges only `RemanenceError` escapes, after an error nothing was written, and what was written can
always be read again: from memory, and from the log alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import remanence
from remanence.embed.analyzer import EnglishAnalyzer
from remanence.errors import RemanenceError
from remanence.testing import FakeClock, HashingEmbedder

EMBEDDER, ANALYZER = HashingEmbedder(32), EnglishAnalyzer()
ANY_TEXT = st.text(st.characters(), max_size=30) | st.sampled_from(
    [
        "",
        " ",
        "m1",
        "m3",
        "m9999999999",
        "\x00",
        "\ud800",
        "first",
        "x" * 600,
        "a" * 30_000,
        "2024-05-01",
        "$in",
        "user",
    ]
)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | ANY_TEXT
    | st.binary(max_size=5)
    | st.datetimes()
    | st.sampled_from([2**63, -(2**63) - 1, 10**400, float("nan"), object, len, 1j]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3) | st.tuples(inner),
    max_leaves=5,
)


def mostly(right: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value of the right kind three times in four, else anything at all."""
    return st.one_of(right, right, right, ANYTHING)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT
METADATA = st.dictionaries(ANY_TEXT, mostly(SCALARS), max_size=3)
CONDITIONS = SCALARS | st.dictionaries(
    st.sampled_from(["$eq", "$ne", "$in", "$nin", "$gt", "$gte", "$lt", "$lte", "$x"]) | ANY_TEXT,
    SCALARS | st.lists(SCALARS, max_size=3),
    max_size=2,
)
WHERE = st.dictionaries(ANY_TEXT, mostly(CONDITIONS), max_size=2)
TIMES = st.datetimes() | st.datetimes(timezones=st.timezones()) | ANY_TEXT
MANY = settings(deadline=None, max_examples=60)


def optional(**kinds: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={name: mostly(kind) for name, kind in kinds.items()})


WRITE_OPTIONS = optional(
    speaker=ANY_TEXT,
    role=st.sampled_from(["", "user", "assistant", "system", "tool"]),
    at=TIMES,
    session=ANY_TEXT,
    id=ANY_TEXT,
    metadata=METADATA,
    salience=st.floats(0.001, 1000),
    pinned=st.booleans(),
)
VECTORS = (
    st.lists(st.floats(width=32) | st.integers(-(2**70), 2**70), max_size=3)
    | st.sampled_from([[1, 0], [1e-40, 0], [1e39, 1], [3e38, 3e38], [True], ["1"], [[1]], None, "x", 1, [1j]])
    | st.lists(st.integers(-9, 9), min_size=2, max_size=2)
)
READ_OPTIONS = optional(
    where=WHERE,
    kinds=st.lists(st.sampled_from(["text", "fact", "kv", "stream", "vector"]), max_size=3),
    threshold=st.floats(0, 1),
    depth=st.just("fast"),
    max_latency_ms=st.floats(0.1, 100),
)

Call = tuple[str, tuple[Any, ...], dict[str, Any]]
WRITES: st.SearchStrategy[Call] = st.one_of(
    st.tuples(st.just("add"), st.tuples(mostly(ANY_TEXT)), WRITE_OPTIONS),
    st.tuples(st.just("add"), st.tuples(mostly(ANY_TEXT)), WRITE_OPTIONS),
    st.tuples(
        st.just("add_turn"),
        st.just(()),
        optional(user=ANY_TEXT, assistant=ANY_TEXT, trace_id=ANY_TEXT, speaker=ANY_TEXT, at=TIMES, metadata=METADATA),
    ),
    st.tuples(st.sampled_from(["fade", "pin", "unpin", "reinforce"]), st.tuples(mostly(ANY_TEXT)), st.just({})),
    st.tuples(
        st.just("add_vector"),
        st.tuples(VECTORS, SCALARS | st.lists(SCALARS, max_size=2)),
        optional(id=ANY_TEXT, metadata=METADATA, at=TIMES),
    ),
    st.tuples(
        st.just("used"), st.tuples(mostly(ANY_TEXT), mostly(st.lists(mostly(ANY_TEXT), max_size=3))), st.just({})
    ),
    st.tuples(
        st.sampled_from(["add_fact", "end_fact"]),
        st.tuples(*[mostly(st.sampled_from(["Ana", "name"]) | ANY_TEXT)] * 3),
        optional(since=TIMES, source=st.just("first") | ANY_TEXT),
    ),
    st.tuples(
        st.just("add_fact"),
        st.tuples(*[mostly(st.sampled_from(["Ana", "name"]) | ANY_TEXT)] * 3),
        optional(since=TIMES, until=TIMES, single=st.booleans()),
    ),
)
READS: st.SearchStrategy[Call] = st.one_of(
    st.tuples(
        st.just("search"),
        st.tuples(mostly(ANY_TEXT)),
        st.tuples(READ_OPTIONS, optional(k=st.integers(1, 20_000))).map(lambda two: two[0] | two[1]),
    ),
    st.tuples(
        st.just("context"),
        st.tuples(mostly(ANY_TEXT)),
        st.tuples(READ_OPTIONS, optional(budget_tokens=st.integers(0, 5000))).map(lambda two: two[0] | two[1]),
    ),
    st.tuples(
        st.just("search_vector"),
        st.tuples(VECTORS),
        optional(where=WHERE, k=st.integers(1, 20_000), threshold=st.floats(0, 1)),
    ),
    st.tuples(st.sampled_from(["get", "history", "__contains__", "warm"]), st.tuples(mostly(ANY_TEXT)), st.just({})),
)


def opened() -> remanence.Store:
    """A store in RAM with room for one namespace: to look at another one is to drop the first, down to its log."""
    config = remanence.Config(loaded_bytes=1, max_text_bytes=20_000)
    store = remanence.open(config=config, embedder=EMBEDDER, analyzer=ANALYZER, clock=FakeClock(step_ns=10**9))
    store["a"].add("the first memory", id="first", metadata={"n": 1, "s": "x"}, speaker="Ana")
    store["a"].add("the second memory")
    return store


def attempt(call: Callable[[], Any]) -> Any:
    """What the call gives, or None for an error that is ours and says something; any other error is a failure."""
    try:
        return call()
    except RemanenceError as error:
        if len(str(error)) > 10:
            return None
        raise


def told(memory: remanence.Memory) -> Any:
    hits = [(hit.id, hit.version, round(hit.score, 4)) for hit in memory.search("memory", k=100)]
    every = memory.search("memory", k=100, kinds=["text", "fact", "kv", "stream", "vector"])
    hits += [(hit.kind, hit.id, hit.version, round(hit.score, 4), repr(hit.value)) for hit in every]
    facts = memory.facts(ended=True)
    return list(memory.items()), sorted(hits, key=repr), facts, memory.head(), memory.stats().by_fidelity


@MANY
@given(calls=st.lists(WRITES, min_size=1, max_size=8))
def test_writes_are_whole_or_refused_and_can_be_read_again(calls: list[Call]) -> None:
    with opened() as store:
        memory = store["a"]
        for name, args, kwargs in calls:
            before = memory.head(), len(memory)
            receipt = attempt(lambda: getattr(memory, name)(*args, **kwargs))  # noqa: B023
            if receipt is None:
                assert (memory.head(), len(memory)) == before
            else:
                assert memory.head().seq >= before[0].seq
                assert receipt.position.seq <= memory.head().seq
                assert name.endswith("_fact") or all(memory.get(id).seq for id in receipt.ids)
        live = told(memory)
        store["b"].preload()
        assert told(memory) == live


@MANY
@given(text=st.text(st.characters(), max_size=60), kwargs=WRITE_OPTIONS)
def test_what_is_taken_is_kept_as_it_was_given(text: str, kwargs: dict[str, Any]) -> None:
    with opened() as store:
        memory = store["a"]
        receipt = attempt(lambda: memory.add(text, **kwargs))
        if receipt is None or receipt.position.seq <= 2:
            return
        item = memory.get(receipt.id)
        plain = {"text": text, **{key: kwargs[key] for key in ("speaker", "session", "metadata") if kwargs.get(key)}}
        for key, value in plain.items():
            if not any(0xD800 <= ord(char) < 0xE000 for char in repr_of(value)):
                assert getattr(item, key) == value
        assert math.isclose(item.salience, float(kwargs.get("salience", 1.0)), rel_tol=0.01)
        assert item.pinned == bool(kwargs.get("pinned")) or item.version > 1
        assert item.at == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=item.at_ns // 1000)
        assert receipt.id in memory
        assert receipt.id in [each.id for each in memory.items()]


def repr_of(value: Any) -> str:
    return value if isinstance(value, str) else "".join(f"{k}{v}" for k, v in value.items())


@MANY
@given(calls=st.lists(READS, min_size=1, max_size=6))
def test_reading_raises_nothing_else_and_writes_nothing(calls: list[Call]) -> None:
    store = opened()
    memory = store["a"]
    memory.kv["memory"] = {"n": 1}
    memory.stream("memories").append([True, None])
    memory.add_vector([1, 2], "the third memory", metadata={"n": 1, "s": "x"})
    before = told(memory)
    for name, args, kwargs in calls:
        found = attempt(lambda: getattr(memory, name)(*args, **kwargs))  # noqa: B023
        if name in ("search", "context", "search_vector") and found is not None:
            assert len(getattr(found, "hits", found)) <= 5
            attempt(lambda: getattr(store, name)(*args, namespaces=["a", "b"], **kwargs))  # noqa: B023
    assert told(memory) == before


@MANY
@given(name=mostly(ANY_TEXT), prefix=mostly(ANY_TEXT), budget=mostly(st.integers(1, 10**9)), agent=mostly(ANY_TEXT))
def test_any_namespace_works_or_is_refused(name: Any, prefix: Any, budget: Any, agent: Any) -> None:
    with opened() as store:
        memory = attempt(lambda: store.memory(name, budget_bytes=budget, agent=agent))
        if memory is not None and attempt(lambda: memory.add("hello there", id="x")):
            assert memory.get("x").text == "hello there"
            assert memory.namespace in store.namespaces()
            assert store[name].get("x").text == "hello there"
            assert memory.namespace in store.namespaces(memory.namespace[:3])
        found = attempt(lambda: store.namespaces(prefix))
        assert found is None or all(each.startswith(prefix) for each in found) or "\ufffd" in "".join(found)


@MANY
@given(where=WHERE, metadata=st.lists(METADATA, max_size=5))
def test_a_filter_never_raises_after_it_was_accepted(where: dict[str, Any], metadata: list[Any]) -> None:
    """It is refused or not by its own looks: what is stored makes no difference."""
    with opened() as store:
        refused_when_empty = attempt(lambda: store["empty"].search("memory", where=where)) is None
        for each in metadata:
            attempt(lambda: store["a"].add("a memory", metadata=each))  # noqa: B023
            attempt(lambda: store["a"].add_vector([1, 2], "a payload", metadata=each))  # noqa: B023
        found = attempt(lambda: store["a"].search("memory", where=where, k=100))
        assert (found is None) == refused_when_empty
        for kinds in (["kv"], ["text", "vector"]):
            found = attempt(lambda: store["a"].search("memory", where=where, k=100, kinds=kinds))  # noqa: B023
            assert (found is None) == refused_when_empty
