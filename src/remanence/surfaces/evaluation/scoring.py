"""One loop for every system: index a trial, ask its questions, keep each measure of each question."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from remanence.surfaces.evaluation import metrics
from remanence.surfaces.evaluation.systems import System
from remanence.surfaces.evaluation.trials import Trial

CUTOFFS = (1, 5, 10)
# Greedy packing skips what does not fit, so a ranking goes deeper than any budget holds.
_DEPTH = 500

Progress = Callable[[int], None]


class Answer(msgspec.Struct, frozen=True):
    """How one system did on one question.

    Attributes:
        group: name of the conversation the question is about.
        values: measure by name.
        confidence: of the context at the largest budget, or of the ranking where none was asked for.
        over_budget: how many contexts were larger than they were allowed.
    """

    group: str
    category: str
    values: dict[str, float]
    confidence: float
    over_budget: int = 0


def score(
    system: System,
    trials: Iterable[Trial],
    budgets: Sequence[int],
    progress: Progress = lambda n: None,
) -> list[Answer]:
    """Return an answer a question, in the order of the trials.

    Args:
        budgets: token budgets for B@T (packed ranking) and C@T (`context`).
        progress: called with 1 after each question.
    """
    answers: list[Answer] = []
    for trial in trials:
        system.index(trial.turns)
        text = {turn.id: turn.text for turn in trial.turns}
        tokens = {turn.id: metrics.token_count(turn.labelled) for turn in trial.turns}
        for group, question in trial.asked:
            ranking = system.rank(question.text, min(_DEPTH, len(trial.turns)))
            ranked = [id_ for id_ in ranking.ids if id_ in tokens]
            values = _of_ranking(ranked, question.gold, tokens, budgets)
            gold_texts = [text[id_] for id_ in question.gold]
            confidence, over_budget = ranking.confidence, 0
            for budget in budgets:
                for suffix, own_counter in (("", False), ("own", True)):
                    passage = system.context(question.text, budget, own_counter=own_counter)
                    values[f"C{suffix}@{budget}"] = metrics.evidence_in(passage.text, gold_texts)
                    confidence = passage.confidence
                    size = passage.tokens if own_counter else metrics.token_count(passage.text)
                    over_budget += max(size, passage.tokens) > budget
            answers.append(Answer(group, question.category, values, confidence, over_budget))
            progress(1)
    system.close()
    return answers


def _of_ranking(
    ranked: list[str], gold: Sequence[str], tokens: dict[str, int], budgets: Sequence[int]
) -> dict[str, float]:
    values: dict[str, float] = {}
    for k in CUTOFFS:
        values[f"R@{k}"] = metrics.recall_at(ranked, gold, k)
        values[f"All@{k}"] = metrics.all_at(ranked, gold, k)
    values["MRR"] = metrics.reciprocal_rank(ranked, gold)
    values["nDCG@10"] = metrics.ndcg_at(ranked, gold, 10)
    for budget in budgets:
        values[f"B@{budget}"] = metrics.budget_recall(ranked, gold, tokens, budget)
    return values


class Given(msgspec.Struct, frozen=True):
    """The context one question was given.

    Attributes:
        tokens: by the yardstick, whatever the system counts by; 0 when it is empty.
        evidence: share of the evidence in it; 0 where there is none in the memory.
    """

    confidence: float
    tokens: int
    evidence: float


def contexts(
    system: System, trials: Iterable[Trial], budget_tokens: int, progress: Progress = lambda n: None
) -> list[Given]:
    """Return the context of each question, in the order of the trials."""
    given: list[Given] = []
    for trial in trials:
        system.index(trial.turns)
        text = {turn.id: turn.text for turn in trial.turns}
        for _, question in trial.asked:
            passage = system.context(question.text, budget_tokens, own_counter=False)
            gold_texts = [text[id_] for id_ in question.gold if id_ in text]
            evidence = metrics.evidence_in(passage.text, gold_texts) if gold_texts else 0.0
            given.append(Given(passage.confidence, metrics.token_count(passage.text), evidence))
            progress(1)
    system.close()
    return given
