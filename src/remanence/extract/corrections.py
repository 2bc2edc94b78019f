"""Taking back and putting right: "sorry, I meant Bradford", "scratch that", "not any more": how it is said."""

from __future__ import annotations

import re
from typing import NamedTuple

_STRONG = (
    r"(?:no wait|wait no|no sorry|sorry no|no no|no hang on|no hold on|no actually|actually no|scratch that|"
    r"strike that|correction|make that|or rather|i meant?|i should have said|i meant to say|my mistake|my bad|oops|"
    r"whoops|sorry|what am i saying|hang on|hold on|i misspoke|i mixed (?:that|it|them) up|let me correct that|"
    r"that should be|it should be)"
)
_WEAK = r"(?:no|nope|wait|actually|rather)"
_MARKER = re.compile(
    rf"(?:^(?=not )|\b{_STRONG}\b|(?:^|(?<=[,.;!?-] )|(?<=\boh )|(?<=\bah )|(?<=\bwell )){_WEAK}\b)"
    rf"(?:[ ,.!;-]*(?:\b{_STRONG}|\b{_WEAK}|\boh|\blol|\bah)\b)*"
    r"[ ,.!:;-]*"
)
_IS_STRONG = re.compile(rf"\b{_STRONG}\b")
LEAD = re.compile(
    r"(?:(?:it is|that is|it was|that should be|it should be|i meant?|make that|the|i said|to say) )*(?P<not>not )?"
)
OPENS = re.compile(rf"(?:(?:oh|ah|well|lol|ok|okay|hey|so|yes) )*(?:{_STRONG}|{_WEAK})\b")
ADDS = re.compile(r"\b(?:also|too|as well|another|both|plus|and)\b")
TAKE_BACK = re.compile(
    r"(?<!\bi )(?<!always )(?<!not )(?<!never )(?<!to )(?<!will )(?<!can )"
    r"\b(?:scratch|forget|delete|ignore|undo|strike|disregard|erase|remove) (?:"
    r"(?P<that>that|it|what i (?:just )?said)\b(?! (?:is|was|the|my|one|thing|song|alarm|timer|reminder))"
    r"|(?:the |my |that )?(?P<what>[\w' -]{2,30}?) (?:bit|part|thing|stuff)\b)"
    r"|\bthat (?:was|is) (?:a lie|a mistake|wrong|not (?:right|true|correct)|incorrect|a joke|an error)\b"
    r"|\bi take (?:that|it) back\b|\bthat came out wrong\b"
    r"|\bi (?:was|am) (?:kidding|joking|lying)\b|\bi (?:lied|misspoke)\b"
    r"|(?:^|[,.!?;] |\bwell |\boh |\bno |\bbut )not (?:any more|any longer|now)\b"
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
    problem problems worries idea thanks need way chance matter clue minute sec doubt luck question questions wonder
    rush biggie bother offense offence forget cancel ignore delete scratch check try look skip leave keep did want hate
    read kidding joking changed wrong wait more longer thank kind deal big real first second other thing stuff bit god
    yep sure fine cool sorry true correct exactly absolutely definitely never kids one ones none both whatever late
    early quick done bye joke seriously honestly long hard day date time use fun pun point comment switched moved used
    lot hold hang something the a what i we you they he she it that this there
    """.split()
)
OPEN_KINDS = frozenset(
    "name place job role organisation school campus field car favorite allergen thing belonging".split()
)
FIRST_WORDS = frozenset(  # a text without any of these corrects nothing
    """
    no nope wait actually rather well sorry scratch strike correction make meant mean should mistake bad oops whoops
    hang hold misspoke mixed forget delete ignore undo disregard erase remove wrong lie joke kidding joking lying lied
    not saying let any longer isn back nah soz sry sori anymore
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
