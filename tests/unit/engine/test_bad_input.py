"""Whatever a caller gets wrong is refused by name and value, before anything is written; whatever is only odd works."""

from __future__ import annotations

import enum
import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import remanence
from remanence.core.packing import line
from remanence.embed.analyzer import EnglishAnalyzer
from remanence.errors import (
    InvalidFilter,
    InvalidInput,
    InvalidVector,
    NotAStore,
    NotFound,
    ReadOnly,
    RemanenceError,
    StorageError,
    TextTooLarge,
)
from remanence.testing import FakeClock, HashingEmbedder

ANALYZER = EnglishAnalyzer()


def opened(path: Path | None = None, **kwargs: Any) -> remanence.Store:
    given = {"embedder": HashingEmbedder(32), "analyzer": ANALYZER, "clock": FakeClock()} | kwargs
    return remanence.open(path, **given)


@pytest.fixture
def store() -> Iterator[remanence.Store]:
    with opened() as made:
        made["a"].add("the first memory", id="first")
        yield made


@pytest.fixture
def memory(store: remanence.Store) -> remanence.Memory:
    return store["a"]


class Text(str):
    """What template engines and scrapers hand on: a string that is not quite one."""

    __slots__ = ()

    def __str__(self) -> str:
        return "something else"


class Kind(enum.StrEnum):
    NOTE = "note"


class Level(enum.IntEnum):
    HIGH = 3


# --- what is refused ----------------------------------------------------------------------------------------

WRONG_TEXT = [None, 5, 1.5, b"bytes", ["a"], {"a": 1}, object(), True]
EMPTY_TEXT = ["", " ", "\n\t ", "\u00a0", "\u2003\u2028"]


@pytest.mark.parametrize("text", WRONG_TEXT + EMPTY_TEXT, ids=repr)
class TestNoText:
    def test_nothing_to_remember(self, memory: remanence.Memory, text: Any) -> None:
        before = memory.head()
        with pytest.raises(InvalidInput, match="text"):
            memory.add(text)
        if text is not None:
            for sides in ({"user": text}, {"assistant": text}, {"user": "fine", "assistant": text}):
                with pytest.raises(InvalidInput, match="text"):
                    memory.add_turn(**sides)
        assert memory.head() == before

    def test_nothing_to_ask(self, store: remanence.Store, memory: remanence.Memory, text: Any) -> None:
        for ask in (
            lambda: memory.search(text),
            lambda: memory.context(text),
            lambda: store.search(text, namespaces=["a"]),
            lambda: store.context(text, namespaces=["a"]),
        ):
            with pytest.raises(InvalidInput, match="query"):
                ask()


@pytest.mark.parametrize(
    ("kwargs", "named"),
    [
        ({"speaker": 5}, "speaker"),
        ({"speaker": 0}, "speaker"),
        ({"speaker": b"Ana"}, "speaker"),
        ({"speaker": "x" * 513}, "speaker"),
        ({"speaker": "é" * 257}, "speaker"),
        ({"session": 0}, "session"),
        ({"session": 7}, "session"),
        ({"session": False}, "session"),
        ({"session": "s" * 600}, "session"),
        ({"role": "robot"}, "robot"),
        ({"role": 5}, "5"),
        ({"role": ["user"]}, "user"),
        ({"role": "User"}, "User"),
        ({"id": ""}, "id"),
        ({"id": 5}, "id"),
        ({"id": 0}, "id"),
        ({"id": b"x"}, "id"),
        ({"id": "x" * 513}, "id"),
        ({"id": "m5"}, "m5"),
        ({"at": "yesterday"}, "yesterday"),
        ({"at": ""}, "''"),
        ({"at": 5}, "int"),
        ({"at": 1714521600.0}, "float"),
        ({"at": date(2024, 5, 1)}, "date"),
        ({"at": np.datetime64("2024-05-01")}, "datetime64"),
        ({"at": datetime(1, 1, 1)}, "0001"),
        ({"at": datetime(9999, 12, 31)}, "9999"),
        ({"at": datetime.max.replace(tzinfo=timezone(-timedelta(hours=23)))}, "9999"),
        ({"at": datetime.min.replace(tzinfo=timezone(timedelta(hours=23)))}, "0001"),
        ({"at": "2300-01-01"}, "2300"),
        ({"at": "1600-01-01"}, "1600"),
        ({"at": "2024-02-30"}, "2024-02-30"),
        ({"salience": 0}, "0"),
        ({"salience": -1.0}, "-1"),
        ({"salience": float("nan")}, "nan"),
        ({"salience": float("inf")}, "inf"),
        ({"salience": 1e9}, "1e|1000"),
        ({"salience": 1e-9}, "1e-09"),
        ({"salience": "1"}, "'1'"),
        ({"salience": None}, "None"),
        ({"salience": 1j}, "1j"),
        ({"metadata": 5}, "int"),
        ({"metadata": "a"}, "str"),
        ({"metadata": []}, "list"),
        ({"metadata": [("a", 1)]}, "list"),
        ({"metadata": {5: 1}}, "key"),
        ({"metadata": {None: 1}}, "key"),
        ({"metadata": {"a" * 513: 1}}, "key"),
        ({"metadata": {"a": [1]}}, "'a'.*list"),
        ({"metadata": {"a": {"b": 1}}}, "'a'.*dict"),
        ({"metadata": {"a": b"x"}}, "'a'.*bytes"),
        ({"metadata": {"a": float("nan")}}, "'a'.*nan"),
        ({"metadata": {"a": float("-inf")}}, "'a'.*inf"),
        ({"metadata": {"a": 2**63}}, "'a'.*9223372036854775808"),
        ({"metadata": {"a": -(2**63) - 1}}, "'a'"),
        ({"metadata": {"a": datetime(2024, 1, 1)}}, "'a'.*datetime"),
        ({"metadata": {"a": np.int64(1)}}, "'a'.*int64"),
        ({"metadata": {"a": "x" * 20_000}}, "16,384"),
        ({"metadata": {f"key{i}": i for i in range(3000)}}, "16,384"),
    ],
    ids=repr,
)
def test_a_bad_argument_is_named_and_nothing_is_written(
    memory: remanence.Memory, kwargs: dict[str, Any], named: str
) -> None:
    before = memory.head(), len(memory)
    with pytest.raises(InvalidInput, match=named):
        memory.add("a text", **kwargs)
    for_turns = {key: value for key, value in kwargs.items() if key in ("speaker", "at", "session", "metadata")}
    if for_turns:
        with pytest.raises(InvalidInput, match=named):
            memory.add_turn(user="a text", assistant="an answer", **for_turns)
    assert (memory.head(), len(memory)) == before


@pytest.mark.parametrize("id", [5, 0, None, b"first", ["first"], {"first": 1}, object(), True, 1.5], ids=repr)
@pytest.mark.parametrize("name", ["get", "history", "fade", "pin", "unpin", "reinforce"])
def test_an_id_that_is_none(memory: remanence.Memory, name: str, id: Any) -> None:
    before = memory.head()
    with pytest.raises(InvalidInput, match="id"):
        getattr(memory, name)(id)
    assert memory.head() == before
    assert id not in memory


@pytest.mark.parametrize(
    ("trace_id", "ids"),
    [
        (None, ["first"]),
        (5, ["first"]),
        (b"t", ["first"]),
        ("t" * 1000, ["first"]),
        ("t", "first"),
        ("t", None),
        ("t", 5),
        ("t", [5]),
        ("t", [None]),
        ("t", ["first", ["first"]]),
        ("t", b"first"),
        ("t", {"first": 1, "none": 2}),
        ("t", ["nobody"]),
    ],
    ids=repr,
)
def test_use_of_nothing_sensible(memory: remanence.Memory, trace_id: Any, ids: Any) -> None:
    before = memory.head()
    with pytest.raises((InvalidInput, NotFound)):
        memory.used(trace_id, ids)
    assert memory.head() == before


READINGS = [
    ({"k": 0}, "0"),
    ({"k": -1}, "-1"),
    ({"k": True}, "True"),
    ({"k": 2.5}, "2.5"),
    ({"k": 3.0}, "3.0"),
    ({"k": "10"}, "'10'"),
    ({"k": None}, "None"),
    ({"threshold": -0.1}, "-0.1"),
    ({"threshold": 1.1}, "1.1"),
    ({"threshold": float("nan")}, "nan"),
    ({"threshold": "0.5"}, "'0.5'"),
    ({"threshold": [0.5]}, "0.5"),
    ({"threshold": 1j}, "1j"),
    ({"kinds": ["text", "dream"]}, "dream"),
    ({"kinds": "text"}, "text"),
    ({"kinds": 5}, "5"),
    ({"kinds": [[]]}, r"\[\]"),
    ({"depth": "abyss"}, "abyss"),
    ({"depth": None}, "None"),
    ({"depth": 5}, "5"),
    ({"max_latency_ms": 0}, "0"),
    ({"max_latency_ms": -5}, "-5"),
    ({"max_latency_ms": "10"}, "'10'"),
    ({"max_latency_ms": float("nan")}, "nan"),
    ({"where": 5}, "5"),
    ({"where": 0}, "0"),
    ({"where": "n = 1"}, "n = 1"),
    ({"where": []}, r"\[\]"),
    ({"where": [("n", 1)]}, "n"),
    ({"where": {"n": {"$near": 1}}}, r"\$near"),
    ({"where": {"n": {"$in": 5}}}, "5"),
    ({"where": {"n": {"$gt": None}}}, "None"),
    ({"where": {"n": [1]}}, r"\[1\]"),
    ({"where": {"n": {}}}, "n"),
    ({"where": {"n": object}}, "object"),
    ({"where": {5: {"$near": 1}}}, "5"),
]


@pytest.mark.parametrize(("kwargs", "named"), READINGS, ids=repr)
@pytest.mark.parametrize("full", [True, False], ids=["full", "empty"])
def test_a_bad_question_is_refused(store: remanence.Store, full: bool, kwargs: dict[str, Any], named: str) -> None:
    name = "a" if full else "empty"
    expected = InvalidFilter if "where" in kwargs else InvalidInput
    asks: list[Callable[[], Any]] = [
        lambda: store[name].search("memory", **kwargs),
        lambda: store.search("memory", namespaces=[name], **kwargs),
    ]
    if "k" not in kwargs:
        asks += [
            lambda: store[name].context("memory", **kwargs),
            lambda: store.context("memory", namespaces=[name], **kwargs),
        ]
    for ask in asks:
        with pytest.raises(expected, match=named):
            ask()


@pytest.mark.parametrize("budget", [-1, 1.5, "100", None, True, float("inf"), 10**3 + 0j], ids=repr)
def test_a_budget_that_is_none(store: remanence.Store, budget: Any) -> None:
    with pytest.raises(InvalidInput, match="budget_tokens"):
        store["a"].context("memory", budget_tokens=budget)
    with pytest.raises(InvalidInput, match="budget_tokens"):
        store.context("memory", namespaces=["a"], budget_tokens=budget)


@pytest.mark.parametrize("counter", [5, "len", [], object()], ids=repr)
def test_a_counter_that_cannot_be_called(store: remanence.Store, counter: Any) -> None:
    with pytest.raises(InvalidInput, match="counter"):
        store["a"].context("memory", counter=counter)
    with pytest.raises(InvalidInput, match="counter"):
        store.context("memory", namespaces=["a"], counter=counter)


@pytest.mark.parametrize("partial", [5, b"x", ["x"], object()], ids=repr)
def test_warming_with_what_is_no_text(memory: remanence.Memory, partial: Any) -> None:
    with pytest.raises(InvalidInput, match="partial_text"):
        memory.warm(partial)


@pytest.mark.parametrize(
    "name", ["", " ", "a\nb", "a\x00b", "\x7f", "x" * 513, "é" * 300, None, 5, b"a", ["a"], object()], ids=repr
)
def test_a_namespace_that_is_none(store: remanence.Store, name: Any) -> None:
    before = store.namespaces()
    for call in (
        lambda: store.memory(name),
        lambda: store[name],
        lambda: store.search("memory", namespaces=["a", name]),
        lambda: store.context("memory", namespaces=[name, "a"]),
    ):
        with pytest.raises(InvalidInput, match="namespace"):
            call()
    assert store.namespaces() == before


@pytest.mark.parametrize("namespaces", ["a", b"a", 5, None, [], (), {}, object()], ids=repr)
def test_namespaces_that_are_none(store: remanence.Store, namespaces: Any) -> None:
    with pytest.raises(InvalidInput, match="namespace"):
        store.search("memory", namespaces=namespaces)
    with pytest.raises(InvalidInput, match="namespace"):
        store.context("memory", namespaces=namespaces)


@pytest.mark.parametrize("prefix", [5, None, b"a", ["a"]], ids=repr)
def test_a_prefix_that_is_none(store: remanence.Store, prefix: Any) -> None:
    with pytest.raises(InvalidInput, match="prefix"):
        store.namespaces(prefix)


@pytest.mark.parametrize("budget", [0, -1, 1.5, "64 MiB", True, float("nan"), [1]], ids=repr)
def test_a_budget_of_bytes_that_is_none(store: remanence.Store, budget: Any) -> None:
    with pytest.raises(InvalidInput, match="budget_bytes"):
        store.memory("a", budget_bytes=budget)


@pytest.mark.parametrize("agent", [5, b"Rosa", ["Rosa"], "R" * 1000], ids=repr)
def test_an_agent_that_is_none(store: remanence.Store, agent: Any) -> None:
    with pytest.raises(InvalidInput, match=r"agent|speaker"):
        store.memory("a", agent=agent).add_turn(assistant="hello there")
    assert store["a"].head().seq == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (name, value)
        for name in remanence.Config.__struct_fields__
        for value in (0, -1, 1.5, "10", None, True, [1])
        if not (name == "facts" and value is True)  # which can be
    ],
    ids=repr,
)
def test_a_setting_that_cannot_be_right(name: str, value: Any) -> None:
    with pytest.raises(InvalidInput, match=name):
        remanence.Config(**{name: value})


# --- opening ---------------------------------------------------------------------------------------------------


class TestOpen:
    @pytest.mark.parametrize(
        "kwargs",
        [
            {"config": 5},
            {"config": {"budget_bytes": 1}},
            {"embedder": 5},
            {"embedder": "all-MiniLM-L6-v2"},
            {"analyzer": 5},
            {"analyzer": "english"},
            {"clock": 5},
            {"clock": "now"},
        ],
        ids=repr,
    )
    def test_with_what_is_no_such_thing(self, kwargs: dict[str, Any]) -> None:
        with pytest.raises(InvalidInput, match=next(iter(kwargs))):
            remanence.open(**kwargs)

    @pytest.mark.parametrize("path", [5, 1.5, ["a"], object(), b"bytes.db", "a\x00b", ""], ids=repr)
    def test_a_path_that_is_none(self, path: Any) -> None:
        with pytest.raises(RemanenceError):
            remanence.open(path)
        with pytest.raises(RemanenceError):
            remanence.reembed(path, embedder=HashingEmbedder(8))

    def test_reembed_without_a_path(self) -> None:
        with pytest.raises(RemanenceError):
            remanence.reembed(None, embedder=HashingEmbedder(8))  # type: ignore[arg-type]

    def test_a_directory(self, tmp_path: Path) -> None:
        with pytest.raises(NotAStore, match=str(tmp_path)):
            remanence.open(tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_a_directory_that_does_not_exist(self, tmp_path: Path) -> None:
        with pytest.raises(StorageError, match="nowhere"):
            remanence.open(tmp_path / "nowhere" / "memory.db")
        assert list(tmp_path.iterdir()) == []

    def test_a_file_of_another_kind(self, tmp_path: Path) -> None:
        file = tmp_path / "notes.txt"
        file.write_text("Dear diary, " * 1000)
        with pytest.raises(NotAStore, match=r"notes\.txt"):
            remanence.open(file)
        assert file.read_text() == "Dear diary, " * 1000
        assert list(tmp_path.iterdir()) == [file]

    def test_a_directory_that_cannot_be_written(self, tmp_path: Path) -> None:
        closed = tmp_path / "closed"
        closed.mkdir()
        closed.chmod(0o500)
        try:
            if os.access(closed, os.W_OK):
                pytest.skip("this user may write everywhere, so there is nothing that cannot be written")
            with pytest.raises(ReadOnly, match="closed"):
                remanence.open(closed / "memory.db")
        finally:
            closed.chmod(0o700)


class TestFiles:
    def test_export_to_where_nothing_can_be(self, store: remanence.Store, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        for path in (tmp_path / "nowhere" / "x.jsonl", tmp_path / "folder", 5, None, "a\x00b", ""):
            with pytest.raises(RemanenceError):
                store.export(path)  # type: ignore[arg-type]
        assert [path.name for path in tmp_path.iterdir()] == ["folder"]

    def test_import_from_what_is_no_export(self, store: remanence.Store, tmp_path: Path) -> None:
        (tmp_path / "binary").write_bytes(b"\xff\xfe\x00\x01")
        (tmp_path / "text").write_text("Dear diary")
        before = store["a"].head()
        for path in (tmp_path / "nowhere", tmp_path, tmp_path / "binary", tmp_path / "text", 5, None, "a\x00b"):
            with pytest.raises(RemanenceError):
                store.import_(path)  # type: ignore[arg-type]
        assert store["a"].head() == before

    @pytest.mark.parametrize("namespace", ["nobody", "", 5, ["a"]], ids=repr)
    def test_export_of_what_is_not_there(self, store: remanence.Store, tmp_path: Path, namespace: Any) -> None:
        with pytest.raises(RemanenceError):
            store.export(tmp_path / "x.jsonl", namespace=namespace)
        assert list(tmp_path.iterdir()) == []


# --- embedders that break their word -----------------------------------------------------------------------------


class Scripted:
    """An embedder that gives what it is told to."""

    name, dim = "scripted", 4

    def __init__(self) -> None:
        self.next: Any = np.array([1, 0, 0, 0], np.float32)

    def embed(self, text: str) -> Any:
        if isinstance(self.next, Exception):
            raise self.next
        return self.next

    def embed_batch(self, texts: Any) -> Any:
        return [self.embed(text) for text in texts]


BAD_VECTORS = [
    np.array([np.nan, 0, 0, 0], np.float32),
    np.array([np.inf, 0, 0, 0], np.float32),
    np.array([1, 0, 0], np.float32),
    np.array([1, 0, 0, 0, 0], np.float32),
    np.array([[1, 0, 0, 0]], np.float32),
    np.zeros(0, np.float32),
    np.float32(1),
    np.array([1e300, 1, 0, 0]),
    [1.0, 0.0],
    ["a", "b", "c", "d"],
    None,
    "text",
    {"a": 1},
]


class TestEmbedders:
    @pytest.mark.parametrize("vector", BAD_VECTORS, ids=lambda vector: repr(vector)[:40])
    def test_a_bad_vector_is_refused_for_writing_and_reading(self, vector: Any) -> None:
        embedder = Scripted()
        with opened(embedder=embedder) as store:
            memory = store["a"]
            memory.add("hello there")
            before = memory.head()
            embedder.next = vector
            for call in (
                lambda: memory.add("again"),
                lambda: memory.add_turn(user="again", assistant="and again"),
                lambda: memory.search("hello"),
                lambda: memory.context("hello"),
                lambda: memory.warm("hello"),
                lambda: store.search("hello", namespaces=["a"]),
                lambda: store.context("hello", namespaces=["a"]),
            ):
                with pytest.raises(InvalidVector, match="scripted"):
                    call()
            embedder.next = np.array([0, 1, 0, 0], np.float32)
            assert memory.head() == before
            assert len(memory.search("hello")) == 1

    def test_what_only_looks_odd_is_taken(self) -> None:
        embedder = Scripted()
        with opened(embedder=embedder) as store:
            memory = store["a"]
            given = [[3.0, 0, 4.0, 0], np.array([0, 0, 0, 1.0]), np.array([0, 7, 0, 0], np.int16), [0, 0, 0, 0]]
            for i, vector in enumerate(given):
                embedder.next = vector
                memory.add(f"number {i}", session=f"s{i}")
            for i, vector in enumerate(given[:3]):
                embedder.next = np.asarray(vector) * 1000
                best = max(memory.search("which one?"), key=lambda hit: hit.parts["semantic"])
                assert best.text == f"number {i}"

    def test_an_embedder_that_fails_writes_nothing(self) -> None:
        embedder = Scripted()
        with opened(embedder=embedder) as store:
            store["a"].add("hello there")
            embedder.next = ZeroDivisionError("no model")
            with pytest.raises(ZeroDivisionError):
                store["a"].add("again")
            with pytest.raises(ZeroDivisionError):
                store["a"].search("hello")
            embedder.next = np.array([0, 1, 0, 0], np.float32)
            assert store["a"].head().seq == 1

    def test_a_function_whose_vectors_change_their_length(self) -> None:
        with (
            opened(embedder=lambda text: [1.0] * (3 if text == "longer" else 2)) as store,
            pytest.raises(InvalidVector, match="3"),
        ):
            store["a"].add("longer")

    def test_a_clock_that_breaks(self) -> None:
        class Clock(FakeClock):
            broken: Any = None

            def __call__(self) -> Any:
                return super().__call__() if self.broken is None else self.broken

        clock = Clock()
        with opened(clock=clock) as store:
            memory = store["a"]
            memory.add("hello there")
            for broken in (2**70, -(2**70), 1.5):
                clock.broken = broken
                with pytest.raises(RemanenceError):
                    memory.add("again")
            clock.broken = None
            assert memory.head().seq == 1
            assert memory.add("again").id == "m2"


# --- large ------------------------------------------------------------------------------------------------------


class TestSize:
    def test_a_megabyte_of_text(self, memory: remanence.Memory) -> None:
        for text in ("word " * 210_000, "x" * 2**20, "é" * 2**19, "\U0001f642" * 2**18):
            with pytest.raises(TextTooLarge, match="1,0") as caught:
                memory.add(text)
            assert caught.value.size_bytes == len(text.encode())
            assert caught.value.limit_bytes == remanence.Config().max_text_bytes
            with pytest.raises(TextTooLarge):
                memory.add_turn(user="fine", assistant=text)
        assert memory.head().seq == 1

    @pytest.mark.parametrize("unit", ["x", "é", "字", "\U0001f642", "a b "])
    def test_the_limit_is_exact(self, unit: str) -> None:
        with opened(config=remanence.Config(max_text_bytes=120)) as store:
            fits = unit * (120 // len(unit.encode()))
            assert store["a"].add(fits).id == "m1"
            assert store["a"].get("m1").text == fits
            with pytest.raises(TextTooLarge):
                store["a"].add(fits + "x")

    @pytest.mark.parametrize("unit", ["word%d ", "x", "字", "🙂 ", "a\u0300\u0316", "\n", "'", "1/2 ", "\u200b"])
    def test_the_longest_text_there_may_be(self, memory: remanence.Memory, unit: str) -> None:
        n = remanence.Config().max_text_bytes // 12
        text = "start " + "".join(unit % i if "%" in unit else unit for i in range(n // len(unit)))
        receipt = memory.add(text)
        assert memory.get(receipt.id).text == text
        assert receipt.id in {hit.id for hit in memory.search("start")}
        assert memory.context("start", budget_tokens=100).tokens <= 100

    def test_a_very_long_question(self, memory: remanence.Memory) -> None:
        for query in ("memory " * 150_000, " ".join(f"word{i}" for i in range(100_000)) + " memory", "x" * 2**20):
            assert len(memory.search(query)) == 1
            assert memory.context(query).hits

    def test_names_at_their_limit(self, store: remanence.Store) -> None:
        for name in ("x" * 512, "é" * 256, "\U0001f642" * 128):
            store[name].add("x", id=name, speaker=name, session=name, metadata={name: name})
            item = store[name].get(name)
            assert (item.speaker, item.session, item.metadata) == (name, name, {name: name})
            assert name in store.namespaces(name)


# --- odd but fine --------------------------------------------------------------------------------------------------

SAMPLES = [
    ("Mi hermana Zoë vive en Málaga", "Málaga"),
    ("Моя собака любит снег", "собака"),
    ("הכלב שלי אוהב שלג", "הכלב"),
    ("كلبي يحب الثلج كثيرا", "الثلج"),
    ("我的狗叫波托拉", "波托拉"),
    ("私は東京に住んでいます", "東京"),
    ("제 강아지 이름은 포톨라예요", "강아지"),
    ("मेरा कुत्ता बर्फ पसंद करता है", "कुत्ता"),
    ("หมาของฉันชื่อโปโตลา", "โปโตลา"),
    ("ჩემი ძაღლი თბილისშია", "ძაღლი"),
    ("İstanbul'da yaşıyorum", "istanbul"),
    ("ＦＵＬＬ width テスト", "full"),
    ("The ﬁnal oﬀer", "offer"),
    ("Ça coûte 50 €", "coute"),
    ("party \U0001f389\U0001f389 with \U0001f468\u200d\U0001f469\u200d\U0001f467", "party"),
    ("zero\u200bwidth and soft\u00adhyphen", "zero"),
    ("tab\tand\rcarriage\x0bvertical", "carriage"),
    ("before\x00after the NUL", "after the NUL"),
    ("\u202eright to left override", "override"),
    ("a\ud800b lone surrogate", "lone surrogate"),
]


class TestScripts:
    @pytest.fixture(scope="class")
    @classmethod
    def everything(cls) -> Iterator[remanence.Memory]:
        with remanence.open(clock=FakeClock()) as store:
            for i, (text, _) in enumerate(SAMPLES):
                store["a"].add(text, session=f"s{i}", id=f"i{i}")
            yield store["a"]

    @pytest.mark.parametrize("i", [i for i, (text, _) in enumerate(SAMPLES) if "coûte" not in text])
    def test_any_script_is_found_by_its_own_words(self, everything: remanence.Memory, i: int) -> None:
        text, query = SAMPLES[i]
        kept = text.replace("\ud800", "\ufffd")
        assert everything.search(query, k=1)[0].text == kept
        assert line("", "user", kept) in everything.context(query, budget_tokens=200).text
        assert everything.get(f"i{i}").text == kept

    def test_without_its_accents_it_is_among_the_best(self, everything: remanence.Memory) -> None:
        assert "Ça coûte 50 €" in [hit.text for hit in everything.search("coute 50", k=3)]


class TestOdd:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("\ud800", "\ufffd"),
            ("a\udfffb", "a\ufffdb"),
            ("\ud83d\ude42", "\U0001f642"),
            ("\ud800\ud800x", "\ufffd\ufffdx"),
            ("x\ud83d", "x\ufffd"),
            ("\ude42\ud83d", "\ufffd\ufffd"),
        ],
        ids=ascii,
    )
    def test_lone_surrogates_are_replaced_and_nothing_else(
        self, memory: remanence.Memory, given: str, kept: str
    ) -> None:
        receipt = memory.add(given, speaker=given, session=given, id=given, metadata={given: given})
        item = memory.get(receipt.id)
        assert (item.text, item.speaker, item.session, item.id, item.metadata) == (kept, kept, kept, kept, {kept: kept})
        assert memory.search(given)[0].text in (kept, "the first memory")
        assert memory.get(given) == item
        assert given in memory

    def test_a_prefix_with_a_lone_surrogate(self, store: remanence.Store) -> None:
        store["\ud800x"].add("x")
        assert store.namespaces("\ud800") == ["\ufffdx"]
        assert store.namespaces("\x00") == []

    def test_subclasses_of_text_and_numbers_are_what_they_hold(self, tmp_path: Path) -> None:
        with opened(tmp_path / "m.db") as store:
            memory = store[Text("a")]
            memory.add(
                Text("a text"),
                speaker=Text("Ana"),
                role=Text("user"),
                session=Text("s"),
                id=Text("id"),
                metadata={
                    Text("key"): Text("value"),
                    "float": np.float64(1.5),
                    "kind": Kind.NOTE,
                    "level": Level.HIGH,
                },
                salience=np.float64(2.0),
            )
            memory.pin(Text("id"))
            memory.used(Text("t"), [Text("id")])
            live = memory.get(Text("id"))
            (hit,) = memory.search(Text("text"), where={Text("key"): Text("value"), "kind": "note", "level": 3})
            assert hit.id == "id"
        with opened(tmp_path / "m.db") as store:
            item = store["a"].get("id")
            assert (item.text, item.speaker, item.session, item.id) == ("a text", "Ana", "s", "id")
            assert item == live
            for read in (item, live):
                assert {key: type(value) for key, value in read.metadata.items()} == {
                    "key": str,
                    "float": float,
                    "kind": str,
                    "level": int,
                }
                assert {type(value) for value in (read.text, read.speaker, read.id, *read.metadata)} == {str}

    @pytest.mark.parametrize(
        "at",
        [
            datetime(1678, 1, 1),
            datetime(1900, 2, 28, 23, 59, 59, 999999),
            datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
            datetime(2262, 4, 10),
            datetime(2024, 2, 29, tzinfo=timezone(timedelta(hours=14))),
            "1753-01-01T00:00:00-12:00",
        ],
        ids=str,
    )
    def test_far_away_times(self, memory: remanence.Memory, at: Any) -> None:
        memory.add("the dog barked", at=at, session="x")
        expected = at if isinstance(at, datetime) else datetime.fromisoformat(at)
        expected = expected if expected.tzinfo else expected.replace(tzinfo=UTC)
        (hit,) = [hit for hit in memory.search(f"dog barked in {expected.year}") if "dog" in hit.text]
        assert hit.at == expected
        assert f"{expected.astimezone(UTC).year}]\nuser: the dog barked" in memory.context("dog barked").text

    def test_time_may_run_backwards(self, memory: remanence.Memory) -> None:
        for year in (2024, 2020, 2022, 1999, 2024):
            memory.add(f"dog of {year}", at=datetime(year, 1, 1))
        lines = [line for line in memory.context("dog").text.split("\n") if "dog" in line]
        assert lines == [f"user: dog of {year}" for year in (1999, 2020, 2022, 2024)]

    @pytest.mark.parametrize("k", [10**9, 10_001, 2**70])
    def test_as_many_as_there_are(self, memory: remanence.Memory, k: int) -> None:
        memory.add("another memory", session="b")
        assert len(memory.search("memory", k=k)) == 2
        assert len(memory.search("memory", k=1)) == 1

    @pytest.mark.parametrize("query", ["\x00", "🙂", "?", "-", "\ud800", "'", "%", "a" * 5000, "\u200b", "auguſt", "İ"])
    def test_odd_questions(self, memory: remanence.Memory, query: str) -> None:
        assert len(memory.search(query)) <= 1
        assert memory.context(query).tokens <= 1024
        memory.warm(query)

    def test_names_that_only_look_alike_are_different(self, store: remanence.Store) -> None:
        names = ["a/b", "a/B", "a/b ", "a//b", "é", "e\u0301", "%", "_", "'; DROP TABLE record; --", "../../etc"]
        for name in names:
            store[name].add(name, id="x", session=name)
        for name in names:
            assert store[name].get("x").text == name
            assert len(store[name]) == 1
        assert set(names) <= set(store.namespaces())
