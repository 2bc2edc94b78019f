"""What is held to be true, and when: statements, in the order they were told, as facts with a beginning and an end.

Two clocks run. A fact is *valid* from when it became true until it ended, by what was said; it is *recorded* when the
log took it in. Of a relation with one value (a name, a home) what is said later ends what was said before, from when
the new value is valid; of one with many (languages, allergies) values stand side by side until they are taken back.
Nothing is guessed: facts end by their subject and relation alone.

Source: Snodgrass & Ahn, "A Taxonomy of Time in Databases" (1985).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from remanence.core.text import words
from remanence.types import Fact, Stated

_NEVER = [0]
_BYTES_EACH = 200  # of the tuple, its numbers and its place in two lists


class Told(NamedTuple):
    """A statement, and where it comes from.

    Attributes:
        stated: what was said.
        source: id of the memory that says it.
        seq: the record that holds it.
        at_ns, recorded_ns: when it was said, by the caller's word, and when it was written.
    """

    stated: Stated
    source: str
    seq: int
    at_ns: int
    recorded_ns: int

    @property
    def since_ns(self) -> int:
        """When it became true, or ended: what was said of that, or else when it was said."""
        return self.at_ns if self.stated.since_ns is None else self.stated.since_ns


Key = tuple[str, str]


class Facts:
    """All that was stated in a namespace, told record by record.

    Attributes:
        revision: another number whenever something was taken in.
    """

    def __init__(self) -> None:
        self.revision = 0
        self._told: dict[Key, list[Told]] = {}
        self._withdrawn: dict[str, list[int]] = {}  # source -> the records that replaced what it said before
        self._keys_of: dict[str, set[Key]] = {}  # of each source
        self._timelines: dict[Key, list[Fact]] = {}  # made when asked for
        self._bytes = 0

    def tell(self, told: Told) -> None:
        """Take in a statement."""
        self.revision += 1
        key = key_of(told.stated.subject, told.stated.relation)
        self._told.setdefault(key, []).append(told)
        self._keys_of.setdefault(told.source, set()).add(key)
        self._timelines.pop(key, None)
        self._bytes += _BYTES_EACH + sys.getsizeof(told.stated.object)

    def withdraw(self, source: str, seq: int) -> None:
        """Forget what a memory said before record `seq`: it says something else now."""
        if source in self._keys_of:
            self.revision += 1
            self._withdrawn.setdefault(source, []).append(seq)
            for key in self._keys_of[source]:
                self._timelines.pop(key, None)

    def keys(self) -> list[Key]:
        """Return each subject and relation of which anything was said."""
        return list(self._told)

    def keys_of(self, source: str) -> set[Key]:
        """Return the subjects and relations that a memory tells of, or told of before it was given another text."""
        return self._keys_of.get(source, set())

    def told_of(self, subject: str, relation: str) -> Iterator[Told]:
        """Yield the statements of one subject and relation, those that were withdrawn too."""
        yield from self._told.get(key_of(subject, relation), ())

    def believed(self) -> Iterator[Told]:
        """Yield the statements that were not withdrawn."""
        return (told for told in self.all() if self._is_believed(told))

    def told_by(self, source: str) -> Iterator[Told]:
        """Yield the statements of one source, those of an earlier text of it too."""
        for key in sorted(self.keys_of(source)):
            yield from (told for told in self._told[key] if told.source == source)

    def until(self, seq: int) -> Facts:
        """Return the facts as they were when the log ended at a record. Cost: about 1 µs a statement."""
        past = Facts()
        for told in self.all():
            if told.seq <= seq:
                past.tell(told)
        for source, seqs in self._withdrawn.items():
            for replaced in seqs:
                if replaced <= seq:
                    past.withdraw(source, replaced)
        return past

    def all(self) -> Iterator[Told]:
        """Yield all statements, those of one subject and relation together."""
        for told in self._told.values():
            yield from told

    def valid(self, at_ns: int, subject: str | None = None, relation: str | None = None) -> list[Fact]:
        """Return the facts that are true at a time, those that began first in front."""
        facts = self.ever(subject, relation)
        return [f for f in facts if _starts(f) <= at_ns and (f.valid_to is None or at_ns < f.valid_to)]

    def ever(self, subject: str | None = None, relation: str | None = None) -> list[Fact]:
        """Return all facts, those that ended too, those that began first in front."""
        if subject is not None and relation is not None:
            return self._timeline(key_of(subject, relation))
        who = None if subject is None else key_of(subject, "")[0]
        what = None if relation is None else key_of("", relation)[1]
        keys = [key for key in self._told if who in (None, key[0]) and what in (None, key[1])]
        return sorted((fact for key in keys for fact in self._timeline(key)), key=_starts)

    def _timeline(self, key: Key) -> list[Fact]:
        found = self._timelines.get(key)
        if found is None:
            told = self._told.get(key, ())
            believed = [each for each in told if self._is_believed(each)]
            found = self._timelines[key] = _timeline(believed)
        return found

    def _is_believed(self, told: Told) -> bool:
        return told.seq >= self._withdrawn.get(told.source, _NEVER)[-1]

    def frozen(self) -> bytes:
        """Return all of it as bytes, for a snapshot."""
        return msgspec.msgpack.encode((list(self.all()), self._withdrawn))

    @classmethod
    def restored(cls, frozen: bytes) -> Facts:
        """Return what `frozen` gave."""
        facts = cls()
        told, withdrawn = msgspec.msgpack.decode(frozen, type=tuple[list[Told], dict[str, list[int]]])
        for each in told:
            facts.tell(each)
        facts._withdrawn = withdrawn
        return facts

    @property
    def nbytes(self) -> int:
        """Bytes it takes, about."""
        return self._bytes + sum(map(sys.getsizeof, (self._told, self._keys_of, self._withdrawn)))


def key_of(subject: str, relation: str) -> Key:
    """Return what a subject and a relation are looked up by: case and outer spaces make no difference."""
    return subject.strip().casefold(), relation.strip().casefold()


def _timeline(told: list[Told]) -> list[Fact]:
    """Return the facts of one subject and relation, in the order of their beginning."""
    facts: list[Fact] = []
    for each in sorted(told, key=lambda told: (told.at_ns, told.seq)):
        stated, since_ns = each.stated, each.since_ns
        if stated.until_ns is not None:
            _put_between(facts, _begun(each))
            continue
        known = False
        for i, fact in enumerate(facts):
            if fact.valid_to is not None and fact.valid_to <= since_ns:
                continue
            again = same(fact.object, stated.object)
            if stated.ends:
                over = again or not stated.object
            else:
                known |= again and fact.valid_to is None
                over = stated.single and not again
            if over:
                facts[i] = _ended(fact, since_ns)
        if not stated.ends and not known:
            facts.append(_begun(each))
    return sorted(facts, key=_starts)


def _begun(told: Told) -> Fact:
    """Return the fact that a statement begins; one that is told with its end is over then."""
    stated = told.stated
    return Fact(
        subject=stated.subject,
        relation=stated.relation,
        object=stated.object,
        source=told.source,
        valid_from=told.since_ns,
        valid_to=stated.until_ns,
        recorded_at=told.recorded_ns,
        soft=stated.soft,
    )


def _put_between(facts: list[Fact], past: Fact) -> None:
    """Add a fact that is over; what is known of that time already is not told twice."""
    for fact in facts:
        overlap = _starts(fact) <= _starts(past) and (fact.valid_to is None or (past.valid_to or 0) <= fact.valid_to)
        if overlap and same(fact.object, past.object):
            return
    facts.append(past)


def _ended(fact: Fact, at_ns: int) -> Fact:
    """Return a fact that ended at a time; one that would have begun later was never true."""
    return msgspec.structs.replace(fact, valid_to=max(at_ns, _starts(fact)))


def _starts(fact: Fact) -> int:
    return fact.valid_from or 0


def same(one: str, other: str) -> bool:
    """Return whether two objects are the same but for case and punctuation."""
    return one == other or words(one) == words(other)
