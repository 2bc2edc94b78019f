"""Training of the ranking on made signals: it finds what marks evidence, and minimises the loss it says it does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from remanence.core.ranking import Weights
from remanence.types import SIGNALS

TOOLS = Path(__file__).resolve().parents[3] / "tools"


@pytest.fixture
def ranker(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(TOOLS))
    yield import_module("train_ranker")
    for name in ("train_ranker", "derived_questions"):
        sys.modules.pop(name, None)


def made(ranker: ModuleType, n: int = 60, candidates: int = 12, marks: str = "", seed: int = 1):
    """Questions with one or two pieces of evidence, which a signal tells from the rest or which nothing does."""
    draw = np.random.default_rng(seed)
    signals = draw.normal(size=(n, candidates, len(ranker.LEARNED))).astype(np.float32)
    real = np.arange(candidates) < draw.integers(5, candidates + 1, (n, 1))
    gold = np.zeros((n, candidates), bool)
    gold[np.arange(n), draw.integers(0, 5, n)] = True
    gold[: n // 2, 0] = True
    if marks:
        signals[..., ranker.LEARNED.index(marks)] += 1.5 * gold
    return ranker.Asked(signals * real[..., None], gold, real, gold.sum(axis=1))


def loss(ranker: ModuleType, asked: object, w: np.ndarray) -> float:
    """The loss by its definition, of weights for standardised signals."""
    signals, gold, real, _ = asked  # type: ignore[misc]
    flat = signals[real]
    scores = ((signals - flat.mean(axis=0)) / (flat.std(axis=0) + 1e-6)).astype(float) @ w
    found = []
    for mine, evidence, there in zip(scores, gold, real, strict=True):
        others = np.exp(mine[there & ~evidence]).sum()
        found.append(np.mean([-np.log(np.exp(s) / (np.exp(s) + others)) for s in mine[evidence]]))
    return float(np.mean(found) + ranker.L2 / 2 * (w**2).sum())


def test_every_signal_is_learned_or_set_by_hand(ranker: ModuleType) -> None:
    assert {*ranker.LEARNED, *ranker.BY_HAND} == {*SIGNALS}
    Weights(**dict.fromkeys(ranker.LEARNED, 1.0), **ranker.BY_HAND)


@pytest.mark.parametrize("name", ["lexical", "window", "related"])
def test_the_signal_that_marks_evidence_weighs_most(ranker: ModuleType, name: str) -> None:
    w = ranker.train([(made(ranker, marks=name), 1.0)])
    assert ranker.LEARNED[int(w.argmax())] == name
    assert w.max() > 2 * np.sort(np.abs(w))[-2]


def test_a_signal_in_other_units_ranks_the_same(ranker: ModuleType) -> None:
    asked = made(ranker, marks="window")
    scaled = asked._replace(signals=asked.signals * np.float32(40))
    assert 40 * ranker.train([(scaled, 1.0)]) == pytest.approx(ranker.train([(asked, 1.0)]), rel=0.02, abs=0.01)


def test_it_ends_where_the_loss_is_least(ranker: ModuleType) -> None:
    asked = made(ranker, marks="coverage")
    w = ranker.train([(asked, 1.0)]) * (asked.signals[asked.real].std(axis=0) + 1e-6)

    def gradient(at: np.ndarray) -> np.ndarray:
        steps = np.eye(len(at)) * 1e-4
        return np.array([(loss(ranker, asked, at + s) - loss(ranker, asked, at - s)) / 2e-4 for s in steps])

    assert loss(ranker, asked, w) < loss(ranker, asked, np.zeros(len(w)))
    assert np.linalg.norm(gradient(w)) < 0.01 * np.linalg.norm(gradient(np.zeros(len(w))))


def test_a_source_counts_as_much_as_it_is_said_to(ranker: ModuleType) -> None:
    one, other = made(ranker, marks="window"), made(ranker, n=20, marks="answers", seed=2)
    window, answers = ranker.LEARNED.index("window"), ranker.LEARNED.index("answers")
    first = ranker.train([(one, 1.0), (other, 0.01)])
    second = ranker.train([(one, 0.01), (other, 1.0)])
    assert first[window] > 3 * first[answers]
    assert second[answers] > 3 * second[window]


def test_questions_whose_evidence_was_not_found_teach_nothing(ranker: ModuleType) -> None:
    asked = made(ranker, marks="window")
    lost = asked._replace(gold=np.zeros_like(asked.gold))
    both = ranker.Asked(*(np.concatenate(pair) for pair in zip(asked, lost, strict=True)))
    assert ranker.train([(both, 1.0)]) == pytest.approx(ranker.train([(asked, 1.0)]), abs=1e-4)


def test_the_report_counts_evidence_that_is_no_candidate(ranker: ModuleType) -> None:
    asked = made(ranker, marks="window")
    w = np.zeros(len(ranker.LEARNED), np.float32)
    w[ranker.LEARNED.index("window")] = 1
    told = ranker.report(w, asked._replace(signals=np.repeat(asked.gold[..., None], len(w), axis=2).astype(np.float32)))
    assert (told["MRR"], told["R@5"]) == (100.0, 100.0)
    half = asked._replace(n_gold=2 * asked.n_gold)
    assert ranker.report(w, half)["R@25"] == pytest.approx(50.0, abs=0.1)


def test_a_calibrated_score_rises_with_the_score(ranker: ModuleType) -> None:
    asked = made(ranker, n=200, marks="window")
    w = np.zeros(len(ranker.LEARNED), np.float32)
    w[ranker.LEARNED.index("window")] = 1
    slope, offset = ranker.calibrate(w, asked)
    assert slope > 0
    middle = -offset / slope
    right, wrong = asked.signals[asked.gold] @ w, asked.signals[asked.real & ~asked.gold] @ w
    assert wrong.mean() < middle < right.mean()
