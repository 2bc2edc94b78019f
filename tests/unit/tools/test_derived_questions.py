"""Questions derived by rules from dialogues: the same every time, about somebody else, with evidence that exists."""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest

TOOLS = Path(__file__).resolve().parents[3] / "tools"
THINGS = "horse boat guitar garden cousin recipe violin museum bicycle orchard lighthouse telescope".split()


@pytest.fixture
def derived(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(TOOLS))
    module = import_module("derived_questions")
    monkeypatch.setattr(module, "NAMESPACES", 3)
    monkeypatch.setattr(module, "TURNS", 60)
    yield module
    sys.modules.pop("derived_questions", None)


def said(draw: random.Random) -> str:
    thing, other = draw.sample(THINGS, 2)
    return draw.choice(
        [
            f"That is nice. Did you paint your {thing} before the {other}?",
            f"I sold my old {thing} to buy a bigger {other} last summer.",
            f"We keep the {thing} beside the {other}. Where do you keep your {other}?",
            f"Really? You told me about your {thing}. Are you proud of that {other}?",
            f"The {thing} was fine.",
        ]
    )


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    draw = random.Random(5)
    lines = [json.dumps({"kind": "other", "a": "x", "b": "y"})]
    for n in range(60):
        turns = [f"{said(draw)} Talk {n}, turn {i}." if i % 5 == 0 else said(draw) for i in range(14 if n % 9 else 4)]
        lines += [json.dumps({"kind": "reply", "a": a, "b": b}) for a, b in pairwise(turns)]
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_pairs_that_meet_are_one_dialogue(derived: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "few.jsonl"
    replies = [("a", "b"), ("b", "c"), ("x", "y")]
    path.write_text("\n".join(json.dumps({"kind": "reply", "a": a, "b": b}) for a, b in replies), encoding="utf-8")
    assert list(derived.dialogues(path)) == [["a", "b", "c"], ["x", "y"]]


def test_one_seed_gives_the_same_and_another_something_else(derived: ModuleType, pairs: Path) -> None:
    once = list(derived.conversations(pairs, seed=1))
    assert list(derived.conversations(pairs, seed=1)) == once
    assert list(derived.conversations(pairs, seed=2)) != once


def test_the_evidence_is_a_turn_and_what_was_asked_is_not_left_in(derived: ModuleType, pairs: Path) -> None:
    n_asked = 0
    for replies, statements in derived.conversations(pairs):
        assert replies.turns == statements.turns
        by_id = {turn.id: turn for turn in replies.turns}
        assert len(by_id) == len(replies.turns) >= 60
        assert len({turn.speaker for turn in replies.turns}) == 2
        for question in (*replies.questions, *statements.questions):
            n_asked += 1
            assert len(question.gold) == 1
            assert by_id[question.gold[0]].text
        for question in replies.questions:
            assert by_id[question.gold[0]].speaker in question.text, "asked about whoever answers"
            assert not any(question.text in turn.text for turn in replies.turns)
    assert n_asked > 30


def test_no_question_is_put_to_you_and_none_to_me(derived: ModuleType, pairs: Path) -> None:
    for replies, statements in derived.conversations(pairs):
        for question in (*replies.questions, *statements.questions):
            assert question.text.endswith("?")
            assert not re.search(r"\b(?:you|your)\b", question.text, re.IGNORECASE), question.text
        for question in statements.questions:
            assert not re.search(r"\b(?:i|my|we)\b", question.text, re.IGNORECASE), question.text


@pytest.mark.parametrize(
    ("asked", "about"),
    [
        ("Do you like dogs?", "does Ana like dogs?"),
        ("Where did you buy your boat?", "Where did Ana buy Ana's boat?"),
        ("WERE YOU there?", "was Ana there?"),
        ("Is Your cat well?", "Is Ana's cat well?"),
    ],
)
def test_a_question_to_somebody_becomes_one_about_them(derived: ModuleType, asked: str, about: str) -> None:
    assert derived._of_another(asked, "Ana") == about
