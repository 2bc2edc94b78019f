"""What is said of a subject by a verb: the rules of the table, tried where the verb is."""

from __future__ import annotations

import re

from remanence.extract import clauses, context, predicates, relatives, retractions, rules, values
from remanence.extract.phrases import Value
from remanence.extract.predicates import Predicate
from remanence.extract.rules import Rule
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
_OF_PETS = frozenset("breed name age birthday likes dislikes condition medication allergy".split())
_OWNED = frozenset("car breed condition allergy".split())  # what "I have" states better than that it is had
_NOT_SAID = re.compile(r"\b(?:will|would|not|never|to|if|might|could|may|ever|should)(?: just)? $")
_BY_OTHERS = re.compile(r"\b(?:they|he|she|always|kids|students|who)(?: \w+)? $")


def clause(turn: Turn, subject: str, mention: Mention, until: int) -> None:
    """Read the predicate after a mention, and those joined to it by "and", up to the next mention."""
    low = turn.said.low
    predicate = predicates.read(low, mention.end)
    if predicate is None:
        return
    reach = tell(turn, subject, predicate, mention.start) or context.loosely(turn, subject, predicate, mention.start)
    near = until if reach else min(until, mention.end + _NEAR)
    for conjunct in _CONJUNCT.finditer(low, max(reach, mention.end), near):
        joined = None if low.startswith(("who ", "which "), conjunct.end()) else predicates.read(low, conjunct.end())
        if joined is not None:
            tell(turn, subject, _of_same_form(low, joined, predicate) if reach else joined, mention.start)


def _of_same_form(low: str, joined: Predicate, before: Predicate) -> Predicate:
    """Return a joined predicate with the verb that it leaves out: "I'm vegan and LIVING in Leeds"."""
    word = _FIRST.match(low, joined.pos)
    if joined.form != "do" or word is None or word[0] in rules.by_form()["do"].by_word:
        return joined
    return joined._replace(form=before.form) if word[0] in rules.by_form()[before.form].by_word else joined


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
        if m is None or rule.about in done or not _may_be(turn, subject, rule.about):
            continue
        found = _values(turn, rule, predicate, m.end())
        if rule.kind == "ended" and not any(s[:2] == (subject, rule.about) for s in turn.latest()):
            continue
        if not found or (rule.about == "has" and not _OWNED.isdisjoint(done)):
            continue
        ended = predicate.negated != (rule.ends or rule.denied)
        stop = found[-1].end
        if not turn.stands(start, stop) or (rule.about != "birthday" and not ended and clauses.planned(low, stop)):
            return stop
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


def _values(turn: Turn, rule: Rule, predicate: Predicate, pos: int) -> list[Value]:
    """Return what a rule states at `pos`: "it" where it ends what was said before ("I stopped taking it")."""
    if (rule.denied and not predicate.negated) or (rule.ends and predicate.negated):
        return []
    found = values.read(rule.kind, turn.said, pos, turn.at_ns)
    if found or not rule.words or not (predicate.negated or rule.ends):
        return found
    pronoun = _PRONOUN.match(turn.said.low, pos)
    return [Value("it", pronoun.end())] if pronoun else []


def _may_be(turn: Turn, subject: str, about: str) -> bool:
    """Return whether a subject can have a relation: only animals have breeds, and they have no job."""
    if subject != turn.speaker and relatives.is_pet(subject):
        return about in _OF_PETS
    return about != "breed"


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
    there = retractions.THERE.match(low, pos)
    if there:
        turn.state(subject, retractions.PLACE_OF[there["verb"]], "", retracted=True)
    elif retractions.DRIVE.match(low, pos):
        turn.state(subject, "car", "", retracted=True)
    elif predicate.form in ("be", "have") and retractions.NOT_ANY_MORE.match(low, pos):
        had = predicate.form == "be" or any(s.relation in _OWNED or s.relation == "has" for s in turn.latest()[:1])
        if had or low.startswith((" any more", " any longer"), pos - 1):
            turn.retract_last(subject)


def anywhere(turn: Turn, words: set[str]) -> None:
    """Read what rules say of the speaker wherever it stands: "call me Jono", "they put me on lisinopril"."""
    low = turn.said.low
    by_word = rules.by_form()[""].by_word
    for word in sorted(words.intersection(by_word)):
        for rule, pattern in by_word[word]:
            for m in re.compile(rf"\b(?={word}\b){pattern.pattern}").finditer(low):
                found = values.read(rule.kind, turn.said, m.end(), turn.at_ns)
                pronoun = _PRONOUN.match(low, m.end()) if rule.ends and not found else None
                found = [Value("it", pronoun.end())] if pronoun else found
                if not found or _is_for_others(rule, low[max(0, m.start() - 16) : m.start()]):
                    continue
                if turn.stands(m.start(), found[-1].end, asked_only=True):
                    for value in found:
                        turn.state(turn.speaker, rule.about, value.object, retracted=rule.ends, after=value.end)


def _is_for_others(rule: Rule, before: str) -> bool:
    """Return whether the words before "call me" make it no wish of the speaker: "he will call me"."""
    if rule.kind in ("phone", "email"):
        return False
    return bool(_NOT_SAID.search(before)) or (rule.about == "name" and bool(_BY_OTHERS.search(before)))
