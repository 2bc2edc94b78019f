"""Measures an embedder on evidence retrieval: which utterance of a scene answers a question.

It exists so that the figures of the model card come from a command. FriendsQA is what recipes are chosen
on (dev) and reported on (tst); LoCoMo is only ever reported. Nothing here may change a file.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from remanence.core.text import terms
from remanence.embed.static import StaticEmbedder

Vectors = NDArray[np.float32]
Encode = Callable[[list[str]], Vectors]
Task = tuple[list[str], list[tuple[str, set[int]]]]  # texts; questions with the indices of their evidence
Scorer = Callable[[list[str], list[str]], NDArray[np.float64]]  # texts, questions -> (questions, texts)


def friendsqa(data: Path, part: str) -> Iterator[Task]:
    """Yield the scenes of one part: utterances, and questions with the utterances that answer them."""
    for scene in json.loads((data / "friendsqa" / f"{part}.json").read_text(encoding="utf-8"))["data"]:
        for paragraph in scene["paragraphs"]:
            said = paragraph["utterances:"]  # the colon is the data set's own
            row = {utterance["uid"]: i for i, utterance in enumerate(said)}
            asked = [
                (qa["question"], {row[a["utterance_id"]] for a in qa["answers"] if a["utterance_id"] in row})
                for qa in paragraph["qas"]
            ]
            yield [utterance["utterance"] for utterance in said], [(q, gold) for q, gold in asked if gold]


def locomo(path: Path) -> Iterator[Task]:
    """Yield the conversations: turns as "Speaker: text [image: caption]", questions of categories 1–4."""
    for sample in json.loads(path.read_text(encoding="utf-8")):
        texts: list[str] = []
        row: dict[str, int] = {}
        for session in sample["conversation"].values():
            for turn in session if isinstance(session, list) else ():
                caption = turn.get("blip_caption")
                row[turn["dia_id"]] = len(texts)
                texts.append(f"{turn['speaker']}: {turn['text']}" + f" [image: {caption}]" * bool(caption))
        questions: list[tuple[str, set[int]]] = []
        for qa in sample["qa"]:
            cited = re.findall(r"D:?(\d+):(\d+)", " ".join(qa["evidence"]))
            gold = {row[key] for s, t in cited if (key := f"D{int(s)}:{int(t)}") in row}
            if gold and qa["category"] != 5:
                questions.append((qa["question"], gold))
        yield texts, questions


def cosine(encode: Encode) -> Scorer:
    return lambda texts, questions: (encode(questions) @ encode(texts).T).astype(np.float64)


def bm25(texts: list[str], questions: list[str], k1: float = 1.2, b: float = 0.75) -> NDArray[np.float64]:
    """Score by plain BM25 (Robertson and Zaragoza, 2009) with the statistics of these texts alone."""
    counts = [Counter(terms(text)) for text in texts]
    lengths = np.array([count.total() for count in counts])
    frequency = Counter(term for count in counts for term in count)
    norm = k1 * (1 - b + b * lengths / max(lengths.mean(), 1.0))
    scores = np.zeros((len(questions), len(texts)))
    for row, question in enumerate(questions):
        for term in set(terms(question)) & frequency.keys():
            idf = math.log(1 + (len(texts) - frequency[term] + 0.5) / (frequency[term] + 0.5))
            tf = np.array([count[term] for count in counts])
            scores[row] += idf * tf * (k1 + 1) / (tf + norm)
    return scores


def hybrid(encode: Encode) -> Scorer:
    """Score by the sum of the z-scores of BM25 and the cosine."""

    def score(texts: list[str], questions: list[str]) -> NDArray[np.float64]:
        parts = bm25(texts, questions), cosine(encode)(texts, questions)
        return sum((p - p.mean(1, keepdims=True)) / (p.std(1, keepdims=True) + 1e-9) for p in parts)

    return score


def teacher(cache: Path, tasks: list[Task]) -> Encode:
    """Return the teacher as an encoder of these tasks' texts, all of them embedded at once."""
    from train_static import Teacher  # needs torch, which only the training environment has

    found = {text for texts, questions in tasks for text in (*texts, *(q for q, _ in questions))}
    texts = sorted(found)
    vectors = dict(zip(texts, Teacher(cache).sentences(texts), strict=True))
    return lambda asked: np.array([vectors[text] for text in asked])


def measure(tasks: list[Task], scorer: Scorer) -> dict[str, float]:
    """Return R@1, R@5, R@10 (mean share of the evidence found) and MRR, in percent."""
    found: list[tuple[float, ...]] = []
    for texts, questions in tasks:
        for scores, (_, gold) in zip(scorer(texts, [q for q, _ in questions]), questions, strict=True):
            order = np.argsort(-scores, kind="stable")
            ranks = np.flatnonzero(np.isin(order, list(gold)))
            found.append((*(float((ranks < k).mean()) for k in (1, 5, 10)), 1 / (1 + ranks[0])))
    means = np.mean(found, axis=0)
    return {name: round(100 * float(x), 1) for name, x in zip(("R@1", "R@5", "R@10", "MRR"), means, strict=True)}


def speed(embedder: StaticEmbedder, rounds: int = 5000) -> dict[str, float]:
    """Return microseconds a call, warm and back to back: median and p99 of one ten-word question."""
    text = "What did Anna say about the garden party last Tuesday?"
    for _ in range(rounds):
        embedder.embed(text)
    took: list[int] = []
    for _ in range(rounds):
        start = time.perf_counter_ns()
        embedder.embed(text)
        took.append(time.perf_counter_ns() - start)
    took.sort()
    return {"p50_us": median(took) / 1e3, "p99_us": took[len(took) * 99 // 100] / 1e3}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure an embedding table on evidence retrieval.")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="directory of train/, locomo/")
    parser.add_argument("--table", type=Path, default=None, help="directory of a table; default: the shipped one")
    parser.add_argument("--teacher", type=Path, metavar="CACHE", help="measure the teacher too; needs torch")
    given = parser.parse_args()
    start = time.perf_counter()
    embedder = StaticEmbedder(given.table)
    opened = time.perf_counter()
    embedder.embed("one")
    first = time.perf_counter()
    scorers: dict[str, Scorer] = {
        "bm25": bm25,
        "static": cosine(embedder.embed_batch),
        "hybrid": hybrid(embedder.embed_batch),
    }
    report: dict[str, object] = {
        "name": embedder.name,
        "machine": platform.processor() or platform.machine(),
        "open_ms": round(1e3 * (opened - start), 2),
        "first_embed_ms": round(1e3 * (first - opened), 2),
        **speed(embedder),
    }
    sets = {f"friendsqa_{part}": list(friendsqa(given.data / "train", part)) for part in ("dev", "tst")}
    sets["locomo_dev"] = list(locomo(given.data / "locomo" / "locomo_dev.json"))
    if given.teacher:
        scorers["teacher"] = cosine(teacher(given.teacher, [task for tasks in sets.values() for task in tasks]))
    for name, tasks in sets.items():
        report[name] = {system: measure(tasks, scorer) for system, scorer in scorers.items()}
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
