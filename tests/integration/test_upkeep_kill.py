"""Upkeep killed while a model is asked: what was read stays read, the rest is read by the next process, once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from fake_model import Answer, fake_model, perfect

import remanence
from remanence.extract.llm import LLMExtractor
from remanence.testing import HashingEmbedder

N_TURNS = 80
UPKEEP = """
import sys, remanence
from remanence.extract.llm import LLMExtractor
from remanence.testing import HashingEmbedder
model = LLMExtractor(sys.argv[2], "m", max_input_tokens=800, timeout_s=60)
with remanence.open(sys.argv[1], embedder=HashingEmbedder(32), background_extractor=model) as store:
    store.upkeep(max_batches=100)
"""


def opened(path: Path, url: str | None = None) -> remanence.Store:
    model = None if url is None else LLMExtractor(url, "m", max_input_tokens=800)
    return remanence.open(path, embedder=HashingEmbedder(32), background_extractor=model)


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize("n_answered", [0, 1, 3])
def test_killed_between_batches(tmp_path: Path, n_answered: int) -> None:
    path = tmp_path / "memory.db"
    with opened(path) as store:
        for n in range(N_TURNS):
            store["a"].add(f"thing{n} is {n}; and some more words to fill the line with, and so on and so forth")
    killed = Event()
    stuck = Event()

    def answer(body: dict[str, Any]) -> Answer:
        if killed.is_set() or len(server.requests) <= n_answered:
            return perfect(body)
        stuck.set()
        killed.wait(60)
        return 500, b""

    with fake_model(answer) as server:
        process = subprocess.Popen([sys.executable, "-c", UPKEEP, str(path), server.url])
        assert stuck.wait(60)
        with opened(path) as store:
            read_before = len(store["a"].facts())
            store["a"].add("late is it")  # the one that hangs is in nobody's way
        process.kill()
        process.wait(60)
        killed.set()
        with opened(path, server.url) as store:
            report = store.upkeep(max_batches=100)
            assert (report.turns, report.waiting, report.failures) == (N_TURNS + 1 - read_before, 0, ())
            facts = store["a"].facts(ended=True)
            n_told = sum(len(change.value) for change in store["a"].watch(remanence.Position(0), timeout=0)
                         if change.kind == "assert")  # fmt: skip
    assert (read_before > 0) == (n_answered > 0)
    assert n_told == len(facts) == N_TURNS + 1, "once each"
    assert {fact.source for fact in facts} == {f"m{n + 1}" for n in range(N_TURNS)} | {
        fact.source for fact in facts if fact.relation == "late"
    }


def test_processes_that_do_upkeep_at_once_find_each_fact_once(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    with opened(path) as store:
        for n in range(N_TURNS):
            store["a"].add(f"thing{n} is {n}; and some more words to fill the line with")
    with fake_model() as server:
        command = [sys.executable, "-c", UPKEEP, str(path), server.url]
        processes = [subprocess.Popen(command) for _ in range(3)]
        assert [process.wait(120) for process in processes] == [0, 0, 0]
        with opened(path, server.url) as store:
            store.upkeep(max_batches=100)  # whoever lost to another stopped; one may have stopped last
            facts = store["a"].facts(ended=True)
            told = [
                change.id for change in store["a"].watch(remanence.Position(0), timeout=0) if change.kind == "assert"
            ]
    assert sorted(told) == sorted(fact.source for fact in facts) == sorted(f"m{n + 1}" for n in range(N_TURNS))
