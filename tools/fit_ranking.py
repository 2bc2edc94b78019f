"""Fit the ranking weights on questions and answers of television dialogue (FriendsQA), listwise.

Scenes are put together into namespaces of several hundred utterances, a scene a session; every question
then has to find its utterance among all of them. The loss is the negative log-likelihood of the gold
utterances under a softmax over the scores, with a pull towards the starting weights; the logistic that
calibrates scores is fitted afterwards on the top ten of each question. Nothing else is read: data sets on
which figures are reported play no part.

    python tools/fit_ranking.py [--data ../shared/data/train/friendsqa] [--fold dev|tst]

Prints the fitted weights as Python, and recall on the fold left out.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

import remanence
from remanence.core.ranking import SIGNALS, Weights
from remanence.engine import recall as walk
from remanence.surfaces.datasets import Conversation, read

NAMESPACE_TURNS = 600
FITTED = tuple(name for name in SIGNALS if name not in ("lexical", "user", "date", "length"))


class Asked(NamedTuple):
    """One question: the signals of every row, (rows, signals), and which rows answer it."""

    signals: NDArray[np.float32]
    gold: NDArray[np.intp]


def namespaces(scenes: list[Conversation]) -> list[list[Conversation]]:
    groups: list[list[Conversation]] = [[]]
    for scene in scenes:
        if sum(len(each.turns) for each in groups[-1]) >= NAMESPACE_TURNS:
            groups.append([])
        groups[-1].append(scene)
    return groups


def ask(scenes: list[Conversation], weights: Weights, share: float = 1.0) -> list[Asked]:
    """Return the signals of every question, under raw scores by `weights`."""
    asked: list[Asked] = []
    for g, group in enumerate(namespaces(scenes)):
        with remanence.open() as store:
            memory = store.memory(f"scenes/{g}")
            row_of: dict[tuple[str, str], int] = {}
            for scene in group:
                for turn in scene.turns:
                    if turn.text.strip():
                        row_of[scene.name, turn.id] = len(row_of)
                        memory.add(turn.text, speaker=turn.speaker or None, role="", session=scene.name)
            live = memory._live()
            state = live.state()
            n = state.columns.n
            for scene in group:
                for question in scene.questions:
                    gold = [row_of[scene.name, id] for id in question.gold if (scene.name, id) in row_of]
                    if gold and question.text.strip():
                        query = walk.analyse(question.text, live.around.embedder, live.around.analyzer)
                        ranked = walk.recall(state, query, limit=n, weights=weights)
                        order = ranked.order[np.argsort(ranked.rows)]
                        asked.append(Asked(ranked.signals[:, order].T.copy(), np.array(gold)))
    return asked


def loss_and_gradient(
    w: NDArray[np.float64], asked: list[Asked], start: NDArray[np.float64], scale: float, pull: float
) -> tuple[float, NDArray[np.float64]]:
    loss, gradient = 0.0, np.zeros_like(w)
    for signals, gold in asked:
        scores = scale * (signals @ w)
        scores -= scores.max()
        p = np.exp(scores)
        p /= p.sum()
        mass = p[gold].sum()
        loss -= np.log(mass + 1e-12)
        target = np.zeros(len(p))
        target[gold] = p[gold] / (mass + 1e-12)
        gradient += scale * (signals.T @ (p - target))
    n = len(asked)
    return loss / n + pull * float(((w - start) ** 2).sum()), gradient / n + 2 * pull * (w - start)


def fit(asked: list[Asked], start: Weights, scale: float, pull: float, steps: int) -> NDArray[np.float64]:
    free = np.array([name in FITTED for name in SIGNALS])
    origin = start.vector().astype(np.float64)
    w = origin.copy()
    m = v = np.zeros_like(w)
    for step in range(1, steps + 1):
        _, gradient = loss_and_gradient(w, asked, origin, scale, pull)
        gradient *= free
        m, v = 0.9 * m + 0.1 * gradient, 0.99 * v + 0.01 * gradient**2
        w = w - 0.02 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.99**step)) + 1e-8)
    return w


def report(w: NDArray[np.float64], asked: list[Asked]) -> dict[str, float]:
    found = {1: 0.0, 5: 0.0, 10: 0.0}
    mrr = 0.0
    for signals, gold in asked:
        order = np.argsort(-(signals @ w), kind="stable")
        rank = {int(row): i for i, row in enumerate(order)}
        ranks = sorted(rank[int(row)] for row in gold)
        for k in found:
            found[k] += sum(r < k for r in ranks) / len(ranks)
        mrr += 1 / (1 + ranks[0])
    n = len(asked)
    return {f"R@{k}": round(value / n, 4) for k, value in found.items()} | {"MRR": round(mrr / n, 4)}


def calibrate(w: NDArray[np.float64], asked: list[Asked]) -> tuple[float, float]:
    """Return slope and offset of the logistic that tells right hits from wrong ones among the top ten.

    Right and wrong count the same in all, so that 0.5 is where a hit is as typical of the one as of the other.
    """
    scores: list[float] = []
    right: list[float] = []
    for signals, gold in asked:
        s = signals @ w
        top = np.argsort(-s)[:10]
        scores += s[top].tolist()
        right += np.isin(top, gold).astype(float).tolist()
    x, y = np.array(scores), np.array(right)
    weight = np.where(y == 1, 0.5 / y.sum(), 0.5 / (1 - y).sum()) * len(y)
    slope, offset = 1.0, -1.0
    for _ in range(200):  # Newton's method
        p = 1 / (1 + np.exp(-(slope * x + offset)))
        d = weight * p * (1 - p)
        error = weight * (p - y)
        h = np.array([[(d * x * x).sum(), (d * x).sum()], [(d * x).sum(), d.sum()]])
        delta = np.linalg.solve(h + 1e-6 * np.eye(2), np.array([(error * x).sum(), error.sum()]))
        slope, offset = slope - delta[0], offset - delta[1]
    return float(slope), float(offset)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/train/friendsqa"))
    parser.add_argument(
        "--fold",
        choices=("dev", "tst", "both"),
        default="both",
        help="what is fitted on; of one fold, the other is reported",
    )
    parser.add_argument("--scale", type=float, default=8.0, help="inverse temperature of the softmax")
    parser.add_argument("--pull", type=float, default=0.02, help="how strongly weights stay where they start")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=2, help="neighbour signals are made anew between rounds")
    options = parser.parse_args()
    scenes = {name: list(read(options.data / f"{name}.json").conversations) for name in ("dev", "tst")}
    fold = [scene for name, part in scenes.items() if options.fold in (name, "both") for scene in part]
    weights = Weights()
    for turn in range(options.rounds):
        began = time.perf_counter()
        asked = ask(fold, weights)
        print(f"round {turn}: {len(asked)} questions, {report(weights.vector().astype(float), asked)}", flush=True)
        w = fit(asked, Weights(), options.scale, options.pull, options.steps)
        weights = Weights(**{name: round(float(value), 3) for name, value in zip(SIGNALS, w, strict=True)})
        print(f"  fitted in {time.perf_counter() - began:.0f} s: {report(w, asked)}", flush=True)
    w = weights.vector().astype(float)
    if options.fold != "both":
        other = "tst" if options.fold == "dev" else "dev"
        asked = ask(scenes[other], weights)
        start = report(Weights().vector().astype(float), asked)
        print(f"on {other}, left out: with the shipped weights {start}, with these {report(w, asked)}")
    slope, offset = calibrate(w, ask(fold, weights))
    print(msgspec.structs.replace(weights, slope=round(slope, 3), offset=round(offset, 3)))


if __name__ == "__main__":
    main()
