"""What each signal of the ranking looks at, seen through the parts of the hits of small memories."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from math import log
from zlib import crc32

import pytest

import remanence
from remanence.core.ranking import FEW_TOKENS, FREE_TOKENS
from remanence.core.text import terms
from remanence.embed.analyzer import EnglishAnalyzer
from remanence.engine import recall
from remanence.engine.weights import WEIGHTS
from remanence.testing import FakeClock, HashingEmbedder
from remanence.types import SIGNALS

ANALYZER = EnglishAnalyzer()
FILLER = "and so they went on and on about the whole long way home in the rain"


@pytest.fixture
def memory() -> Iterator[remanence.Memory]:
    with remanence.open(embedder=HashingEmbedder(256), analyzer=ANALYZER, clock=FakeClock(step_ns=10**9)) as store:
        yield store.memory("a")


def signal(memory: remanence.Memory, name: str, query: str, k: int = 1000) -> dict[str, float]:
    """One signal of every memory, by text, without its weight."""
    weight = getattr(WEIGHTS, name)
    return {hit.text: round(hit.parts[name] / weight, 4) for hit in memory.search(query, k=k)}


def who_has(memory: remanence.Memory, name: str, query: str) -> set[str]:
    """The texts of which a signal is not 0."""
    return {hit.text for hit in memory.search(query, k=1000) if hit.parts[name]}


def test_every_signal_is_worth_something_so_that_these_tests_see_it() -> None:
    assert all(getattr(WEIGHTS, name) for name in SIGNALS)


# --- words ------------------------------------------------------------------------------------------


class TestCoverage:
    def test_it_is_the_share_of_the_question_that_is_said(self, memory: remanence.Memory) -> None:
        for i, said in enumerate(["zebra quokka", "the quokka", "a wombat"]):
            memory.add(said, session=f"s{i}")
        found = signal(memory, "coverage", "zebra and quokka?")
        assert found["zebra quokka"] == 1.0
        assert found["a wombat"] == 0.0
        assert 0.3 < found["the quokka"] < 0.7

    def test_saying_it_twice_covers_no_more(self, memory: remanence.Memory) -> None:
        memory.add("quokka", session="one")
        memory.add("quokka quokka quokka", session="two")
        found = signal(memory, "coverage", "a quokka and a zebra")
        assert found["quokka"] == found["quokka quokka quokka"]

    def test_the_name_of_a_speaker_does_not_count(self, memory: remanence.Memory) -> None:
        memory.add("I am here", speaker="Ana", session="one")
        memory.add("A quokka here", speaker="Bob", session="two")
        memory.add("A quokka for Ana", speaker="Bob", session="three")
        found = signal(memory, "coverage", "Did Ana see a quokka?")
        assert found["I am here"] == 0.0
        assert found["A quokka here"] == found["A quokka for Ana"] > 0

    def test_a_name_nobody_speaks_under_counts(self, memory: remanence.Memory) -> None:
        memory.add("A quokka for Ana", speaker="Bob", session="one")
        memory.add("A quokka", speaker="Bob", session="two")
        found = signal(memory, "coverage", "Did Ana see a quokka?")
        assert found["A quokka for Ana"] > found["A quokka"]

    @pytest.mark.parametrize("n", [8, 9, 16])
    def test_up_to_sixteen_words_all_count(self, memory: remanence.Memory, n: int) -> None:
        words = [f"zq{i}x" for i in range(n)]
        memory.add(" ".join(words), session="all")
        for word in words:
            memory.add(word, session=word)
        found = signal(memory, "coverage", " ".join(words))
        assert found[" ".join(words)] == 1.0
        assert [found[word] for word in words] == pytest.approx([1 / n] * n, abs=1e-3)

    def test_of_more_words_the_rarest_sixteen_count(self, memory: remanence.Memory) -> None:
        common, rare = [f"zc{i}x" for i in range(10)], [f"zr{i}x" for i in range(16)]
        for i in range(5):
            memory.add(" ".join(common), session=f"c{i}", at=datetime(2024, 1, i + 1))
        memory.add(" ".join(rare), session="r")
        found = signal(memory, "coverage", " ".join(common + rare))
        assert found[" ".join(rare)] == 1.0
        assert found[" ".join(common)] == 0.0


class TestWindow:
    def test_it_reaches_two_turns_either_way_and_no_further(self, memory: remanence.Memory) -> None:
        for i in range(9):
            memory.add("a quokka" if i == 4 else f"turn {i} of nine", session="call")
        memory.add("elsewhere altogether", session="other")
        found = signal(memory, "window", "quokka")
        near = {"a quokka", *(f"turn {i} of nine" for i in (2, 3, 5, 6))}
        assert {text for text, value in found.items() if value == 1.0} == near
        assert {text for text, value in found.items() if value == 0.0} == found.keys() - near

    def test_words_of_several_turns_add_up_and_no_word_counts_twice(self, memory: remanence.Memory) -> None:
        memory.add("zebra", session="call")
        memory.add("hm hm", session="call")
        memory.add("quokka", session="call")
        memory.add("zebra alone", session="other")
        memory.add("again a zebra", session="other")
        found = signal(memory, "window", "zebra quokka")
        assert found["hm hm"] == found["zebra"] == 1.0
        assert found["zebra alone"] < 0.9

    def test_what_was_let_go_of_is_in_no_window(self, memory: remanence.Memory) -> None:
        memory.add("where did you hide the quokka?", session="call")
        memory.add("in the barn", session="call")
        memory.fade("m1")
        (hit,) = memory.search("quokka")
        assert {name for name in ("before", "window", "exchange") if hit.parts[name]} == set()


def test_two_words_of_one_id_are_one_word(memory: remanence.Memory) -> None:
    one, other = "h67aa25cg9", "ge4289idf7"
    assert crc32(one.encode()) == crc32(other.encode())
    memory.add(f"{one} and {other}", session="both")
    for i in range(30):
        memory.add(f"{one} number {i}", session=f"s{i}")
    rarer = " ".join(f"zq{i}x" for i in range(7))
    found = signal(memory, "coverage", f"{rarer} {one}")
    assert found[f"{one} and {other}"] == found[f"{one} number 3"] > 0


class TestExchange:
    def test_an_answer_has_the_words_of_its_question(self, memory: remanence.Memory) -> None:
        memory.add("have you seen the quokka?", session="call", speaker="Ana")
        memory.add("yes this morning", session="call", speaker="Bob")
        memory.add("good to hear", session="call", speaker="Ana")
        assert who_has(memory, "exchange", "quokka") == {"yes this morning"}

    def test_a_statement_asks_for_no_answer(self, memory: remanence.Memory) -> None:
        memory.add("I saw the quokka.", session="call", speaker="Ana")
        memory.add("this morning?", session="call", speaker="Bob")
        assert who_has(memory, "exchange", "quokka") == set()

    def test_what_an_assistant_says_is_no_memory_of_the_user(self, memory: remanence.Memory) -> None:
        memory.add_turn(user="what is a quokka?", assistant="a small marsupial", session="one")
        memory.add("which quokka?", role="assistant", session="two")
        memory.add("the one on the island", role="user", session="two")
        assert who_has(memory, "exchange", "quokka") == {"the one on the island"}

    def test_it_ends_with_the_session(self, memory: remanence.Memory) -> None:
        memory.add("have you seen the quokka?", session="one", speaker="Ana")
        memory.add("yes this morning", session="two", speaker="Bob")
        assert who_has(memory, "exchange", "quokka") == set()


class TestRelated:
    @pytest.mark.parametrize(
        ("asked", "said"), [("any children", "our kids came along"), ("a movie", "the film we saw")]
    )
    def test_a_turn_that_shares_no_word_is_found_by_a_related_one(
        self, memory: remanence.Memory, asked: str, said: str
    ) -> None:
        assert not {*terms(asked)} & {*terms(said)}
        memory.add("the tax return", session="one")
        memory.add(said, session="two")
        memory.add("some tall grass", session="three")
        assert who_has(memory, "related", asked) == {said}
        assert memory.search(asked)[0].text == said

    def test_the_word_itself_needs_no_stand_in(self, memory: remanence.Memory) -> None:
        memory.add("a movie or a film")
        memory.add("a film tonight", session="other")
        assert who_has(memory, "related", "movie") == {"a film tonight"}

    def test_the_name_of_a_speaker_stands_for_nobody_else(self, memory: remanence.Memory) -> None:
        memory.add("my favourite film", speaker="Movie")
        assert who_has(memory, "related", "What about Movie?") == set()


# --- who, when, what kind ----------------------------------------------------------------------------


def test_every_speaker_a_question_names_is_named(memory: remanence.Memory) -> None:
    for who in ("Ana", "Bob", "Ana Maria", "Carla", ""):
        memory.add(f"said by {who or 'nobody'}", speaker=who, session=f"s{who}")
    assert who_has(memory, "speaker", "What did Ana say?") == {"said by Ana", "said by Ana Maria"}
    assert who_has(memory, "speaker", "bob or carla") == {"said by Bob", "said by Carla"}
    assert who_has(memory, "speaker", "Dora") == set()


def test_a_question_counts_unless_it_is_the_users(memory: remanence.Memory) -> None:
    memory.add("is it raining?", role="user", session="one")
    memory.add("is it snowing?", role="assistant", session="two")
    memory.add("is it dry?", speaker="Ana", session="three")
    memory.add("it is.", speaker="Bob", session="four")
    assert who_has(memory, "question", "weather") == {"is it snowing?", "is it dry?"}
    assert who_has(memory, "user", "weather") == {"is it raining?"}


def test_answers_are_turns_that_hold_the_kind_of_thing_asked_for(memory: remanence.Memory) -> None:
    said = {"we met yesterday": "When?", "I live with Rita": "Who?", "it was 12": "How many?", "because": "Why?"}
    for i, text in enumerate([*said, "nothing at all"]):
        memory.add(text, session=f"s{i}")
    for text, question in said.items():
        assert who_has(memory, "answers", question) == {text}
    assert who_has(memory, "answers", "Is it so?") == set()


# --- shape --------------------------------------------------------------------------------------------


def test_the_first_two_turns_of_a_session_open_it(memory: remanence.Memory) -> None:
    for i in range(4):
        memory.add(f"one {i}", session="one")
        memory.add(f"two {i}", session="two")
    memory.add("alone", session="three")
    assert who_has(memory, "opening", "turns") == {"one 0", "one 1", "two 0", "two 1", "alone"}


def test_a_turn_is_short_by_how_far_it_is_below_a_few_tokens(memory: remanence.Memory) -> None:
    for i in range(12):
        memory.add("a " * i + f"b{i}", speaker="Ana", session=f"s{i}")
    memory.add(FILLER, speaker="Ana", session="long")
    state = memory._live().state()
    tokens = dict(zip((item.text for item in memory.items()), state.columns.tokens[: state.columns.n], strict=True))
    found = signal(memory, "short", "b")
    assert len(found) == 13
    for text, value in found.items():
        assert value == pytest.approx(max(1 - tokens[text] / float(FEW_TOKENS), 0), abs=1e-4)
    assert found["b0"] > found["a b1"] > found[FILLER] == 0


def test_only_texts_longer_than_a_spoken_turn_are_long(memory: remanence.Memory) -> None:
    long = " ".join(f"word{i}" for i in range(400))
    memory.add(long, session="one")
    memory.add(FILLER, session="two")
    state = memory._live().state()
    found = signal(memory, "length", "word7")
    assert found[FILLER] == 0.0
    assert found[long] == pytest.approx(log(state.columns.tokens[0] / float(FREE_TOKENS)), abs=1e-3)


class TestSession:
    def fill(self, memory: remanence.Memory, n: int) -> None:
        memory.add("the quokka", session="call")
        for i in range(n - 1):
            memory.add(f"{FILLER} {i}", session="call")
        memory.add("another matter", session="other")

    def test_all_turns_of_a_session_have_its_best(self, memory: remanence.Memory) -> None:
        self.fill(memory, 5)
        found = signal(memory, "session", "quokka")
        best = found["the quokka"]
        assert best > 0.5
        assert all(found[f"{FILLER} {i}"] == best for i in range(4))
        assert found["another matter"] == 0.0

    @pytest.mark.parametrize("n", [64, 200])
    def test_the_best_of_more_than_32_says_less(self, memory: remanence.Memory, n: int) -> None:
        self.fill(memory, n)
        found = signal(memory, "session", "quokka")
        (hit,) = memory.search("quokka", k=1)
        itself = hit.parts["lexical"] / WEIGHTS.lexical + 0.32 * hit.parts["semantic"] / WEIGHTS.semantic
        assert found["the quokka"] == pytest.approx(itself * 32 / n, rel=1e-3)

    def test_up_to_32_it_does_not(self, memory: remanence.Memory) -> None:
        self.fill(memory, 32)
        found = signal(memory, "session", "quokka")
        (hit,) = memory.search("quokka", k=1)
        itself = hit.parts["lexical"] / WEIGHTS.lexical + 0.32 * hit.parts["semantic"] / WEIGHTS.semantic
        assert found["the quokka"] == pytest.approx(itself, rel=1e-3)


class TestCrowding:
    @pytest.fixture
    def books(self, memory: remanence.Memory) -> remanence.Memory:
        for i in range(20):
            memory.add(f"Ana read book number {i}", session=f"s{i % 2}")
        return memory

    def test_only_questions_for_several_things_are_spread(self, books: remanence.Memory) -> None:
        assert who_has(books, "crowding", "Which book did Ana read?") == set()
        assert who_has(books, "crowding", "Ana book") == set()
        assert len(who_has(books, "crowding", "Which books did Ana read?")) == 18

    def test_it_counts_the_better_ones_of_the_session(self, books: remanence.Memory) -> None:
        hits = books.search("Which books did Ana read?", k=100)
        by_session: dict[str, list[float]] = {"s0": [], "s1": []}
        for hit in hits:
            by_session[hit.session].append(hit.parts["crowding"] / WEIGHTS.crowding)
        assert all(sorted(counts) == pytest.approx(list(range(10))) for counts in by_session.values())

    def test_one_session_does_not_take_all_places(
        self, memory: remanence.Memory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for i in range(30):
            memory.add(f"Ana read book number {i} with her cat", session="all in one")
            memory.add(f"Ana read the book of {i}", session=f"s{i}")
        one = [hit.session for hit in memory.search("Which book did Ana read with her cat?", k=10)]
        several = [hit.session for hit in memory.search("Which books did Ana read with her cat?", k=10)]
        assert several.count("all in one") <= one.count("all in one")
        monkeypatch.setattr(recall, "SPREAD", 30)
        assert len(memory.search("Which books did Ana read?", k=60)) == 60


# --- the whole -----------------------------------------------------------------------------------------

QUERIES = ["?", "what is it", "Ana", "Ana Bob", "🙂", "What did Ana and Bob read in June 2024?", "both books"]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("n", [0, 1, 2, 9])
def test_the_parts_sum_to_the_score_before_calibration(memory: remanence.Memory, query: str, n: int) -> None:
    for i in range(n):
        memory.add(f"book {i} of Ana?", speaker=("Ana", "Bob", "")[i % 3], session=f"s{i % 2}")
    hits = memory.search(query, k=100)
    assert len(hits) <= n
    for hit in hits:
        logit = WEIGHTS.slope * sum(hit.parts.values()) + WEIGHTS.offset
        assert log(hit.score / (1 - hit.score)) == pytest.approx(logit, abs=1e-3)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_a_question_of_nothing_but_a_name_finds_who_speaks(memory: remanence.Memory) -> None:
    for i, who in enumerate(["Ana", "Bob", "Carla", "Bob"]):
        memory.add(f"{FILLER} {i}", speaker=who, session=f"s{i}")
    hits = memory.search("Bob?", k=2)
    assert [hit.speaker for hit in hits] == ["Bob", "Bob"]
    assert all(hit.parts[name] == 0 for hit in hits for name in ("coverage", "window", "related"))


def test_a_filter_changes_no_signal_but_what_the_session_tells(memory: remanence.Memory) -> None:
    for i in range(30):
        memory.add(
            f"{'quokka' if i % 7 == 0 else 'dessert'} {i}{'?' if i % 4 == 1 else ''}",
            session=f"s{i % 3}",
            speaker=("Ana", "Bob")[i % 2],
            metadata={"third": i % 3 == 0, "n": i},
        )
    for query in ("What recipe did Ana have when she met the quokka?", "quokka", "Bob"):
        everything = {hit.id: hit for hit in memory.search(query, k=100)}
        some = memory.search(query, k=100, where={"third": True})
        assert {hit.id for hit in some} == {id for id, hit in everything.items() if hit.metadata["third"]}
        for hit in some:
            for name in SIGNALS:
                if name not in ("session", "crowding"):
                    assert hit.parts[name] == everything[hit.id].parts[name], name
        assert list(memory.search(query, where={"n": -1})) == []
