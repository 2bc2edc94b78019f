"""The examples tell the stories they promise, run as a reader runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import remanence

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
REFUND = EXAMPLES / "refund.py"


def run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(REFUND), *arguments],
        capture_output=True, text=True, encoding="utf-8", timeout=120, check=False, env=os.environ,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> tuple[str, Path]:
    path = tmp_path_factory.mktemp("refund") / "memory.db"
    return run(str(path)), path


def test_a_new_session_recalls_all_of_it(told) -> None:
    later, _, _ = told[0].partition("The refund agent said")
    assert "I want my money back please" in later
    assert "The refund of order 4711, 39 euros, is on its way." in later
    assert "arrived at Ana's bank" in later
    assert "Its states: requested -> paid -> delivered" in later


def test_the_auditor_reads_what_the_second_agent_knew_and_no_more(told) -> None:
    _, _, audit = told[0].partition("The refund agent said")
    knew = audit.partition("It knew then:")[2]
    assert "I want my money back please" in knew
    assert "is on its way" not in knew
    assert "arrived" not in knew
    assert "States then: requested\n" in knew


def test_the_agents_were_processes_of_their_own_over_one_namespace(told) -> None:
    with remanence.open(told[1]) as store:
        memory = store.memory("shop/customer/ana")
        assert [entry.value["state"] for entry in memory.stream("refund/4711")] == ["requested", "paid", "delivered"]
        assert {item.speaker for item in memory.items()} == {"Ana", "intake", "refund", "delivery"}


def test_the_refund_is_paid_once(told) -> None:
    done = subprocess.run(
        [sys.executable, str(REFUND), "refund", str(told[1])], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode != 0
    assert "Conflict: key 'refund/4711/payer' is at version 1, not 0" in done.stderr
