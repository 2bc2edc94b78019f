"""Facts found in upkeep: each turn read once, whoever does it and whatever fails, and nobody waiting for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from fake_model import completion, fake_model, perfect

import remanence
from remanence.errors import BadAnswer, Closed, InvalidInput, ModelFailed, NotFound
from remanence.extract.extractor import RuleExtractor
from remanence.extract.llm import LLMExtractor
from remanence.ports import Turn
from remanence.records import Stated
from remanence.testing import FakeClock, HashingEmbedder

NS = 10**9


class Plain:
    """Understands "RELATION is OBJECT", a few turns at a time, and does first what it is told to."""

    def __init__(
        self, n_at_once: int = 4, first: Callable[[Sequence[Turn]], object] = len, name: str = "plain"
    ) -> None:
        self.name = name
        self.n_at_once = n_at_once
        self.first = first
        self.batches: list[list[str]] = []

    def extract_batch(self, turns: Sequence[Turn]) -> tuple[int, list[tuple[int, Stated]]]:
        asked = [i for i, turn in enumerate(turns) if turn.asked][: self.n_at_once]
        self.batches.append([turns[i].id for i in asked])
        self.first([turns[i] for i in asked])
        found = [(i, turns[i].text.split()) for i in asked if " is " in turns[i].text]
        return asked[-1] + 1, [(i, Stated(turns[i].subject, said[0], " ".join(said[2:]))) for i, said in found]


def opened(background: Any = None, path: Path | None = None, **more: Any) -> remanence.Store:
    return remanence.open(
        path, embedder=HashingEmbedder(32), clock=FakeClock(step_ns=NS), background_extractor=background, **more
    )


def told(facts: Sequence[remanence.Fact]) -> list[tuple[str, str, str, str]]:
    return [(fact.subject, fact.relation, fact.object, fact.source) for fact in facts]


def fail(error: Exception) -> Callable[[Sequence[Turn]], object]:
    def raise_it(turns: Sequence[Turn]) -> None:
        raise error

    return raise_it


def nonsense_about(word: str) -> Callable[[Sequence[Turn]], object]:
    def check(turns: Sequence[Turn]) -> None:
        if any(word in turn.text for turn in turns):
            raise BadAnswer("nonsense", len(turns))

    return check


def test_facts_are_found_and_cite_their_turns() -> None:
    plain = Plain()
    store = opened(plain)
    memory = store["a"]
    memory.add_turn(user="city is Porto", assistant="job is cook", speaker="Ana")
    memory.add("city is Bonn", speaker="Ben", id="ben", at="2023-05-06")
    memory.add("age is 3", role="system")
    assert memory.facts() == [], "nothing is read before upkeep"
    assert store.upkeep(max_batches=0) == remanence.Upkeep(waiting=2)
    assert store.upkeep() == remanence.Upkeep(batches=1, turns=2, facts=2)
    assert told(memory.facts()) == [("Ben", "city", "Bonn", "ben"), ("user", "city", "Porto", "m1")]
    ben, user = memory.facts()
    assert remanence.types.datetime_of(ben.valid_from or 0).isoformat() == "2023-05-06T00:00:00+00:00"
    assert user.recorded_at > memory.get("m4").recorded_ns, "it was not known before"
    assert store.upkeep() == remanence.Upkeep()
    assert plain.batches == [["m1", "ben"]]
    before = memory.head().seq
    store.upkeep()
    assert memory.head().seq == before, "where nothing is read nothing is written"


def test_batch_by_batch_with_bounded_work_a_call() -> None:
    plain = Plain(3)
    store = opened(plain)
    for n in range(8):
        store["a"].add(f"thing{n} is {n}")
    assert store.upkeep(max_batches=2) == remanence.Upkeep(batches=2, turns=6, facts=6, waiting=2)
    store["a"].add("thing8 is 8")
    assert store.upkeep() == remanence.Upkeep(batches=1, turns=3, facts=3)
    assert [len(batch) for batch in plain.batches] == [3, 3, 3]
    assert len(store["a"].facts()) == 9
    with pytest.raises(InvalidInput):
        store.upkeep(max_batches=-1)
    with pytest.raises(NotFound):
        store.upkeep(namespace="b")


def test_no_namespace_waits_for_another_for_ever() -> None:
    store = opened(Plain(1))
    for name in "abc":
        for n in range(2):
            store[name].add(f"thing{n} is {n}")
    for _ in range(3):
        store.upkeep(max_batches=1)
    assert [len(store[name].facts()) for name in "abc"] == [1, 1, 1]
    assert store.upkeep(namespace="b") == remanence.Upkeep(batches=1, turns=1, facts=1)
    assert [len(store[name].facts()) for name in "abc"] == [1, 2, 1]


def test_what_turns_are_around_is_shown_and_what_was_let_go_of_is_not() -> None:
    shown: list[list[tuple[str, bool]]] = []

    class Showing(Plain):
        def extract_batch(self, turns: Sequence[Turn]) -> tuple[int, list[tuple[int, Stated]]]:
            shown.append([(turn.text, turn.asked) for turn in turns])
            return super().extract_batch(turns)

    store = opened(Showing(1))
    memory = store["a"]
    memory.add("old words", id="x")
    memory.add_turn(assistant="where do you live?")
    memory.add("a tool's answer", role="tool")
    memory.add("new words", id="x")
    memory.add("in Porto")
    memory.add("forget this")
    memory.fade("m6")
    store.upkeep()
    assert shown == [
        [("where do you live?", False), ("new words", True), ("in Porto", True)],
        [("where do you live?", False), ("new words", False), ("in Porto", True)],
    ]


def test_another_name_begins_again_and_facts_do_not_double(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    for name in ("one", "one", "two"):
        plain = Plain(name=name)
        with opened(plain, path) as store:
            store["a"].add("city is Porto", id="home")
            store.upkeep()
            assert len(store["a"].facts(ended=True)) == 1
        if name == "two":
            assert plain.batches == [["home"]]


def test_facts_by_rules_and_by_a_model_are_one() -> None:
    with fake_model() as server:
        server.answer = lambda body: completion(
            json.dumps({"facts": [{"turn": 1, "subject": "user", "relation": "residence", "object": "porto."}]})
        )
        store = opened(LLMExtractor(server.url, "m"), extractor=RuleExtractor())
        memory = store["a"]
        first = memory.add("I live in Porto").facts
        assert store.upkeep().facts == 0
    assert len(first) == 1
    assert memory.facts(ended=True) == list(first)


def test_a_long_turn_is_read_in_parts_and_its_facts_cite_all_of_it() -> None:
    shown: list[str] = []

    class Searching(Plain):
        def extract_batch(self, turns: Sequence[Turn]) -> tuple[int, list[tuple[int, Stated]]]:
            asked = [i for i, turn in enumerate(turns) if turn.asked][: self.n_at_once]
            shown.extend(turns[i].text for i in asked)
            found = [(i, word) for i in asked for word in turns[i].text.split() if word.startswith("fact")]
            return asked[-1] + 1, [(i, Stated("user", word, "x")) for i, word in found]

    sentences = [f"This is sentence number {n} of a long letter, and it holds fact{n}. " for n in range(200)]
    letter = "".join(sentences).strip()
    store = opened(Searching(3))
    memory = store["a"]
    memory.add("fact_before")
    memory.add(letter, id="letter")
    memory.add("fact_after")
    first = store.upkeep(max_batches=2)
    assert (first.batches, first.turns, first.waiting) == (2, 1, 2), "it is still being read"
    second = store.upkeep(max_batches=100)
    assert (second.turns, second.waiting) == (2, 0)
    assert "".join(shown) == f"fact_before{letter}fact_after", "all of it, and nothing twice"
    assert all(part.endswith(". ") for part in shown[1:-2])
    sources = {fact.relation.rstrip("."): fact.source for fact in memory.facts()}
    assert sources == {f"fact{n}": "letter" for n in range(200)} | {"fact_before": "m1", "fact_after": "m3"}


def test_a_long_turn_that_changes_half_read_is_read_anew() -> None:
    shown: list[str] = []
    store = opened(Plain(1, lambda turns: shown.extend(turn.text for turn in turns)))
    memory = store["a"]
    memory.add("word " * 1000, id="letter")
    memory.add("and after that")
    store.upkeep(max_batches=2)
    memory.add("short now", id="letter")
    store.upkeep()
    assert shown[2:] == ["and after that", "short now"]


@pytest.mark.parametrize(
    "text", ["x" * 5000, "里斯本" * 2000, "🙂" * 3000, "a. " * 3000, "\n\n" + "b" * 2000 + "\n" * 900]
)
def test_any_long_text_is_read_to_its_end(text: str) -> None:
    shown: list[str] = []
    store = opened(Plain(1, lambda turns: shown.extend(turn.text for turn in turns)))
    store["a"].add(text)
    assert store.upkeep(max_batches=10_000).turns == 1
    assert "".join(shown) == text
    assert max(map(len, shown)) <= 1200


# --- what became of the turns meanwhile -----------------------------------------------------------


def test_a_turn_that_changed_meanwhile_loses_its_facts() -> None:
    def meanwhile(turns: Sequence[Turn]) -> None:
        if len(turns) > 2:
            memory.add("city is Lisbon", id="home")
            memory.fade("m2")

    plain = Plain(9, meanwhile)
    store = opened(plain)
    memory = store["a"]
    memory.add("city is Porto", id="home")
    memory.add("job is cook")
    memory.add("age is 30")
    assert store.upkeep() == remanence.Upkeep(batches=2, turns=4, facts=2)
    assert told(memory.facts(ended=True)) == [("user", "age", "30", "m3"), ("user", "city", "Lisbon", "home")]
    assert plain.batches == [["home", "m2", "m3"], ["home"]]


def test_a_turn_that_changes_later_takes_its_facts_back() -> None:
    store = opened(Plain())
    memory = store["a"]
    memory.add("city is Porto", id="home")
    store.upkeep()
    kept = memory.head()
    memory.add("nothing of the kind", id="home")
    assert memory.facts(ended=True) == []
    assert told(memory.as_of(kept).facts()) == [("user", "city", "Porto", "home")]


def test_somebody_else_who_reads_on_first_wins(tmp_path: Path) -> None:
    """Two stores on one file ask at the same time about the same turns: the facts of one count, once."""
    both = Barrier(2, timeout=60)
    path = tmp_path / "memory.db"
    with opened(None, path) as store:
        for n in range(6):
            store["a"].add(f"thing{n} is {n}", id=f"t{n}")
    extractors = [Plain(4, lambda turns: both.wait() if len(turns) == 4 else None) for _ in range(2)]
    stores = [opened(each, path) for each in extractors]
    reports: list[remanence.Upkeep] = []
    threads = [Thread(target=lambda store=store: reports.append(store.upkeep())) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(report.turns for report in reports) == [0, 6]
    assert sum(report.facts for report in reports) == 6
    facts = stores[0]["a"].facts(ended=True)
    assert len(facts) == 6
    changes = [change.kind for change in stores[1]["a"].watch(remanence.Position(0), timeout=0)]
    assert changes.count("assert") == 6
    assert stores[0]["a"].head().seq == 6 + 6 + 2, "a record for each turn with facts, and one for each batch"
    for store in stores:
        assert store.upkeep().batches == 0
        store.close()


# --- what fails -----------------------------------------------------------------------------------


def test_writing_and_reading_go_on_while_the_model_hangs() -> None:
    with fake_model() as server:
        server.answer = server.hang
        store = opened(LLMExtractor(server.url, "m", timeout_s=60))
        memory = store["a"]
        memory.add("city is Porto")
        reports: list[remanence.Upkeep] = []
        upkeep = Thread(target=lambda: reports.append(store.upkeep()))
        upkeep.start()
        assert server.asked.wait(60)
        for n in range(20):
            memory.add(f"word{n}")
        assert len(memory.search("word7", k=30)) > 0
        assert (len(memory), memory.head().seq, upkeep.is_alive()) == (21, 21, True)
        server.ended.set()
        upkeep.join(60)
        assert reports[0].failures == (f"the language model at 127.0.0.1:{server.server_address[1]} answered 500",)
        server.answer = perfect
        assert store.upkeep().turns == 21
    assert told(memory.facts()) == [("user", "city", "Porto", "m1")]


@pytest.mark.parametrize(
    ("answer", "said"),
    [((500, b""), "answered 500"), ((429, {"error": {"code": "too_many"}}), "429, too_many"), (None, "within 0.2 s"),
     (completion("My city is what?"), "something else than a list")],
)  # fmt: skip
def test_a_model_that_fails_costs_nothing_and_is_tried_again(
    answer: Any, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    def now_and_then(body: dict[str, Any]) -> Any:
        if "thing3" not in body["messages"][1]["content"] or works.is_set():
            return perfect(body)
        return server.hang(body) if answer is None else answer

    works = Event()
    with fake_model(now_and_then) as server:
        store = opened(LLMExtractor(server.url, "m", max_input_tokens=800, timeout_s=0.2 if answer is None else 20))
        memory = store["a"]
        for n in range(9):
            memory.add(f"thing{n} is {n}; " + "and so on " * 40)
        first = store.upkeep()
        works.set()
        server.ended.set()
        second = store.upkeep()
        assert store.upkeep() == remanence.Upkeep()
    if answer is not None and answer[0] == 200:
        assert (first.turns, first.failures) == (9, ()), "the one turn it made nothing of was passed over"
        assert len(memory.facts()) == 8
        assert "passed over" in caplog.text
    else:
        assert said in first.failures[0]
        assert first.turns < 4
        assert (first.turns + second.turns, second.waiting) == (9, 0)
        assert len(memory.facts()) == 9
    assert "so on" not in caplog.text
    assert len(memory) == 9


def test_a_batch_it_makes_nothing_of_is_halved_and_one_turn_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    plain = Plain(8, nonsense_about("thing5"))
    store = opened(plain)
    for n in range(8):
        store["a"].add(f"thing{n} is {n}")
    assert store.upkeep() == remanence.Upkeep(batches=len(plain.batches), turns=8, facts=7)
    assert {fact.relation for fact in store["a"].facts()} == {f"thing{n}" for n in range(8) if n != 5}
    assert "record 6 of 'a'; passed over" in caplog.text
    assert len(plain.batches) < 10


def test_a_model_that_makes_nothing_of_anything_passes_over_nothing() -> None:
    plain = Plain(8, fail(BadAnswer("nonsense")))
    store = opened(plain)
    for n in range(8):
        store["a"].add(f"thing{n} is {n}")
    report = store.upkeep()
    assert (report.turns, report.waiting, report.failures) == (0, 8, ("nonsense",))
    assert store["a"].head().seq == 8
    plain.first = len
    assert store.upkeep() == remanence.Upkeep(batches=1, turns=8, facts=8)


def test_the_last_turn_waits_where_nothing_comes_after_it() -> None:
    plain = Plain(8, nonsense_about("thing1"))
    store = opened(plain)
    store["a"].add("thing0 is 0")
    store["a"].add("thing1 is 1")
    report = store.upkeep()
    assert (report.turns, report.waiting, report.failures) == (1, 1, ("nonsense",))
    store["a"].add("thing2 is 2")
    assert store.upkeep().waiting == 0
    assert {fact.relation for fact in store["a"].facts()} == {"thing0", "thing2"}


@pytest.mark.parametrize("error", [RuntimeError("Potola"), ModelFailed("no answer"), MemoryError(), KeyError("Potola")])
def test_any_failure_is_reported_without_words_of_the_turns(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    store = opened(Plain(8, fail(error)))
    store["a"].add("dog is Potola")
    (said,) = store.upkeep().failures
    assert said in ("no answer", f"plain raised {type(error).__name__}")
    assert said in caplog.text
    assert "Potola" not in caplog.text
    assert store.upkeep(max_batches=0).waiting == 1


GOOD = Stated("user", "city", "Porto")


@pytest.mark.parametrize(
    "answer",
    [
        (0, []), (3, []), (-1, []), (True, []), ("1", []), (1, None), (1, [GOOD]), (1, [(0, GOOD, 1)]), None, 7,
    ],
)  # fmt: skip
def test_what_is_no_answer_is_a_failure(answer: Any) -> None:
    class Wrong(Plain):
        def extract_batch(self, turns: Sequence[Turn]) -> Any:
            return answer

    store = opened(Wrong())
    store["a"].add("city is Porto")
    store["a"].add("more")
    assert store.upkeep().failures
    assert store["a"].head().seq == 2


@pytest.mark.parametrize(
    "wrong",
    [
        (1, GOOD), (-1, GOOD), (2, GOOD), (True, GOOD), ("0", GOOD), (0, None), (0, "city is Porto"),
        (0, Stated("", "city", "Porto")), (0, Stated("user", " ", "Porto")), (0, Stated("user", "city", "")),
        (0, Stated("user", "city", "x" * 600)), (0, Stated("user", "city", "\ud800")),
        (0, Stated("user", "city", 3)), (0, Stated("user", "city", "x", since_ns=2**63)),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_what_cannot_be_a_fact_of_these_turns_is_dropped(wrong: Any, caplog: pytest.LogCaptureFixture) -> None:
    class Wrong(Plain):
        def extract_batch(self, turns: Sequence[Turn]) -> Any:
            return 2, [wrong, (0, GOOD)]

    store = opened(Wrong())
    store["a"].add("city is Porto")
    store["a"].add("city is Rome", role="assistant")
    store["a"].add("more")
    assert store.upkeep(max_batches=1) == remanence.Upkeep(batches=1, turns=1, facts=1, waiting=1)
    assert told(store["a"].facts(ended=True)) == [("user", "city", "Porto", "m1")]
    assert "1 facts that cannot be; dropped" in caplog.text


def test_what_was_read_is_known_after_reopening_with_and_without_a_snapshot(tmp_path: Path) -> None:
    for path, saved in ((tmp_path / "a.db", True), (tmp_path / "b.db", False)):
        with opened(Plain(2), path) as store:
            for n in range(5):
                store["a"].add(f"thing{n} is {n}")
            store.upkeep(max_batches=2)
            before = store["a"].facts(ended=True)
        if not saved:
            for file in Path(f"{path}.snapshots").glob("*"):
                file.unlink()
        plain = Plain(2)
        with opened(plain, path) as store:
            assert store["a"].facts(ended=True) == before
            assert store.upkeep().turns == 1
            assert plain.batches == [["m5"]]


def test_what_is_no_background_extractor_is_refused() -> None:
    for wrong in (3, RuleExtractor()):
        with pytest.raises(InvalidInput, match="BackgroundExtractor"):
            opened(wrong)
    for name in ("", 3, "x" * 600):
        with pytest.raises(InvalidInput, match=r"background_extractor\.name"):
            opened(Plain(name=name))  # type: ignore[arg-type]
    assert opened().upkeep() == remanence.Upkeep()


def test_a_store_closed_while_the_model_is_asked_keeps_its_cursor(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    asked, closed = Event(), Event()

    def wait(turns: Sequence[Turn]) -> None:
        asked.set()
        closed.wait(60)

    raised: list[BaseException] = []

    def upkeep() -> None:
        try:
            store.upkeep()
        except Closed as error:
            raised.append(error)

    store = opened(Plain(first=wait), path)
    store["a"].add("city is Porto")
    thread = Thread(target=upkeep)
    thread.start()
    assert asked.wait(60)
    store.close()
    closed.set()
    thread.join(60)
    assert len(raised) == 1
    with opened(Plain(), path) as store:
        assert store.upkeep().facts == 1
