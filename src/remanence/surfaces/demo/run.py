"""Stores the shipped conversation, asks its questions and shows what comes back, how fast and how big."""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec

from remanence.engine.memory import Memory
from remanence.surfaces.datasets import Conversation, Question
from remanence.surfaces.evaluation.metrics import collapsed
from remanence.surfaces.storing import store_turn
from remanence.types import Context

BUDGET_TOKENS = 256


class Recalled(msgspec.Struct, frozen=True):
    """One question of the demonstration and what the memory gave for it.

    Attributes:
        found: gold ids whose text is in the context.
        micros: time of the call.
    """

    question: Question
    context: Context
    found: tuple[str, ...]
    micros: float

    @property
    def complete(self) -> bool:
        return set(self.found) == set(self.question.gold)


def fill(memory: Memory, conversation: Conversation) -> Iterator[float]:
    """Store every turn, yielding the microseconds of each; one that is there already stays as it is."""
    for turn in conversation.turns:
        started = time.perf_counter_ns()
        store_turn(memory, turn)
        yield (time.perf_counter_ns() - started) / 1_000


def ask(memory: Memory, conversation: Conversation, budget_tokens: int = BUDGET_TOKENS) -> Iterator[Recalled]:
    """Ask each question and yield what came back."""
    texts = {turn.id: collapsed(turn.text) for turn in conversation.turns}
    for question in conversation.questions:
        started = time.perf_counter_ns()
        context = memory.context(question.text, budget_tokens=budget_tokens)
        micros = (time.perf_counter_ns() - started) / 1_000
        held = collapsed(context.text)
        found = tuple(id_ for id_ in question.gold if texts[id_] in held)
        yield Recalled(question, context, found, micros)


def latencies(
    memory: Memory, conversation: Conversation, n_rounds: int = 20, budget_tokens: int = BUDGET_TOKENS
) -> list[float]:
    """Return the microseconds of each question, asked `n_rounds` times over, shortest first."""
    times: list[float] = []
    for _ in range(n_rounds):
        for question in conversation.questions:
            started = time.perf_counter_ns()
            memory.context(question.text, budget_tokens=budget_tokens)
            times.append((time.perf_counter_ns() - started) / 1_000)
    return sorted(times)


def quantile(ordered: list[float], q: float) -> float:
    """Return the value below which a share q of ordered values lies."""
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]
