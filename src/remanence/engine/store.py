"""A store: one log file, many namespaces, and what they share.

Namespaces are loaded on first use and the least recently used are let go under a cap of bytes.
"""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from threading import RLock
from types import TracebackType
from weakref import WeakValueDictionary, finalize

from numpy.typing import ArrayLike

from remanence.config import Config
from remanence.core.forgetting import Activation, Curve
from remanence.embed.analyzer import EnglishAnalyzer
from remanence.engine import transfer
from remanence.engine.arguments import checked_clock, checked_path
from remanence.engine.background import Background
from remanence.engine.checked import checked_embedder
from remanence.engine.depth import Depth
from remanence.engine.history import Past, moment_of
from remanence.engine.ingest import key_of, name_of, namespace_name, nanoseconds
from remanence.engine.memory import Memory
from remanence.engine.namespace import Namespace, Surroundings
from remanence.engine.shipped_rules import ShippedRules
from remanence.engine.store_reader import StoreReader
from remanence.engine.taking import TakenLine, taken
from remanence.engine.tracing import Tracer, numbering
from remanence.engine.upkeep import Progress
from remanence.errors import Closed, EmbedderMismatch, InvalidInput, NotFound
from remanence.log.local import LocalLog
from remanence.log.trace_log import TraceLog
from remanence.ports import Analyzer, BackgroundExtractor, Clock, Embedder, Extractor, Reranker
from remanence.types import Upkeep


class Store(StoreReader):
    """Memories of many namespaces in one file, or in RAM. A context manager; made by `remanence.open`.

    Attributes:
        path: the file, None in RAM.
        config: the settings in force.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        config: Config | None = None,
        embedder: Embedder | Callable[[str], ArrayLike] | None = None,
        analyzer: Analyzer | None = None,
        reranker: Reranker | None = None,
        extractor: Extractor | None = None,
        background_extractor: BackgroundExtractor | None = None,
        curve: Curve | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.path = None if path is None else checked_path(path)
        if not isinstance(config, Config | None):
            raise InvalidInput(f"config is {config!r}; give a remanence.Config")
        if not isinstance(analyzer, Analyzer | None):
            raise InvalidInput(f"analyzer is {analyzer!r}; give an Analyzer")
        if not isinstance(reranker, Reranker | None):
            raise InvalidInput(f"reranker is {reranker!r}; give a Reranker")
        if isinstance(extractor, type) or not isinstance(extractor, Extractor | None):
            raise InvalidInput(f"extractor is {extractor!r}; give an Extractor")
        if not isinstance(curve, Curve | None):
            raise InvalidInput(f"curve is {curve!r}; give a Curve, such as core.forgetting.Weighted()")
        if not isinstance(background_extractor, BackgroundExtractor | None):
            raise InvalidInput(f"background_extractor is {background_extractor!r}; give a BackgroundExtractor")
        if background_extractor is not None:
            key_of("background_extractor.name", background_extractor.name)  # its cursor is kept under it
        self._background = Background(background_extractor, self._live, self.namespaces)
        self.config = config or Config()
        self._lock = RLock()
        self._loaded: OrderedDict[str, Namespace] = OrderedDict()
        self._known: WeakValueDictionary[str, Namespace] = WeakValueDictionary()
        self._sizes: dict[str, int] = {}
        self._held = 0  # their sum, hot bytes
        self._pid = os.getpid()
        self._closed = False
        now = time.time_ns if clock is None else checked_clock(clock)
        as_embedder = checked_embedder(embedder)
        as_analyzer = analyzer or EnglishAnalyzer()
        log = LocalLog(self.path, config=self.config, clock=now)
        try:
            store_id = _identity(log, as_embedder, as_analyzer)
        except BaseException:
            log.close()
            raise
        self._around = Surroundings(
            log=log,
            embedder=as_embedder,
            analyzer=as_analyzer,
            config=self.config,
            clock=now,
            store_id=store_id,
            snapshots=None if self.path is None else Path(self.path + ".snapshots"),
            depth=None if reranker is None else Depth(reranker),
            extractor=extractor or (ShippedRules() if self.config.facts else None),
            curve=curve or Activation(),
        )
        traces = None if self.path is None else self.path + ".traces"
        self._traces = TraceLog(traces, store_id=store_id, config=self.config, clock=now)
        self._finish = finalize(self, self._traces.close)  # a program that forgets to close keeps its traces too
        super().__init__(self._live, Tracer(self._traces, self._live, now, numbering()))

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Store({self.path!r})"

    # --- namespaces ---------------------------------------------------------------------------------

    def memory(self, namespace: str, *, budget_bytes: int | None = None, agent: str | None = None) -> Memory:
        """Return the memory of a namespace; it need not exist yet.

        Args:
            namespace: a path such as "acme/user/4321".
            budget_bytes: hot bytes it is meant to keep, not enforced yet; left out: `Config.budget_bytes`.
            agent: who is using it.
        """
        name = namespace_name(namespace)
        if budget_bytes is not None and (type(budget_bytes) is not int or budget_bytes <= 0):
            raise InvalidInput(f"budget_bytes is {budget_bytes!r}; use a positive number of bytes")
        self._check_open()
        budget = budget_bytes or self.config.budget_bytes
        return Memory(lambda: self._live(name), name, budget, agent, self._trace.of(agent))

    def __getitem__(self, namespace: str) -> Memory:
        return self.memory(namespace)

    def namespaces(self, prefix: str = "") -> list[str]:
        """Return the names of the namespaces that hold something, sorted, that start with `prefix`."""
        self._check_open()
        return self._around.log.namespaces(name_of("prefix", prefix))

    def _live(self, name: str) -> Namespace:
        self._check_open()
        with self._lock:
            namespace = self._loaded.get(name)
            if namespace is None:
                # Whoever still holds one that was let go must not be left with a second state of his own.
                namespace = self._known.get(name) or Namespace(name, self._around)
                self._loaded[name] = self._known[name] = namespace
            else:
                self._loaded.move_to_end(name)
            surplus: list[Namespace] = []
            if namespace.size != (size := self._sizes.get(name, 0)):
                self._sizes[name] = namespace.size
                self._held += namespace.size - size
                surplus = self._surplus(namespace)
        for other in surplus:
            other.unload()  # writes a snapshot, so not while everybody waits
        return namespace

    def _surplus(self, keep: Namespace) -> list[Namespace]:
        """Take out the least recently used namespaces until the rest fit `Config.loaded_bytes`."""
        surplus: list[Namespace] = []
        for name, namespace in list(self._loaded.items()):
            if self._held <= self.config.loaded_bytes:
                break
            if namespace is not keep:
                surplus.append(self._loaded.pop(name))
                self._held -= self._sizes.pop(name, 0)
        return surplus

    def _check_open(self) -> None:
        if self._pid != os.getpid():  # before any lock, which may have been held when the process was forked
            raise Closed(
                f"the store {self.path or 'in RAM'} belongs to the process this one was forked from; open it here"
            )
        if self._closed:
            raise Closed(f"the store {self.path or 'in RAM'} is closed; open it again with remanence.open")

    # --- the past -----------------------------------------------------------------------------------

    def as_of(self, when: datetime | str) -> StoreReader:
        """Return the reading calls of all namespaces over what had been recorded by a time, as `Memory.as_of`."""
        self._check_open()
        if not isinstance(when, datetime | str):
            raise InvalidInput(f"when is {when!r}; give a datetime or ISO 8601 (a position is of one namespace)")
        nanoseconds(when)  # what is no time is refused now
        pasts: dict[str, Past] = {}

        def past(name: str) -> Past:
            with self._lock:
                if name not in pasts:
                    namespace = self._live(name)
                    pasts[name] = Past(namespace, moment_of(namespace, when))
                return pasts[name]

        return StoreReader(past, self._trace)

    # --- the whole store ------------------------------------------------------------------------------

    def export(self, path: str | os.PathLike[str], *, namespace: str | None = None) -> int:
        """Write what is held to a JSONL file, one thing a line: texts, facts, keys, streams and vectors; return how
        many lines there are.

        Args:
            path: the file; it appears only when it is whole.
            namespace: only this one.
        """
        if namespace is not None and namespace not in self.namespaces():
            raise NotFound(f"no namespace {namespace!r} in {self.path or 'this store'}")
        names = [namespace] if namespace is not None else self.namespaces()
        return transfer.export(checked_path(path), self._around.store_id, names, self.memory, self._live)

    def import_(
        self,
        path: str | os.PathLike[str],
        *,
        namespace: str | None = None,
        each: Callable[[TakenLine], None] | None = None,
    ) -> int:
        """Read a file that `export` wrote; return how many lines it has. Doing it twice adds nothing.

        Args:
            namespace: all goes into this one; left out: each line to its own.
            each: called with what became of each line; one that is refused is then told there and not raised.

        Raises:
            InvalidInput: naming the line; what came before it was imported.
            StorageError: the file cannot be read.
        """
        self._check_open()
        into = None if namespace is None else namespace_name(namespace)
        read = 0
        for line in taken(checked_path(path), self._around.store_id, self._live, into):
            if each is not None:
                each(line)
            elif line.error is not None:
                raise line.error
            read += 1
        return read

    def upkeep(
        self, *, namespace: str | None = None, max_batches: int = 16, progress: Progress | None = None
    ) -> Upkeep:
        """Do slow work now: the background extractor reads what came since, loaded namespaces get snapshots, and
        traces that are too old are dropped.

        Writing and reading go on meanwhile. It may be called from several threads and processes, and stopped at
        any time: what was read counts once, and the next call goes on from there. Where the extractor fails, the
        turns wait for the next call.

        Args:
            namespace: only this one.
            max_batches: how often the background extractor is called at most; 0: only `waiting` is counted. With
                fewer than 8 it may not get past a turn that the extractor makes nothing of.
            progress: called with (turns read, turns read and waiting) of each namespace, before each batch.

        Cost: that of the extractor's calls; no lock is held during them.
        """
        if type(max_batches) is not int or max_batches < 0:
            raise InvalidInput(f"max_batches is {max_batches!r}; use a whole number of 0 or more")
        if namespace is not None and namespace not in self.namespaces():
            raise NotFound(f"no namespace {namespace!r} in {self.path or 'this store'}")
        done = self._background.read_on(namespace, max_batches, progress)
        for loaded in self._all_loaded():
            if namespace in (None, loaded.name):
                loaded.save(at_least=1)
        self._traces.expire()
        return done

    def flush(self) -> None:
        """Return when everything written so far is on the disk, and traces of readings are in their file."""
        self._check_open()
        self._around.log.flush()
        self._traces.flush()

    def close(self) -> None:
        """Write snapshots, flush and close. Doing it twice is fine."""
        if self._pid != os.getpid():
            return  # it is the parent's to close
        with self._lock:
            if self._closed:
                return
            loaded = self._all_loaded()
            self._closed = True
        try:
            for namespace in loaded:
                namespace.save()
        finally:
            self._finish()
            self._around.log.close()

    def _all_loaded(self) -> list[Namespace]:
        with self._lock:
            self._check_open()
            return list(self._loaded.values())


def _identity(log: LocalLog, embedder: Embedder, analyzer: Analyzer) -> str:
    """Return the store's identity, after checking that embedder and analyzer are those that wrote it."""
    for what, given in (("embedder", embedder.name), ("analyzer", analyzer.name)):
        stored = log.get_meta(what) or log.settle_meta(what, given)
        if stored != given:
            raise EmbedderMismatch(what, stored, given)
    return log.get_meta("store_id") or log.settle_meta("store_id", token_hex(16))
