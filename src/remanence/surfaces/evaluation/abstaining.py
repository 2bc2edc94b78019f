"""Whether confidence tells: each question asked once with its evidence in the memory, and once with it left out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import msgspec

from remanence.surfaces import terminal
from remanence.surfaces.evaluation import trials
from remanence.surfaces.evaluation.harness import Subject
from remanence.surfaces.evaluation.metrics import RiskAt, auc, aurc, risk_coverage
from remanence.surfaces.evaluation.scoring import Given, Progress, contexts
from remanence.surfaces.evaluation.systems import System


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
        system=system,
        n_questions=len(inside),
        auc=auc(sure, unsure),
        with_evidence=_mean(sure),
        without_evidence=_mean(unsure),
        aurc=aurc(sure, unsure),
        curve=tuple(risk_coverage(sure, unsure)),
        budget=budget,
        empty_with=sum(not each.tokens for each in inside),
        empty_without=sum(not each.tokens for each in outside),
        tokens_with=_mean([each.tokens for each in inside]),
        tokens_without=_mean([each.tokens for each in outside]),
        evidence=_mean([each.evidence for each in inside]),
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan


def abstention_lines(told: Sequence[Abstention]) -> list[str]:
    """Return what was found as text: how well it tells, what the contexts hold, and risk by coverage."""
    sure = [("abstention", "questions", "AUC", "AURC", "confidence with", "without")]
    budget = told[0].budget if told else 0
    given = [(f"contexts of {budget} tokens", "tokens with", "without", "empty with", "without", f"C@{budget}")]
    for r in told:
        means = (f"{r.with_evidence:.2f}", f"{r.without_evidence:.2f}")
        sure.append((r.system, str(r.n_questions), f"{r.auc:.3f}", f"{r.aurc:.3f}", *means))
        tokens = (f"{r.tokens_with:.0f}", f"{r.tokens_without:.0f}")
        given.append((r.system, *tokens, str(r.empty_with), str(r.empty_without), f"{100 * r.evidence:.1f}"))
    risks = [("coverage", *(head for r in told for head in (f"{r.system} risk", "threshold")))]
    for curves in zip(*(r.curve for r in told), strict=True):
        cells = [cell for at in curves for cell in (f"{100 * at.risk:.1f} %", f"{at.threshold:.2f}")]
        risks.append((f"{curves[0].coverage} %", *cells))
    blocks = [terminal.table(rows, right=range(1, len(rows[0]))) for rows in (sure, given, risks)]
    return [line for block in blocks for line in (*block, "")][:-1]
