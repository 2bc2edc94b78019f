"""What is said of a subject by a verb: the rules of the table, tried where the verb is."""

from __future__ import annotations

import re

from remanence.extract import clauses, corrections, predicates, relatives, rules, values
from remanence.extract.phrases import Value
from remanence.extract.predicates import Predicate
from remanence.extract.subjects import Mention
from remanence.extract.turn import Turn

_FIRST = re.compile(r"[a-z]+")
_PRONOUN = re.compile(r" ?(?:it|them|that|those)\b")
_CONJUNCT = re.compile(r"(?:,| and|, and|, but| but)(?: then| now| also)? (?=[a-z])")
_NEAR = 40  # characters that a clause no rule knows may take before another one is joined to it
_ELIDED = re.compile(
    r"(?:(?:yes|no|oh|so|ok|lol|well|hi|hey|and) )*(?=turned \w)"
    r"|(?:\w+ )?(?:just|finally|recently) (?=(?:got|moved|turned) )"
)
_NOT_SAID = re.compile(r"\b(?:will|would|not|never|to|if|might|could|may|ever|should)(?: just)? $")
_BY_OTHERS = re.compile(r"\b(?:they|he|she|always|kids|students|who)(?: \w+)? $")


def clause(turn: Turn, subject: str, mention: Mention, until: int) -> None:
    """Read the predicate after a mention, and those joined to it by "and", up to the next mention."""
    low = turn.said.low
    predicate = predicates.read(low, mention.end)
    if predicate is None:
        return
    reach = tell(turn, subject, predicate, mention.start)
    near = until if reach else min(until, mention.end + _NEAR)
    for conjunct in _CONJUNCT.finditer(low, max(reach, mention.end), near):
        joined = predicates.read(low, conjunct.end())
        if joined is None:
            continue
        word = _FIRST.match(low, joined.pos)
        by_word = rules.by_form()[predicate.form].by_word
        if (
            reach
            and joined.form == "do"
            and word
            and word[0] in by_word
            and word[0] not in rules.by_form()["do"].by_word
        ):
            joined = joined._replace(form=predicate.form)  # "I'm vegan and living in Leeds"
        tell(turn, subject, joined, mention.start)


def elided(turn: Turn) -> None:
    """Read a turn that leaves out its "I" at the start: "turned 38 last week"."""
    m = _ELIDED.match(turn.said.low)
    if m:
        tell(turn, turn.speaker, Predicate("do", False, m.end()), 0)


def tell(turn: Turn, subject: str, predicate: Predicate, start: int) -> int:
    """Try the rules at a predicate of a clause from `start`; return where the last value ends, or 0."""
    low, pos = turn.said.low, predicate.pos
    table = rules.by_form()[predicate.form]
    word = _FIRST.match(low, pos)
    reach = 0
    done: set[str] = set()
    for rule, pattern in [*(table.by_word.get(word[0], ()) if word else ()), *table.always]:
        m = pattern.match(low, pos)
        if m is None or (rule.denied and not predicate.negated):
            continue
        if rule.about in done or not _may_be(turn, subject, rule.about):
            continue
        found = values.read(rule.kind, turn.said, m.end(), turn.at_ns)
        ended = predicate.negated != (rule.ends or rule.denied)
        if not found and rule.words and (predicate.negated or rule.ends):
            pronoun = _PRONOUN.match(low, m.end())
            found = [Value("it", pronoun.end())] if pronoun else []
        if not found or (rule.ends and predicate.negated):
            continue
        stop = found[-1].end
        if not turn.stands(start, stop) or (rule.about != "birthday" and not ended and clauses.planned(low, stop)):
            return stop
        if {"car", "breed", "condition", "allergy"} & done and rule.about == "has":
            continue
        done.add(rule.about)
        reach = max(reach, stop)
        for value in found:
            turn.state(subject, rule.about, value.object, retracted=ended, after=value.end)
            if rule.about == "has" and not ended:
                relatives.had(turn, value, pos)
        if not ended:
            _tails(turn, subject, rule.about, stop)
    if not done and predicate.negated:
        _denied(turn, subject, predicate)
    return reach


def _may_be(turn: Turn, subject: str, about: str) -> bool:
    """Return whether a subject can have a relation: only animals have breeds, and they have no job."""
    if subject == turn.speaker:
        return about != "breed"
    pet = relatives.is_pet(subject)
    return (
        about in ("breed", "name", "age", "birthday", "likes", "dislikes", "condition", "medication", "allergy")
        if pet
        else about != "breed"
    )


def _tails(turn: Turn, subject: str, about: str, pos: int) -> None:
    for tail, pattern in rules.tails().get(about, ()):
        m = pattern.match(turn.said.low, pos)
        if m:
            for value in values.read(tail.kind, turn.said, m.end(), turn.at_ns):
                turn.state(subject, tail.relation, value.object, after=value.end)
            return


def _denied(turn: Turn, subject: str, predicate: Predicate) -> None:
    """Read "I don't live there any more", and "I'm not", after what was just said."""
    low, pos = turn.said.low, predicate.pos
    there = corrections.THERE.match(low, pos)
    if there:
        turn.state(subject, corrections.PLACE_OF[there["verb"]], "", retracted=True)
    elif predicate.form in ("be", "have") and corrections.NOT_ANY_MORE.match(low, pos):
        turn.retract_last(subject)


def anywhere(turn: Turn, words: set[str]) -> None:
    """Read what rules say of the speaker wherever it stands: "call me Jono", "they put me on lisinopril"."""
    low = turn.said.low
    by_word = rules.by_form()[""].by_word
    for word in words.intersection(by_word):
        for rule, pattern in by_word[word]:
            for m in re.compile(rf"\b(?={word}\b){pattern.pattern}").finditer(low):
                before = low[max(0, m.start() - 16) : m.start()]
                if (rule.kind not in ("phone", "email") and _NOT_SAID.search(before)) or (
                    rule.about == "name" and _BY_OTHERS.search(before)
                ):
                    continue
                found = values.read(rule.kind, turn.said, m.end(), turn.at_ns)
                if found and turn.stands(m.start(), found[-1].end, asked_only=True):
                    for value in found:
                        turn.state(turn.speaker, rule.about, value.object, after=value.end)
