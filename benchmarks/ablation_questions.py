"""The questions of an ablation, what can rank their memories, and how much one ranking finds more than another."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

import train_ranker as trainer
from ablation_network import Network

import remanence
from remanence.core.ranking import SIGNALS, Weights, better_of_same
from remanence.engine import recall as engine
from remanence.engine.query import Query, analyse
from remanence.engine.state import State
from remanence.surfaces import evaluation
from remanence.surfaces.datasets import Conversation, Turn
from remanence.surfaces.evaluation import metrics
from remanence.surfaces.evaluation.trials import own
from remanence.surfaces.storing import store_turn

DEPTH = 500  # as deep as an evaluation ranks
TUNED_ON = ("100K_1", "100K_10", "100K_2", "100K_3", "100K_4")  # BEAM chats that weights by hand were chosen on
BUDGETS = (1024, 4096)
LEARNED = [SIGNALS.index(name) for name in trainer.LEARNED]

Values = dict[str, float]  # of one question, by measure
Ranker = Callable[["Asked"], Sequence[str]]


class Asked(NamedTuple):
    """A question of a conversation that is held in a memory of its own.

    Attributes:
        part: "dev" or "tst" of FriendsQA, otherwise the name of the conversation.
        set: of questions that are told together.
        ids: of each row.
        tokens: of each id.
    """

    set: str
    part: str
    group: str
    text: str
    query: Query
    gold: tuple[str, ...]
    state: State
    ids: list[str]
    tokens: dict[str, int]
    turns: tuple[Turn, ...]


COLUMNS: dict[str, tuple[str, str, Callable[[Asked], bool]]] = {
    **{f"LoCoMo {m}": ("LoCoMo", m, lambda asked: True) for m in ("R@1", "R@10", "MRR", "B@1024")},
    **{f"FriendsQA {m}": ("FriendsQA", m, lambda asked: True) for m in ("R@10", "MRR")},
    "BEAM B@4096": ("BEAM", "B@4096", lambda asked: True),
    "chats 5 to 9": ("BEAM", "B@4096", lambda asked: asked.group not in TUNED_ON),
    "event_ordering": ("event_ordering", "B@4096", lambda asked: True),
    "summarization": ("summarization", "B@4096", lambda asked: True),
}


def held(
    conversation: Conversation, part: str, set_of: Callable[[str], str], every: int
) -> tuple[remanence.Store, list[Asked]]:
    """Return a store with a conversation in it, to be kept open, and its questions of some set."""
    (trial,) = own([conversation])
    store = remanence.open()
    memory = store.memory("ablation")
    for turn in trial.turns:
        store_turn(memory, turn)
    live = memory._live()
    state = live.state()
    ids = [""] * state.columns.n
    for turn in trial.turns:
        if (row := state.row_of(turn.id)) is not None:
            ids[row] = turn.id
    tokens = {turn.id: metrics.token_count(turn.labelled) for turn in trial.turns}
    counted = [question for _, question in trial.asked if set_of(question.category)][::every]
    return store, [
        Asked(
            set_of(question.category), part, conversation.name, question.text,
            analyse(question.text, live.around.embedder, live.around.analyzer),
            question.gold, state, ids, tokens, trial.turns,
        )
        for question in counted
    ]  # fmt: skip


def everything(data: Path, every: int) -> tuple[list[remanence.Store], list[Asked]]:
    """Return the questions of all the sets."""
    *_, locomo = evaluation.subjects([data / "locomo/locomo_dev.json"])
    (beam,) = evaluation.subjects([data / "beam"])
    apart = ("event_ordering", "summarization")
    told: list[tuple[Conversation, str, Callable[[str], str]]] = [
        *((c, c.name, lambda of: "LoCoMo" if of in locomo.scored else "") for c in locomo.conversations),
        *((c, c.name, lambda of: "BEAM" if of in beam.scored else of * (of in apart)) for c in beam.conversations),
        *(
            (c, half, lambda of: "FriendsQA")
            for half in ("dev", "tst")
            for c in trainer.scenes(data / f"train/friendsqa/{half}.json")
        ),
    ]
    made = [held(conversation, part, set_of, every) for conversation, part, set_of in told]
    return [store for store, _ in made], [asked for _, questions in made for asked in questions]


def by_weights(weights: Weights | Mapping[str, Weights]) -> Ranker:
    """Return what ranks by some weights, or by those of each part."""

    def rank(asked: Asked) -> list[str]:
        of = weights if isinstance(weights, Weights) else weights.get(asked.part, weights["all"])
        rows = engine.recall(asked.state, asked.query, limit=DEPTH, weights=of).rows
        return [asked.ids[row] for row in rows.tolist()]

    return rank


def by_network(networks: Mapping[str, Network], weights: Weights) -> Ranker:
    """Return what ranks by the network of each part for what is learned, and weights for what is set by hand."""
    by_hand = [SIGNALS.index(name) for name in trainer.BY_HAND if name != "crowding"]
    every = msgspec.structs.replace(weights, **dict.fromkeys(trainer.LEARNED, 1.0), crowding=0.0)
    vector = weights.vector()[by_hand]
    no_user = np.where([SIGNALS[i] == "user" for i in by_hand], 0, vector)

    def rank(asked: Asked) -> list[str]:
        ranked = engine.recall(asked.state, asked.query, limit=asked.state.columns.n, weights=every)
        signals = ranked.signals[:, ranked.order]
        scores = networks.get(asked.part, networks["all"])(signals[LEARNED].T)
        scores = scores + (no_user if asked.set == "FriendsQA" else vector) @ signals[by_hand]
        order = np.argsort(-scores, kind="stable")
        if asked.query.several:
            best = order[: engine.SPREAD]
            scores[best] += weights.crowding * better_of_same(asked.state.columns.session.take(ranked.rows[best]))
            order = np.argsort(-scores, kind="stable")
        return [asked.ids[row] for row in ranked.rows[order[:DEPTH]].tolist()]

    return rank


def by_bm25() -> Ranker:
    """Return what ranks by plain BM25."""
    system = evaluation.Bm25()
    indexed: list[str] = []

    def rank(asked: Asked) -> Sequence[str]:
        if indexed != [asked.group]:
            system.index(asked.turns)
            indexed[:] = [asked.group]
        return system.rank(asked.text, DEPTH).ids

    return rank


def measured(questions: Sequence[Asked], rank: Ranker) -> list[Values]:
    """Return the measures of each question."""
    found: list[Values] = []
    for asked in questions:
        ranked = rank(asked)
        values = {f"R@{k}": metrics.recall_at(ranked, asked.gold, k) for k in (1, 10)}
        values["MRR"] = metrics.reciprocal_rank(ranked, asked.gold)
        values |= {f"B@{b}": metrics.budget_recall(ranked, asked.gold, asked.tokens, b) for b in BUDGETS}
        found.append(values)
    return found


def compared(
    questions: Sequence[Asked], found: Sequence[Values], base: Sequence[Values], sets: Sequence[str] = ()
) -> dict[str, Values]:
    """Return, by column, the mean, and the paired change from the base with its interval; percent.

    Args:
        sets: only columns of these; all, if left out.
    """
    told: dict[str, Values] = {}
    for column, (of, measure, counts) in COLUMNS.items():
        if sets and of not in sets:
            continue
        groups: dict[str, list[float]] = {}
        values: list[float] = []
        for asked, mine, theirs in zip(questions, found, base, strict=True):
            if asked.set == of and counts(asked):
                values.append(mine[measure])
                groups.setdefault(asked.group, []).append(mine[measure] - theirs[measure])
        if not values:
            continue
        low, high = metrics.interval(list(groups.values()))
        change = statistics.fmean(each for group in groups.values() for each in group)
        figures = {"mean": statistics.fmean(values), "change": change, "low": low, "high": high}
        told[column] = {name: round(100 * value, 2) for name, value in figures.items()}
    return told
