"""Freezes a store of this version under tests/data/releases, for every later version to open.

Writes a small store with one of each thing the format can hold, a snapshot that ends before the last records, and
what is to be found in it. Run once for each release, just before it; a version that is tagged is not frozen again.

    python tools/freeze_release.py
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import remanence
from remanence.embed.analyzer import EnglishAnalyzer
from remanence.embed.static import StaticEmbedder
from remanence.testing import FakeClock
from remanence.types import to_builtins

ROOT = Path(__file__).resolve().parent.parent
RELEASES = ROOT / "tests" / "data" / "releases"
STORE = "memory.db"
EXPECTED = "expected.json"

_CALL = (
    ("Ana", "I have to tell you about the boat, we finally gave her a name."),
    ("Ben", "What is she called?"),
    ("Ana", "Wagtail, like the bird. Petra painted the letters herself."),
    ("Ben", "Is the mooring still forty euros a month?"),
    ("Ana", "It went up to fifty-five in March."),
    ("Ben", "The dentist moved my appointment to Thursday at nine."),
)
_PLAIN = (
    "The spare key is under the blue pot by the door.",
    "Petra is allergic to hazelnuts.",
    "The boiler is serviced every October by Mr Lindqvist.",
    "Grandfather kept bees on the roof until 1987.",
    "The library card expires in June.",
)
# Namespace, words, filter. Without a filter, a question whose answer stands far above the rest whatever the weights
# are: a later version must give the same best one, and with a filter the same ones in any order.
_SEARCHES: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("acme/user/1", "who is allergic to hazelnuts?", None),
    ("acme/user/1", "when is the boiler serviced?", None),
    ("acme/user/1", "what did Grandfather keep on the roof?", None),
    ("acme/user/1", "when does the library card expire?", None),
    ("acme/user/1", "what size are Petra's shoes?", {"topic": "shoes"}),
    ("acme/user/1", "shoes", {"size": {"$gte": 40}}),
    ("acme/user/1", "rowing club dues", None),
    ("acme/calls", "what did Petra paint?", None),
    ("acme/calls", "when is the dentist appointment?", None),
    ("Zoë/ноты/東京", "東京に住んでいます", None),
    ("Zoë/ноты/東京", "где живёт кошка?", None),
    ("Zoë/ноты/東京", "crème brûlée", None),
)


def write(store: remanence.Store, clock: FakeClock) -> None:
    """Put one of each thing into a store, with a snapshot before the last of them."""
    user, calls, other = store["acme/user/1"], store.memory("acme/calls", agent="Robin"), store["Zoë/ноты/東京"]
    for text in _PLAIN:
        clock.advance(seconds=90)
        user.add(text, speaker="Ana", role="user", at="2023-11-05T10:00:00+01:00")
    user.add("Petra wears size 38 shoes.", id="shoes", metadata={"topic": "shoes", "size": 38, "sure": True})
    user.add("Petra wears size 39 shoes now.", id="shoes", metadata={"topic": "shoes", "size": 39, "sure": False})
    user.add("Ben wears size 44 shoes.", id="ben-shoes", metadata={"topic": "shoes", "size": 44, "from": None})
    user.add("The rowing club dues are 120 euros.", salience=4.0, pinned=True, metadata={"euros": 120.5})
    for n, (speaker, text) in enumerate(_CALL):
        calls.add(
            text, speaker=speaker, session="call-1" if n < 4 else "call-2", at=f"2024-02-0{1 + n // 4}T18:0{n}:00"
        )
    read = calls.context("what is the boat called?")
    calls.add_turn(user="What is the boat called?", assistant="Wagtail.", speaker="Ben", trace_id=read.trace_id)
    calls.used(read.trace_id, ["m1", "m3"])
    other.add("東京に住んでいます。", speaker="愛子", role="user")
    other.add("Моя кошка живёт на крыше.", speaker="Вера", session="б")
    other.add("Crème brûlée, s'il vous plaît! 🍮", speaker="Zoë", id="dessert ✓")
    other.add("\ud83c then a half of a character, and a \0 zero", role="tool")
    other.add("word " * 600, id="long", role="assistant")
    store.upkeep()
    # From here on in the log only: what a reader has to take in beside the snapshot.
    clock.advance(seconds=3600)
    user.add("Petra wears size 40 shoes these days.", id="shoes", metadata={"topic": "shoes", "size": 40})
    user.fade("m1")
    user.pin("m2")
    user.pin("m3")
    user.unpin("m3")
    user.reinforce("ben-shoes")
    user.fade("ben-shoes")
    user.add("Ben wears size 45 shoes.", id="ben-shoes", metadata={"topic": "shoes", "size": 45})
    calls.add("The mooring is fifty-five euros.", id="mooring", session="call-2")
    store["acme/late"].add("Written after the snapshot.", at="1969-07-20T20:17:40")


def told(store: remanence.Store) -> dict[str, Any]:
    """Return what a store holds, as the public calls tell it, and who answers each question best."""
    namespaces: dict[str, Any] = {}
    for name in store.namespaces():
        memory = store[name]
        named = {item.id for item in memory.items()} | {f"m{n}" for n in range(1, memory.head().seq + 1)}
        histories = {id: [to_builtins(version) for version in _history(memory, id)] for id in sorted(named)}
        namespaces[name] = {
            "position": to_builtins(memory.head()),
            "items": [to_builtins(item) for item in memory.items()],
            "history": {id: versions for id, versions in histories.items() if versions},
            "by_fidelity": memory.stats().by_fidelity,
        }
    searches = [
        {"namespace": name, "query": query, "where": where, "ids": [hit.id for hit in found]}
        for name, query, where in _SEARCHES
        if (found := store[name].search(query, k=5, where=where))
    ]
    return {"namespaces": namespaces, "searches": searches}


def _history(memory: remanence.Memory, id: str) -> list[remanence.Item]:
    try:
        return memory.history(id)
    except LookupError:
        return []


def main() -> None:
    version = remanence.__version__
    tags = subprocess.run(["git", "tag", "--list", f"v{version}"], cwd=ROOT, capture_output=True, text=True, check=True)
    if tags.stdout.strip():
        sys.exit(f"{version} is released: what it wrote does not change any more; raise the version first")
    folder = RELEASES / version
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    clock = FakeClock(step_ns=1_000_003)
    untraced = remanence.Config(trace_detail="off")  # traces are no part of the format
    with remanence.open(folder / STORE, config=untraced, clock=clock) as store:
        write(store, clock)
        expected = told(store)
    names = {item.name for item in folder.iterdir()}
    if names != {STORE, f"{STORE}.snapshots"}:
        sys.exit(f"the store left {sorted(names)}; freeze where nothing else has it open")
    names_of = {"embedder": StaticEmbedder().name, "analyzer": EnglishAnalyzer().name}
    expected = {"version": version} | names_of | expected
    (folder / EXPECTED).write_text(json.dumps(expected, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
    print(f"{folder.relative_to(ROOT)}: {sum(f.stat().st_size for f in folder.rglob('*') if f.is_file()):,} bytes")


if __name__ == "__main__":
    main()
