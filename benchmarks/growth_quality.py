"""What the first look costs in recall: the same questions among ever more other sentences, with it and without.

Beyond 1,024 rows the engine scores in full only the best by a first look; `full look` is the same engine told to
score all rows in full. The memories are those of `remanence eval --among`, which
stands beside BM25; LoCoMo dev, corrected labels.

    python benchmarks/growth_quality.py [--data ../shared/data] [--sizes 0 1000 10000] > growth-quality.json
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from remanence.engine import recall
from remanence.surfaces import evaluation
from remanence.surfaces.bench.machine import describe
from remanence.surfaces.evaluation.metrics import budget_recall, recall_at, token_count
from remanence.surfaces.evaluation.product import Product

LOOKS = {"first look": recall.EXACT_ROWS, "full look": 10**9}
DEPTH = 200


def measure(subject: evaluation.Subject, mode: evaluation.Mode) -> dict[str, list[tuple[float, float]]]:
    """Return (R@10, B@1024) of each question, by first look and by full look."""
    found: dict[str, list[tuple[float, float]]] = {look: [] for look in LOOKS}
    product = Product()
    for trial in mode(subject.conversations):
        product.index(trial.turns)
        tokens = {turn.id: token_count(turn.labelled) for turn in trial.turns}
        for look, recall.EXACT_ROWS in LOOKS.items():
            for _, question in trial.asked:
                if question.category in subject.scored:
                    ranked = product.rank(question.text, DEPTH).ids
                    within = budget_recall(ranked, question.gold, tokens, 1024)
                    found[look].append((recall_at(ranked, question.gold, 10), within))
        recall.EXACT_ROWS = LOOKS["first look"]
    product.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sizes", type=int, nargs="+", default=[0, 1_000, 10_000, 90_000])
    options = parser.parse_args()
    *_, subject = evaluation.subjects([options.data / "locomo/locomo_dev.json"])
    sentences = evaluation.sentences((options.data / "train/sentences.txt").read_text(encoding="utf-8"))
    rows: list[dict[str, object]] = []
    for size in options.sizes:
        for look, values in measure(subject, evaluation.among(size, sentences)).items():
            r10, b1024 = (round(sum(column) / len(values), 4) for column in zip(*values, strict=True))
            rows.append({"others": size, "look": look, "R@10": r10, "B@1024": b1024, "questions": len(values)})
            print(rows[-1], file=sys.stderr, flush=True)
    print(json.dumps({"benchmark": "growth-quality", "machine": describe(), "rows": rows}, indent=2))


if __name__ == "__main__":
    main()
