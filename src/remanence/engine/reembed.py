"""Making a store one of another embedder: the log stays, and all that is computed from it is made anew."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from numpy.typing import ArrayLike

from remanence.config import Config
from remanence.embed.analyzer import EnglishAnalyzer
from remanence.engine.arguments import checked_path
from remanence.engine.checked import checked_embedder
from remanence.engine.namespace import Namespace, Surroundings
from remanence.errors import NotFound
from remanence.log.local import LocalLog
from remanence.ports import Analyzer, Embedder

Progress = Callable[[int, int], None]


def reembed(
    path: str | os.PathLike[str],
    *,
    embedder: Embedder | Callable[[str], ArrayLike] | None = None,
    analyzer: Analyzer | None = None,
    progress: Progress | None = None,
) -> None:
    """Make a store one of another embedder and analyzer: all vectors and postings are made anew.

    The log is not touched, and until the end the store opens as before.

    Args:
        path: the store; nobody else should have it open.
        embedder, analyzer: the new ones; left out: the shipped ones.
        progress: called with (records done, records in all).
    """
    path = checked_path(path)
    if not os.path.exists(path):
        raise NotFound(f"no store at {path!r}")
    as_embedder, as_analyzer = checked_embedder(embedder), analyzer or EnglishAnalyzer()
    config = Config()
    log = LocalLog(path, config=config, clock=time.time_ns)
    try:
        names = [(name, log.namespace_number(name, create=False)) for name in log.namespaces()]
        total = sum(log.head(number)[0] for _, number in names if number is not None)
        done = 0
        around = Surroundings(
            log,
            as_embedder,
            as_analyzer,
            config,
            time.time_ns,
            log.get_meta("store_id") or "",
            Path(path + ".snapshots"),
        )
        for name, _ in names:
            namespace = Namespace(name, around)
            before = done
            for n in namespace.rebuild():
                done = before + n
                if progress is not None:
                    progress(done, total)
        log.set_meta("embedder", as_embedder.name)
        log.set_meta("analyzer", as_analyzer.name)
    finally:
        log.close()
