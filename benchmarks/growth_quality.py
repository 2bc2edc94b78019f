"""How recall holds as a namespace grows: the same questions among ever more other memories.

Each LoCoMo conversation shares its namespace with sentences of other people's talk. Beyond 1,024 rows the
engine scores in full only the best by a first look; `full look` is the same engine told to score all rows
in full, so that the difference is what the first look costs.

    python benchmarks/growth_quality.py [--data ../shared/data] [--sizes 0 1000 10000] > growth-quality.json
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import remanence
from remanence.engine import recall
from remanence.surfaces.bench.machine import describe
from remanence.surfaces.datasets import Conversation, read
from remanence.surfaces.evaluation.metrics import budget_recall, recall_at, token_count

SCORED = ("1", "2", "3", "4")
FULL = 10**9


def measure(conversation: Conversation, others: list[str]) -> dict[str, list[tuple[float, float]]]:
    """Return (R@10, B@1024) of each question, by first look and by full look."""
    found: dict[str, list[tuple[float, float]]] = {"first look": [], "full look": []}
    tokens = {turn.id: token_count(f"{turn.speaker}: {turn.text}") for turn in conversation.turns}
    with remanence.open() as store:
        memory = store.memory("grown")
        step = max(1, len(others) // max(1, len(conversation.turns) // 20))
        for n, turn in enumerate(conversation.turns):
            if n % 20 == 0:  # other talk between the conversation's sessions, as in a life
                for i, text in enumerate(others[n // 20 * step : (n // 20 + 1) * step]):
                    memory.add(text, id=f"other/{n}/{i}", speaker=f"Guest {i % 7}", session=f"other/{n}/{i // 20}")
            at = None if turn.at_ns is None else datetime.fromtimestamp(turn.at_ns / 1e9, UTC)
            memory.add(turn.text, id=turn.id, speaker=turn.speaker, session=turn.session, at=at)
        tokens |= {item.id: token_count(f"{item.speaker}: {item.text}") for item in memory.items()}
        exact_rows = recall.EXACT_ROWS
        for look, rows in (("first look", exact_rows), ("full look", FULL)):
            recall.EXACT_ROWS = rows
            for question in conversation.questions:
                if question.gold and question.category in SCORED:
                    ranked = [hit.id for hit in memory.search(question.text, k=200)]
                    found[look].append(
                        (recall_at(ranked, question.gold, 10), budget_recall(ranked, question.gold, tokens, 1024))
                    )
        recall.EXACT_ROWS = exact_rows
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sizes", type=int, nargs="+", default=[0, 1_000, 10_000, 50_000])
    options = parser.parse_args()
    conversations = read(options.data / "locomo/locomo_dev.json").conversations
    lines = (options.data / "train/sentences.txt").read_text(encoding="utf-8").splitlines()
    sentences = list(dict.fromkeys(line.strip() for line in lines if len(line.split()) >= 5))
    rows: list[dict[str, object]] = []
    for size in options.sizes:
        total: dict[str, list[tuple[float, float]]] = {}
        for conversation in conversations:
            for look, values in measure(conversation, sentences[:size]).items():
                total.setdefault(look, []).extend(values)
        for look, values in total.items():
            r10, b1024 = (round(sum(column) / len(values), 4) for column in zip(*values, strict=True))
            rows.append({"others": size, "look": look, "R@10": r10, "B@1024": b1024, "questions": len(values)})
            print(rows[-1], file=sys.stderr, flush=True)
    print(json.dumps({"benchmark": "growth-quality", "machine": describe(), "rows": rows}, indent=2))


if __name__ == "__main__":
    main()
