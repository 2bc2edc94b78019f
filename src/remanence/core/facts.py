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

import msgspec

from remanence.core.timeline import Span, Told, spans_of
from remanence.types import Fact

_BYTES_EACH = 200  # of the tuple, its numbers and its place in two lists


Key = tuple[str, str]


class Facts:
    """All that was stated in a namespace, told record by record.

    Attributes:
        revision: another number whenever something was taken in.
    """

    def __init__(self) -> None:
        self.revision = 0
        self._told: dict[Key, list[Told]] = {}
        # By source, the records that replaced what it said before, and whether with another text.
        self._withdrawn: dict[str, list[tuple[int, bool]]] = {}
        self._keys_of: dict[str, set[Key]] = {}  # of each source
        self._spans: dict[Key, list[Span]] = {}  # made when asked for
        self._bytes = 0

    def tell(self, told: Told) -> None:
        """Take in a statement."""
        self.revision += 1
        key = key_of(told.stated.subject, told.stated.relation)
        self._told.setdefault(key, []).append(told)
        self._keys_of.setdefault(told.source, set()).add(key)
        self._spans.pop(key, None)
        self._bytes += _BYTES_EACH + sys.getsizeof(told.stated.object)

    def withdraw(self, source: str, seq: int, *, cited: bool) -> None:
        """Forget what a memory said in its own words before record `seq`, for it says it anew.

        Args:
            cited: also what others cite it for: it says something else now.
        """
        if source in self._keys_of:
            self.revision += 1
            self._withdrawn.setdefault(source, []).append((seq, cited))
            for key in self._keys_of[source]:
                self._spans.pop(key, None)

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
        for source, withdrawals in self._withdrawn.items():
            for replaced, cited in withdrawals:
                if replaced <= seq:
                    past.withdraw(source, replaced, cited=cited)
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
            return [span.fact() for span in self.spans(key_of(subject, relation))]
        who = None if subject is None else key_of(subject, "")[0]
        what = None if relation is None else key_of("", relation)[1]
        keys = [key for key in self._told if who in (None, key[0]) and what in (None, key[1])]
        return sorted((span.fact() for key in keys for span in self.spans(key)), key=_starts)

    def facts_of(self, source: str) -> list[Fact]:
        """Return the facts that a memory states, also those that others stated before."""
        keys = sorted(self._keys_of.get(source, ()))
        return [span.fact() for key in keys for span in self.spans(key) if source in span.tellers]

    def all_spans(self) -> Iterator[tuple[Key, Span]]:
        """Yield each span with its subject and relation."""
        for key in self._told:
            for span in self.spans(key):
                yield key, span

    def spans(self, key: Key) -> list[Span]:
        """Return the spans of a subject and relation, in the order of their beginning; not to be altered."""
        found = self._spans.get(key)
        if found is None:
            told = self._told.get(key, ())
            believed = [each for each in told if self._is_believed(each)]
            found = self._spans[key] = spans_of(believed)
        return found

    def _is_believed(self, told: Told) -> bool:
        withdrawals = self._withdrawn.get(told.source, ())
        return not any(told.seq < seq and (told.own or cited) for seq, cited in withdrawals)

    def frozen(self) -> bytes:
        """Return all of it as bytes, for a snapshot."""
        return msgspec.msgpack.encode((list(self.all()), self._withdrawn))

    @classmethod
    def restored(cls, frozen: bytes) -> Facts:
        """Return what `frozen` gave."""
        facts = cls()
        told, withdrawn = msgspec.msgpack.decode(frozen, type=tuple[list[Told], dict[str, list[tuple[int, bool]]]])
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


def _starts(fact: Fact) -> int:
    return fact.valid_from or 0
