"""The first look ends turns that state nothing, and loses nothing that reading the whole text would find."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from remanence.extract import glance
from remanence.extract.attributes import ATTRIBUTES
from remanence.extract.extraction import Extraction, extract
from remanence.extract.glance import Glance, look
from remanence.extract.rules import RULES, TAILS
from remanence.extract.turn import Carried

GOLD = Path(__file__).parents[2] / "data" / "facts" / "gold.jsonl"
AT = int(datetime(2024, 11, 6, 10, tzinfo=UTC).timestamp()) * 1_000_000_000


@pytest.mark.parametrize(
    "said",
    [
        "What time does it open?",
        "Thanks, see you then!",
        "The station is at the end of the road.",
        "Did you know that the Romans had underfloor heating?",
        "I think so.",
        "We should go there again, that was fun!",
        "She is great, and he was funny.",
        "",
        "...",
    ],
)
def test_most_turns_end_at_the_first_look(said: str) -> None:
    assert look(said, Carried()) is None


def test_only_the_sentences_that_may_state_something_are_read() -> None:
    seen = look("The rain was awful. I live in Leeds. Nobody came! Actually, it's Bradford.", Carried())
    assert seen is not None
    assert seen.text == "I live in Leeds. Actually, it's Bradford."


def turns() -> list[list[str]]:
    lines = [json.loads(line)["said"] for line in GOLD.read_text(encoding="utf-8").splitlines()]
    return [*lines, *([each.example] for each in (*RULES, *ATTRIBUTES, *TAILS))]


def told(said: list[str]) -> list[Extraction]:
    found: list[Extraction] = []
    carried = Carried()
    for text in said:
        found.append(extract(text, at_ns=AT, carried=carried))
        carried = found[-1].carried
    return found


def test_nothing_is_lost_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [[each.statements for each in told(said)] for said in turns()]
    everything = lambda text, carried: Glance(text, set(glance._WORD.findall(text.lower())))  # noqa: E731
    monkeypatch.setattr(glance, "look", everything)
    assert [[each.statements for each in told(said)] for said in turns()] == seen
