"""How well and how fast the rules find facts in casual speech, against hand-written lines (tests/data/facts).

For each file, as JSON:

  committed     precision, recall and F1 of the committed facts that hold after the last turn, micro, with counts
  by_style      the same for each style of line
  false_facts   committed facts found in lines of a style that mostly states none, and not among the line's own
  corrections   share of correction lines whose committed facts are exactly right
  soft          precision and recall of likes, dislikes and possessions
  cost          microseconds of processor time an utterance, median and p99, of one pass after a warm-up

A fact is right when subject, relation and object agree but for case, punctuation, articles and a plural s, and words
for the same relative ("mum", "mother") are one.

    python benchmarks/facts.py
    python benchmarks/facts.py tests/data/facts/gold.jsonl --errors

With --sample, how good the rules are on other chats is left to whoever reads what they found: as JSON lines, a random
sample of statements, each with the words it was found in, always the same one for a seed. A file is a text with an
utterance a line, or a LoCoMo JSON, whose sessions are followed speaker by speaker; --soft samples likes, dislikes and
possessions in the place of committed facts. At the end, on stderr, the number of utterances and of statements, and the
cost.

    python benchmarks/facts.py --sample 100 --seed 7 chats.txt
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from remanence.extract.extraction import Carried, extract
from remanence.extract.statements import RELATIONS, Statement, current
from remanence.extract.words import table

DATA = Path(__file__).parent.parent / "tests" / "data" / "facts"
HELD_OUT = "unseen.jsonl"
EMPTY_STYLES = ("question", "hypothetical", "plan", "reported", "idle")

Fact = tuple[str, str, str]


class Line(NamedTuple):
    """One hand-written line: what was said on which day, and the facts it states."""

    said: list[str]
    style: str
    at_ns: int
    facts: set[Fact]
    soft: set[Fact]


class Tally(NamedTuple):
    """Counts of facts found and wanted."""

    right: int = 0
    found: int = 0
    wanted: int = 0

    def plus(self, found: set[Fact], wanted: set[Fact]) -> Tally:
        """Return the tally with one more line counted."""
        return Tally(self.right + len(found & wanted), self.found + len(found), self.wanted + len(wanted))

    def shown(self) -> dict[str, Any]:
        """Return precision, recall and F1 with their counts; 1.0 for a share of nothing."""
        precision = self.right / self.found if self.found else 1.0
        recall = self.right / self.wanted if self.wanted else 1.0
        both = precision + recall
        return {
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(2 * precision * recall / both if both else 0.0, 4),
            **self._asdict(),
        }


def lines(file: Path) -> list[Line]:
    """Read the lines of a file; `KeyError` or `ValueError` for one that is none."""
    read: list[Line] = []
    for text in file.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        day = datetime.fromisoformat(line["at"]).replace(tzinfo=UTC)
        at_ns = int(day.timestamp()) * 1_000_000_000
        read.append(Line(line["said"], line["style"], at_ns, compared(line["facts"]), compared(line["soft"])))
    return read


def compared(facts: Iterable[Iterable[str]]) -> set[Fact]:
    """Return facts as they are compared: case, punctuation, articles, a plural s and words for relatives folded."""
    return {(_subject(s), _bare(r.replace("colour", "color")), _bare(o)) for s, r, o in facts}


def _subject(said: str) -> str:
    head, *chain = said.lower().split("'s ")
    return "'s ".join([head, *({**table("kin"), **table("pets")}.get(word, word) for word in chain)])


def _bare(said: str) -> str:
    words = [word for word in re.findall(r"[\w@+]+", said.lower().replace("'", "")) if word not in ("a", "an", "the")]
    return " ".join(word[:-1] if word.endswith("s") and len(word) > 3 else word for word in words)


def stated(line: Line) -> tuple[set[Fact], set[Fact]]:
    """Return the committed and the soft facts that hold after a line's last turn."""
    carried, statements = Carried(), list[Statement]()
    for text in line.said:
        extraction = extract(text, at_ns=line.at_ns, carried=carried)
        statements.extend(extraction.statements)
        carried = extraction.carried
    held = current(statements)
    soft = {name for name, relation in RELATIONS.items() if not relation.committed}
    return compared(f for f in held if f[1] not in soft), compared(f for f in held if f[1] in soft)


def turns(file: Path) -> Iterator[tuple[str, str, bool]]:
    """Yield the utterances of a text or a LoCoMo JSON: who speaks, what, and whether a conversation starts."""
    if file.suffix != ".json":
        for text in file.read_text(encoding="utf-8").splitlines():
            yield "user", text, True
        return
    for sample in json.loads(file.read_text(encoding="utf-8")):
        conversation = sample["conversation"]
        for name in sorted(key for key in conversation if re.fullmatch(r"session_\d+", key)):
            for i, turn in enumerate(conversation[name]):
                yield turn["speaker"], turn["text"], i == 0


def sample(file: Path, n: int, seed: int, *, soft: bool) -> list[dict[str, str | bool]]:
    """Return a random sample of what is found in a file, and tell stderr what it is a sample of."""
    at_ns = int(datetime(2024, 11, 6, tzinfo=UTC).timestamp()) * 1_000_000_000
    found: list[dict[str, str | bool]] = []
    taken: list[float] = []
    carried: dict[str, Carried] = {}
    for speaker, text, starts in turns(file):
        if starts:
            carried = {}
        start = time.thread_time_ns()
        extraction = extract(text, at_ns=at_ns, speaker=speaker, carried=carried.get(speaker, Carried()))
        taken.append((time.thread_time_ns() - start) / 1000)
        carried[speaker] = extraction.carried
        for stated in extraction.statements:
            if stated.committed != soft:
                fact = {"subject": stated.subject, "relation": stated.relation, "object": stated.object}
                found.append({**fact, "ends": stated.retracted, "said": text})
    summary = {"utterances": len(taken), "found": len(found), "cost": cost(taken)}
    print(json.dumps(summary), file=sys.stderr)
    return random.Random(seed).sample(found, min(n, len(found)))


def cost(taken: list[float]) -> dict[str, float]:
    """Return median and p99 of some times in microseconds."""
    taken = sorted(taken) or [0.0]
    return {"median_us": round(statistics.median(taken), 1), "p99_us": round(taken[int(len(taken) * 0.99)], 1)}


def costs(of: list[Line]) -> dict[str, float]:
    """Return the median and p99 microseconds an utterance takes, over one pass after a warm-up."""
    taken: list[float] = []
    for timed in (False, True):
        for line in of:
            carried = Carried()
            for text in line.said:
                start = time.thread_time_ns()
                carried = extract(text, at_ns=line.at_ns, carried=carried).carried
                if timed:
                    taken.append((time.thread_time_ns() - start) / 1000)
    return cost(taken)


def measured(of: list[Line], *, errors: bool = False) -> dict[str, Any]:
    """Return the figures of a file; with `errors`, print its mistakes to stderr."""
    committed, soft = Tally(), Tally()
    styles: dict[str, Tally] = {}
    false_facts = dict.fromkeys(EMPTY_STYLES, 0)
    corrections: list[bool] = []
    for line in of:
        facts, softly = stated(line)
        committed = committed.plus(facts, line.facts)
        soft = soft.plus(softly, line.soft)
        styles[line.style] = styles.get(line.style, Tally()).plus(facts, line.facts)
        if line.style in false_facts:
            false_facts[line.style] += len(facts - line.facts)
        if line.style == "correction":
            corrections.append(facts == line.facts)
        if errors and (facts != line.facts or softly != line.soft):
            _show(line, facts, softly)
    return {
        "n": len(of),
        "committed": committed.shown(),
        "by_style": {style: tally.shown() for style, tally in sorted(styles.items())},
        "false_facts": false_facts,
        "corrections": round(sum(corrections) / len(corrections), 4) if corrections else None,
        "soft": soft.shown(),
        "cost": costs(of),
    }


def _show(line: Line, facts: set[Fact], softly: set[Fact]) -> None:
    print(f"[{line.style}] {' | '.join(line.said)}", file=sys.stderr)
    for mark, some in (
        ("  missing ", line.facts - facts),
        ("  WRONG   ", facts - line.facts),
        ("  missing (soft) ", line.soft - softly),
        ("  wrong (soft)   ", softly - line.soft),
    ):
        for fact in sorted(some):
            print(mark, " / ".join(fact), file=sys.stderr)


def main() -> None:
    """Print the figures of the files named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="FILE",
        help="lines to measure (default: gold.jsonl, fresh.jsonl and unseen.jsonl of tests/data/facts)",
    )
    parser.add_argument(
        "--errors",
        action="store_true",
        help="print the mistakes to stderr; refused for unseen.jsonl, which nobody tunes on",
    )
    parser.add_argument(
        "--sample", type=int, metavar="N", help="print N of the statements found in FILE, to judge by hand"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the sample (default: 1)")
    parser.add_argument("--soft", action="store_true", help="sample likes, dislikes and possessions")
    arguments = parser.parse_args()
    if arguments.sample is not None:
        if len(arguments.files) != 1 or arguments.files[0].name == HELD_OUT:
            parser.error(f"--sample takes one FILE, and not {HELD_OUT}, which is held out")
        for found in sample(arguments.files[0], arguments.sample, arguments.seed, soft=arguments.soft):
            print(json.dumps(found, ensure_ascii=False))
        return
    files: list[Path] = arguments.files or [DATA / "gold.jsonl", DATA / "fresh.jsonl", DATA / HELD_OUT]
    if arguments.errors and any(file.resolve().name == HELD_OUT for file in files):
        parser.error(f"--errors is refused for {HELD_OUT}: it is held out")
    print(json.dumps({file.name: measured(lines(file), errors=arguments.errors) for file in files}, indent=1))


if __name__ == "__main__":
    main()
