# ruff: noqa: E501 — a list of words or a pattern reads best on one line
"""Taking back and putting right: "sorry, I meant Bradford", "scratch that", "not any more", "it isn't"."""

from __future__ import annotations

import re
from typing import NamedTuple

_STRONG = (
    r"(?:no wait|wait no|no sorry|sorry no|no no|no hang on|no hold on|no actually|actually no|scratch that|strike that|"
    r"correction|make that|or rather|i meant?|i should have said|i meant to say|i mean to say|my mistake|my bad|"
    r"oops|whoops|sorry|what am i saying|hang on|hold on|i misspoke|i mixed (?:that|it|them) up|let me correct that|"
    r"that should be|it should be|not quite)"
)
_WEAK = r"(?:no|nope|wait|actually|rather|well)"
MARKER = re.compile(
    rf"(?:\b{_STRONG}\b|(?:^|(?<=[,.;!?-] )|(?<=\boh )|(?<=\bah )|(?<=\bwell )){_WEAK}\b)"
    rf"(?:[ ,.!;-]*(?:\b{_STRONG}|\b{_WEAK}|\boh|\blol|\bah)\b)*"
    r"[ ,.!:;-]*"
)
STRONG = re.compile(rf"\b{_STRONG}\b")
LEAD = re.compile(
    r"(?:(?:it is|that is|it was|that should be|it should be|i meant?|make that|the|i said|to say) )*(?P<not>not )?"
)
OPENS = re.compile(rf"^(?:oh |ah |well |lol |um |ok |okay |hey |so |yeah |yes )*(?:{_STRONG}|{_WEAK})\b")
ADDS = re.compile(r"\b(?:also|too|as well|another|both|plus|and)\b")

TAKE_BACK = re.compile(
    r"\b(?:scratch|forget|delete|ignore|undo|strike|disregard|erase|remove) (?:"
    r"(?P<that>that|it|what i (?:just )?said)\b(?! (?:is|was|the|my|one|thing|song|alarm|timer|reminder))"
    r"|(?:the |my |that )?(?P<what>[\w' -]{2,30}?) (?:bit|part|thing|stuff)\b)"
    r"|\bthat (?:was|is) (?:a lie|a mistake|wrong|not (?:right|true|correct)|incorrect|a joke|an error|(?:the|my) (?:last|old|previous))\b"
    r"|\bthat came out wrong\b|\bi (?:was (?:kidding|joking|lying)|am (?:kidding|joking|lying)|lied|misspoke)\b"
    r"|(?:^|[,.!?;] |\bwell |\boh |\bno |\bbut )not (?:any more|any longer|anymore|now)\b"
    r"|\bit is not (?:any more|true|right|correct)\b|\b(?:that|it) is no longer (?:true|right|the case|correct)\b"
)
NOT_ANY_MORE = re.compile(r"[ ,]*(?:any more|any longer|now|right|true|correct)?[ ]*(?=$|[,.!?;]|lol|and|so|but|i )")
THERE = re.compile(r"(?P<verb>live|lives|work|works|go|goes|study|studies)(?:ing)?(?: at| in)? (?:there|here)\b")
PLACE_OF = {
    "live": "residence",
    "lives": "residence",
    "work": "employer",
    "works": "employer",
    "go": "school",
    "goes": "school",
    "study": "school",
    "studies": "school",
}
NO_FRAGMENT = frozenset(
    """
    problem problems worries idea thanks need way chance matter clue minute sec doubt luck question questions wonder rush
    biggie bother offense offence forget cancel ignore delete scratch check try look skip leave keep dont did want hate
    read kidding joking changed wrong wait more longer thank kind deal big real first second other thing stuff bit
    gosh god yep sure fine cool sorry true correct exactly absolutely definitely never kids one ones none both
    whatever late early quick done bye joke seriously honestly long hard day date time use fun pun point comment
    switched changed moved used lot hold hang something
    """.split()
)
OPEN_KINDS = frozenset(
    (
        "name",
        "place",
        "job",
        "role",
        "organisation",
        "school",
        "field",
        "car",
        "favorite",
        "allergen",
        "thing",
        "belonging",
    )
)


class Fix(NamedTuple):
    """A marker of a correction: where it stands, where the new value would start, and how sure it is one."""

    start: int
    end: int
    strong: bool


def markers(low: str) -> list[Fix]:
    """Return the markers of corrections in a text. Cost: linear."""
    return [Fix(m.start(), m.end(), STRONG.search(m[0]) is not None) for m in MARKER.finditer(low)]
