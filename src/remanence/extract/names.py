"""Values that are names: of people, places, employers and schools.

In a text with capitals a name has one, or is known; in a recogniser's text a rule's words must be evidence enough, and
only what people jokingly live in or work at is refused.
"""

from __future__ import annotations

import re

from remanence.extract import dates, numbers
from remanence.extract.phrases import JOINTS, Span, Value, following, headed, lows, phrase, value
from remanence.extract.wording import Said
from remanence.extract.words import forms, parts

NO_NAME = frozenset(
    """
    crazy mad weird silly old back later maybe whatever if a an at on in the by for lazy stupid picky paranoid dumb sad
    boring name names not important pronounced spelled spelt hard easy common unusual short wrong changed changing mud
    different another asap tonight tomorrow dramatic romantic cheap tired hungry naive greedy nuts when it this that
    also actually is was still just my your who what how so very something someone anything i you he she they
    """.split()
)
_NO_PLACE = frozenset(
    """
    fear hope denial poverty peace style sin chaos limbo squalor harmony pyjamas pajamas trainers jeans hotels boxes
    college bed work school home love hell heaven debt luxury constant total complete different between rent student
    shared halls sheltered temporary town person general particular fact terms one two three same very another
    together week weeks days uni university next flat flats apartment house houses technology product marketing sales
    finance church foster care tears europe's canals dorms barracks dog cat your public private high low rural urban
    video audio zoom teams things other time times line front control charge touch need trouble person
    """.split()
)
_NO_ORGANISATION = frozenset(
    """
    home night nights weekends weekend days day minute moment least all first speed desk once myself them free peanuts
    tips hours full best charity half double times height being becoming getting different clients pace people us me
    you various several lots other nine eight seven six ten breakneck money fun food cheap minimum yourself kids
    improving building making living change years months weeks two three four five
    """.split()
)
_IN_A_TOWN = re.compile(
    r"an? (?:\w+ ){0,3}?(?:town|village|city|place|suburb|hamlet|island|area)(?: \w+){0,3}? (?:called|named) "
)
_NOT_THE = re.compile(r"(?:a|an|my|our|your|his|her|their|this|that|these|those|some|any|no)\b")
_PAST_PLACE = frozenset(
    "back way right years permanently".split()
)  # what goes on after a place: "moved to Hull back in June"
_PART_OF_PLACE = frozenset("city county area itself proper state town village province region suburbs metro".split())


def _is_name(said: Said, spans: list[Span]) -> bool:
    """Return whether a phrase in a text with capitals is a name, and no more than that ("Boston territory")."""
    after = following(said, spans[-1][1])
    if not said.text[spans[0][0]].isupper() or said.text.startswith(("'s", "'"), spans[-1][1]):
        return False
    if said.low[spans[0][0] : spans[-1][1]].endswith("'s") and after and after not in forms("stop"):
        return False
    return not after or after in forms("stop") or after in _PART_OF_PLACE or after.isdigit() or after.endswith("ing")


def name(said: Said, pos: int, _at_ns: int) -> list[Value]:
    """Read a person's or pet's name."""
    spans = phrase(said, pos, 3, proper=True, joints=JOINTS - {"and"})
    if not spans or _NOT_THE.match(said.low, pos) or said.low.startswith("the ", pos):
        return []
    low = lows(said, spans)
    capital = said.text[spans[0][0]].isupper()
    if low[0] in NO_NAME or not low[0].removesuffix("'s").replace("-", "").isalpha() or (capital and len(low[0]) == 1):
        return []
    if not capital:
        known = 1 + (len(spans) > 1 and (not said.cased or low[0] in forms("first_names")))
        spans = spans[:known]
    found = value(said, spans)
    return [Value(found.object[:-2], found.end - 2) if found.object.endswith("'s") else found]


def nickname(said: Said, pos: int, at_ns: int) -> list[Value]:
    """Read a name after "call me", which needs a capital or to be one that many have."""
    found = name(said, pos, at_ns)
    known = found and (found[0].object[0].isupper() or found[0].object.lower() in forms("first_names"))
    return found if known else []


def place(said: Said, pos: int, at_ns: int) -> list[Value]:
    """Read where somebody lives or comes from."""
    called = _IN_A_TOWN.match(said.low, pos)
    pos = called.end() if called else pos
    spans = phrase(said, pos, 4, proper=True, joints=JOINTS - {"and"})
    if not spans or _NOT_THE.match(said.low, pos):
        return []
    ends = next((i for i, span in enumerate(spans) if said.low[slice(*span)] in _PAST_PLACE), len(spans))
    spans = spans[: max(ends, 1)]
    low = lows(said, spans)
    if (
        low[0] in _NO_PLACE
        or low[-1] in _LEARNING
        or not low[0][0].isalpha()
        or dates.find(said.low, spans[0][0], at_ns)
    ):
        return []
    known = headed(said, spans, forms("places"))
    if said.cased:
        bare = len(known) == len(spans) and not said.text.startswith("'", spans[-1][1])
        return [value(said, spans)] if _is_name(said, spans) or bare else []
    if known:
        return [value(said, spans if len(low) == 2 and low[1] not in _NO_PLACE_ENDS else known)]
    strange = low[-1] in _NO_PLACE_ENDS or low[-1].endswith(("ing", "s'", "'s")) or len(low) > 2
    return [] if strange or said.low.startswith("the ", pos) else [value(said, spans)]


_LEARNING = frozenset("school primary college academy university".split())
_NO_PLACE_ENDS = frozenset(
    """
    country territory times time world area areas region part parts neighborhood neighbourhood condo complex society era
    age land place places state weather family needless town trailer dorm house suburbs conditions
    """.split()
)


def organisation(said: Said, pos: int, _at_ns: int) -> list[Value]:
    """Read an employer: a name, or a hospital, bank or school without one."""
    if re.compile(r"(?:my|your|his|her|their|this|that|some|these|our)\b").match(said.low, pos):
        return []
    spans = phrase(said, pos, 4, proper=True)
    if not spans or not said.low[spans[0][0]].isalpha():
        return []
    low = lows(said, spans)
    if low[0] in _NO_ORGANISATION or numbers.number(low[0]) is not None:
        return []
    indefinite = said.low.startswith(("a ", "an "), pos)
    institution = headed(said, spans, forms("institutions"))
    if institution and (len(institution) == len(spans) or not said.cased):
        return [value(said, spans if following(said, institution[-1][1]) == "of" else institution)]
    if said.cased:
        return [value(said, spans)] if _is_name(said, spans) and not indefinite else []
    return [value(said, spans)] if not indefinite and not said.low.startswith("the ", pos) else []


_BARE_SCHOOL = frozenset("school high college university uni primary secondary nursery preschool state tech".split())


def school(said: Said, pos: int, _at_ns: int) -> list[Value]:
    """Read a school that is one by its words."""
    found = campus(said, pos, _at_ns)
    low = found[0].object.lower().split() if found else []
    if low[:1] in (["st"], ["saint"], ["our"]):
        return found if len(low) > 1 else []
    if not parts("schools").intersection(low) or (low[0] in _BARE_SCHOOL and low[1:2] != ["of"]):
        return []
    return found


def campus(said: Said, pos: int, _at_ns: int) -> list[Value]:
    """Read where somebody studies: any name."""
    spans = phrase(said, pos, 4, proper=True)
    if not spans or _NOT_THE.match(said.low, pos) or not said.low[spans[0][0]].isalpha():
        return []
    low = lows(said, spans)
    if low[0] in _NO_ORGANISATION or (len(low) == 1 and (low[0] in _BARE_SCHOOL or low[0] in _NO_PLACE)):
        return []
    known = bool(parts("schools").intersection(low))
    if said.cased and not known and not _is_name(said, spans):
        return []
    return [value(said, spans)]
