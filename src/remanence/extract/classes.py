"""Values of closed classes: looked up in `words/` whole ("divorced"), or by their last word ("paediatric NURSE")."""

from __future__ import annotations

import re
from collections.abc import Callable

from remanence.extract import numbers
from remanence.extract.phrases import Value, closes, following, headed, joint, phrase, value
from remanence.extract.wording import Said
from remanence.extract.words import forms, table

Reader = Callable[[Said, int, int], list[Value]]  # of a text, from a position, on a day in ns; [] where it is none
Item = Callable[[Said, int], Value | None]

_ALSO_AFTER = frozenset("diet food and or these straight happily people".split())
_UP_TO_FOUR = re.compile(
    r"(?:(?:a|an|strict|strictly|lifelong|proper|happily|full|the|any) )*([a-z][\w'-]*(?: [\w'-]+){0,3})"
)


def looked_up(file: str) -> Reader:
    def reader(said: Said, pos: int, _at_ns: int) -> list[Value]:
        m = _UP_TO_FOUR.match(said.low, pos)
        words = m[1] if m else ""
        while words and m:
            meant = table(file).get(words)
            if meant:
                end = m.start(1) + len(words)
                after = following(said, end)
                if said.low.startswith((" to my ", " to the job"), end):  # "married to my job"
                    return []
                known = after in forms("stop") or after in _ALSO_AFTER or numbers.number(after) is not None
                return [Value(meant, end)] if not after or known else []
            words = words.rpartition(" ")[0]
        return []

    return reader


def listed(item: Item) -> Reader:
    """Read "x", "x and y", "x, y and z" while `item` finds one."""

    def reader(said: Said, pos: int, _at_ns: int) -> list[Value]:
        found: list[Value] = []
        start: int | None = pos
        while start is not None and len(found) < 8:
            particular = bool(found) and said.low.startswith(("the ", "my ", "our "), start)
            next_ = None if particular else item(said, start)
            if next_ is None or (found and not closes(said, next_.end)):
                break
            found.append(next_)
            start = joint(said, next_.end)
        return found

    return reader


def one(item: Item) -> Reader:
    """Read one item."""

    def reader(said: Said, pos: int, _at_ns: int) -> list[Value]:
        found = item(said, pos)
        return [found] if found else []

    return reader


def headed_by(file: str, most: int, hedges: str, endings: str = "") -> Item:
    """Read a phrase by its last word.

    Args:
        file: the words in `words/`.
        most: words it has.
        hedges: what may stand before it and is not kept.
        endings: of words that need not be in the file.
    """
    skip = re.compile(rf"(?:(?:{hedges}) )*")
    pattern = re.compile(rf"\w(?:{endings})$") if endings else None

    def item(said: Said, pos: int) -> Value | None:
        skipped = skip.match(said.low, pos)
        spans = phrase(said, skipped.end() if skipped else pos, most)
        found = headed(said, spans, forms(file), pattern)
        passing = found and following(said, found[-1][1]) == "about"  # "anxiety about the exam"
        if not found or passing:
            return None
        read = value(said, found)
        return read._replace(object=numbers.in_digits(read.object))

    return item


_ILLNESS_ENDINGS = "itis|osis|emia|aemia|algia|pathy|plegia|phobia"
illness = headed_by(
    "illnesses",
    4,
    "a|an|the|my|some|mild|severe|chronic|bad|terrible|awful|horrible|really|pretty|slight|quite|case of|history of|"
    "form of|diagnosed|called|also",
    _ILLNESS_ENDINGS,
)
breed = headed_by("breeds", 4, "a|an|the|our|my|rescue|pedigree|purebred|cute|lovely|tiny|huge|grumpy|little|old|young")
language = headed_by(
    "languages",
    2,
    "a|an|the|some|bit|little|lot|of|fluent|fluently|good|decent|basic|broken|conversational|native|very|pretty|both|"
    "perfect|mostly|also|only|enough|ok|okay",
)
field = headed_by(
    "fields",
    3,
    "full time|part time",
    "ology|ography|onomy|istry|nomics|matics|istics|sophy|tecture|culture|netics|ronics",
)
_MEDICINE_ENDINGS = (
    "pril|olol|statin|formin|prazole|dipine|sartan|oxetine|alopram|cillin|mycin|cycline|zepam|zolam|thiazide|semide|"
    "thyroxine|profen|tadine|tirizine|trexate|gliptin|gliflozin|glutide|xaban|triptan|codone|zapine|tiapine|nitrate|"
    "faxine|triptyline|cortisone|solone|proxen|fenac|lukast|tropium|traline|limumab|ximab"
)
REMEDY_OR_ILLNESS = re.compile(rf"\w(?:{_MEDICINE_ENDINGS}|{_ILLNESS_ENDINGS})$")  # which no list has
_medicine = headed_by(
    "medicines",
    3,
    rf"an?|my|some|the|daily|low|high|small|of|dose|tablets?|pills?|medication|for|it|called|{numbers.NUMBER}|"
    r"\d+(?:\.\d+)? ?(?:mg|mcg|ml|g)|mg|milligrams?|micrograms?|units?|puffs?",
    _MEDICINE_ENDINGS,
)
_SCHEDULE = re.compile(
    r"(?: (?:at night|at bedtime|in the (?:morning|evening|mornings|evenings)|every (?:morning|day|night|evening)|"
    r"daily|twice a day|once a day|(?:with|at|before|after) (?:breakfast|dinner|lunch|food|bed)|(?:now|currently))\b)+"
)


_CALLED = re.compile(r"(?:[a-z]+ ){1,4}called ")  # "a blood thinner called apixaban"


def medicine(said: Said, pos: int) -> Value | None:
    """Read a medicine, past the times it is taken at, so that a list of them goes on."""
    called = _CALLED.match(said.low, pos)
    found = (_medicine(said, called.end()) if called else None) or _medicine(said, pos)
    schedule = _SCHEDULE.match(said.low, found.end) if found else None
    return found._replace(end=schedule.end()) if found and schedule else found
