"""The front door holds these names and no other: adding or losing one is a decision, made here too."""

from __future__ import annotations

import inspect

import remanence

NAMES = [
    "Analyzer",
    "BackgroundExtractor",
    "Clock",
    "Config",
    "Context",
    "Curve",
    "Embedder",
    "Entry",
    "Extractor",
    "Fact",
    "Hit",
    "Hits",
    "Item",
    "Lineage",
    "Memory",
    "Position",
    "Quota",
    "Receipt",
    "RemanenceError",
    "Reranker",
    "Stated",
    "Stats",
    "Store",
    "TokenCounter",
    "Turn",
    "Upkeep",
    "Value",
    "Why",
    "__version__",
    "open",
    "reembed",
]

MEMORY = {
    "add",
    "add_fact",
    "add_turn",
    "add_vector",
    "agent",
    "as_of",
    "budget_bytes",
    "context",
    "end_fact",
    "fact",
    "facts",
    "fade",
    "get",
    "head",
    "history",
    "items",
    "kv",
    "lineage",
    "namespace",
    "pin",
    "preload",
    "reinforce",
    "search",
    "search_vector",
    "stats",
    "stream",
    "streams",
    "unpin",
    "used",
    "warm",
    "watch",
    "why",
}

STORE = {
    "as_of",
    "close",
    "config",
    "context",
    "export",
    "flush",
    "import_",
    "memory",
    "namespaces",
    "path",
    "search",
    "search_vector",
    "upkeep",
}


def test_the_front_door() -> None:
    assert remanence.__all__ == NAMES
    assert remanence.__all__ == sorted(remanence.__all__)
    assert all(hasattr(remanence, name) for name in NAMES)


def test_star_imports_nothing_else() -> None:
    found: dict[str, object] = {}
    exec("from remanence import *", found)
    assert set(found) - {"__builtins__"} == set(NAMES)


def test_what_a_memory_and_a_store_can_do() -> None:
    with remanence.open() as store:
        assert {name for name in dir(store["a"]) if not name.startswith("_")} == MEMORY
        assert {name for name in dir(store) if not name.startswith("_")} == STORE


def test_every_public_name_says_what_it_is() -> None:
    for name in set(NAMES) - {"__version__"}:
        assert inspect.getdoc(getattr(remanence, name)), name
    for kind, names in ((remanence.Memory, MEMORY), (remanence.Store, STORE)):
        for name in names:
            if callable(found := getattr(kind, name, None)):
                assert inspect.getdoc(found), f"{kind.__name__}.{name}"


def test_arguments_beyond_the_first_few_go_by_name() -> None:
    """So that one can be added between two others without breaking a caller."""
    for kind in (remanence.Memory, remanence.Store):
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            if not name.startswith("_"):
                positional = [
                    each.name
                    for each in inspect.signature(method).parameters.values()
                    if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
                ]
                most = 4 if name in ("add_fact", "end_fact") else 3  # subject, relation, object
                assert len(positional) <= most, f"{kind.__name__}.{name}{tuple(positional)}"
