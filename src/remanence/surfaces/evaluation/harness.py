"""A whole evaluation: files in, tables out. Knows data sets only by which categories count."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from remanence.errors import InvalidInput
from remanence.surfaces.datasets import Conversation, Reading, beam, corrected, locomo, read_all
from remanence.surfaces.evaluation import trials
from remanence.surfaces.evaluation.metrics import RiskAt, auc, aurc, risk_coverage
from remanence.surfaces.evaluation.report import Table, tabulate
from remanence.surfaces.evaluation.scoring import Given, Progress, contexts, score
from remanence.surfaces.evaluation.systems import System

_SCORED = {"locomo": locomo.SCORED_CATEGORIES, "beam": beam.SCORED_CATEGORIES}
_BUDGETS = {"beam": (256, 1024, 4096)}
_USUAL_BUDGETS = (256, 1024)


class Subject(msgspec.Struct, frozen=True):
    """Conversations of one format, with one set of labels.

    Attributes:
        labels: "raw", or "corrected" where a file of corrections lies beside the data.
    """

    format: str
    labels: str
    conversations: tuple[Conversation, ...]
    n_problems: int = 0

    @property
    def scored(self) -> tuple[str, ...]:
        return _SCORED.get(self.format, ())

    @property
    def budgets(self) -> tuple[int, ...]:
        return _BUDGETS.get(self.format, _USUAL_BUDGETS)

    @property
    def headline(self) -> str:
        return f"B@{self.budgets[-1]}"


class Abstention(msgspec.Struct, frozen=True):
    """How well confidence tells an answerable question from one whose evidence was left out.

    Attributes:
        with_evidence, without_evidence: mean confidence.
        aurc: mean risk over all coverages; of all questions asked, half have no evidence.
        curve: the risk at some coverages.
        budget: tokens a context may have.
        empty_with, empty_without: contexts with nothing in them.
        tokens_with, tokens_without: mean tokens of a context, by the yardstick.
        evidence: share of the evidence that is in the context, where it is in the memory: C@T.
    """

    system: str
    n_questions: int
    auc: float
    with_evidence: float
    without_evidence: float
    aurc: float
    curve: tuple[RiskAt, ...]
    budget: int
    empty_with: int
    empty_without: int
    tokens_with: float
    tokens_without: float
    evidence: float


def subjects(paths: Sequence[str | Path], corrections: Path | None = None) -> list[Subject]:
    """Return what the files hold, one subject a format; LoCoMo raw, and corrected where it can be.

    Raises:
        InvalidInput: a file that cannot be read, or no question with evidence in any of them.
    """
    by_format: dict[str, list[Reading]] = {}
    for reading in read_all(paths):
        by_format.setdefault(reading.format, []).append(reading)
    found: list[Subject] = []
    for format_, readings in by_format.items():
        conversations = tuple(c for reading in readings for c in reading.conversations)
        n_problems = sum(len(reading.problems) for reading in readings)
        found.append(Subject(format_, "raw", conversations, n_problems))
        if format_ == "locomo":
            beside = [corrections or locomo.corrections_beside(Path(r.path)) for r in readings]
            if any(beside):
                repaired = tuple(
                    conversation
                    for reading, path in zip(readings, beside, strict=True)
                    for conversation in (corrected(reading.conversations, path) if path else reading.conversations)
                )
                found.append(Subject(format_, "corrected", repaired, n_problems))
    if not any(q.gold for s in found for c in s.conversations for q in c.questions):
        raise InvalidInput(
            "no questions with evidence in these files; a JSONL file takes them as lines like "
            '{"question": "...", "gold": ["<turn id>"]}'
        )
    return found


def sampled(subject: Subject, n_questions: int) -> Subject:
    """Return a subject with about `n_questions` of its questions, taken evenly."""
    n_all = sum(len(c.questions) for c in subject.conversations)
    step = max(1, math.ceil(n_all / n_questions))
    return msgspec.structs.replace(
        subject,
        conversations=tuple(msgspec.structs.replace(c, questions=c.questions[::step]) for c in subject.conversations),
    )


def evaluate(
    subject: Subject,
    systems: Mapping[str, Callable[[], System]],
    mode: trials.Mode = trials.own,
    *,
    mode_name: str = "own conversation",
    budgets: Sequence[int] = (),
    progress: Progress = lambda n: None,
) -> Table:
    """Return the figures of every system on a subject; the first is the one that is judged."""
    answers = {
        name: score(make(), mode(subject.conversations), budgets or subject.budgets, progress)
        for name, make in systems.items()
    }
    return tabulate(f"{subject.format}, {subject.labels} labels, {mode_name}", answers, subject.scored)


def abstention(
    subject: Subject, systems: Mapping[str, Callable[[], System]], progress: Progress = lambda n: None
) -> list[Abstention]:
    """Return, for each system, how well confidence tells with from without; scored categories only."""
    counted = [
        msgspec.structs.replace(
            c,
            questions=tuple(q for q in c.questions if not subject.scored or q.category in subject.scored),
        )
        for c in subject.conversations
    ]
    budget = subject.budgets[-1]
    return [
        _told_apart(
            name,
            contexts(make(), trials.own(counted), budget, progress),
            contexts(make(), trials.left_out(counted), budget, progress),
            budget,
        )
        for name, make in systems.items()
    ]


def _told_apart(system: str, inside: Sequence[Given], outside: Sequence[Given], budget: int) -> Abstention:
    sure, unsure = [each.confidence for each in inside], [each.confidence for each in outside]
    return Abstention(
        system,
        len(inside),
        auc(sure, unsure),
        _mean(sure),
        _mean(unsure),
        aurc(sure, unsure),
        tuple(risk_coverage(sure, unsure)),
        budget,
        sum(not each.tokens for each in inside),
        sum(not each.tokens for each in outside),
        _mean([each.tokens for each in inside]),
        _mean([each.tokens for each in outside]),
        _mean([each.evidence for each in inside]),
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan
