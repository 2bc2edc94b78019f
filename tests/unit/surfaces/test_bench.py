"""What is fed to the measurements, and the arithmetic on what they give; never how fast anything is."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest

from remanence.errors import InvalidInput, RemanenceError
from remanence.surfaces.bench import machine
from remanence.surfaces.bench.texts import MEDIAN_WORDS, Texts
from remanence.surfaces.bench.timing import paced, summary, tight


def test_made_texts_are_the_same_each_time_and_as_long_as_spoken_turns() -> None:
    sentences = Texts().sentences(500)
    assert sentences == Texts().sentences(500)
    assert len(set(sentences)) == 500
    assert MEDIAN_WORDS - 5 <= median(len(s.split()) for s in sentences) <= MEDIAN_WORDS + 5


def test_texts_of_a_file_last_as_long_as_they_must(tmp_path: Path) -> None:
    path = tmp_path / "s.txt"
    path.write_text("\n".join(f"sentence number {n} is here" for n in range(100)))
    sentences = Texts(path).sentences(1_000)
    assert len(sentences) == 1_000
    assert all("sentence number" in sentence for sentence in sentences)
    path.write_text("one\n")
    with pytest.raises(InvalidInput, match="give 100 or more"):
        Texts(path)


def test_queries_are_made_of_what_is_stored() -> None:
    (query,) = Texts().queries(1, ["alpha beta gamma delta epsilon zeta eta theta"])
    words = query.rstrip("?").split()[2:]
    assert 1 <= len(words) <= 6
    assert set(words) <= set("alpha beta gamma delta epsilon zeta eta theta".split())


def test_summary() -> None:
    assert summary([3_000, 1_000, 2_000]).p50_us == 2.0
    assert summary(list(range(1_000, 101_000, 1_000))).p99_us == 100.0


def test_every_query_is_timed_and_only_the_first_words_warm() -> None:
    asked: list[str] = []
    warmed: list[str] = []
    assert tight(asked.append, ["a b", "c"]).n == 2
    assert paced(asked.append, ["one two three four", "five"], warmed.append).n == 2
    assert asked == ["a b", "c", "one two three four", "five"]
    assert warmed == ["one two", "five"]


def test_the_machine_is_named() -> None:
    described = machine.describe()
    assert described["processor"]
    assert described["commit"]
    assert machine.installed_bytes()["remanence"] > 100_000


def test_a_failing_interpreter_says_why() -> None:
    assert machine.fresh_python("import sys; print(sys.argv[1])", "x") == "x"
    with pytest.raises(RemanenceError, match="ZeroDivisionError"):
        machine.fresh_python("1 / 0")
