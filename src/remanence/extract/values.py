# ruff: noqa: E501 — a list of words or a pattern reads best on one line
"""Objects as they are stored: what a rule finds after its words, read as a value of one kind, or refused.

Closed kinds (a language, an illness, a diet) are looked up; open ones (a place, an employer) are noun phrases that are
none of the things people jokingly live in, work at or are allergic to.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from remanence.core.text import WEEKDAYS
from remanence.extract import addresses, dates, lexicon, numbers
from remanence.extract.phrases import STOP, Value, closes, joint, phrase
from remanence.extract.wording import Said

Kind = Literal[
    "name",
    "date",
    "age",
    "place",
    "job",
    "role",
    "organisation",
    "school",
    "field",
    "marital",
    "diet",
    "phone",
    "email",
    "breed",
    "car",
    "model",
    "favorite",
    "allergen",
    "allergy",
    "medicine",
    "drug",
    "illness",
    "ailing",
    "language",
    "thing",
    "belonging",
    "nothing",
]
Reader = Callable[[Said, int, int], list[Value]]  # of a text, from a position, on a day in ns; empty where it is none

_HEDGES = re.compile(
    r"(?:[ ,:]*\b(?:really|actually|just|also|definitely|probably|now|currently|officially|basically|called|is|about|"
    r"around|roughly|almost|nearly|only|still|obviously|totally|pretty|mostly|mainly|strictly|fully|completely|very|"
    r"both|super|badly|severely|deathly|proper|like|to be|has to be|would be|got to be|an? bit of|some|a little)\b(?= ))*"
    r"[ ,:]*"
)


def read(kind: Kind, said: Said, pos: int, at_ns: int) -> list[Value]:
    """Return the values of a kind at `pos`, several where they are listed; empty where there is none."""
    skipped = _HEDGES.match(said.low, pos)
    return _READERS[kind](said, skipped.end() if skipped else pos, at_ns)


# --- people -----------------------------------------------------------------------------------------

_NO_NAMES = frozenset(
    """
    crazy mad weird silly old fashioned back later maybe whatever when whenever if a an at on in the by for lazy stupid
    picky paranoid cynical biased dumb sad boring spoiled ungrateful name names called not important ambiguous
    pronounced spelled spelt hard easy common unusual short wrong changed changing mud the on different actually
    another asap tonight tomorrow sentimental dramatic romantic cheap tired hungry naive pedantic greedy nuts bonkers
    """.split()
)


def _name(said: Said, pos: int, _at_ns: int) -> list[Value]:
    if said.low.startswith(("a ", "an ", "the ", "my ", "our "), pos):
        return []
    found = phrase(said, pos, 3, proper=True)
    if found is None:
        return []
    words = found.object.lower().split()
    if words[0] in _NO_NAMES or not found.object[0].isalpha() or words[0].endswith("n't"):
        return []
    if not found.object[0].isupper() and len(words) == 3:
        return [Value(" ".join(found.object.split()[:2]), found.end)]
    return [found]


_OLD = re.compile(
    rf"(?P<n>{numbers.NUMBER})(?P<years>[ -]?(?:years?[ -]old|years? of age|yo|y/o|years young)\b)?"
    r"(?P<half> and a (?:half|bit))?(?P<years2> years? old)?(?P<rest>[ ,]*[^ ,]*(?: \w+)?)"
)
_AFTER_AGE = frozenset(
    """
    and but so because lol btw now today yesterday still already too actually though which who i you we he she my
    this last anyway for yes haha or if the also mate just believe not apparently almost nearly on that with when
    where it what how is can could please sorry no oh year years old going living
    """.split()
)
_NOT_AFTER_AGE = re.compile(
    r"^[ ,]*(?:next|in|tomorrow|on (?:\w+day|the)|if (?:you|i)|this (?:coming|summer|\w+day))\b"
)


def _age(said: Said, pos: int, _at_ns: int) -> list[Value]:
    m = _OLD.match(said.low, pos)
    if m is None:
        return []
    value = numbers.number(m["n"])
    rest = m["rest"]
    if value is None or not 0 < value <= 120 or _NOT_AFTER_AGE.search(rest):
        return []
    if not (m["years"] or m["years2"] or m["half"]):
        following = rest.strip()
        if rest[:1].isalnum() or rest[:1] in ("%", "-", ":", "/", "'"):
            return []
        word = following.lstrip(",").split()[:1]
        unpunctuated = rest[:1] == " " and word and re.sub(r"\W.*", "", word[0])
        if unpunctuated and unpunctuated not in _AFTER_AGE:
            return []
    return [Value(str(value), m.start("rest"))]


_ARTICLES = re.compile(r"(?:(?:a|an|the|my|our) )*(?:(?:little|small|tiny|big|lovely|beautiful|bit of a) )*")


def _looked_up(table: dict[str, str]) -> Reader:
    longest = "|".join(re.escape(form) for form in sorted(table, key=len, reverse=True))
    known = re.compile(rf"(?:an? (?:strict |lifelong |proper |very )?)?(?P<form>{longest})s?\b(?!-|ly)")
    whole = re.compile(rf"(?P<form>{longest})\b")

    def reader(said: Said, pos: int, _at_ns: int) -> list[Value]:
        m = whole.match(said.low, pos) or known.match(said.low, pos)
        return [Value(table[m["form"]], m.end())] if m else []

    return reader


# --- where ------------------------------------------------------------------------------------------

_NO_PLACE = frozenset(
    """
    fear hope denial poverty peace style sin chaos limbo squalor harmony pyjamas pajamas trainers jeans hotels boxes
    college bed work school home love hell heaven debt luxury constant total complete different between rent student
    shared halls sheltered temporary here there town person general particular fact terms one two three same very
    me you us them another something together sixth week weeks day days friday monday tuesday wednesday thursday
    saturday sunday real seventh separate uni university next it flat flats apartment house houses accommodation
    technology product marketing sales finance hr
    """.split()
)
_THE_PLACE = re.compile(
    r"the (?:uk|us|usa|u\.s|united|states|netherlands|philippines|bahamas|czech|north|south|east|west|midlands|lake|peak|"
    r"highlands|bronx|bay|isle|gambia|maldives|dominican|cotswolds|hague|black country|wirral|dordogne|algarve|outer|"
    r"scottish|hebrides|caribbean|emirates|uae|ivory|republic|ukraine|congo|seychelles|city of|lakes|dales|borders)\b"
)
_CALLED = re.compile(
    r"an? (?:\w+ ){0,3}?(?:town|village|city|place|suburb|hamlet|island|area)(?: \w+){0,3}? (?:called|named) "
)


def _place(said: Said, pos: int, at_ns: int) -> list[Value]:
    called = _CALLED.match(said.low, pos)
    if called:
        pos = called.end()
    elif said.low.startswith(("a ", "an ", "my ", "our ", "your ", "his ", "her ", "this ", "that ", "some "), pos) or (
        said.low.startswith("the ", pos)
        and not (_THE_PLACE.match(said.low, pos) or said.text[pos + 4 : pos + 5].isupper())
    ):
        return []
    found = phrase(said, pos, 3, proper=True)
    if dates.find(said.low, pos, at_ns):
        return []
    if found is None or found.object.lower().split()[0] in _NO_PLACE or found.object[0].isdigit():
        return []
    return [found]


_NO_ORGANISATION = frozenset(
    """
    home night nights weekends weekend days day minute moment least all first speed desk it this that once everything
    myself someone somebody them free peanuts money tips hours full best charity half double times same height
    something being becoming getting my breakneck different clients pace people us me you various several lots
    other nine eight seven six ten
    """.split()
)


def _organisation(said: Said, pos: int, _at_ns: int) -> list[Value]:
    if said.low.startswith(("my ", "his ", "her ", "your ", "this ", "that ", "their "), pos):
        return []
    found = phrase(said, pos, 4, proper=True)
    if found is None or found.object.lower().split()[0] in _NO_ORGANISATION or found.object[0].isdigit():
        return []
    if numbers.number(found.object.lower().split()[0]) is not None:
        return []
    return [found]


_NO_SCHOOL = frozenset(
    """
    bed sleep work gym church mosque temple mass school college uni university yoga pilates therapy bingo town pub
    shops hospital court jail prison hell heaven sea extremes pieces great places parties gigs concerts festivals
    raves events meetings physio rehab counselling karate judo ballet football swimming rugby netball cricket dance
    zumba boxing crossfit daycare counseling class classes practice choir night evening lectures bars clubs museums
    everything any lots too see visit watch eat drink buy bathroom toilet loo home it seed pot waste ground doctor
    dentist doctors dentists someone both one two three different
    """.split()
)
_HABIT = re.compile(
    r"\s*(?:every|on (?:\w+days?|the weekend)|for (?:lunch|a |my|the|dinner|breakfast|drinks)|once|twice|with|when|"
    r"after|before|all the time|a lot|most|sometimes|often|in (?:summer|winter|the summer|the winter))\b"
)


def _school(said: Said, pos: int, _at_ns: int) -> list[Value]:
    low = said.low
    found = phrase(said, pos, 4, proper=True)
    if found is None or low.startswith(("my ", "his ", "her ", "your "), pos):
        return []
    lower = found.object.lower()
    proper = found.object[0].isupper()
    institution = lower.split()[0] in ("university", "college", "school", "uni")
    if lower.split()[0] in _NO_SCHOOL and not (" " in lower and (proper or institution)):
        return []
    if lexicon.SCHOOL_WORD.search(lower):
        if low.startswith(("a ", "an ", "some "), pos) or lower in ("high", "high school", "primary", "primary school"):
            return []
        return [found]
    if low.startswith(("a ", "an ", "the ", "some ", "our ", "this "), pos) or _HABIT.match(low, found.end):
        return []
    return [found]


_NO_FIELD = frozenset(
    """
    hard abroad all tonight today late at every together alone from online harder more less too full part like my the
    your his her this these our other people something stuff it ways how whether what results plans maps art-less
    birds exam exams finals test tests notes menu best night day really well better mostly right
    """.split()
)


def _field(said: Said, pos: int, _at_ns: int) -> list[Value]:
    if said.low.startswith(("my ", "the ", "your ", "this ", "for ", "a ", "an ", "his ", "her "), pos):
        return []
    found = phrase(said, pos, 4)
    if found is None or found.object.lower().split()[0] in _NO_FIELD or found.object[0].isdigit():
        return []
    trimmed = re.sub(
        r"\s(?:full|part)[ -]?time.*$|\s(?:degree|online|together|remotely|major|student)$", "", found.object
    )
    return [Value(trimmed, found.end)]


# --- work -------------------------------------------------------------------------------------------

_JOB_HEDGE = re.compile(
    r"(?:an? |the |my )?(?:(?:newly qualified|fully qualified|qualified|full[- ]time|part[- ]time|professional|proud|mere|"
    r"humble|registered|certified|trained|practising|practicing|simple|lowly|just|local|bit of an?) )*"
)


def _role(said: Said, pos: int, _at_ns: int) -> list[Value]:
    """Read what somebody works as: any noun phrase."""
    hedge = _JOB_HEDGE.match(said.low, pos)
    found = phrase(said, hedge.end() if hedge else pos, 5)
    if found is None or found.object[0].isdigit():
        return []
    return [found]


def _job(said: Said, pos: int, at_ns: int) -> list[Value]:
    """Read what "I'm a …" says somebody is, if that is an occupation."""
    if not said.low.startswith(("a ", "an ", "the "), pos) and not _BARE_JOB.match(said.low, pos):
        return []
    for found in _role(said, pos, at_ns):
        words = found.object.split()
        for length in range(len(words), 0, -1):
            if lexicon.is_job(" ".join(words[:length]).lower()):
                if length < len(words) and not said.text.isascii():
                    continue
                at = said.text.find(words[length - 1], found.end - len(" ".join(words[length - 1 :])) - 2)
                end = at + len(words[length - 1]) if at >= 0 else found.end
                after = said.low[end : end + 8].strip()
                if after.startswith(("than ", "at heart", "in anot")):
                    return []
                return [Value(" ".join(words[:length]), end)]
    return []


_BARE_JOB = re.compile(r"(?:head|chief|senior|lead|managing|general|deputy|vice|ceo|cto|principal)\b")

# --- numbers and addresses --------------------------------------------------------------------------


def _date(said: Said, pos: int, at_ns: int) -> list[Value]:
    found = dates.find(said.low, pos, at_ns)
    return [Value(*found)] if found else []


def _phone(said: Said, pos: int, _at_ns: int) -> list[Value]:
    found = numbers.digits(said.low, pos, 24)
    return [Value(*found)] if found else []


def _email(said: Said, pos: int, _at_ns: int) -> list[Value]:
    found = addresses.find(said.low, pos, 24)
    return [Value(found[0], found[2])] if found else []


# --- animals, cars, things --------------------------------------------------------------------------

_BREED_HEDGE = re.compile(
    r"(?:(?:a|an|the|our|my|two|three|\d) )*(?:(?:rescue|pedigree|purebred|full|half|part|pure|grumpy|fat|lazy|sleepy|energetic|stubborn|naughty|hyper|cute|lovely|tiny|huge|big|"
    r"little|old|young|new|gorgeous|beautiful|crazy|elderly|year old|\w+-year-old|very \w+) )*"
)


def _breed(said: Said, pos: int, _at_ns: int) -> list[Value]:
    hedge = _BREED_HEDGE.match(said.low, pos)
    found = phrase(said, hedge.end() if hedge else pos, 4)
    if found is None:
        return []
    words = found.object.split()
    for length in range(len(words), 0, -1):
        if lexicon.is_breed(" ".join(words[:length]).lower()):
            kept = " ".join(words[:length])
            return [Value(kept, found.end)]
    return []


_NO_CAR = frozenset(
    """
    hard bargain bus taxi cab truck lorry tram train minicab tractor forklift long lot few bit ambulance wedge stake
    way wrong people them him her everyone past home automatic manual stick everywhere myself
    """.split()
)


def _car(said: Said, pos: int, _at_ns: int) -> list[Value]:
    """Read what somebody drives: what has an article, or is a make."""
    found = phrase(said, pos, 5)
    if found is None or not found.object:
        return []
    words = [word.lower() for word in found.object.split()]
    if _NO_CAR.intersection(words) or (len(words) == 1 and words[0] in ("to", "miles")):
        return []
    bare = not said.low.startswith(("a ", "an "), pos)
    if bare and not lexicon.is_car(found.object.lower()):
        return []
    return [found]


def _model(said: Said, pos: int, at_ns: int) -> list[Value]:
    """Read what somebody bought, if it is a car."""
    trimmed = re.compile(r"(?:brand new |new |second[- ]hand |used |secondhand )+")
    article = re.match(r"(?:(?:a|an|the|my|our|myself|ourselves|him|her|himself|herself) )*", said.low[pos:])
    start = pos + (article.end() if article else 0)
    new = trimmed.match(said.low, start)
    found = _car(said, new.end() if new else start, at_ns)
    return [value for value in found if lexicon.is_car(value.object.lower())]


def _favorite(said: Said, pos: int, _at_ns: int) -> list[Value]:
    found = phrase(said, pos, 5)
    if found is None:
        return []
    return [found]


# --- health and language ----------------------------------------------------------------------------

_NO_ALLERGEN = (
    frozenset(
        """
    work exercise effort mornings morning bullshit nonsense fun stupidity stupid housework cleaning commitment failure
    responsibility people drama small hard love money anything everything something nothing it that them this him her
    you being getting losing cardio sarcasm authority meetings maths math school life change homework
    """.split()
    )
    | {f"{day}s" for day in WEEKDAYS}
    | {*WEEKDAYS}
)


def _listed(each: Callable[[Said, int], Value | None], said: Said, pos: int) -> list[Value]:
    """Read "x", "x and y", "x, y and z" while `each` finds an item."""
    found: list[Value] = []
    start: int | None = pos
    while start is not None and len(found) < 8:
        value = each(said, start)
        if value is None or (found and not closes(said, value.end)):
            break
        found.append(value)
        start = joint(said, value.end)
    return found


def _allergen(said: Said, pos: int, _at_ns: int) -> list[Value]:
    def item(said: Said, pos: int) -> Value | None:
        found = phrase(said, pos, 3)
        if found is None or found.object.lower().split()[0] in _NO_ALLERGEN:
            return None
        return found

    return _listed(item, said, pos)


_ALLERGY = re.compile(
    r"(?:(?:an?|my|bad|severe|serious|nasty|mild|massive|terrible|really|life[- ]threatening|known|pretty|horrible) )*"
    r"(?P<what>(?!bad|food)[a-z]+(?: [a-z]+)?(?:(?:,| and| or|, and) (?:a |an )?[a-z]+(?: [a-z]+)?)?)(?: allerg(?:y|ies))\b"
)


def _allergy(said: Said, pos: int, _at_ns: int) -> list[Value]:
    """Read "a peanut allergy", "nut and egg allergies"."""
    m = _ALLERGY.match(said.low, pos)
    if m is None or STOP.intersection(m["what"].split()) - {"and", "or", "a", "an"}:
        return []
    kinds = re.split(r",? and |, | or ", said.text[m.start("what") : m.end("what")])
    return [Value(re.sub("^an? ", "", kind.removesuffix(" allergy")), m.end()) for kind in kinds]


def _language(said: Said, pos: int, _at_ns: int) -> list[Value]:
    def item(said: Said, pos: int) -> Value | None:
        m = _FLUENCY.match(said.low, pos)
        found = phrase(said, m.end() if m else pos, 2)
        if found is None:
            return None
        first, *rest = found.object.split()
        if (
            first.lower() in ("brazilian", "mandarin", "swiss", "mexican", "old", "ancient", "sign", "scottish")
            and rest
        ) and (rest[0].lower() in LANGUAGE_AFTER or rest[0].lower() in lexicon.LANGUAGES):
            return found
        if first.lower() in lexicon.LANGUAGES:
            return Value(first, found.end if not rest else found.end - len(rest[-1]) - 1)
        return None

    return _listed(item, said, pos)


LANGUAGE_AFTER = frozenset("german portuguese chinese spanish gaelic greek language".split())
_FLUENCY = re.compile(
    r"(?:(?:a|an|the|some|bit|little|lot|of|fluent|fluently|good|decent|basic|broken|conversational|native|very|pretty|"
    r"rusty|passable|enough|both|perfect|mostly|also|only|my|terrible|bad|ok|okay|both) )*"
)
_DOSE = re.compile(
    r"(?:(?:an?|my|some|the|daily|low|high|small|of|dose|tablets?|pills?|medication|meds|for|it|called|"
    rf"{numbers.NUMBER}|\d+(?:\.\d+)? ?(?:mg|mcg|ml|g)|mg|milligrams?|micrograms?|mils?|units?|puffs?|blood thinner) )*"
)
_SCHEDULE = re.compile(
    r"(?: (?:at night|at bedtime|in the (?:morning|evening|mornings|evenings)|every (?:morning|day|night|evening)|daily|"
    r"twice a day|once a day|(?:with|at|before|after) (?:breakfast|dinner|lunch|food|bed)|(?:now|currently))\b)+"
)
_NO_MEDICINE = frozenset(
    """
    notes naps photos pictures care part pride turns time breaks sugar milk walks showers baths trains buses cabs taxis
    risks orders classes lessons public credit offence offense ages forever medication medicine tablets pills drugs meds
    painkillers advantage action long exams things stuff work it one two them drugs the bus selfies comfort issue
    holiday vacation leave break call calls off diet track fire edge board time top hold shift duty call mute speaker
    """.split()
)
_COURSE = re.compile(
    r"\s*(?:,\s*)?(?:every|twice|once|daily|each|at night|at bedtime|in the (?:morning|evening)|for my|for (?:an?|the) "
    r"(?:anxiety|depression|pain)|three times|\d+ times|with breakfast|before bed|a day)\b"
)


def _medicine(said: Said, pos: int, _at_ns: int) -> list[Value]:
    """Read what somebody takes: a medicine by its name, or what is taken to a schedule."""
    return _listed(lambda said, pos: _dose(said, pos, known=True), said, pos)


def _drug(said: Said, pos: int, _at_ns: int) -> list[Value]:
    """Read what a doctor prescribed: any name."""
    return _listed(lambda said, pos: _dose(said, pos, known=False), said, pos)


def _dose(said: Said, pos: int, *, known: bool) -> Value | None:
    dose = _DOSE.match(said.low, pos)
    start = dose.end() if dose else pos
    pill = re.match(r"the pill\b", said.low[pos : pos + 9])
    if pill:
        return Value("the pill", pos + pill.end())
    found = phrase(said, start, 3)
    if found is None:
        return None
    words = found.object.split()
    lower = found.object.lower()
    if words[0].lower() in _NO_MEDICINE:
        return None
    vitamin = re.match(r"(?:vitamins? [a-k]\d*|omega 3|folic acid)\b", lower)
    if vitamin:
        end = said.low.find(vitamin[0], start) + vitamin.end()
    elif lexicon.is_medicine(lower):
        end = found.end
    elif len(words) > 1 and lexicon.is_medicine(words[0].lower()):
        end = found.end - len(found.object) + len(words[0])
        found = Value(words[0], end)
    elif len(words) == 1 and (
        not known or (_COURSE.match(said.low, found.end) and start - pos != 4 and not lower.endswith("s"))
    ):
        end = found.end
    else:
        return None
    schedule = _SCHEDULE.match(said.low, end)
    return Value(found.object[: vitamin.end()] if vitamin else found.object, schedule.end() if schedule else end)


_SEVERITY = re.compile(
    r"(?:(?:a|an|the|my|some|mild|severe|chronic|bad|terrible|awful|horrible|really|pretty|slight|little|bit|of|quite|"
    r"this|case|history|form|touch|diagnosed|late|early|onset|stage|called|also) )*"
)


def _illness(said: Said, pos: int, _at_ns: int) -> list[Value]:
    def item(said: Said, pos: int) -> Value | None:
        severity = _SEVERITY.match(said.low, pos)
        found = phrase(said, severity.end() if severity else pos, 4)
        if found is None:
            return None
        words = found.object.split()
        for length in range(len(words), 0, -1):
            if lexicon.is_illness(" ".join(words[:length]).lower()):
                kept = " ".join(words[:length])
                return Value(kept, found.end - len(found.object) + len(kept))
        return None

    return _listed(item, said, pos)


# --- likes and possessions --------------------------------------------------------------------------

_NO_THING = frozenset(
    """
    you him it that this them to when how what if being it's everything nothing something one me us her there sound
    idea look anything your more most better
    """.split()
)
_THING_KEEP = frozenset("in on at to with the for of a my about up out from".split())


def _thing(said: Said, pos: int, _at_ns: int) -> list[Value]:
    def item(said: Said, pos: int) -> Value | None:
        found = phrase(said, pos, 2 if not _ING.match(said.low, pos) else 5, keep=_keep(said, pos))
        if found is None or found.object.lower().split()[0] in _NO_THING:
            return None
        words = found.object.split()
        while len(words) > 1 and words[-1].lower() in _THING_KEEP:
            words.pop()
        return Value(" ".join(words), found.end)

    return _listed(item, said, pos)


def _keep(said: Said, pos: int) -> frozenset[str]:
    return _THING_KEEP | {"it"} if _ING.match(said.low, pos) else frozenset()


_ING = re.compile(r"\w+ing\b")
_COUNTED = re.compile(
    rf"(?:(?P<article>a|an|another|this|one)|(?P<count>{numbers.NUMBER}|a couple of|a pair of)) (?P<pair>couple of )?"
)
_OWNED_HEDGE = re.compile(
    r"(?:(?:very|really|little|lovely|big|small|new|old|smug|cute|beautiful|gorgeous|whole|few|tiny|huge|elderly|rescue|"
    r"great|amazing|crazy|fat|grumpy|pet) )*"
)
_NO_BELONGING = frozenset(
    """
    question questions meeting cold headache problem idea feeling lot few bit couple look minute second time day week
    month appointment interview point plan chance good bad great go word hunch clue fever flu cough exam test deadline
    date call job degree allergy right way thing things reason reasons habit weakness soft theory favour favor request
    party wedding dinner drink sip break rest nap shower bath bone flight train baby-less hangover crush dream nightmare
    long big-deal story stomach sore busy hard weird rough tough quick late early half busy quiet favorite free total
    year years hours hour days minutes weeks months kilometres miles percent pounds dollars lesson
    """.split()
)


def _belonging(said: Said, pos: int, _at_ns: int) -> list[Value]:
    def item(said: Said, pos: int) -> Value | None:
        back = re.search(r"\b(?:an?|another|one) (?:very |really )?$", said.low[max(0, pos - 16) : pos])
        start = pos - (len(back[0]) if back else 0)
        counted = _COUNTED.match(said.low, start)
        if counted is None:
            return None
        hedge = _OWNED_HEDGE.match(said.low, counted.end())
        found = phrase(said, hedge.end() if hedge else counted.end(), 3)
        if found is None or _NO_BELONGING.intersection(found.object.lower().split()):
            return None
        if lexicon.is_illness(found.object.lower()) or lexicon.is_job(found.object.lower()):
            return None
        words = found.object
        if counted["count"]:
            count = 2 if counted["count"].startswith("a ") else numbers.number(counted["count"])
            words = f"{count} {words}" if count and count > 1 else words
        return Value(words, found.end)

    return _listed(item, said, pos)


def _nothing(_said: Said, pos: int, _at_ns: int) -> list[Value]:
    """Read nothing: for rules that end whatever was held."""
    return [Value("", pos)]


_READERS: dict[Kind, Reader] = {
    "name": _name,
    "date": _date,
    "age": _age,
    "place": _place,
    "job": _job,
    "role": _role,
    "organisation": _organisation,
    "school": _school,
    "field": _field,
    "marital": _looked_up(lexicon.MARITAL),
    "diet": _looked_up(lexicon.DIETS),
    "phone": _phone,
    "email": _email,
    "breed": _breed,
    "car": _car,
    "model": _model,
    "favorite": _favorite,
    "allergen": _allergen,
    "allergy": _allergy,
    "medicine": _medicine,
    "drug": _drug,
    "illness": _illness,
    "ailing": _looked_up(lexicon.ADJECTIVES_OF_ILLNESS),
    "language": _language,
    "thing": _thing,
    "belonging": _belonging,
    "nothing": _nothing,
}
