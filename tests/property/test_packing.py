"""The law of the budget: no context ever takes more than it may, whatever the texts and whoever counts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import blake2b

from hypothesis import given, settings
from hypothesis import strategies as st

import remanence
from remanence.core import tokens
from remanence.core.packing import NEWLINE_TOKENS, compose, line, pack
from remanence.testing import FakeClock, HashingEmbedder

DAY = 86_400 * 10**9
TIMES = st.integers(-(2**62), 2**62) | st.integers(-3, 3).map(lambda day: day * DAY) | st.integers(-2, 2)
LINES = st.lists(st.tuples(st.integers(0, 80) | st.integers(0, 10**6), TIMES), max_size=40)
MANY = settings(deadline=None, max_examples=60)


@MANY
@given(lines=LINES, budget=st.integers(0, 400) | st.integers(0, 10**7), heading=st.integers(0, 30))
def test_what_is_taken_fits_when_it_is_composed(lines: list[tuple[int, int]], budget: int, heading: int) -> None:
    """Counted again from the text that comes out: each line by its size, each heading, each newline."""
    sizes, at_ns = [size for size, _ in lines], [at for _, at in lines]
    taken, total = pack(sizes, at_ns, budget, lambda _: heading)
    assert taken == sorted(set(taken))
    text = compose([(at_ns[i], i, f"line {i}") for i in taken])
    out = text.split("\n") if text else []
    counted = sum(sizes[int(each.split()[1])] if each.startswith("line ") else heading for each in out)
    counted += NEWLINE_TOKENS * max(len(out) - 1, 0)
    assert sum(each.startswith("line ") for each in out) == len(taken)
    assert counted <= budget or not taken
    assert total == counted


@MANY
@given(lines=LINES, spare=st.integers(0, 5))
def test_all_is_taken_where_all_fits(lines: list[tuple[int, int]], spare: int) -> None:
    sizes, at_ns = [size for size, _ in lines], [at for _, at in lines]
    n_days = len({at // DAY for at in at_ns})
    needed = sum(sizes) + 5 * n_days + NEWLINE_TOKENS * max(len(lines) + n_days - 1, 0)
    # A line of less than two tokens may be left out where nothing of an ordinary size fits any more.
    taken, _ = pack(sizes, at_ns, needed + 3 + spare, lambda _: 5)
    assert taken == list(range(len(lines)))


@MANY
@given(lines=LINES, budget=st.integers(0, 300))
def test_a_better_line_is_never_left_out_for_a_worse_one(lines: list[tuple[int, int]], budget: int) -> None:
    """Whatever is left out would not have fitted beside the better ones that are in."""
    sizes, at_ns = [size for size, _ in lines], [at for _, at in lines]
    taken, _ = pack(sizes, at_ns, budget, lambda _: 5)
    for i in set(range(taken[-1])) - set(taken) if taken else ():
        better = [t for t in taken if t < i]
        _, used = pack([sizes[t] for t in better], [at_ns[t] for t in better], budget, lambda _: 5)
        new_day = at_ns[i] // DAY not in {at_ns[t] // DAY for t in better}
        assert used + NEWLINE_TOKENS * bool(better) + (5 + NEWLINE_TOKENS) * new_day + sizes[i] > budget


TEXTS = [
    "My dog's name is Potola and she is three",
    "Potola sleeps under the kitchen table",
    "We walked the dog by the river\nand then home",
    "我的狗叫波托拉",
    "🙂🙂🙂 dog 🙂🙂🙂",
    "a" * 300 + " dog",
    "dog " * 120,
    "x\n" * 40 + "dog",
    "The dog barked at the postman",
    "supercalifragilisticexpialidocious dog; 3.14159 https://example.org/dog?x=1&y=2",
    "כלב dog مرحبا",
    "Is the dog well?",
]


@cache
def memory() -> remanence.Memory:
    clock = FakeClock(step_ns=7 * 3600 * 10**9)
    store = remanence.open(embedder=HashingEmbedder(32), clock=clock)
    made = store.memory("pets")
    for i, text in enumerate(TEXTS * 3):
        made.add(f"{text} ({i})", speaker=("Ana", "", "Σωκράτης")[i % 3], session=f"s{i % 5}")
    return made


def hashed(text: str) -> int:
    """A counter without any law: the whole may be far larger than its parts, or far smaller."""
    return int.from_bytes(blake2b(text.encode(), digest_size=1).digest(), "big")


COUNTERS: dict[str, Callable[[str], int]] = {
    "words": lambda text: len(text.split()),
    "characters": len,
    "bytes": lambda text: len(text.encode()),
    "nothing": lambda text: 0,
    "one": lambda text: 1,
    "grows faster than the text": lambda text: len(text) ** 2 // 50,
    "slower": lambda text: int(len(text) ** 0.5),
    "newlines are dear": lambda text: len(text) // 4 + 25 * text.count("\n"),
    "lawless": hashed,
    "more than any budget": lambda text: 10**9,
}


@MANY
@given(
    name=st.sampled_from(sorted(COUNTERS)),
    budget=st.integers(0, 60) | st.integers(0, 3000),
    query=st.sampled_from(["where is the dog?", "Potola", "כלב", "nothing of the kind"]),
    threshold=st.none() | st.floats(0, 1),
)
def test_a_context_never_exceeds_its_budget_by_the_counter(
    name: str, budget: int, query: str, threshold: float | None
) -> None:
    counter = COUNTERS[name]
    context = memory().context(query, budget_tokens=budget, counter=counter, threshold=threshold)
    assert context.tokens <= budget
    assert context.tokens == (counter(context.text) if context.text else 0)
    assert bool(context.text) == bool(context.hits or context.facts)
    assert all(line(hit.speaker, hit.role, hit.text) in context.text for hit in context.hits)


@MANY
@given(
    budget=st.integers(0, 2000),
    texts=st.lists(st.text(min_size=1, max_size=60).filter(lambda text: not text.isspace()), min_size=1, max_size=8),
    query=st.sampled_from(["dog", "what did we say?"]),
)
def test_nor_by_the_default_one_whatever_the_script(budget: int, texts: list[str], query: str) -> None:
    fresh = remanence.open(embedder=HashingEmbedder(16), clock=FakeClock()).memory("any")
    for text in texts:
        fresh.add(text)
    context = fresh.context(query, budget_tokens=budget)
    assert context.tokens <= budget
    assert context.tokens == (tokens.estimate(context.text) if context.text else 0)
