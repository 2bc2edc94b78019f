"""Questions with their evidence, derived by rules from the permissive dialogues in pairs.jsonl.

Two kinds. A reply: where one asks the other something, the question, turned into one about the other by name, is
asked of the memory, with the question itself taken out; the reply is the evidence. A statement: of a sentence in
the first person, a few of its words are asked for; the turn is the evidence.

A dozen dialogues or more between the same two people make a namespace, a dialogue a session, days apart.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

from remanence.core.text import terms
from remanence.surfaces.datasets import Conversation, Question, Turn

NAMESPACES = 24
TURNS = 600
NAMES = """Ada Bruno Carla Dmitri Elena Farid Grace Hugo Irene Jonas Keiko Liam Mara Noor Oscar Priya Quinn Rosa
Stefan Tara Umar Vera Wendell Ximena Yusuf Zoe""".split()
WH = ("What", "When did", "Where", "Which", "Why", "How")
DAY_NS = 86_400 * 10**9
_SENTENCE = re.compile(r"[^.!?]+[.!?]*")
_YOU = re.compile(r"\byour?\b", re.IGNORECASE)
_FIRST_PERSON = re.compile(r"\b(?:i|my|we)\b", re.IGNORECASE)
_VERBS = {"do": "does", "did": "did", "are": "is", "were": "was", "have": "has"}
_VERB_YOU = re.compile(r"\b(do|did|are|were|have) you\b", re.IGNORECASE)


def dialogues(pairs: Path) -> Iterator[list[str]]:
    """Yield the dialogues: each pair of turns begins with the turn the one before ended with."""
    said: list[str] = []
    for line in pairs.read_text(encoding="utf-8").splitlines():
        pair = json.loads(line)
        if pair["kind"] != "reply":
            continue
        if said and said[-1] != pair["a"]:
            yield said
            said = []
        said = [*said, pair["b"]] if said else [pair["a"], pair["b"]]
    yield said


def conversations(pairs: Path, seed: int = 0) -> Iterator[tuple[Conversation, Conversation]]:
    """Yield conversations, each twice: with the questions made of replies, and with those made of statements."""
    draw = random.Random(seed)
    long = [said for said in dialogues(pairs) if len(said) >= 12]
    draw.shuffle(long)
    for n in range(NAMESPACES):
        people = draw.sample(NAMES, 2)
        turns: list[Turn] = []
        replies: list[Question] = []
        statements: list[Question] = []
        at = 1_680_000_000 * 10**9
        while len(turns) < TURNS:
            said = long.pop()
            at += draw.choice((3, 5, 7, 9)) * DAY_NS
            draw.shuffle(people)
            for i, text in enumerate(said):
                id = f"{at}:{i}"
                speaker, other = people[i % 2], people[(i + 1) % 2]
                sentences = [found.strip() for found in _SENTENCE.findall(text) if found.strip()]
                if i + 1 < len(said) and (asked := _question_in(sentences, said[i + 1], draw)):
                    replies.append(Question(_of_another(asked, other), (f"{at}:{i + 1}",), "reply"))
                    text = " ".join(sentence for sentence in sentences if sentence != asked)
                elif draw.random() < 0.12 and (cloze := _cloze(sentences, speaker, draw)):
                    statements.append(Question(cloze, (id,), "statement"))
                turns.append(Turn(text=text, speaker=speaker, session=str(at), at_ns=at + i * 60 * 10**9, id=id))
        yield (
            Conversation(f"replies {n}", tuple(turns), tuple(replies)),
            Conversation(f"statements {n}", tuple(turns), tuple(statements)),
        )


def _question_in(sentences: list[str], reply: str, draw: random.Random) -> str:
    """Return the last question about the other, if the turn says more than that and is answered."""
    asked = next((found for found in reversed(sentences) if found.endswith("?")), "")
    told = (
        len(set(terms(asked))) >= 2 and _YOU.search(asked) and len(sentences) > 1 and not reply.rstrip().endswith("?")
    )
    return asked if told and draw.random() < 0.9 else ""


def _of_another(question: str, name: str) -> str:
    """Return a question to somebody as a question about them."""
    question = _VERB_YOU.sub(lambda found: f"{_VERBS[found[1].lower()]} {name}", question)
    return _YOU.sub(lambda found: f"{name}'s" if found[0].lower() == "your" else name, question)


def _cloze(sentences: list[str], speaker: str, draw: random.Random) -> str:
    """Return a question of less than half the words of a sentence in the first person; empty if there is none."""
    told = [
        sentence
        for sentence in sentences
        if not sentence.endswith("?")
        and _FIRST_PERSON.search(sentence)
        and not _YOU.search(sentence)
        and len(set(terms(sentence))) >= 4
    ]
    if not told:
        return ""
    words = draw.choice(told).split()
    length = draw.randint(1, max(1, len(words) // 2))
    start = draw.randint(0, len(words) - length)
    kept = words[:start] + words[start + length :]
    kept = [word for word in kept if not terms(word) or draw.random() > 0.6]
    asked = _FIRST_PERSON.sub(speaker, re.sub(r"[.!,]|'m\b", "", " ".join(kept)))
    return f"{draw.choice(WH)} {speaker} {asked}?" if len(set(terms(asked)) - set(terms(speaker))) >= 2 else ""
