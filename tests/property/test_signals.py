"""The signals of a row are its own: whichever other rows are candidates beside it."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import remanence
from remanence.core.ranking import raw
from remanence.embed.analyzer import EnglishAnalyzer
from remanence.engine import recall
from remanence.engine.columns import ALIVE
from remanence.engine.events import encoded
from remanence.engine.query import analyse
from remanence.engine.signals import View, match, signals_of
from remanence.engine.state import State
from remanence.engine.weights import WEIGHTS
from remanence.records import Event, Faded, Record, Utterance
from remanence.testing import FakeClock, HashingEmbedder
from remanence.types import SIGNALS

EMBEDDER, ANALYZER = HashingEmbedder(32), EnglishAnalyzer()
START = 1_704_067_200 * 10**9
WORDS = """
    recipe dessert cake horse pony stable dog puppy walk lake boat sail music song guitar red blue seven June Lisbon
    yesterday because Ana Bob what when who is the my did you
""".split()
FROM_SIGNALS = [name for name in SIGNALS if name not in ("session", "crowding")]
EVERYTHING = np.ones(len(SIGNALS), np.float32)

SAID = st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join)
UTTERANCES = st.builds(
    Utterance,
    text=st.tuples(SAID, st.sampled_from(["", "?", ".", " long" * 300])).map("".join),
    speaker=st.sampled_from(["", "Ana", "Bob", "Ana Bob"]),
    role=st.sampled_from(["", "user", "assistant"]),
    session=st.sampled_from(["", "one", "two"]),
    id=st.sampled_from(["", "", "dog"]),
)
EVENT = st.one_of(UTTERANCES, UTTERANCES, UTTERANCES, st.builds(Faded, id=st.sampled_from(["m1", "m3"])))
EVENTS = st.lists(EVENT, max_size=3) | st.lists(EVENT, min_size=10, max_size=40)
QUESTIONS = st.one_of(
    SAID,
    st.just(" ".join(WORDS)),  # of more terms than are kept as bits
    st.sampled_from(
        ["", "?", "Ana", "Ana Bob", "what is the", "When in June 2024 did Ana and Bob sail?", "unheard of"]
    ),
)


def state_of(events: list[Event]) -> State:
    state = State(EMBEDDER, ANALYZER)
    for seq, event in enumerate(events, 1):
        state.apply(Record(seq, START + seq * 10**9, START, 1, encoded(event)[0]))
    return state


def around(state: State, rows: np.ndarray) -> np.ndarray:
    """Return some rows and those up to two away in their sessions."""
    n, found = state.columns.n, {*rows.tolist()}
    for _ in range(2):
        for links in (state.columns.previous, state.columns.following):
            found |= {int(links[row]) for row in found if links[row] < n}
    return np.array(sorted(found), np.intp)


def signals(state: State, question: str, rows: np.ndarray, close: np.ndarray | None = None) -> dict[str, list[float]]:
    n, query = state.columns.n, analyse(question, EMBEDDER, ANALYZER)
    wording = match(state, query)
    cosine = state.vectors.cosine(query.vector, slice(0, n))
    scores = np.zeros(n + 1, np.float32)
    scores[:n] = raw(wording.lexical[:n], cosine) * (state.columns.flags[:n] & ALIVE)
    found = signals_of(View(state, query, rows, close, wording, cosine, scores), EVERYTHING)
    assert found.shape == (len(SIGNALS), len(rows))
    assert np.isfinite(found).all()
    return dict(zip(SIGNALS, found.tolist(), strict=True))


@settings(deadline=None, max_examples=150)
@given(events=EVENTS, question=QUESTIONS, draw=st.randoms(use_true_random=False))
@example(events=[], question="dog", draw=None)
@example(events=[Utterance(text="the dog")], question="dog", draw=None)
@example(events=[Utterance(text="the dog?"), Utterance(text="cake")], question="dog", draw=None)
def test_a_row_has_the_same_signals_among_all_rows_and_among_some(
    events: list[Event], question: str, draw: Any
) -> None:
    state = state_of(events)
    n = state.columns.n
    whole = signals(state, question, np.arange(n))
    some = sorted(draw.sample(range(n), draw.randint(0, n))) if draw else list(range(0, n, 2))
    rows = np.array(some, np.intp)
    part = signals(state, question, rows)
    closely = signals(state, question, rows, around(state, rows))
    for name in FROM_SIGNALS:
        assert part[name] == [whole[name][row] for row in some], name
        assert closely[name] == part[name], name
    assert all(mine <= whole["session"][row] for mine, row in zip(part["session"], some, strict=True))


@settings(deadline=None, max_examples=150)
@given(events=EVENTS, question=QUESTIONS)
def test_shares_of_a_question_are_shares(events: list[Event], question: str) -> None:
    state = state_of(events)
    found = signals(state, question, np.arange(state.columns.n))
    for name in ("speaker", "date", "question", "user", "short", "opening", "answers", "coverage", "window"):
        assert all(0 <= value <= 1 + 1e-6 for value in found[name]), name
    assert all(here <= around + 1e-6 for here, around in zip(found["coverage"], found["window"], strict=True))
    assert all(0 <= value <= 1 + 1e-6 for value in found["related"])


@settings(deadline=None, max_examples=60)
@given(events=EVENTS.filter(bool), question=QUESTIONS)
def test_a_candidate_is_worth_the_sum_of_its_parts(events: list[Event], question: str) -> None:
    state = state_of(events)
    ranked = recall.recall(state, analyse(question, EMBEDDER, ANALYZER), limit=100)
    for hit, score in zip(recall.to_hits(state, ranked, "a"), ranked.scores.tolist(), strict=True):
        assert sum(hit.parts.values()) == pytest.approx(score, abs=1e-4)
        logit = WEIGHTS.slope * score + WEIGHTS.offset
        assert hit.score == pytest.approx(1 / (1 + np.exp(-logit)), abs=1e-4)
    assert sorted(ranked.scores.tolist(), reverse=True) == ranked.scores.tolist()
    assert len(ranked.rows) == state.alive


@pytest.mark.parametrize("where", [None, {"odd": True}], ids=repr)
def test_beyond_a_full_look_the_best_are_nearly_the_same(
    where: dict[str, bool] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = Random(7)
    with remanence.open(embedder=EMBEDDER, analyzer=ANALYZER, clock=FakeClock(step_ns=10**9)) as store:
        memory = store["a"]
        topics = [f"topic{i}" for i in range(150)]
        for i in range(600):
            said = " ".join(draw.sample(topics, 3)) + draw.choice(["", "?"])
            memory.add(said, session=f"s{i // 12}", speaker=draw.choice(["Ana", "Bob"]), metadata={"odd": i % 2 == 1})
        asked = [f"What did Ana say of {' and '.join(draw.sample(topics, 2))}?" for _ in range(40)]
        full = [[hit.id for hit in memory.search(question, k=10, where=where)] for question in asked]
        monkeypatch.setattr(recall, "EXACT_ROWS", 64)
        monkeypatch.setattr(recall, "SEEDS", 64)
        quick = [[hit.id for hit in memory.search(question, k=10, where=where)] for question in asked]
    assert all(len(ids) == 10 for ids in quick)
    assert sum(a[0] == b[0] for a, b in zip(full, quick, strict=True)) >= 0.95 * len(asked)
    assert sum(len({*a} & {*b}) for a, b in zip(full, quick, strict=True)) >= 0.9 * 10 * len(asked)
