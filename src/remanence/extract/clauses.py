"""Whether a clause states anything: not in a question, a condition, a wish, a plan, or in somebody else's mouth."""

from __future__ import annotations

import re

_WINDOW = 160  # characters before a clause that can still govern it

# Right before the subject: an inverted question, or a conjunction that makes the clause no statement.
_GOVERNED = re.compile(
    r"\b(?:if|whether|unless|maybe|perhaps|(?:is|was) it (?:true|possible|likely) that|"
    r"do|does|did|am|are|was|were|has|had|can|could|should|would|will|shall|may|might|"
    r"what|where|which|how|why|who|whose|once|until|till|lest|when|whenever|after|before|"
    r"(?:as|what|even|only|wondering) if|as though|(?:is|feels?|seems?|sounds?|looks?|felt|was) like|than|"
    r"(?:is|was)(?<!thing is)(?<!fact is)(?<!truth is)(?<!know is)(?<!is is)(?<!problem is)(?<!point is)(?<!say is)"
    r"(?<!trouble is)(?<!point is)(?<!matter is)(?<!reason is)|have)"
    r"(?: (?:like|just|even|still|maybe|actually|really))*\s*$"
)
# Anywhere before it in the sentence: what follows is imagined.
_IMAGINED = re.compile(
    r"\b(?:imagin(?:e|ing)|suppos(?:e|ing)|pretend(?:ing)?|wish(?:es|ed|ing)?|if only|what if|let us say|"
    r"in (?:another|a past|a previous|my next|my past|an alternate|a parallel) (?:life|lives|universe|world)|"
    r"hypothetically|in my dreams?|dream(?:t|ed|s)?|as if|as though|role ?play|picture this|"
    r"never (?:said|claimed|told \w+)|in an ideal world|in (?:my|this|the) (?:story|novel|game|dream|film|movie)|"
    r"hopefully|let me be|act like|fictional|movie where|film where|"
    r"(?:is|feels?|seems?) like(?= i | my | we )|doubt|no way|not that|by the time|as soon as|assuming|provided)\b"
)
_SAY = re.compile(r"(?:^|[,.!?] |\b(?:so|ok|and|like|well|let us|just) )say $")  # "say I went vegan, what would …"
_UNIMAGINED = re.compile(
    r"(?:[,;]? \b(?:but|anyway|anyways|except|meanwhile|though)\b|\bnot going to pretend\b|\bpretend not)"
)
_CONDITION = re.compile(r"\b(?:if|unless|whether|when i was|once|until|in case)\b[^,;:]*$")
_STILL_GOVERNED = re.compile(r"\b(?:and|or|then)\s*$")
_RELATIVE = re.compile(  # "the place I work for"
    r"\b(?:place|company|people|town|city|house|apartment|school|team|firm|store|guy|hospital|one)(?: that| which)?\s*$"
)
# In somebody else's mouth.
_REPORTED = re.compile(
    r"(?P<agent>[\w']+) (?:(?:have|has|had|just|always|also|once|still|never|even|then|keeps?|kept|both|all|only|"
    r"was|were|is|are|recently|literally|currently|wrongly) )*"
    r"(?P<verb>said|says|saying|say|told|tells|telling|thinks|thought|think|thinking|assumes?|assumed|assuming|guess|"
    r"guessed|guesses|asks?|asked|asking|reckons?|reckoned|claims?|claimed|insists?|insisted|swears?|swore|believes?|"
    r"believed|heard|suggests?|suggested|convinced|joked|jokes|teased|teases|calls me|like|goes|go|went|wonders?|"
    r"wondered|announced|writes?|wrote|decided|figured|pretends?|pretended|lied|accused|texted|shouted|yelled|mistook|"
    r"replied|states?|stated|presumes?|presumed|expected|expects|implied|implies)\b"
    r"(?! (?:to (?:the|a|my|work|school|bed)|on|in|for|back|home|hi|hello|out|with|through|by|off|it or not))"
)
_OWN = frozenset("test tests results scan i we to should must can could let me may might 'll will gotta ll".split())
_LIKE_VERBS = frozenset("like goes go went".split())
_ASKING = re.compile(
    r"(?:^|[,;:.] ?|\b(?:so|and|but|wait|ok|okay|hey|right|anyway|lol|well|please|also) )"
    r"(?:what|where|which|who|how|why|when|is|are|am|do|does|did|can|could|should|would|will|have|has|was|were|may|any)\b"
    r"(?! (?:i am|i live|i work|my)\b)"
)
_FUTURE = re.compile(
    r"(?:next (?:week|month|year|summer|spring|autumn|fall|winter|term|semester|january|february|march|april|may|"
    r"june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday)|tomorrow|soon|"
    r"one day|some day|someday|in the future|in (?:a|two|three|\d+) (?:weeks?|months?|years?|days?)|"
    r"from (?:monday|next)|if (?:all|everything|they|i|the))\b"
)
_PAST = re.compile(r"\b(?:back when|when i was|back then|in those days|as a (?:kid|child|teenager|student))\b")


def doubted(low: str, sentence: int, start: int) -> bool:
    """Return whether what comes before a clause makes it no statement.

    `sentence` and `start` are where its sentence and its subject start. Cost: bounded, by a window before the subject.
    """
    before = low[max(sentence, start - _WINDOW) : start]
    if not before:
        return False
    if _GOVERNED.search(before[-40:]):
        return True
    if _SAY.search(before):
        return True
    if _RELATIVE.search(before[-30:]):
        return True
    imagined = max(_IMAGINED.finditer(before), key=lambda m: m.start(), default=None)
    if imagined and not _UNIMAGINED.search(before, imagined.end()):
        return True
    condition = _CONDITION.search(before)
    if condition and _STILL_GOVERNED.search(before):
        return True
    return _in_reported_speech(before)


def _in_reported_speech(before: str) -> bool:
    for m in _REPORTED.finditer(before):
        if m["agent"] in _OWN or (m["verb"] == "like" and " was " not in m[0] and " is " not in m[0]):
            continue
        if m["verb"] in _LIKE_VERBS and m["verb"] != "like" and not re.match(r",| ", before[m.end() :]):
            continue
        direct = m["agent"] in ("he", "she", "they") and not before[m.end() :].strip()
        if m["verb"] in ("go", "went", "goes") and not (direct or before.startswith(",", m.end())):
            continue
        after = before[m.end() :]
        if not re.search(r"\b(?:but|anyway|anyways|so)\b|[,;] and (?=$)", after):
            return True
    return False


def asked(low: str, sentence: int, end: int, start: int, stop: int) -> bool:
    """Return whether a clause low[start:stop] of a sentence ending at `end` is asked rather than stated.

    In a sentence with a question mark it is, unless the question is elsewhere: "I'm vegan, what can I cook?"
    """
    if not low.startswith("?", end) and "?" not in low[stop : stop + 1]:
        return False
    after = low[stop:end]
    before = low[sentence:start]
    if re.search(r"\b(?:right|yeah|ok|got it|you know)\s*$", after) and not _ASKING.search(before):
        return re.search(r"\bright\s*$", after) is not None
    if _ASKING.search(after):
        return False
    question = _ASKING.search(before)
    return not (question and re.search(r"[,;:-]|\b(?:because|since|given|cause|as)\s*$", before[question.end() - 1 :]))


def planned(low: str, end: int) -> bool:
    """Return whether what follows a value puts it into the future ("… next year")."""
    return bool(_FUTURE.match(low, end + 1))
