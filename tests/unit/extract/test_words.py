"""The word lists read as they should: each says what it is for, in lower case, and nothing stands in it twice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from remanence.extract import words

FILES = sorted((Path(words.__file__).parent / "words").glob("*.txt"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_says_what_it_is_for_and_reads(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert not any(line.startswith("#") for line in lines[1:])
    assert words.forms(file.stem)
    assert all(form == form.lower().strip() for form in words.forms(file.stem))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_form_stands_twice(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()[1:]
    forms = [form.strip() for line in lines for form in re.split("[,:]", re.sub("^[^,]*=", "", line)) if form.strip()]
    assert len(forms) == len(set(forms))


def test_what_the_forms_stand_for() -> None:
    assert words.table("kin")["mum"] == "mother"
    assert words.table("pets")["dog"] == "dog"
    assert words.table("breeds")["ragdoll"] == "cat"
    assert "cat" not in words.forms("breeds")
    assert {"migraine", "migraines"} <= words.heads("illnesses")
