"""What every release wrote opens, with the same memories in it: see tools/freeze_release.py."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import remanence
from remanence.embed.analyzer import EnglishAnalyzer
from remanence.embed.static import StaticEmbedder
from remanence.errors import EmbedderMismatch
from remanence.types import to_builtins

RELEASES = Path(__file__).resolve().parents[1] / "data" / "releases"
FROZEN = sorted(folder.name for folder in RELEASES.iterdir()) if RELEASES.is_dir() else []


class Release:
    """One frozen store, copied to where it may be written, and what is in it."""

    def __init__(self, version: str, folder: Path) -> None:
        self.path = folder / "memory.db"
        self.snapshots = folder / "memory.db.snapshots"
        self.expected: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        self.version = version
        if (self.expected["embedder"], self.expected["analyzer"]) != (StaticEmbedder().name, EnglishAnalyzer().name):
            with pytest.raises(EmbedderMismatch):
                remanence.open(self.path)
            remanence.reembed(self.path)


@pytest.fixture(params=FROZEN)
def release(request: pytest.FixtureRequest, tmp_path: Path) -> Release:
    return Release(request.param, shutil.copytree(RELEASES / request.param, tmp_path / "copy"))


def close_to(found: Any, expected: Any) -> bool:
    """Whether all that was told then is told now; what a later version tells besides does not matter."""
    if isinstance(expected, dict):
        return all(key in found and close_to(found[key], value) for key, value in expected.items())
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(close_to, found, expected))
    return bool(found == expected)


def check(release: Release) -> None:
    """Hold an opened release to what is expected of it."""
    with remanence.open(release.path) as store:
        namespaces = release.expected["namespaces"]
        assert store.namespaces() == sorted(namespaces)
        for name, expected in namespaces.items():
            memory = store[name]
            assert to_builtins(memory.head()) == expected["position"]
            assert close_to([to_builtins(item) for item in memory.items()], expected["items"])
            assert memory.stats().by_fidelity == expected["by_fidelity"]
            for id, versions in expected["history"].items():
                assert close_to([to_builtins(version) for version in memory.history(id)], versions)
        for search in release.expected["searches"]:
            found = [hit.id for hit in store[search["namespace"]].search(search["query"], k=5, where=search["where"])]
            if search["where"] is None:
                assert found[0] == search["ids"][0], search["query"]
            else:
                assert set(found) == set(search["ids"]), search["query"]


def answers(release: Release) -> list[list[tuple[str, float]]]:
    with remanence.open(release.path) as store:
        return [
            [(hit.id, hit.score) for hit in store[each["namespace"]].search(each["query"], where=each["where"])]
            for each in release.expected["searches"]
        ]


def test_this_version_is_frozen() -> None:
    assert remanence.__version__ in FROZEN, "run: python tools/freeze_release.py"


def test_it_holds_what_it_held(release: Release) -> None:
    if release.version == remanence.__version__:
        with remanence.open(release.path) as store:
            covered = {name: store[name].stats().snapshot_seq for name in store.namespaces()}
        heads = {name: each["position"]["seq"] for name, each in release.expected["namespaces"].items()}
        assert any(0 < covered[name] < heads[name] for name in heads), "its snapshots are not read: freeze it again"
    check(release)


def test_without_its_snapshots_too(release: Release) -> None:
    shutil.rmtree(release.snapshots)
    check(release)


def test_the_snapshots_change_no_answer(release: Release) -> None:
    with_them = answers(release)
    shutil.rmtree(release.snapshots)
    without = answers(release)
    assert [[id for id, _ in hits] for hits in without] == [[id for id, _ in hits] for hits in with_them]
    for one, other in zip(with_them, without, strict=True):
        assert [score for _, score in one] == pytest.approx([score for _, score in other], abs=1e-5)


def test_it_can_be_written_to(release: Release) -> None:
    with remanence.open(release.path) as store:
        for name in store.namespaces():
            before = store[name].head().seq
            receipt = store[name].add("The glazier comes on Monday with the new pane.")
            assert receipt.position.seq == before + 1
            assert store[name].search("when does the glazier come?")[0].id == receipt.id
        store.upkeep()
    with remanence.open(release.path) as store:
        for name in store.namespaces():
            assert store[name].search("when does the glazier come?")[0].text.startswith("The glazier")
