"""The walk from a text to the statements in it, stage by stage.

A first look ends most turns (`glance`). The wording is made plain (`wording`); whoever is spoken of is found in it
(`subjects`), each with a verb (`predicates`), where the table of rules applies (`rules`, `predications`), or with an
attribute ("my number": `attributions`). A rule's words are followed by a value of some kind (`values`, `names`). What
is asked, wished or told by others states nothing (`clauses`). Corrections come in between (`corrections`, `fixing`).
"""

from __future__ import annotations

from typing import NamedTuple

from remanence.extract import (
    attributions,
    clefts,
    corrections,
    fixing,
    glance,
    greetings,
    moving,
    predications,
    relatives,
    retractions,
)
from remanence.extract.entities import INTRODUCING, introduced
from remanence.extract.statements import Statement
from remanence.extract.subjects import Mention, mentions
from remanence.extract.turn import Carried, Turn
from remanence.extract.wording import plain

_LONGEST = 10_000  # characters looked at: speech has no longer turns


class Extraction(NamedTuple):
    """The statements of one turn in order, and what to carry to the next."""

    statements: tuple[Statement, ...]
    carried: Carried


def extract(text: str, *, at_ns: int, speaker: str = "user", carried: Carried = Carried()) -> Extraction:  # noqa: B008
    """Return what a turn states.

    Args:
        text: what was said, written or as a recogniser has it.
        at_ns: when, ns since the epoch: relative dates are told from that day (UTC).
        speaker: the subject of "I".
        carried: what the turn before left.

    Nothing raises. Cost: some 10 µs where nothing can be stated; else linear, about 100 µs for 20 words.
    """
    seen = glance.look(text[:_LONGEST], carried)
    if seen is None:
        return Extraction((), carried.later())
    said = plain(seen.text)
    if not said.cased and not corrections.FIRST_WORDS.isdisjoint(seen.words):
        said = corrections.apart(said)
    correcting = bool(carried.statements or carried.topic)
    turn = Turn(said, at_ns, speaker, carried)
    _walk(turn, seen.words, correcting=correcting)
    found = turn.statements or turn.pending
    if found and not correcting and not corrections.FIRST_WORDS.isdisjoint(seen.words):
        turn = Turn(said, at_ns, speaker, carried)
        _walk(turn, seen.words, correcting=True)
    return Extraction(tuple(turn.statements), turn.carry())


def _walk(turn: Turn, words: set[str], *, correcting: bool) -> None:
    """Read every mention of the turn in order, and where there is something to correct, its corrections."""
    said = turn.said
    if not INTRODUCING.isdisjoint(words):
        for at, entity in introduced(said):
            turn.meet(entity.subject, entity.name, at)
    named = {entity.name.lower(): entity.subject for entity in turn.entities if entity.name}
    found = mentions(said, named, turn.speaker)
    starts = [mention.start for mention in found]
    steps = [(mention.start, 2, mention) for mention in found]
    if correcting:
        steps += [(marker.end, 1, marker) for marker in corrections.markers(said.low)]
        steps += [(m.end(), 3, m) for m in corrections.NAMED.finditer(said.low)]
        steps += [(m.start(), 0, m) for m in retractions.steps(said.low)]
        fixing.trailing(turn)
    predications.elided(turn)
    predications.anywhere(turn, words)
    greetings.introduce(turn)
    if not clefts.WORDS.isdisjoint(words):
        clefts.turned(turn, words)
    for at, rank, step in sorted(steps, key=lambda step: step[:2]):
        if isinstance(step, Mention):
            until = min(next((start for start in starts if start > at), len(said.low)), turn.sentence(at)[1])
            _mention(turn, step, until)
        elif isinstance(step, corrections.Marker):
            fixing.fix(turn, step)
        elif rank == 3:
            fixing.named(turn, step)
        else:
            retractions.take_back(turn, step)


def _mention(turn: Turn, mention: Mention, until: int) -> None:
    """Read what is said of somebody right after they are mentioned, up to the next mention."""
    if mention.word in ("it", "that", "mine"):
        attributions.it_is(turn, mention)
    subject = turn.resolve(mention)
    if not subject:
        return
    if moving.is_moved(turn, mention, subject):
        moving.move(turn, mention, subject)
        return
    if mention.kin:
        relatives.meet(turn, mention, subject)
    elif mention.known and not mention.own:
        relatives.of_name(turn, mention.word, mention.end)
    if mention.attribute:
        attributions.attribute(turn, mention, subject)
    else:
        me_too = turn.said.low.endswith("me and ", 0, mention.start)  # "me and my cat live in Ghent"
        predications.clause(turn, turn.speaker if me_too else subject, mention, until)
