"""What the signals of a ranking cost: the functions that make them, timed on what recall looked at."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ablation_questions import Asked, held

from remanence.core.ranking import SIGNALS, better_of_same
from remanence.engine import recall as engine
from remanence.engine import signals as makers
from remanence.surfaces import evaluation
from remanence.surfaces.datasets import Conversation

SHARED = ("match", "view", "recall")


@contextmanager
def spied() -> Iterator[list[makers.View]]:
    """Give the views that recall makes meanwhile."""
    views: list[makers.View] = []
    plain = engine.signals_of

    def keep(view: makers.View, worth: Any) -> Any:
        views.append(view)
        return plain(view, worth)

    engine.signals_of = keep
    try:
        yield views
    finally:
        engine.signals_of = plain


def costs(data: Path, size: int) -> dict[str, dict[str, float]]:
    """Return what each signal, and what they share, takes with `size` memories.

    That is the median microseconds over the questions it has something to say on, and the share of those.
    """
    *_, locomo = evaluation.subjects([data / "locomo/locomo_dev.json"])
    conversation = locomo.conversations[0]
    sentences = evaluation.sentences((data / "train/sentences.txt").read_text(encoding="utf-8"))
    (trial,) = evaluation.among(size - len(conversation.turns), sentences)([conversation])
    grown = Conversation(conversation.name, trial.turns, conversation.questions)
    store, questions = held(grown, "", lambda of: "LoCoMo" if of in locomo.scored else "", 1)
    times: dict[str, list[float]] = {name: [] for name in (*SIGNALS, *SHARED)}
    for asked in questions:
        for name, call in calls_of(asked).items():
            if call() is not None:
                times[name].append(min(timed(call) for _ in range(5)))
    store.close()
    return {
        name: {"us": round(statistics.median(of), 1), "share": round(len(of) / len(questions), 3)}
        for name, of in times.items()
        if of
    }


def calls_of(asked: Asked) -> dict[str, Callable[[], object]]:
    """Return what makes each signal of a question, and what they share."""
    with spied() as views:
        ranked = engine.recall(asked.state, asked.query, limit=engine.SPREAD)
    view = views[0]
    sessions = asked.state.columns.session.take(ranked.rows)
    made: dict[str, Callable[[], object]] = {
        name: lambda name=name: makers._MAKER[name](view) for name in SIGNALS if name in makers._MAKER
    }
    return made | {
        "crowding": lambda: better_of_same(sessions) if asked.query.several else None,
        "match": lambda: makers.match(asked.state, asked.query),
        "view": lambda: makers.View(
            view.state, view.query, view.rows, view.close, view.wording, view.cosine, view.scores
        ),
        "recall": lambda: engine.recall(asked.state, asked.query, limit=100),
    }


def timed(call: Callable[[], object]) -> float:
    began = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - began) / 1e3
