"""What each signal of the ranking is worth, what it costs, and what training gives.

Every signal is switched off twice: with the other weights as they are, and with the others trained again without
it (tools/train_ranker.py, the same sources, loss and steps; a weight set by hand is in no training). What changes
is told by question, as a paired difference, with a bootstrap interval by conversation:

  LoCoMo      dev, categories 1 to 4, corrected labels: R@1, R@10, MRR, B@1024
  BEAM        100K, the five categories that are scored: B@4096; chats 5 to 9 apart, which the weights set by hand
              were not chosen on; and event_ordering and summarization, which are not scored
  FriendsQA   R@10 and MRR of each half, by weights trained on the other half and the derived questions, without
              `user`: stage directions, which have no speaker, would pass for the user's words

Then what training gives: the formula of the first look, plain BM25, single sources, a small network on the same
signals, and training on LoCoMo itself, leaving out the conversation that is asked (a ceiling: nothing is shipped
from it).

A cost is the median time of the function that makes a signal, on what recall looked at for real questions, at
1,000 and 10,000 memories. What several signals share is told beside them: finding the words (`match`) and laying
out what they hold (`view`).

Rankings are those of `engine.recall`, repeats left in; they take some six minutes on one core.

    python benchmarks/ablation.py [--data ../shared/data] > benchmarks/results/ablation.json
    python benchmarks/ablation.py --every 10    # a tenth of the questions: to see that it works
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from ablation_costs import SHARED, costs
from ablation_network import Network, Source
from ablation_questions import (
    LEARNED,
    Ranker,
    by_bm25,
    by_network,
    by_weights,
    compared,
    everything,
    measured,
    trainer,
)

from remanence.core.ranking import SIGNALS, Weights
from remanence.engine.weights import WEIGHTS
from remanence.surfaces import evaluation
from remanence.surfaces.bench.machine import describe
from remanence.surfaces.datasets import Conversation

DATA = Path(__file__).resolve().parent.parent.parent / "shared/data"
SIZES = (1_000, 10_000)
HALVES = ("dev", "tst")  # of FriendsQA


def say(what: str, began: float = time.monotonic()) -> None:
    print(f"{time.monotonic() - began:6.0f} s  {what}", file=sys.stderr, flush=True)


class Training:
    """The sources, asked once, and weights trained on some of them."""

    def __init__(self, data: Path, every: int) -> None:
        pairs = list(trainer.derived(data / "pairs.jsonl"))
        self.asked = {
            "dev": trainer.ask(self._some(trainer.scenes(data / "friendsqa/dev.json"), every)),
            "tst": trainer.ask(self._some(trainer.scenes(data / "friendsqa/tst.json"), every)),
            "replies": trainer.ask(self._some([replies for replies, _ in pairs], every)),
            "statements": trainer.ask(self._some([statements for _, statements in pairs], every)),
        }

    @staticmethod
    def _some(conversations: Sequence[Conversation], every: int) -> Iterator[Conversation]:
        for each in conversations:
            yield msgspec.structs.replace(each, questions=each.questions[::every])

    def sources(self, names: Sequence[str] = tuple(trainer.SOURCES), *, without: str = "") -> list[Source]:
        """Return the named sources with their shares; `without` is a half of FriendsQA that is left out."""
        halves = [half for half in HALVES if half != without and "friendsqa" in names]
        return [
            *((self.asked[half], trainer.SOURCES["friendsqa"] / 2) for half in halves),
            *((self.asked[name], trainer.SOURCES[name]) for name in names if name != "friendsqa"),
        ]

    def weights(self, sources: Sequence[Source], *, off: str = "", like: Weights | None = None) -> Weights:
        """Return weights trained on some sources, perhaps with a signal off, and those set by hand.

        Args:
            like: those whose scale is taken on, by least squares over the candidates, so that the weights set by
                hand mean the same. Left out, lexical is the unit, as it is shipped.
        """
        kept = []
        if off:
            column = trainer.LEARNED.index(off)
            for asked, _ in sources:
                kept.append(asked.signals[..., column].copy())
                asked.signals[..., column] = 0
        w = trainer.train(sources)
        for (asked, _), was in zip(sources, kept, strict=False):
            asked.signals[..., column] = was
        if like is None:
            w /= w[trainer.LEARNED.index("lexical")]
        else:
            pairs = [(x @ w, x @ like.vector()[LEARNED]) for asked, _ in sources for x in (asked.signals[asked.real],)]
            mine, theirs = (np.concatenate(scores) for scores in zip(*pairs, strict=True))
            w *= np.cov(mine, theirs)[0, 1] / mine.var()
        learned = {name: round(float(value), 3) for name, value in zip(trainer.LEARNED, w, strict=True)}
        return Weights(**learned, **trainer.BY_HAND)

    def on_each(
        self, names: Sequence[str] = tuple(trainer.SOURCES), *, off: str = "", like: Weights | None = None
    ) -> dict[str, Weights]:
        """Return weights by the part they are tested on: the halves of FriendsQA crosswise, and the rest."""
        every = self.weights(self.sources(names), off=off, like=like)
        crosswise = "friendsqa" in names
        halves = {
            half: self.weights(self.sources(names, without=half), off=off, like=like or every) if crosswise else every
            for half in HALVES
        }
        # Stage directions have no speaker, so that they are the user's; that is told in a row of its own.
        return {"all": every} | {half: msgspec.structs.replace(of, user=0.0) for half, of in halves.items()}


def ceiling(training: Training, like: Weights, data: Path, every: int) -> dict[str, Weights]:
    """Return weights by LoCoMo conversation, trained on the other ones."""
    *_, locomo = evaluation.subjects([data / "locomo/locomo_dev.json"])
    parts: dict[str, trainer.Asked] = {}
    for each in locomo.conversations:
        counted = tuple(q for q in each.questions if q.category in locomo.scored)[::every]
        parts[each.name] = trainer.ask([msgspec.structs.replace(each, questions=counted)])
    return {
        left_out: training.weights(
            [(part, float(len(part.gold))) for name, part in parts.items() if name != left_out], like=like
        )
        for left_out in parts
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="where locomo/, beam/ and train/ are")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth question, also in training")
    options = parser.parse_args()
    data, every = options.data, options.every

    cost = {f"{size:,}": costs(data, size) for size in SIZES}
    say("timed the signals")
    stores, questions = everything(data, every)
    say(f"{len(questions):,} questions")
    training = Training(data / "train", every)
    say(f"{sum(len(asked.gold) for asked in training.asked.values()):,} questions to train on")
    full = training.on_each()
    base = measured(questions, by_weights(full))
    say("trained with every signal")

    rows: list[dict[str, Any]] = []
    for name in SIGNALS:
        off = {part: msgspec.structs.replace(weights, **{name: 0.0}) for part, weights in full.items()}
        as_they_are = compared(questions, measured(questions, by_weights(off)), base)
        again = None
        if name in trainer.LEARNED:
            retrained = training.on_each(off=name, like=full["all"])
            again = compared(questions, measured(questions, by_weights(retrained)), base)
        us = {size: of.get(name) for size, of in cost.items()}
        rows.append(
            {"signal": name, "weight": getattr(full["all"], name), "off": as_they_are, "again": again, "us": us}
        )
        say(f"without {name}")

    told: list[dict[str, Any]] = []

    def tell(what: str, rank: Ranker, sets: Sequence[str] = ()) -> None:
        some = [(asked, of) for asked, of in zip(questions, base, strict=True) if not sets or asked.set in sets]
        kept, theirs = [asked for asked, _ in some], [of for _, of in some]
        told.append({"row": what, "figures": compared(kept, measured(kept, rank), theirs, sets)})
        say(what)

    tell("trained on all sources", by_weights(full))
    tell("as shipped", by_weights(WEIGHTS), ("LoCoMo", "BEAM", "event_ordering", "summarization"))
    nothing = dict.fromkeys(trainer.BY_HAND, 0.0)
    tell(
        "nothing set by hand",
        by_weights({part: msgspec.structs.replace(weights, **nothing) for part, weights in full.items()}),
    )
    told_users = {half: msgspec.structs.replace(full[half], user=full["all"].user) for half in HALVES}
    tell("stage directions taken for a user's words", by_weights(full | told_users), ("FriendsQA",))
    for names in (("friendsqa",), ("replies",), ("statements",)):
        what = {"friendsqa": "FriendsQA", "replies": "derived replies", "statements": "derived statements"}[names[0]]
        tell(f"trained on {what} only", by_weights(training.on_each(names, like=full["all"])))
    networks = {
        half or "all": Network.trained(training.sources(without=half), full[half or "all"].vector()[LEARNED])
        for half in ("", "dev", "tst")
    }
    tell("a small network on the same signals", by_network(networks, full["all"]))
    tell(
        "trained on the other LoCoMo conversations",
        by_weights(full | ceiling(training, full["all"], data, every)),
        ("LoCoMo",),
    )
    tell("first-look formula", by_weights(trainer.FIRST_LOOK))
    tell("plain BM25", by_bm25())
    for store in stores:
        store.close()

    sets = {
        name: {"questions": len(of), "conversations": len({asked.group for asked in of})}
        for name in dict.fromkeys(asked.set for asked in questions)
        if (of := [asked for asked in questions if asked.set == name])
    }
    report = {"benchmark": "ablation", "machine": describe(), "sets": sets, "every": every, "signals": rows}
    report |= {
        "training": told,
        "shared": {size: {k: of[k] for k in SHARED} for size, of in cost.items()},
    }
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
