"""Trains the weights of the ranking, listwise, on questions and answers of dialogue.

Two sources, neither of which any figure is reported on. FriendsQA: scenes of television dialogue, put together
into namespaces of several hundred utterances, a scene a session; every question then has to find its utterances
among all of them. And questions derived by rules from permissive dialogues (tools/derived_questions.py). LoCoMo
and BEAM are read only by `--leave-one-out`, which trains on all conversations of a file but one, tests on that
one, and keeps nothing: what training on the same data would give.

The loss is the mean, over the evidence of a question, of −log softmax of its score against the candidates that
are not evidence, with a penalty on squared weights, signals standardised. Weights with no signal in the sources
(a role, a date, long texts, questions for several things) are set by hand in `BY_HAND`. The logistic that
calibrates scores is fitted afterwards on the ten best of each question; confidence, last, on each question asked
with its evidence in the memory and with it left out, and on questions asked of a memory of something else.

    python tools/train_ranker.py [--data ../shared/data/train] [--fold dev|tst] [--leave-one-out FILE]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from derived_questions import conversations as derived
from numpy.typing import NDArray

import remanence
from remanence.core.confidence import LOOKED_AT, Trust, confidence, lead
from remanence.core.ranking import SIGNALS, Weights
from remanence.engine.columns import ALIVE
from remanence.engine.query import analyse
from remanence.engine.recall import recall
from remanence.engine.weights import TRUST_PATH, WEIGHTS_PATH
from remanence.surfaces.datasets import Conversation, Question, read, with_stable_ids
from remanence.surfaces.storing import store_turn

NAMESPACE_TURNS = 600
CANDIDATES = 150
BY_HAND = {"date": 0.3, "user": 0.5, "length": -0.5, "crowding": -0.03}
LEARNED = [name for name in SIGNALS if name not in BY_HAND]
# What finds the candidates a ranking is learned on: words, meaning and neighbours.
FIRST_LOOK = Weights(lexical=1, semantic=0.32, before=0.26, after=0.26, beyond=0.14, session=0.55, speaker=0.12)
SOURCES = {"friendsqa": 1.0, "replies": 0.1, "statements": 0.1}  # how much each counts in all
L2 = 0.01
STEPS = 400
ELSEWHERE = 0.1  # how much questions asked of another memory count among the unanswerable
LEAST = 0.005  # share of the answerable questions of FriendsQA whose context may be left empty

Array = NDArray[np.float32]


class Asked(NamedTuple):
    """Questions with their candidates.

    Attributes:
        signals: (questions, CANDIDATES, len(LEARNED)).
        gold: (questions, CANDIDATES) which of them are evidence.
        real: (questions, CANDIDATES) which are candidates at all: a small memory has fewer.
        n_gold: (questions,) evidence in the memory, found or not.
    """

    signals: Array
    gold: NDArray[np.bool_]
    real: NDArray[np.bool_]
    n_gold: NDArray[np.int64]


def ask(conversations: Iterable[Conversation], first: Weights = FIRST_LOOK) -> Asked:
    """Return the candidates of every question, each conversation a namespace of its own."""
    learned = [SIGNALS.index(name) for name in LEARNED]
    first_look, every = first.vector()[learned], Weights(**dict.fromkeys(LEARNED, 1.0))
    signals, gold, real, n_gold = [], [], [], []
    for conversation in conversations:
        with remanence.open() as store:
            memory = store.memory("training")
            for turn in with_stable_ids(conversation.turns):
                store_turn(memory, turn)
            live = memory._live()
            state = live.state()
            for question in conversation.questions:
                evidence = [row for id in question.gold if (row := state.row_of(id)) is not None]
                query = analyse(question.text, live.around.embedder, live.around.analyzer)
                if not evidence or not query.terms:
                    continue
                ranked = recall(state, query, limit=state.columns.n, weights=every)
                values = ranked.signals[learned].T[ranked.order]
                best = np.argsort(-(values @ first_look), kind="stable")[:CANDIDATES]
                padding = CANDIDATES - len(best)
                signals.append(np.pad(values[best], ((0, padding), (0, 0))))
                gold.append(np.pad(np.isin(ranked.rows[best], evidence), (0, padding)))
                real.append(np.arange(CANDIDATES) < len(best))
                n_gold.append(len(evidence))
    return Asked(np.array(signals), np.array(gold), np.array(real), np.array(n_gold))


def train(sources: Sequence[tuple[Asked, float]]) -> Array:
    """Return the learned weights, in the order of `LEARNED`, for signals as they are.

    Args:
        sources: questions, and how much each set of them counts in all.
    """
    signals = np.concatenate([asked.signals for asked, _ in sources])
    gold = np.concatenate([asked.gold for asked, _ in sources])
    real = np.concatenate([asked.real for asked, _ in sources])
    share = np.concatenate([np.full(len(asked.gold), worth / len(asked.gold)) for asked, worth in sources])
    found = gold.any(axis=1)
    signals, gold, real, share = signals[found], gold[found], real[found], share[found] / share[found].sum()
    deviation = signals[real].std(axis=0) + 1e-6
    scaled = ((signals - signals[real].mean(axis=0)) / deviation * real[..., None]).astype(np.float32)
    w = m = v = np.zeros(len(LEARNED), np.float32)
    n_gold = gold.sum(axis=1, keepdims=True)
    for step in range(1, STEPS + 1):
        scores = np.where(real, scaled @ w, -np.inf)
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        others = np.where(gold, 0, e)
        total = others.sum(axis=1, keepdims=True)
        pull = np.where(gold, 1 / (e + total + 1e-12), 0) / n_gold  # of each piece of evidence, on what it beats
        slope = np.where(gold, (e * pull) - 1 / n_gold, others * pull.sum(axis=1, keepdims=True))
        gradient = np.einsum("qc,qcs->s", (slope * share[:, None]).astype(np.float32), scaled, optimize=True)
        gradient += L2 * w
        m, v = 0.9 * m + 0.1 * gradient, 0.99 * v + 0.01 * gradient**2
        w = w - 0.05 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.99**step)) + 1e-8)
    return (w / deviation).astype(np.float32)


def report(w: Array, asked: Asked) -> dict[str, float]:
    """Return recall and MRR over the candidates, percent; evidence that is no candidate counts as not found."""
    scores = np.where(asked.real, asked.signals @ w, -np.inf)
    ranked = np.take_along_axis(asked.gold, np.argsort(-scores, axis=1, kind="stable"), axis=1)
    figures = {f"R@{k}": (ranked[:, :k].sum(axis=1) / asked.n_gold).mean() for k in (1, 5, 10, 25)}
    figures["MRR"] = (ranked.any(axis=1) / (1 + ranked.argmax(axis=1))).mean()
    return {name: round(100 * float(value), 1) for name, value in figures.items()}


def calibrate(w: Array, asked: Asked) -> tuple[float, float]:
    """Return slope and offset of the logistic that tells right hits from wrong ones among the top ten.

    Right and wrong count the same in all, so that 0.5 is where a hit is as typical of the one as of the other.
    """
    scores = np.where(asked.real, asked.signals @ w, -np.inf)
    top = np.argsort(-scores, axis=1)[:, :10]
    kept = np.take_along_axis(asked.real, top, axis=1)
    x = np.take_along_axis(scores, top, axis=1)[kept]
    y = np.take_along_axis(asked.gold, top, axis=1)[kept].astype(float)
    weight = np.where(y == 1, 0.5 / y.sum(), 0.5 / (1 - y).sum()) * len(y)
    slope, offset = 0.0, 0.0
    for _ in range(200):  # Newton's method
        p = 1 / (1 + np.exp(-(slope * x + offset)))
        d = weight * p * (1 - p)
        error = weight * (p - y)
        h = np.array([[(d * x * x).sum(), (d * x).sum()], [(d * x).sum(), d.sum()]])
        delta = np.linalg.solve(h + 1e-6 * np.eye(2), np.array([(error * x).sum(), error.sum()]))
        slope, offset = slope - delta[0], offset - delta[1]
    return float(slope), float(offset)


def sure(
    conversations: Sequence[Conversation], strangers: Sequence[Conversation], weights: Weights
) -> tuple[list[Array], list[Array], list[Array]]:
    """Return the best scores of each question with its evidence, without it, and asked of the strangers' memories."""
    present, absent, elsewhere = [], [], []
    others = [question for stranger in strangers for question in stranger.questions]
    for n, conversation in enumerate(conversations):
        with remanence.open() as store:
            memory = store.memory("training")
            for turn in with_stable_ids(conversation.turns):
                store_turn(memory, turn)
            live = memory._live()
            state, columns = live.state(), live.state().columns

            def best(question: Question) -> Array:
                query = analyse(question.text, live.around.embedder, live.around.analyzer)  # noqa: B023
                return recall(state, query, limit=LOOKED_AT, weights=weights).scores  # noqa: B023

            for question in conversation.questions:
                rows = sorted(row for id in question.gold if (row := state.row_of(id)) is not None)
                if not rows:
                    continue
                present.append(best(question))
                kept = [(column, column.copy()) for column in (columns.flags, columns.previous, columns.following)]
                for row in rows:  # as if it had never been said
                    columns.flags[row] &= ~np.uint8(ALIVE)
                    before, after = int(columns.previous[row]), int(columns.following[row])
                    if before < columns.n:
                        columns.following[before] = after
                    if after < columns.n:
                        columns.previous[after] = before
                absent.append(best(question))
                for column, was in kept:
                    column[:] = was
            elsewhere += map(best, others[n :: len(conversations)])
    return present, absent, elsewhere


def trust(present: list[Array], absent: list[Array], elsewhere: list[Array], judged: list[Array]) -> Trust:
    """Return the logistic that tells the first from the other two; `least` from the answerable `judged`."""
    also_ran = float(np.median([scores[LOOKED_AT // 2] for scores in present]))
    rows = [(scores[0], lead(scores, also_ran), 1.0) for scores in (*present, *absent, *elsewhere)]
    x, y = np.array(rows), np.zeros(len(rows))
    y[: len(present)] = 1
    weight = np.repeat(
        [0.5 / len(present), 0.5 * (1 - ELSEWHERE) / len(absent), 0.5 * ELSEWHERE / len(elsewhere)],
        [len(present), len(absent), len(elsewhere)],
    )
    w = np.zeros(3)
    for _ in range(50):  # Newton's method
        p = 1 / (1 + np.exp(-x @ w))
        h = (x * (weight * p * (1 - p))[:, None]).T @ x + 1e-6 * np.eye(3)
        w -= np.linalg.solve(h, x.T @ (weight * (p - y)))
    top, ahead, offset = (round(float(value), 3) for value in w)
    fitted = Trust(top=top, lead=ahead, offset=offset, also_ran=round(also_ran, 3), least=0.0)
    least = float(np.quantile([confidence(scores, fitted) for scores in judged], LEAST))
    return msgspec.structs.replace(fitted, least=round(least, 3))


def scenes(path: Path) -> list[Conversation]:
    """Return FriendsQA put together into namespaces of some `NAMESPACE_TURNS`, a scene a session."""
    groups: list[list[Conversation]] = [[]]
    for scene in read(path).conversations:
        if sum(len(each.turns) for each in groups[-1]) >= NAMESPACE_TURNS:
            groups.append([])
        groups[-1].append(scene)
    return [
        Conversation(
            f"{path.stem} {n}",
            tuple(
                msgspec.structs.replace(turn, id=f"{scene.name}/{turn.id}", session=scene.name)
                for scene in group
                for turn in scene.turns
            ),
            tuple(
                msgspec.structs.replace(question, gold=tuple(f"{scene.name}/{id}" for id in question.gold))
                for scene in group
                for question in scene.questions
            ),
        )
        for n, group in enumerate(groups)
    ]


def leave_one_out(path: Path) -> None:
    """Print what weights trained on the other conversations of a file find in each of its conversations."""
    parts = [
        ask([msgspec.structs.replace(each, questions=tuple(q for q in each.questions if q.category != "5"))])
        for each in read(path).conversations
    ]
    print(f"leave one conversation of {path.name} out:")
    found = [
        (report(train([(each, len(each.gold)) for each in parts if each is not part]), part), len(part.gold))
        for part in parts
    ]
    n = sum(size for _, size in found)
    print({name: round(sum(figures[name] * size for figures, size in found) / n, 1) for name in found[0][0]})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/train"))
    parser.add_argument("--out", type=Path, default=WEIGHTS_PATH.parent, help="directory of the two files")
    parser.add_argument("--fold", choices=("dev", "tst"), help="train on this half of FriendsQA, report on the other")
    parser.add_argument("--leave-one-out", type=Path, metavar="FILE", help="LoCoMo: print the ceiling, write nothing")
    options = parser.parse_args()
    if options.leave_one_out:
        leave_one_out(options.leave_one_out)
        return
    friends = {name: ask(scenes(options.data / f"friendsqa/{name}.json")) for name in ("dev", "tst")}
    pairs = list(derived(options.data / "pairs.jsonl"))
    sources = [
        *((asked, SOURCES["friendsqa"] / 2) for name, asked in friends.items() if options.fold in (None, name)),
        (ask(replies for replies, _ in pairs), SOURCES["replies"]),
        (ask(statements for _, statements in pairs), SOURCES["statements"]),
    ]
    print(f"training on {[len(asked.gold) for asked, _ in sources]} questions")
    w = train(sources)
    w /= w[LEARNED.index("lexical")]
    for name, asked in friends.items():
        left_out = options.fold not in (None, name)
        print(f"FriendsQA {name}{', left out' if left_out else ''}: {report(w, asked)}")
    slope, offset = calibrate(w, sources[0][0])
    learned = {name: round(float(value), 3) for name, value in zip(LEARNED, w, strict=True)}
    weights = Weights(**learned, **BY_HAND, slope=round(slope, 3), offset=round(offset, 3))
    print(weights)
    if options.fold:
        return
    television = [each for name in friends for each in scenes(options.data / f"friendsqa/{name}.json")]
    replies, statements = [each for each, _ in pairs], [each for _, each in pairs]
    parts = [sure(television, replies, weights), sure(replies, television, weights), sure(statements, [], weights)]
    fitted = trust(*([*a, *b, *c] for a, b, c in zip(*parts, strict=True)), judged=parts[0][0])
    print(fitted)
    options.out.mkdir(parents=True, exist_ok=True)
    for path, made in ((WEIGHTS_PATH, weights), (TRUST_PATH, fitted)):
        (options.out / path.name).write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n")


if __name__ == "__main__":
    main()
