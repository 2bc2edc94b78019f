"""One turn while it is walked: what was stated so far, and whom and what can be referred to."""

from __future__ import annotations

import re
from typing import NamedTuple

from remanence.extract import clauses, corrections, dates
from remanence.extract.entities import Entity, stranger_between
from remanence.extract.statements import Statement, relation, same
from remanence.extract.subjects import Mention
from remanence.extract.wording import Said

_KEPT = 4  # entities and statements carried to the next turn
SILENT = 2  # turns after which "she" is nobody
_SENTENCE_END = re.compile(r"[.!?;]+(?=\s|$)")
_GAP = re.compile(r"(?: (?:now|again|originally|back|just|at last|finally))?,? ")
_SEX = {"he": "m", "his": "m", "she": "f", "her": "f"}


class Carried(NamedTuple):
    """What a turn leaves for the next one to refer to: "she", "it's …", "no, Bradford"; the last few only.

    Attributes:
        entities: who was spoken of, oldest first.
        statements: what was stated, oldest first.
        topic: (subject, relation) that was spoken of without a value.
        silent: turns since anybody was spoken of.
    """

    entities: tuple[Entity, ...] = ()
    statements: tuple[Statement, ...] = ()
    topic: tuple[str, str] | None = None
    silent: int = 0

    def later(self) -> Carried:
        """Return what is left after a turn that states nothing."""
        return Carried(self.entities, (), None, self.silent + 1) if self != Carried() else self


class Turn:
    """What the stages of a walk share.

    Attributes:
        said: the wording.
        entities: who was spoken of, the last one last.
        topic: (subject, relation) spoken of last; `pending` while it has no value.
        fixing: the turn opens by putting something right, or has come to a place that does.
    """

    def __init__(self, said: Said, at_ns: int, speaker: str, carried: Carried) -> None:
        self.said = said
        self.at_ns = at_ns
        self.speaker = speaker
        self.carried = carried
        self.statements: list[Statement] = []
        self.entities = list(carried.entities)
        self.topic = carried.topic
        self.pending = carried.topic is not None
        self.fixing = any(opens.search(said.low) for opens in (corrections.OPENS, corrections.INSTEAD_OF))
        self.put_to = 0  # where what was put right at the start of the turn ends
        self._after: dict[Statement, int] = {}  # where the value of each statement ends
        self._met: dict[str, int] = {}  # where in this turn each entity was spoken of
        self._ends = [m.span() for m in _SENTENCE_END.finditer(said.low)] + [(len(said.low), len(said.low))]

    def sentence(self, at: int) -> tuple[int, int]:
        """Return where the sentence around a position starts and ends."""
        start = 0
        for end, after in self._ends:
            if at <= end:
                return start, end
            start = after + 1
        return start, len(self.said.low)

    def stands(self, start: int, stop: int, *, asked_only: bool = False) -> bool:
        """Return whether a clause from its subject to the end of its value is stated, not asked, wished or told."""
        sentence, end = self.sentence(start)
        if clauses.asked(self.said.low, sentence, end, start, stop):
            return False
        return asked_only or not clauses.doubted(self.said.low, sentence, start)

    # --- who is meant

    def meet(self, subject: str, name: str = "", at: int = 0) -> None:
        """Take note of somebody spoken of."""
        name = name or next((e.name for e in self.entities if e.subject == subject), "")
        self.entities = [e for e in self.entities if e.subject != subject]
        self.entities.append(Entity(subject, name))
        self._met[subject] = at

    def resolve(self, mention: Mention) -> str:
        """Return the subject a mention stands for; empty when it is nobody known."""
        if mention.known:
            return mention.subject
        if mention.word in ("they", "their"):
            return ""
        sex = _SEX.get(mention.word)
        for entity in reversed(self.entities):
            if entity.subject not in self._met and self.carried.silent >= SILENT:
                continue
            if not entity.pet if sex is None else (entity.sex or sex) != sex:
                continue
            stated = (
                " ".join(s.object for s in self.statements if s.committed).replace("'s", "").split()
            )  # "Miso is a Maine Coon. She is …"
            names = [*(e.name for e in self.entities), *stated]
            if stranger_between(self.said, self._met.get(entity.subject, 0), mention.start, names):
                return ""
            return entity.subject + mention.subject
        return ""

    # --- what is stated

    def latest(self) -> list[Statement]:
        """Return what was stated last, newest first: in this turn, else in the one before."""
        held = [s for s in self.statements if not s.retracted] or list(self.carried.statements)
        return held[::-1]

    def state(
        self, subject: str, what: str, value: str, *, retracted: bool = False, after: int = -1, alone: bool = False
    ) -> None:
        """Add one statement, and what it corrects, unless it is `alone`.

        `after` is where its value ends, for "since last March".
        """
        held = relation(what)
        if value.lower() in ("it", "them", "that", "those", "him", "her"):
            value = next((s.object for s in self.latest() if s.relation == what or not held.committed), "")
            if not value:
                return
        gap = _GAP.match(self.said.low, after) if after >= 0 and not retracted else None
        since = dates.since(self.said.low, gap.end(), self.at_ns) if gap else None
        if retracted:
            value = self._held_as(subject, what, value)
        elif self.fixing and not alone:
            self._replace(subject, what, value)
        if what == "name" and not retracted and subject != self.speaker:
            self.meet(subject, value, max(after, 0))
        new = Statement(subject, what, value, held.committed, retracted, since)
        if new in self.statements:
            return
        self.statements.append(new)
        self._after[new] = after
        if held.committed:
            self.topic, self.pending = (subject, what), False

    def before(self, at: int) -> list[Statement]:
        """Return what was stated before a position, newest first."""
        return [s for s in self.latest() if self._after.get(s, -1) <= at]

    def _held_as(self, subject: str, what: str, value: str) -> str:
        """Return a value that is taken back as it was stated: "the Punto" was a "Fiat Punto"."""
        words = set(value.lower().split())
        for old in self.latest() if words else ():
            if old.subject == subject and old.relation == what and words.issubset(old.object.lower().split()):
                return old.object
        return value

    def _replace(self, subject: str, what: str, value: str) -> None:
        """In a turn that corrects the one before: end the value it gave (or the one it gave to somebody else)."""
        held = [old for old in self.carried.statements if (old.subject, old.relation) == (subject, what)]
        adds = len(held) > 1 or corrections.ADDS.search(self.said.low) is not None
        for old in self.carried.statements:
            if old.relation != what or old.relation == "has":
                continue
            moved = old.subject != subject and same(old.object, value)
            changed = old.subject == subject and not relation(what).single and not same(old.object, value) and not adds
            ended = old._replace(retracted=True, valid_from_ns=None)
            if (moved or changed) and ended not in self.statements:
                self.statements.append(ended)

    def retract_last(self, subject: str | None = None) -> None:
        """End the statement made last (of a subject)."""
        for statement in self.latest():
            if subject in (None, statement.subject) and statement.relation != "has":
                self.state(statement.subject, statement.relation, statement.object, retracted=True)
                return

    def carry(self) -> Carried:
        """Return what to carry to the next turn."""
        kept = tuple(s for s in self.statements if not s.retracted)[-_KEPT:]
        last = kept or (self.carried.statements if self.fixing and not self.statements else ())
        silent = 0 if self._met else self.carried.silent + 1
        topic = self.topic if self.pending and self.topic != self.carried.topic else None  # for one turn
        return Carried(tuple(self.entities[-_KEPT:]), last, topic, silent)
