"""The rules for facts as every store has them: on unless turned off, and loaded by whoever needs them first."""

from __future__ import annotations

import subprocess
import sys

import remanence
from remanence.records import Stated


def objects(memory: remanence.Memory) -> list[str]:
    return [fact.object for fact in memory.facts("user")]


def test_what_a_user_states_is_a_fact() -> None:
    memory = remanence.open()["ana"]
    receipt = memory.add("I live in Porto")
    assert [fact.object for fact in receipt.facts] == objects(memory) == ["Porto"]


def test_they_can_be_turned_off() -> None:
    memory = remanence.open(config=remanence.Config(facts=False))["ana"]
    assert memory.add("I live in Porto").facts == ()
    assert objects(memory) == []


def test_an_extractor_of_the_caller_takes_their_place_even_so() -> None:
    class Other:
        name = "other"

        def extract(self, text, *, at_ns, speaker, carried):
            return [Stated(speaker, "mood", "fine")], None

    memory = remanence.open(config=remanence.Config(facts=False), extractor=Other())["ana"]
    memory.add("I live in Porto")
    assert objects(memory) == ["fine"]


def test_they_are_loaded_by_the_first_turn_or_by_preload_and_by_nobody_else() -> None:
    program = """
import sys, remanence
def loaded(): return "remanence.extract.extraction" in sys.modules
store = remanence.open()
memory = store["ana"]
memory.search("anything"); memory.facts(); memory.kv["a"] = 1
memory.add_turn(assistant="You live in Porto.")
told = [loaded()]
memory.preload()
print(told + [loaded()], memory.facts())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split("\n")[0] == "[False, True] []"
