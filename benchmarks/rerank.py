"""What a slower look at the best hits gains: the same questions, fast alone and re-ranked within a time limit.

A bi-encoder is measured twice: `new` texts have to be embedded within the limit, `seen` ones were embedded
before (`EmbedderReranker.warm`). A cross-encoder has nothing to keep. FriendsQA scenes are put together into
namespaces of some 600 turns, as where the ranking was fitted; LoCoMo conversations stand by themselves.

    python benchmarks/rerank.py --model path/to/all-MiniLM-L6-v2 [--kind bi|cross] [--data ../shared/data]
                                [--limits 10 50 200] > benchmarks/results/rerank.json

The directory holds model.onnx and tokenizer.json: an export of the sentence-transformer, or with
`--kind cross` of a model that scores pairs.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import remanence
from remanence.embed.onnx import OnnxEmbedder, OnnxReranker
from remanence.embed.reranker import EmbedderReranker
from remanence.surfaces.bench.machine import describe
from remanence.surfaces.datasets import Conversation, Question, read
from remanence.surfaces.evaluation.metrics import budget_recall, interval, recall_at, reciprocal_rank, token_count

NAMESPACE_TURNS = 600
SCORED = ("1", "2", "3", "4")  # LoCoMo's categories with evidence of their own
MEASURES = ("R@1", "R@5", "R@10", "MRR", "B@1024")
DEPTH = 200  # hits asked for: more than fit in 1,024 tokens


class Way(NamedTuple):
    """How questions are asked: `texts` is "new" or "seen"; without a limit, the fast order."""

    limit_ms: float | None
    texts: str


class Counted:
    """A reranker that counts the texts of a question, and forgets its vectors between questions if told to."""

    def __init__(self, model: OnnxEmbedder | OnnxReranker) -> None:
        self.name = model.name
        self.n_texts = 0
        self._model = model
        self._inside = self._fresh()

    def _fresh(self) -> EmbedderReranker | OnnxReranker:
        return EmbedderReranker(self._model) if isinstance(self._model, OnnxEmbedder) else self._model

    def forget(self) -> None:
        self._inside = self._fresh()

    def warm(self, texts: Sequence[str]) -> None:
        self.forget()
        if isinstance(self._inside, EmbedderReranker):
            self._inside.warm(texts)

    def scores(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        self.n_texts += len(texts)
        return self._inside.scores(query, texts)


class Measured(NamedTuple):
    """One question, one way."""

    conversation: str
    values: tuple[float, ...]
    ms: float
    n_texts: int


def measure(group: Sequence[Conversation], model: OnnxEmbedder | OnnxReranker, ways: Sequence[Way]) -> Iterator[Any]:
    """Yield (way, measured) for each question of one namespace."""
    reranker = Counted(model)
    with remanence.open(reranker=reranker) as store:
        memory = store.memory("conversation")
        for conversation in group:
            for turn in conversation.turns:
                if turn.text.strip():
                    memory.add(
                        turn.text,
                        id=f"{conversation.name}/{turn.id}",
                        speaker=turn.speaker or None,
                        role="",
                        session=f"{conversation.name}/{turn.session}",
                        at=None if not turn.at_ns else datetime.fromtimestamp(turn.at_ns / 1e9, UTC),
                    )
        tokens = {item.id: token_count(f"{item.speaker}: {item.text}") for item in memory.items()}
        texts = [f"{item.speaker}: {item.text}" if item.speaker else item.text for item in memory.items()]
        for way in ways:
            if way.texts == "seen":
                reranker.warm(texts)
            for conversation in group:
                for question in conversation.questions:
                    gold = [id for one in question.gold if (id := f"{conversation.name}/{one}") in tokens]
                    if not gold or not question.text.strip():
                        continue
                    if way.texts == "new":
                        reranker.forget()
                    reranker.n_texts = 0
                    started = perf_counter()
                    hits = memory.search(question.text, k=DEPTH, max_latency_ms=way.limit_ms)
                    ms = 1e3 * (perf_counter() - started)
                    ranked = [hit.id for hit in hits]
                    values = (
                        *(recall_at(ranked, gold, k) for k in (1, 5, 10)),
                        reciprocal_rank(ranked, gold),
                        budget_recall(ranked, gold, tokens, 1024),
                    )
                    yield way, Measured(conversation.name, values, ms, reranker.n_texts)


def summary(way: Way, found: Sequence[Measured], fast: Sequence[Measured]) -> dict[str, Any]:
    """Return the means of one way, its gains over the fast order with their intervals, and what it took."""
    values = 100 * np.array([one.values for one in found])
    gains = values - 100 * np.array([one.values for one in fast])
    names = [one.conversation for one in found]
    ms = np.array([one.ms for one in found])
    by_measure: dict[str, Any] = {}
    for column, measure_ in enumerate(MEASURES):
        groups: dict[str, list[float]] = {}
        for name, gain in zip(names, gains[:, column].tolist(), strict=True):
            groups.setdefault(name, []).append(gain)
        low, high = interval(list(groups.values()))
        by_measure[measure_] = {
            "mean": round(float(values[:, column].mean()), 2),
            "gain": round(float(gains[:, column].mean()), 2),
            "low": round(low, 2),
            "high": round(high, 2),
        }
    return {
        "limit_ms": way.limit_ms,
        "texts": way.texts,
        "questions": len(found),
        "measures": by_measure,
        "texts_median": float(np.median([one.n_texts for one in found])),
        "ms_p50": round(float(np.percentile(ms, 50)), 2),
        "ms_p99": round(float(np.percentile(ms, 99)), 2),
        "late_share": None if way.limit_ms is None else round(float((ms > way.limit_ms).mean()), 4),
    }


def grouped(scenes: Sequence[Conversation]) -> list[list[Conversation]]:
    """Return scenes in namespaces of some `NAMESPACE_TURNS` turns."""
    groups: list[list[Conversation]] = [[]]
    for scene in scenes:
        if sum(len(each.turns) for each in groups[-1]) >= NAMESPACE_TURNS:
            groups.append([])
        groups[-1].append(scene)
    return groups


def scored(conversation: Conversation) -> Conversation:
    kept: tuple[Question, ...] = tuple(one for one in conversation.questions if one.category in SCORED)
    return Conversation(conversation.name, conversation.turns, kept)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="directory of model.onnx and tokenizer.json")
    parser.add_argument("--kind", choices=["bi", "cross"], default="bi")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--limits", type=float, nargs="+", default=[10.0, 50.0, 200.0], metavar="MS")
    parser.add_argument("--groups", type=int, help="only so many namespaces of each set, for a quick look")
    options = parser.parse_args()
    bi = options.kind == "bi"
    model = OnnxEmbedder(options.model / "model.onnx", options.model / "tokenizer.json") if bi else None
    given = model or OnnxReranker(options.model)
    fast = Way(None, "")
    ways = [fast, *(Way(limit, texts) for texts in (("new", "seen") if bi else ("new",)) for limit in options.limits)]
    friends = read(options.data / "train/friendsqa/tst.json").conversations
    locomo = read(options.data / "locomo/locomo_dev.json").conversations
    sets = {"FriendsQA tst": grouped(friends), "LoCoMo dev, categories 1-4": [[scored(each)] for each in locomo]}
    results: list[dict[str, Any]] = []
    for name, groups in sets.items():
        found: dict[Way, list[Measured]] = {way: [] for way in ways}
        for group in groups[: options.groups]:
            for way, measured in measure(group, given, ways):
                found[way].append(measured)
            print(f"{name}: {len(found[fast])} questions", file=sys.stderr, flush=True)
        results.append({"set": name, "rows": [summary(way, found[way], found[fast]) for way in ways]})
    told = {"benchmark": "rerank", "machine": describe(), "model": given.name, "kind": options.kind, "sets": results}
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
