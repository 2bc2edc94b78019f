"""Tables of what is known beside texts: what `tools/docs_figures.py` prints of those results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Rows = tuple[list[str], list[list[str]]]


def shared_memory(value: Mapping[str, Any]) -> Rows:
    """Tokens a turn of each way to handle the refund, at the least budget with all evidence and at 1,024."""
    rows: list[list[str]] = []
    for name, way in value["ways"].items():
        usual = way.get("by_budget", {}).get("1024", way)
        rows.append([name, _count(way["tokens_a_turn"]), str(way.get("budget", "")), _count(usual["tokens_a_turn"])])
    return ["prompt", "tokens a turn", "budget", "at a budget of 1,024"], rows


def facts(value: Mapping[str, Any]) -> Rows:
    """Precision and recall of the rules on each set of lines."""
    head = [
        "lines",
        "n",
        "committed: precision",
        "recall",
        "soft: precision",
        "recall",
        "corrections",
        "false facts",
        "µs a turn",
        "p99",
    ]
    rows: list[list[str]] = []
    for name, told in value.items():
        committed, soft = told["committed"], told["soft"]
        shares = [committed["precision"], committed["recall"], soft["precision"], soft["recall"], told["corrections"]]
        rows.append([name, str(told["n"]), *map(_percent, shares), str(sum(told["false_facts"].values()))])
        rows[-1] += [f"{told['cost'][part]:.0f}" for part in ("median_us", "p99_us")]
    return head, rows


def calls(value: Mapping[str, Any]) -> Rows:
    """Microseconds of keys, streams and facts, in RAM and in a file."""
    names = [name for name, told in value["file"].items() if isinstance(told, dict)]
    rows = [
        [name, *(f"{value[where][name][part]:,.1f}" for where in ("RAM", "file") for part in ("p50_us", "p99_us"))]
        for name in names
    ]
    return ["call", "RAM, p50 µs", "p99", "file, p50 µs", "p99"], rows


def past(value: Mapping[str, Any]) -> Rows:
    """How many moments are exact, and what reading at one costs."""
    first, later, now = (value[f"{name}_us"] for name in ("first_reading", "later_readings", "readings_of_the_present"))
    row = [f"{value['records']:,}", f"{value['exact']:,} of {value['moments']:,}", f"{first['p50'] / 1e3:.0f}"]
    row += [f"{first['p99'] / 1e3:.0f}", f"{later['p50']:,.0f}", f"{now['p50']:,.0f}"]
    return ["records", "exact", "first reading, ms", "p99", "later, µs", "the present, µs"], [row]


def updates(value: list[list[Mapping[str, Any]]]) -> Rows:
    """What contexts show of things that changed."""
    keys = ("n_questions", "recalled", "absent", "marked")
    rows = [
        [told["system"], f"{told['budget']:,}", *(str(told[key]) for key in keys), f"{told['share']:.2f}"]
        for told in value[0]
        if told["system"] != "random"
    ]
    return ["system", "budget", "questions", "update recalled", "old absent", "old marked", "share"], rows


def tracing(value: Mapping[str, Any]) -> Rows:
    """A context with its trace kept, against one without, taking turns."""
    rows = [
        [
            f"{told['memories']:,}",
            how,
            f"{told[key]['off']['p50_us']:,.0f}",
            f"{told[key]['ids']['p50_us']:,.0f}",
            f"{told[key]['ratio']:.3f}",
        ]
        for told in value["figures"]
        for how, key in (("back to back", "tight"), ("paced", "paced"))
    ]
    return ["memories", "how", "without, p50 µs", "with", "ratio"], rows


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"
