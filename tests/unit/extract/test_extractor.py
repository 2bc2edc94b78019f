"""The rules as an `Extractor`: what a store is handed, and that it costs nothing until it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import remanence
from remanence.extract.extractor import RuleExtractor
from remanence.records import Stated
from remanence.testing import HashingEmbedder


def test_statements_are_handed_over_with_what_ends_and_what_is_soft() -> None:
    extractor = RuleExtractor()
    told, carried = extractor.extract("I live in Leeds and I love hiking.", at_ns=0, speaker="Ana", carried=None)
    assert list(told) == [
        Stated("Ana", "residence", "Leeds", single=True),
        Stated("Ana", "likes", "hiking", single=False, soft=True),
    ]
    told, _ = extractor.extract("I don't live there any more.", at_ns=0, speaker="Ana", carried=carried)
    assert list(told) == [Stated("Ana", "residence", "", single=True, ends=True)]


def test_a_store_with_it_knows_what_was_said() -> None:
    memory = remanence.open(embedder=HashingEmbedder(32), extractor=RuleExtractor())["ana"]
    memory.add("My dog is called Rex.")
    memory.add("Actually, he's called Max.")
    fact = memory.fact("user's dog", "name")
    assert fact is not None
    assert fact.object == "Max"


def test_importing_the_package_loads_no_rule() -> None:
    code = "import sys, remanence; print([name for name in sys.modules if name.startswith('remanence.extract')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout == "[]\n"


@pytest.mark.parametrize(
    ("text", "subject", "relation", "object"),
    [
        ("my dog name is potola", "user's dog", "name", "potola"),
        ("my wife birthday is 4 may", "user's wife", "birthday", "--05-04"),
        ("My sister phone number is 555 0134", "user's sister", "phone", "5550134"),
    ],
)
def test_a_possessor_without_its_s_is_one(text, subject, relation, object):
    stated, _ = RuleExtractor().extract(text, at_ns=0, speaker="user", carried=None)
    assert (subject, relation, object) in [(fact.subject, fact.relation, fact.object) for fact in stated]
