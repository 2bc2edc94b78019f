"""Answers to figures: means over questions, by category, with intervals by conversation.

It must print what it is compared with beside every figure of the product.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import msgspec

from remanence.surfaces.evaluation.metrics import interval
from remanence.surfaces.evaluation.scoring import Answer


class Row(msgspec.Struct, frozen=True):
    """One system over a set of questions.

    Attributes:
        means: mean over questions, by measure.
        intervals: 95 % bootstrap interval by conversation, by measure.
    """

    system: str
    n_questions: int
    means: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    over_budget: int = 0


class Gain(msgspec.Struct, frozen=True):
    """How much more one system finds than another on the very same questions."""

    mean: float
    low: float
    high: float


class Table(msgspec.Struct, frozen=True):
    """The figures of several systems on one set of questions.

    Attributes:
        by_category: rows of each category, scored or not.
        gains: of the first system over "bm25", by measure; empty without either.
        apart: categories that are not in `rows`.
    """

    title: str
    rows: tuple[Row, ...]
    by_category: dict[str, tuple[Row, ...]]
    gains: dict[str, Gain]
    apart: tuple[str, ...] = ()


def tabulate(title: str, answers: Mapping[str, Sequence[Answer]], scored: Collection[str] = ()) -> Table:
    """Return the table of several systems.

    Args:
        answers: by system, in the same order of questions.
        scored: categories that count in the rows; none given: all of them.
    """
    categories = sorted({answer.category for given in answers.values() for answer in given})
    counted = [c for c in categories if c in scored] or categories
    rows = tuple(_row(system, [a for a in given if a.category in counted]) for system, given in answers.items())
    by_category = {
        category: tuple(_row(system, [a for a in given if a.category == category]) for system, given in answers.items())
        for category in categories
    }
    gains: dict[str, Gain] = {}
    first = next(iter(answers), "")
    if "bm25" in answers and first != "bm25":
        gains = _gains(
            [a for a in answers[first] if a.category in counted],
            [a for a in answers["bm25"] if a.category in counted],
        )
    return Table(title, rows, by_category, gains, tuple(c for c in categories if c not in counted))


def _row(system: str, answers: Sequence[Answer]) -> Row:
    means: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    for measure in answers[0].values if answers else ():
        values = [answer.values[measure] for answer in answers]
        means[measure] = math.fsum(values) / len(values)
        intervals[measure] = interval(_grouped(answers, values))
    return Row(system, len(answers), means, intervals, sum(answer.over_budget for answer in answers))


def _gains(ours: Sequence[Answer], theirs: Sequence[Answer]) -> dict[str, Gain]:
    gains: dict[str, Gain] = {}
    for measure in ours[0].values if ours else ():
        differences = [a.values[measure] - b.values[measure] for a, b in zip(ours, theirs, strict=True)]
        low, high = interval(_grouped(ours, differences))
        gains[measure] = Gain(math.fsum(differences) / len(differences), low, high)
    return gains


def _grouped(answers: Sequence[Answer], values: Sequence[float]) -> list[list[float]]:
    groups: dict[str, list[float]] = {}
    for answer, value in zip(answers, values, strict=True):
        groups.setdefault(answer.group, []).append(value)
    return list(groups.values())


def lines(table: Table, headline: str, *, categories: bool = True) -> list[str]:
    """Return a table as text, percentages, one line a system.

    Args:
        headline: the measure whose interval and gain are shown.
        categories: whether the headline is broken down by category.
    """
    measures = list(table.rows[0].means) if table.rows else []
    width = max([len(row.system) for row in table.rows] + [9])
    columns = {measure: max(len(measure) + 2, 7) for measure in measures}
    out = [
        f"{table.title} - {table.rows[0].n_questions if table.rows else 0} questions",
        " " * width + "".join(f"{measure:>{column}}" for measure, column in columns.items()),
    ]
    for row in table.rows:
        figures = "".join(f"{100 * row.means[m]:>{w}.1f}" for m, w in columns.items() if row.means)
        out.append(f"{row.system:<{width}}{figures}")
    out.append("")
    for row in table.rows:
        if headline in row.means:
            mean, (low, high) = row.means[headline], row.intervals[headline]
            out.append(f"{headline} {row.system:<{width}} {_percent(mean, low, high)}")
    if headline in table.gains:
        gain = table.gains[headline]
        out.append(f"{headline} gain over bm25: {_percent(gain.mean, gain.low, gain.high, '+')}")
    broken = [f"{row.system}: {row.over_budget}" for row in table.rows if row.over_budget]
    if broken:
        out.append(f"contexts over their budget: {', '.join(broken)}")
    if categories and len(table.by_category) > 1:
        out += ["", f"{headline} by category" + (" (* not counted above)" if table.apart else "")]
        label = max(len(category) for category in table.by_category) + 2
        out.append(" " * label + "questions".rjust(10) + "".join(f"{r.system:>12}" for r in table.rows))
        for category, rows in table.by_category.items():
            name = f"{category}{' *' if category in table.apart else ''}"
            figures = "".join(f"{100 * r.means[headline]:>12.1f}" if r.means else " " * 12 for r in rows)
            out.append(f"{name:<{label}}{rows[0].n_questions:>10}{figures}")
    return out


def _percent(mean: float, low: float, high: float, sign: str = "") -> str:
    return f"{100 * mean:{sign}.1f} [{100 * low:{sign}.1f}, {100 * high:{sign}.1f}]"
