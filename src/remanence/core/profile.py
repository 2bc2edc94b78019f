"""What is known now, in a few lines: the facts that hold, as the opening of a context.

One line a subject, `user: name Sam; residence Lisbon`, under a heading of its own and within a budget of its own.
Where not all fit, those the question speaks of come first, then what is settled before likings, then what is told of
people before what is told of theirs, then the newest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from remanence.core.packing import NEWLINE_TOKENS, line
from remanence.types import Fact

HEADING = "[Known now]"
_SHARE = 6  # of the budget of a context that its profile takes at most: one part of so many
_MOST_TOKENS = 160
_MOST_CHARACTERS = 200  # of a fact; a longer one is a text


class Known(NamedTuple):
    """A fact that holds, and what it takes to choose it.

    Attributes:
        who: whose line it stands in.
        terms: index terms of its words.
        said: as it stands in its subject's line: "residence Lisbon".
    """

    fact: Fact
    who: str
    terms: frozenset[str]
    said: str


class Standing(NamedTuple):
    """What holds from one moment until another.

    Attributes:
        revision: of the facts it was made from.
        since_ns, until_ns: it is right from the one until just before the other.
        holding: the facts that hold, in the order they began.
        over: by row, what became of the facts a memory tells: "later: Lisbon", "no longer: peanuts".
    """

    revision: int
    since_ns: int
    until_ns: int
    holding: list[Known]
    over: dict[int, str]


NOTHING_STANDS = Standing(0, -(2**63), 2**63, [], {})


class Picked(NamedTuple):
    """What a context opens with: its text, its size by the counter, and the facts in it."""

    text: str
    tokens: int
    facts: tuple[Fact, ...]


NO_PROFILE = Picked("", 0, ())


def share_of(budget_tokens: int) -> int:
    """Return how many tokens of a context's budget its profile may take."""
    return min(budget_tokens // _SHARE, _MOST_TOKENS)


def known(fact: Fact, terms_of: Callable[[str], list[str]]) -> Known:
    """Return a fact ready to be picked. Cost: that of its terms, some 5 µs."""
    said = on_one_line(f"{fact.relation} {fact.object}").replace(";", ",")
    return Known(fact, fact.subject, frozenset(terms_of(f"{fact.subject} {said}")), said)


def on_one_line(said: str) -> str:
    """Return words as part of a line: an object with a line break in it could pass for a heading or another's words."""
    said = " ".join(said.split()) if said.isprintable() else " ".join("".join(map(_printable, said)).split())
    return said if len(said) <= _MOST_CHARACTERS else said[:_MOST_CHARACTERS] + "…"


def _printable(character: str) -> str:
    return character if character.isprintable() else " "


def pick(holding: Sequence[Known], asked: Collection[str], budget_tokens: int, size_of: Callable[[str], int]) -> Picked:
    """Return the profile of the facts that hold, for a question.

    Args:
        holding: in the order they began.
        asked: index terms of the question.
        budget_tokens: never exceeded, by `size_of`.

    Cost: about 0.2 µs a fact, and the size of what is shown.
    """
    left = budget_tokens - size_of(HEADING)
    if not holding or left <= 0:
        return NO_PROFILE
    subjects: set[str] = set()
    chosen: list[int] = []
    for i in _by_worth(holding, asked):
        each = holding[i]
        cost = size_of(each.said) + 1
        if each.who not in subjects:
            cost += size_of(line(each.who, "", "")) + NEWLINE_TOKENS
        if cost <= left:
            left -= cost
            subjects.add(each.who)
            chosen.append(i)
        if left < 4:
            break
    while chosen:
        text = _composed([holding[i] for i in sorted(chosen)])
        if (size := size_of(text)) <= budget_tokens:
            return Picked(text, size, tuple(holding[i].fact for i in sorted(chosen)))
        chosen.pop()  # a caller's counter may find the whole larger than its parts
    return NO_PROFILE


def _by_worth(holding: Sequence[Known], asked: Collection[str]) -> list[int]:
    spoken_of = [len(each.terms.intersection(asked)) for each in holding]
    return sorted(
        range(len(holding)),
        key=lambda i: (-spoken_of[i], holding[i].fact.soft, "'s " in holding[i].fact.subject, -i),
    )


def _composed(some: Sequence[Known]) -> str:
    said: dict[str, list[str]] = {}
    for each in some:
        said.setdefault(each.who, []).append(each.said)
    return "\n".join([HEADING, *(line(subject, "", "; ".join(of)) for subject, of in said.items())])
