"""Taking back: "scratch that", "not any more", "I was joking", "that number's dead": how it is said, and what ends."""

from __future__ import annotations

import re

from remanence.extract.turn import Turn

_WHO = r"(?:i|we|he|she|they)"
TAKE_BACK = re.compile(
    r"(?<!\bi )(?<!always )(?<!not )(?<!never )(?<!to )(?<!will )(?<!\bi can )(?<!\bwe can )"
    r"\b(?:scratch|forget|delete|ignore|undo|strike|disregard|erase|remove|scrap|drop|bin) (?:"
    r"(?P<all>all(?: of)? (?:that|it|this)|everything(?: i (?:just )?said)?|the lot|both)"
    r"|(?P<that>that|it|i said (?:that|it|anything)|what i (?:just )?said|me|that last (?:message|bit|one))\b"
    r"(?! (?:is|was|the|my|one|thing|song|alarm|timer|reminder))"
    r"|(?:the |my |that )?(?P<what>[\w' -]{2,30}?) (?:bit|part|thing|stuff)\b)"
    r"|\bthat (?:was|is) (?:a lie|a mistake|wrong|not (?:right|true|correct)|incorrect|a joke|an error)\b"
    r"|\bthat is (?:not (?:the case|so)|old news|out of date)\b"
    r"|\bnever ?mind (?:that|what i said)\b"
    r"|\b(?P<done>(?:packed|chucked|jacked) (?:it|that|it all) in)\b"
    r"|\bi take (?:that|it) back\b|\bthat came out wrong\b"
    r"|\bi (?:was|am) (?:only |just )?(?:kidding|joking|lying)\b|\bi (?:lied|misspoke)\b"
    r"|^(?:(?:oh|lol|haha|ha|ok)[ ,.!]+)*(?:only |just )?(?:kidding|joking)\b"
    r"|(?:^|\bwell,? |\boh,? |\bno,? |^but )not (?:any more|any longer|since)\b"
    r"|\b(?:it|that) is (?:not (?:any more|true|right|correct)|off|over|no more)\b(?! (?:the|my|there|here))"
    r"|\b(?:that|it) is no longer (?:true|right|the case|correct)\b"
    r"|(?:^|[,.!?;] |\bplease |\bnot |\bso )do not (?:save|store|remember|keep|record|note|write|use) "
    r"(?:that|it|this)\b(?: down)?(?! (?:number|email))"
    rf"|\b(?:well,? |mean,? ){_WHO} (?:did|was|were|had|used to)"
    r"(?=[,.!?;]|$| until| but| i am| once)"
    r"|(?:\bno,? |\bactually,? |\bwell,? |^(?=it ))(?:i|we|it) "
    r"(?:do|am|is) not"
    r"(?=[,.!?;]|$| any more| ignore| forget| do not| i )"
    r"|\b(?:turns out|it turns out|found out)(?: that)? (?:i am|i do|i have|we are|she is|he is|it is) not(?=[,.!?;]|$)"
)
_NOUNS = {
    "number": "phone",
    "phone": "phone",
    "mobile": "phone",
    "email": "email",
    "account": "email",
    "address": "email",
    "car": "car",
    "job": "employer",
    "wedding": "marital status",
    "engagement": "marital status",
    "birthday": "birthday",
    "age": "age",
}
GONE = re.compile(  # "that number's dead", "I deleted that account"
    r"\b(?:that|this|the|my|my old|that old) "
    r"(?P<noun>number|phone|mobile|email|account|address|car|job|wedding|engagement)(?: address)?"
    r"(?:(?:'s| is| has been| has| was| got|s)(?= ))? "
    r"(?:dead|gone|disconnected|out of date|old now|stolen|closed|not mine|not in use|no longer|off|changed|"
    r"does not work|stopped working)\b"
    r"|\b(?:(?:have|had) to (?:sell|scrap)|changed|closed|deleted|cancelled|canceled|scrapped|crashed|sold|totaled|"
    r"totalled|got rid of|do not use|not use|no longer use|wrote off|gave up|lost) "
    r"(?:that|this|the|my|my old|our) (?P<used>number|phone|mobile|email|account|car)\b"
    r"|(?<!not )(?<!never )(?<!to )\b(?:forget|delete|remove|erase) my "
    r"(?P<kept>number|phone|email|address|birthday|age|car)\b"
)
_OUT_OF_HAND = re.compile(  # "it got stolen", "the eczema cleared up"
    r"\b(?:it|(?:the|my) (?P<what>[a-z]+)) (?:got stolen|was stolen|got nicked|got written off|"
    r"broke down for good|cleared up|died|packed up|went away|is gone|died on me|is no more)\b"
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

_DOING = re.compile(r"\b(?:quit|stopped|gave up|given up|retired from) (?P<doing>[a-z]{3,})ing\b")  # "I quit teaching"
DRIVE = re.compile(r"drives?(?= (?:any more|any longer|now)|$|[,.!])")
_NO_LONGER = re.compile(  # "I don't need insulin any more", "not my favourite any more"
    r"(?:\b(?P<who>i|we|he|she|they|it|that)(?: (?:am|do|does|is|are|have|has|can|was))? |"
    r"^(?:(?:well|oh|so|no|actually|yes|but)[ ,]+)*)"
    r"(?:no longer\b(?P<since>[^,.!?;]{0,40})|(?:not|never)\b(?P<denied>[^,.!?;]{0,40}?) (?:any more|any longer)\b)"
)
_LOST = re.compile(  # "it's been sold", "I gave it to my son"
    r"\bit (?:has been|is been|was|got|is) (?:sold|scrapped|stolen|crashed|cancelled|canceled|deleted|closed)\b"
    r"|\b(?:i|we) (?:sold|gave|scrapped|returned|crashed|cancelled|canceled|closed|deleted|got rid of) (?:it|that)\b"
    r"|\bthat turned out to be (?:wrong|false|nothing|a mistake)\b"
)
_PRO = frozenset("do that it this on my favorite together need take use in the at have to one mine a eat them".split())


def steps(low: str) -> list[re.Match[str]]:
    """Return where something is taken back, in no order. Cost: linear."""
    return [m for pattern in (TAKE_BACK, GONE, _OUT_OF_HAND, _DOING, _NO_LONGER, _LOST) for m in pattern.finditer(low)]


def take_back(turn: Turn, m: re.Match[str]) -> None:
    """End what was stated last, or what a match names: "the Cardiff bit", "that number"."""
    named = m.groupdict()
    noun, what = named.get("noun") or named.get("used") or named.get("kept"), named.get("what")
    if m.re is _NO_LONGER:
        _no_longer(turn, m["who"], (m["since"] or m["denied"] or "").split())
    elif noun:
        for statement in turn.latest():
            if statement.relation == _NOUNS[noun]:
                turn.state(*statement[:3], retracted=True)
    elif named.get("doing"):
        for statement in turn.latest():
            if statement.relation == "job" and statement.object.lower().rpartition(" ")[2].startswith(named["doing"]):
                turn.state(*statement[:3], retracted=True)
    elif what:
        for statement in turn.latest():
            if what in statement.object.lower().split():
                turn.state(*statement[:3], retracted=True)
    elif named.get("all") or named.get("done"):
        for statement in turn.latest():
            turn.state(*statement[:3], retracted=True)
    else:
        turn.retract_last()


def _no_longer(turn: Turn, who: str | None, words: list[str]) -> None:
    """End what is said to hold no longer: the value among some words, else the last one if they name nothing else."""
    held = [s for s in turn.latest() if s.relation != "has"]
    if who in ("i", "we"):
        held = [s for s in held if s.subject == turn.speaker]
    elif who in ("he", "she", "they"):
        held = [s for s in held if s.subject != turn.speaker]
    gone = [s for s in held if not set(s.object.lower().split()).isdisjoint(words)]
    if not gone and _PRO.issuperset(words):
        gone = [s for s in held if s.committed][:1]
    for statement in gone:
        turn.state(*statement[:3], retracted=True)
