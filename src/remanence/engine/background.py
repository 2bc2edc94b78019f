"""Slow work over all the namespaces of a store: each gets its turn, and none waits for another for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from remanence.engine.namespace import Namespace
from remanence.engine.upkeep import Progress, read_on
from remanence.errors import QuotaExceeded
from remanence.ports import BackgroundExtractor
from remanence.types import Upkeep


class Background:
    """Where a background extractor stands in the namespaces of a store.

    Args:
        live: gives a namespace by its name.
        names: gives the names of those that hold something.
    """

    def __init__(
        self,
        extractor: BackgroundExtractor | None,
        live: Callable[[str], Namespace],
        names: Callable[[], list[str]],
    ) -> None:
        self._extractor = extractor
        self._live = live
        self._names = names
        self._read_up: dict[str, int] = {}  # where the log of each namespace ended that was read to its end
        self._latest = ""  # the namespace that the last call ended with

    def read_on(self, only: str | None, max_batches: int, progress: Progress | None) -> Upkeep:
        """Read what came since, namespace by namespace; an extractor that fails is not asked again in this call."""
        done = Upkeep()
        if self._extractor is None:
            return done
        for name, head in self._unread(only):
            each, failure = read_on(self._live(name), self._extractor, max_batches - done.batches, progress)
            done = Upkeep(
                batches=done.batches + each.batches,
                turns=done.turns + each.turns,
                facts=done.facts + each.facts,
                waiting=done.waiting + each.waiting,
                failures=done.failures + each.failures,
            )
            self._latest = name
            if not each.waiting and not each.batches:
                self._read_up[name] = head
            if 0 < max_batches == done.batches or (failure and not isinstance(failure, QuotaExceeded)):
                break
        return done

    def _unread(self, only: str | None) -> Iterator[tuple[str, int]]:
        """Yield the namespaces that something was written to since they were read to the end, and their heads.

        It begins after the one that the last call ended with.
        """
        names = self._names()
        after = [name for name in names if name > self._latest]
        for name in [only] if only is not None else after + [name for name in names if name <= self._latest]:
            head = self._live(name).head()
            if head != self._read_up.get(name):
                yield name, head
