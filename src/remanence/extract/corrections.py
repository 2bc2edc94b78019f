"""Putting right: "sorry, I meant Bradford", "not X, Y", "Y, I should say": how it is said, and where the value is."""

from __future__ import annotations

import re
from typing import NamedTuple

from remanence.extract.wording import Said

_STRONG = (
    r"(?:no wait|wait no|no sorry|sorry no|no no|no hang on|no hold on|no actually|actually no|scratch that|scrap that|"
    r"(?:change|update|correct|switch|set) (?:that|it|this) to|that is (?:my|the|our|an) old \w+|strike that|"
    r"it is (?:spelled|spelt|written)|correction|make that(?! one)|or rather|i meant? to (?:say|type|put|write)|"
    r"i meant?|i should have said|i should say|"
    r"my mistake|my bad|oops|whoops|(?<!\bam )(?<!\bso )(?<!\bfeel )sorry|what am i saying|hang on|"
    r"hold on|i misspoke|i mixed (?:that|it|them) up|"
    r"let me correct that|that should be|it should be|"
    r"wrong (?:one|thing|place|name|number|shop|word|date|year|day|person|email|way round)|typo|"
    r"i tell a lie|i was wrong|i got that wrong|"
    r"thinking about it|come to think of it|on second thoughts?|on reflection|i? ?changed my mind|"
    r"that is (?:wrong|not right|out of date|old)|that was wrong)"
)
_WEAK = r"(?:no|nope|wait|actually|rather|well|technically)"
_OPENING_WEAK = r"(?:no|nope|wait|actually|rather)"
_MARKER = re.compile(
    rf"(?:^(?=not )|\b{_STRONG}\b|(?:^|(?<=[,.;!?-] )|(?<=\boh )|(?<=\bah )|(?<=\bwell )|(?<=\byes )){_WEAK}\b)"
    rf"(?:[ ,.!;-]*(?:\b{_STRONG}|\b{_WEAK}|\boh|\blol|\bah|\bi think)\b)*"
    r"[ ,.!:;-]*"
)
_IS_STRONG = re.compile(rf"\b{_STRONG}\b")


def _unless(*before: str) -> str:
    return "".join(rf"(?<!\b{word} )" for word in before)


_APART = re.compile(  # "i'm thirty nine no hang on forty": where a value ends, in words without punctuation
    r"(?<=\bi was|\bi did|\bi had) (?=i am)|(?<=[a-z0-9]) (?=(?:oh |well |ah )?(?:"
    rf"{_unless(*'am so be is to say very for'.split())}sorry|{_unless(*'what if all do that'.split())}i meant?|"
    r"no wait|oh wait|no hang on|no hold on|no actually|no sorry|no not|no no|wait no|hang on|scratch that|actually no|"
    r"make that|or rather|oops|"
    + _unless(
        *"is are have has got there with in say said says make makes am was of or and had by".split(),
        *"oh well ah wait yes actually sorry that no but to not at".split(),
    )
    + r"no(?! (?:longer|one|idea|more|matter|need)))\b)"
)
LEAD = re.compile(
    r"(?:(?:it is|that is|it was|that should be|it should be|i meant?|make that|(?:the )?new one is|the|i said|to say|"
    r"mostly|still|(?:this|the) one is|i am|we are|he is|she is|more like|probably|really) )*(?P<not>not )?"
    r"(?P<link>(?:in|at|for|on|from|with) )?(?:(?:an?|the) )?"
)
OPENS = re.compile(
    rf"^[ ,.!]*(?:(?:oh|ah|well|lol|ok|okay|hey|so|yes|oops|no|hang on) ?[,.!]* )*(?:{_STRONG}|{_OPENING_WEAK})\b"
)
INSTEAD_OF = re.compile(  # "my wife is, I mean", "they switched me"
    r", i meant?(?=[.!]|$)|\bchanged (?:the|my) (?:diagnosis|name|address)\b|\b(?:switched|swapped|changed|moved) me\b|"
    r"\binstead\b(?! of)"
)
ADDS = re.compile(r"\b(?:also|too|as well|another|both|plus|and)\b")
NAMED = re.compile(  # what comes before the value that was wrong, and may be followed by the right one
    r"\b(?:(?P<not>not|no longer)|(?:i |we )?(?:keep|always|kept) (?:on )?(?:saying|say|putting)|"
    r"i (?:say|said|put|typed|wrote)|(?:it|that) (?:used to be|was)|(?:switched|changed|moved) from|"
    r"did i (?:just )?(?:say|put))"
    r" (?:(?:in|at|for|on|from|to|with|an?|the|i am|i live in|i work at) )*"
)
SKIPPED = re.compile(  # between the wrong value and the right one
    r"[ ,.!?;-]*(?:(?:but|it is|actually|i meant?|what am i saying|sorry|rather|i should say|any more|really|now|to|"
    r"i always say that|the other one|no|wait|oh|lol|just)\b[ ,.!?;-]*)*"
)
TRAILS = re.compile(  # after the right value, where nothing comes before it
    r"[ ,.!-]*(?:i meant?(?=[.!]|$|,? (?:not|my)\b)|i should (?:say|have said)\b|sorry\b|typo\b|correction\b|"
    r"my (?:bad|mistake)\b)"
    r"|[ ,-]*(?:rather|to be (?:exact|precise|specific)|actually|technically|with (?:an?|two|one|no) [a-z]{1,2}\b|"
    r"not\b|now\b|(?:he|she|they|we|i) (?:switched|moved|changed|left)\b)"
)
INSTEAD = re.compile(r"(?:'s| is) (?:fine|better|good|easier|enough)\b| will do\b| works\b| please\b")  # "Liz is fine"
OPENING = re.compile(r"[ ,.*]*(?:(?:oh|ah|well|hmm|um|ok|okay|lol|so|yes|er)[ ,.!]+)*(?:it is |that is |the )?")
OPEN_KINDS = frozenset(
    "name place job role organisation school campus field car favorite allergen thing belonging".split()
)
FIRST_WORDS = frozenset(  # a text without any of these corrects nothing
    """
    no nope wait actually rather well sorry scratch strike correction make meant mean should mistake bad oops whoops
    hang hold misspoke mixed forget delete ignore undo disregard erase remove wrong lie joke kidding joking lying lied
    not saying let any longer isn back nah soz sry sori anymore typo
    """.split()
)


class Marker(NamedTuple):
    """A marker of a correction: where it stands, where the new value would start, and how sure it is one."""

    start: int
    end: int
    strong: bool


def markers(low: str) -> list[Marker]:
    """Return the markers of corrections in a text. Cost: linear."""
    return [Marker(m.start(), m.end(), _IS_STRONG.search(m[0]) is not None) for m in _MARKER.finditer(low)]


def apart(said: Said) -> Said:
    """Return a wording with a comma before each marker that has nothing before it. Cost: linear."""
    if _APART.search(said.low) is None:
        return said
    text, end = "", 0
    for m in _APART.finditer(said.low):
        text += said.text[end : m.start()] + ","
        end = m.start()
    text += said.text[end:]
    low = text.lower()
    return Said(text, low, said.cased) if len(low) == len(text) else said
