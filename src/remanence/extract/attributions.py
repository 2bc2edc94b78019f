"""What is said of an attribute: "my number is …", "teal is my favourite colour", "it's my birthday tomorrow"."""

from __future__ import annotations

import re

from remanence.extract import context, corrections, fixing, predicates, retractions, values
from remanence.extract.statements import relation
from remanence.extract.subjects import Mention
from remanence.extract.turn import Turn

_SOME = re.compile(r"\b(?:one|some|most|many|all|few|two|three|couple|among|either|any) (?:of )?$")
_TURNED = re.compile(
    r"(?:^|[,.!?;:] ?|\b(?:and|but|so|because|that|think|say|well|yes|no|lol) )"
    r"(?P<what>(?:the )?[\w'@.+&-]+(?: [\w'@.+&-]+){0,4}?)(?:'s|(?<!\bwa)(?<!\bthi)(?<!\bye)(?<!\bi)s| is| are)"
    r"(?P<not> not)?"
    r"(?: (?:definitely|still|probably|also|actually|by far))* $"
)
_DAY = re.compile(r"\b(?P<day>today|tomorrow|yesterday)(?:'s|s| is| was)? $")
_IT = re.compile(r"\b(?:it|that|this) is (?P<not>not |no longer )?$|^was $|\bit was $")
_IS_NEXT = re.compile(r"(?:'s| is|s) ")
_MUST = re.compile(r" (?:has to|have to|would have to|must|would|'s got to|has got to) be | falls (?=on |in )")
_NOW = re.compile(r"[\w' -]{2,40}? (?:now|these days|actually)\b")  # "it's Braga these days"
_WHICH = re.compile(r"[ ,]*(?:which|that) (?=is )")
_NOT_WHAT = frozenset("it that this what which who he she there here they these those one".split())
_WRITTEN = ("phone", "email")  # found among other words


def attribute(turn: Turn, mention: Mention, subject: str) -> None:
    """Read the value of an attribute after it, or before it; else remember it as the topic."""
    low, what = turn.said.low, mention.attribute
    if not subject or _SOME.search(low, max(0, mention.start - 12), mention.start):
        return
    if _before(turn, mention, subject):
        return
    if what != "name" and not what.startswith("favorite"):
        turn.topic, turn.pending = (subject, what), True
    must = _MUST.match(low, mention.end)
    which = _WHICH.match(low, mention.end)
    predicate = predicates.read(low, which.end() if which else must.end() if must else mention.end)
    if predicate is None:
        return
    start = predicate.pos
    if predicate.form != "be" and not must:
        later = low.find(" is ", mention.end, mention.end + 40)
        if what not in _WRITTEN or predicate.form != "do" or later < 0:
            return
        start = later + 4
    kind = relation(what).kind
    found = values.read("role" if kind == "job" else kind, turn.said, start, turn.at_ns)
    if not found and predicate.negated and what in _WRITTEN:
        turn.state(subject, what, "", retracted=True)
    if found and found[0].object.lower() not in what and turn.stands(mention.start, found[-1].end):
        for value in found:
            turn.state(subject, what, value.object, retracted=predicate.negated, after=value.end)


def _before(turn: Turn, mention: Mention, subject: str) -> bool:
    """Read the value that stands before its attribute; return whether the attribute is said of what is before it."""
    low, what = turn.said.low, mention.attribute
    if what != "birthday" and _IS_NEXT.match(low, mention.end):
        return False
    sentence, _ = turn.sentence(mention.start)
    offset = max(sentence, mention.start - 80)
    head = low[offset : mention.start]
    it, turned = _IT.search(head), _TURNED.search(head)
    if what == "birthday":
        return _birthday(turn, mention, subject, offset)
    if it and it["not"]:
        turn.state(subject, what, "", retracted=True)
    elif what in _WRITTEN and (it or turned):
        _value_before(turn, mention, subject, offset, mention.start)
    elif turned and turned["what"].split()[0] not in _NOT_WHAT:
        start, end = offset + turned.start("what"), offset + turned.end("what")
        _value_before(turn, mention, subject, start, end, denied=turned["not"] is not None)
    return bool(it or turned)


def _value_before(turn: Turn, mention: Mention, subject: str, start: int, end: int, *, denied: bool = False) -> None:
    what = mention.attribute
    for value in values.read(relation(what).kind, turn.said.until(end), start, turn.at_ns)[:1]:
        if (value.end == end or what in _WRITTEN) and turn.stands(start, mention.end):
            turn.state(subject, what, value.object, retracted=denied)


def _birthday(turn: Turn, mention: Mention, subject: str, offset: int) -> bool:
    """Read "today's my birthday", "it's my birthday tomorrow"."""
    head = turn.said.low[offset : mention.start]
    day, it = _DAY.search(head), _IT.search(head)
    if day is None and it is None:
        return False
    start = offset + day.start("day") if day else predicates.rest(turn.said.low, mention.end)
    for value in values.read("date", turn.said, start, turn.at_ns):
        if turn.stands(mention.start, value.end, asked_only=True):
            turn.state(subject, "birthday", value.object)
    return True


def it_is(turn: Turn, mention: Mention) -> None:
    """Read "it's VALUE" of a topic that was left without one, or in a turn that puts a value right."""
    low = turn.said.low
    if not (turn.pending or turn.statements or turn.carried.statements):
        return
    predicate = predicates.read(low, mention.end)
    if predicate is None or predicate.form != "be":
        return
    if predicate.negated:
        if retractions.NOT_ANY_MORE.match(low, predicate.pos) and turn.latest():
            turn.retract_last()
        return
    ended = turn.statements[-1] if turn.statements and turn.statements[-1].retracted else None
    last = ended or (turn.latest()[0] if (turn.fixing or _NOW.match(low, predicate.pos)) and turn.latest() else None)
    topic = turn.topic if turn.pending else last and (last.subject, last.relation)
    if topic is None:
        return
    kind = relation(topic[1]).kind
    loosely = turn.fixing or _NOW.match(low, predicate.pos) is not None or topic != turn.carried.topic
    found = values.read(context.READ_AS.get(kind, kind) if loosely else kind, turn.said, predicate.pos, turn.at_ns)
    if kind in corrections.OPEN_KINDS and not context.is_whole(turn, predicate.pos, found):
        return
    if ended and kind == "job" and not _NOW.match(low, predicate.pos):
        return  # "I lost my job. It's been a tough journey": what it is now is said to be so now
    if found and turn.stands(mention.start, found[-1].end):
        for value in found:
            if last and last.object and last.retracted is False:
                fixing.replace(turn, last, value.object)
            else:
                turn.state(*topic, value.object)
