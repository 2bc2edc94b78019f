"""Figures and lines as people read them, whatever the terminal."""

from __future__ import annotations

import io
import sys

import click
import pytest

from remanence.surfaces import terminal
from remanence.surfaces.settings import DEFAULT_STORE, Settings, from_environment
from remanence.types import SIGNALS, Hit


def _hit(text: str, **parts: float) -> Hit:
    return Hit(
        id="m1",
        version=1,
        text=text,
        score=0.5,
        weighted=[parts.get(name, 0.0) for name in SIGNALS],
        fidelity=1.0,
        at_ns=1_714_557_600_000_000_000,
        speaker="Ana",
        role="user",
        session="s",
        metadata={},
        namespace="n",
    )


@pytest.mark.parametrize(
    ("n_bytes", "shown"), [(0, "0 B"), (999, "999 B"), (41_200, "41.2 kB"), (1_300_000, "1.3 MB"), (2e15, "2,000.0 TB")]
)
def test_size(n_bytes: float, shown: str) -> None:
    assert terminal.size(n_bytes) == shown


def test_micros_in_any_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    assert [terminal.micros(us) for us in (182, 3_400, 1_200_000)] == ["182 µs", "3.4 ms", "1.2 s"]
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert terminal.micros(182) == "182 us"


def test_a_hit_is_one_line_that_fits() -> None:
    line = click.unstyle(terminal.hit_line(_hit("a\nlong " + "text " * 80), 60, marked=True))
    assert line.startswith("* 2024-05-01  Ana: a long text")
    assert len(line) <= 60
    assert line.endswith("...")


def test_parts_are_largest_first_without_the_ones_that_do_not_show() -> None:
    assert terminal.parts(_hit("x", lexical=0.1, date=0.001, length=-0.5)) == "length -0.50  lexical +0.10"


def test_table_columns_are_aligned() -> None:
    assert terminal.table([("name", "n"), ("a", "12")], right=(1,)) == ["name   n", "a     12"]


def test_settings_come_from_the_environment_with_defaults() -> None:
    assert from_environment({}) == Settings(DEFAULT_STORE, "", False)
    assert from_environment({"REMANENCE_STORE": "x.db", "OPENAI_API_KEY": "k", "NO_COLOR": "1"}) == Settings(
        "x.db", "k", True
    )
    assert from_environment({"REMANENCE_STORE": ""}).store == DEFAULT_STORE


@pytest.mark.parametrize(("n", "said"), [(0, "0 memories"), (1, "1 memory"), (2_000, "2,000 memories")])
def test_counted(n: int, said: str) -> None:
    assert terminal.counted(n, "memory") == said
    assert terminal.counted(n, "hit") == said.replace("memories", "hits").replace("memory", "hit")
