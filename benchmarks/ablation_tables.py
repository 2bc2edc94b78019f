"""The tables of docs/ablation.md, from what ablation.py prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

TALK = ("LoCoMo R@1", "LoCoMo R@10", "LoCoMo MRR", "LoCoMo B@1024")
ELSEWHERE = ("FriendsQA R@10", "FriendsQA MRR", "BEAM B@4096", "chats 5 to 9", "event_ordering", "summarization")

Rows = list[list[str]]


def off(told: dict[str, Any], how: str, columns: Sequence[str]) -> tuple[list[str], Rows]:
    """Return what changes without each signal.

    Args:
        how: "off", with the other weights as they are, or "again", with them trained again.
    """
    rows = [
        [f"`{row['signal']}`", f"{row['weight']:g}", *(_change(row[how].get(column)) for column in columns)]
        for row in told["signals"]
        if row[how]
    ]
    return ["without", "weight", *columns], rows


def training(told: dict[str, Any], columns: Sequence[str]) -> tuple[list[str], Rows]:
    """Return what each way of training finds, and by how much that is less or more than the first."""
    rows: Rows = []
    for n, row in enumerate(told["training"]):
        cells = [
            "" if of is None else f"{of['mean']:.1f}" + (f"; {_change(of)}" if n else "")
            for of in (row["figures"].get(column) for column in columns)
        ]
        if any(cells):
            rows.append([row["row"], *cells])
    return ["ranked by", *columns], rows


def costs(told: dict[str, Any]) -> tuple[list[str], Rows]:
    """Return what each signal costs, and what several share."""
    every = {f"`{row['signal']}`": row["us"] for row in told["signals"]}
    shared = {"match": "the words found", "view": "what they hold laid out", "recall": "a whole recall"}
    every |= {what: {size: of[name] for size, of in told["shared"].items()} for name, what in shared.items()}
    sizes = list(told["shared"])
    rows = [
        [
            name,
            *(f"{of[size]['us']:.1f}" if of.get(size) else "" for size in sizes),
            f"{100 * of[sizes[-1]]['share']:.0f}" if of.get(sizes[-1]) else "0",
        ]
        for name, of in every.items()
    ]
    return ["signal", *(f"{size} memories, µs" for size in sizes), "of the questions, %"], rows


def sizes(told: dict[str, Any]) -> str:
    """Return how many questions and conversations the sets have, in a sentence."""
    parts = [f"{name} {of['questions']:,} in {of['conversations']}" for name, of in told["sets"].items()]
    every = told.get("every", 1)
    return f"Questions and conversations: {', '.join(parts)}." + (
        f" Every {every}th question only." if every > 1 else ""
    )


def _change(of: dict[str, float] | None) -> str:
    """Return a change with its interval, in bold where the interval does not hold 0."""
    if of is None:
        return ""
    shown = f"{of['change']:+.1f}"
    if of["low"] > 0 or of["high"] < 0:
        shown = f"**{shown}**"
    return f"{shown} ({of['low']:+.1f} to {of['high']:+.1f})"
