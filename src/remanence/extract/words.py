"""The word lists of this package: plain text files in `words/`, read when they are first asked for.

A file is a list of words with commas between them, or lines "word: other, words" that all stand for the first one,
or "word = others" where the first one is not in the list itself. A line that starts with # says what the file is for.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "words"


@cache
def table(name: str) -> dict[str, str]:
    """Return every form in a file in lower case, and the word it stands for: itself, in a file that is a list."""
    found: dict[str, str] = {}
    lines = [line for line in (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    if not any(":" in line or "=" in line for line in lines):
        lines = [form.strip() + ":" for form in " ".join(lines).split(",")]
    for line in lines:
        word, apart, others = line.partition("=") if "=" in line else line.partition(":")
        for form in ("" if apart == "=" else word, *others.split(",")):
            if form.strip():
                found.setdefault(form.strip(), word.strip())
    return found


@cache
def forms(*names: str) -> frozenset[str]:
    """Return every form in some files."""
    return frozenset(form for name in names for form in table(name))


@cache
def heads(*names: str) -> frozenset[str]:
    """Return the longest word of every form in some files, and its plural: a text that holds a form has one of them."""
    longest = {max(reversed(re.findall(r"[a-z0-9]+", form)), key=len, default="") for form in forms(*names)} - {""}
    return frozenset(longest.union(f"{word}s" for word in longest))


@cache
def parts(*names: str) -> frozenset[str]:
    """Return every single word of the forms in some files: what a text must have one of to hold one of them."""
    return frozenset(word for form in forms(*names) for word in re.findall(r"[a-z0-9]+", form))


def singular(word: str) -> str:
    """Return a word without a plural s: "diabetes" stays only because lists are asked for the word itself first."""
    return word[:-1] if word.endswith("s") and len(word) > 3 else word
