"""Writes the figures of README.md and docs/ from the results under benchmarks/results, so that none is typed by hand.

Everything between `<!-- figures:NAME -->` and `<!-- /figures -->` is made here. What has not been measured
says so, with the command that measures it.

    python tools/docs_figures.py                  # write the pages
    python tools/docs_figures.py --check          # say which are not what the results give; a test runs this
    python tools/docs_figures.py --list           # name the results and the commands that make them
    python tools/docs_figures.py --record bench eval-locomo --data ../shared/data
                                                  # run those commands, and keep what they print with the
                                                  # machine and the commit

A result may also be what a command printed, as it is: `remanence bench --json > benchmarks/results/bench.json`.
Then its caption has the machine and the commit only where the command prints them.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import importlib.util
import json
import math
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
_MARKED = re.compile(r"(<!-- figures:([\w-]+) -->\n)(.*?)(<!-- /figures -->)", re.DOTALL)
_LOCOMO = "path/to/locomo_dev.json"
_BEAM = "path/to/beam"
_OTHERS = "path/to/sentences.txt"
_UNSEEN = " ".join(f"{_BEAM}/100K_{n}_chat.json" for n in range(5, 10))

# What is measured: the name of the result, and the command that prints it as JSON.
COMMANDS = {
    "eval-locomo": f"remanence eval {_LOCOMO} --json",
    "eval-locomo-pooled": f"remanence eval {_LOCOMO} --pooled --json",
    "eval-locomo-single-session": f"remanence eval {_LOCOMO} --single-session --json",
    "eval-locomo-small-1": f"remanence eval {_LOCOMO} --small 1 --json",
    "eval-locomo-small-5": f"remanence eval {_LOCOMO} --small 5 --json",
    "eval-locomo-small-20": f"remanence eval {_LOCOMO} --small 20 --json",
    "eval-locomo-abstention": f"remanence eval {_LOCOMO} --abstention --json",
    "eval-locomo-among": (
        f"remanence eval {_LOCOMO} --among 0,1000,10000,90000 --others {_OTHERS} "
        "--budget 1024 --system remanence --system bm25 --json"
    ),
    "eval-beam": f"remanence eval {_BEAM} --json",
    "eval-beam-unseen": f"remanence eval {_UNSEEN} --json",
    "bench": "remanence bench --json",
    "peers": "python benchmarks/peers.py",
    "tokens": "python benchmarks/tokens.py",
    "log_append": "python benchmarks/log_append.py",
    "growth-quality": "python benchmarks/growth_quality.py",
    "ablation": "python benchmarks/ablation.py",
    "rerank": "python benchmarks/rerank.py --model path/to/all-MiniLM-L6-v2",
    "facts": "python benchmarks/facts.py",
    "knowledge": f"python benchmarks/knowledge.py {_LOCOMO}",
    "past": "python benchmarks/past.py",
    "shared-memory": f"python benchmarks/shared_memory.py {_LOCOMO}",
    "tracing": "python benchmarks/tracing.py",
    "eval-beam-updates": f"remanence eval {_BEAM} --updates --without-facts --json",
    "kills": "make proof",
}
_DATA = {
    _LOCOMO: "locomo/locomo_dev.json",
    _BEAM: "beam",
    _OTHERS: "train/sentences.txt",
}
NOT_MEASURED = "Not measured yet: `{command}`."


class Missing(Exception):
    """A result that is not there; the message is its name."""


class Result(NamedTuple):
    """What one command printed, and where it ran."""

    value: Any
    caption: str


# --- results ----------------------------------------------------------------------------------------


def result(name: str) -> Result:
    """Return a result by name.

    Raises:
        Missing: it was not measured yet.
    """
    path = RESULTS / f"{name}.json"
    if not path.is_file():
        raise Missing(name)
    read = json.loads(path.read_text(encoding="utf-8"))
    where: dict[str, Any] = read if isinstance(read, dict) else {}
    recorded = set(where) == {"command", "machine", "result"}
    value = where["result"] if recorded else read
    machine = _machine(where)
    # A figure is of a commit: without one it is told as such, never guessed.
    said = machine or "Machine and commit were not recorded"
    return Result(value, f"{said}. `{where['command'] if recorded else COMMANDS[name]}`")


def _machine(where: dict[str, Any]) -> str:
    found: dict[str, Any] = dict(where)
    inner = where.get("machine")
    if isinstance(inner, dict):
        found |= inner
    elif isinstance(inner, str):
        found["os"] = inner
    processor = found.get("processor") or found.get("cpu")
    system = None if processor else found.get("os") or found.get("system") or found.get("machine")
    parts = [
        str(processor or system or ""),
        f"{found['cores']} cores" if "cores" in found else "",
        f"Python {found['python']}" if "python" in found else "",
        f"load {found['load']}" if "load" in found else "",
        f"commit {found['commit']}" if "commit" in found else "commit not recorded",
    ]
    known = [part for part in parts if part]
    return ", ".join(known) if len(known) > 1 else ""


def record(name: str, data: Path) -> None:
    """Run the command of a result and keep what it prints, with the machine and the commit."""
    from remanence.surfaces.bench import machine

    where = machine.describe()
    if name == "kills":
        value: Any = _kills()
    else:
        command = COMMANDS[name]
        for shown, real in sorted(_DATA.items(), key=lambda pair: -len(pair[0])):
            command = command.replace(shown, str(data / real))
        words = shlex.split(command)
        start = [sys.executable, "-m", "remanence"] if words[0] == "remanence" else [sys.executable]
        done = subprocess.run([*start, *words[1:]], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        value = json.loads(done.stdout)
    RESULTS.mkdir(exist_ok=True)
    kept = {"command": COMMANDS[name], "machine": where, "result": value}
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _kills(n: int = 200) -> dict[str, Any]:
    """Run the tests that kill writers, and count."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        subprocess.run(
            [
                *(sys.executable, "-m", "pytest", f"--junitxml={report}"),
                *("tests/integration/test_log_crash.py", "tests/integration/test_kill.py"),
            ],
            cwd=ROOT, env=os.environ | {"REMANENCE_KILLS": str(n)}, stdout=sys.stderr, check=False,
        )  # fmt: skip
        suite = ElementTree.parse(report).getroot()
        suite = suite if suite.tag == "testsuite" else suite[0]
        counts = {key: int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")}
    failed = counts["failures"] + counts["errors"]
    return {"kills": n, "passed": counts["tests"] - failed - counts["skipped"], "failed": failed}


# --- tables -----------------------------------------------------------------------------------------


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, n_left: int = 1) -> str:
    """Return a Markdown table; all columns but the first `n_left` are aligned right."""
    lines = [f"| {' | '.join(header)} |", "|" + "|".join("---" if i < n_left else "---:" for i in range(len(header)))]
    lines[1] += "|"
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def _with_caption(body: str, *captions: str) -> str:
    return body + "\n\n" + "\n\n".join(f"*{caption}*" for caption in dict.fromkeys(captions))


def _percent(value: float | None) -> str:
    return "" if value is None or math.isnan(value) else f"{100 * value:.1f}"


def _evaluation(name: str, budgets: Sequence[int]) -> str:
    """Every system, and the gain over BM25 at the largest budget."""
    found = result(name)
    headline = f"B@{budgets[-1]}"
    measures = ["R@1", "R@5", "R@10", "MRR", *(f"B@{budget}" for budget in budgets), f"Cown@{budgets[-1]}"]
    header = ["labels", "system", "questions", *measures, f"{headline}, 95 %"]
    rows: list[list[str]] = []
    gains: list[str] = []
    for each in found.value:
        labels = _labels(each["title"])
        for row in each["rows"]:
            low, high = row["intervals"][headline]
            figures = [_percent(row["means"].get(measure)) for measure in measures]
            span = f"{_percent(low)} to {_percent(high)}"
            rows.append([labels, row["system"], f"{row['n_questions']:,}", *figures, span])
        if headline in each["gains"]:
            gain = each["gains"][headline]
            low, high = 100 * gain["low"], 100 * gain["high"]
            gains.append(f"{labels} labels: {100 * gain['mean']:+.1f} ({low:+.1f} to {high:+.1f})")
    body = table(header, rows, n_left=2)
    if gains:
        body += f"\n\nGain over BM25, {headline}: {'; '.join(gains)}."
    every = [row for each in found.value for row in each["rows"]]
    if over := [f"{row['system']} {row['over_budget']}" for row in every if row["over_budget"]]:
        body += f"\n\nContexts over their budget: {', '.join(over)}."
    return _with_caption(body, found.caption)


def _labels(title: str) -> str:
    """Return "raw" of a title such as "locomo, raw labels, own conversation"."""
    return title.split(", ")[1].removesuffix(" labels")


def _categories(name: str, headline: str, names: dict[str, str]) -> str:
    """The headline by category, of the last labels: the corrected ones where there are any."""
    found = result(name)
    each = found.value[-1]
    systems = [row["system"] for row in each["rows"]]
    rows = [
        [
            names.get(category, category) + (" (not counted)" if category in each["apart"] else ""),
            f"{of[0]['n_questions']:,}",
            *(_percent(row["means"].get(headline)) for row in of),
        ]
        for category, of in each["by_category"].items()
    ]
    body = table([f"{headline}, {_labels(each['title'])} labels", "questions", *systems], rows)
    return _with_caption(body, found.caption)


LOCOMO_CATEGORIES = {
    "1": "1, multi-hop",
    "2": "2, temporal",
    "3": "3, open-domain",
    "4": "4, single-hop",
    "5": "5, adversarial",
}


def _modes(names: dict[str, str], measures: Sequence[str]) -> str:
    """One row a system for each of several results: the same questions over other memories."""
    rows: list[list[str]] = []
    captions: list[str] = []
    for name, what in names.items():
        found = result(name)
        captions.append(found.caption)
        each = found.value[-1]
        rows += [
            [what, row["system"], f"{row['n_questions']:,}", *(_percent(row["means"].get(m)) for m in measures)]
            for row in each["rows"]
        ]
    return _with_caption(table(["memories", "system", "questions", *measures], rows, n_left=2), *captions)


def _abstention() -> str:
    found = result("eval-locomo-abstention")
    # Raw labels come first, then corrected ones where there are any.
    rows = [
        ["corrected" if i else "raw", row["system"], f"{row['n_questions']:,}", f"{row['auc']:.3f}"]
        + ([f"{row['aurc']:.3f}"] if "aurc" in row else [""])
        + [f"{row[key]:.2f}" for key in ("with_evidence", "without_evidence")]
        for i, each in enumerate(found.value)
        for row in each
    ]
    header = ["labels", "system", "questions", "AUC", "AURC", "mean confidence, evidence in", "left out"]
    return _with_caption(table(header, rows, n_left=2), found.caption)


def _risk_coverage() -> str:
    """What comes of answering only the most confident questions, by the last labels."""
    found = result("eval-locomo-abstention")
    told = [row for row in found.value[-1] if row["system"] != "random"]
    if not all("curve" in row for row in told):
        raise Missing("eval-locomo-abstention")
    header = ["answered", *(head for row in told for head in (f"{row['system']}, risk", "confidence at least"))]
    rows = [
        [f"{curves[0]['coverage']} %", *(cell for at in curves for cell in (_percent(at["risk"]), _sure(at)))]
        for curves in zip(*(row["curve"] for row in told), strict=True)
    ]
    return _with_caption(table(header, rows), found.caption)


def _sure(at: dict[str, float]) -> str:
    return f"{at['threshold']:.2f}"


def _contexts() -> str:
    """What contexts hold with the evidence in the memory and without it, by the last labels."""
    found = result("eval-locomo-abstention")
    told = found.value[-1]
    if not all("tokens_with" in row for row in told):
        raise Missing("eval-locomo-abstention")
    budget = told[0]["budget"]
    header = ["system", f"C@{budget}", "mean tokens, evidence in", "left out", "empty, evidence in", "left out"]
    rows = [
        [
            row["system"],
            _percent(row["evidence"]),
            *(f"{row[key]:,.0f}" for key in ("tokens_with", "tokens_without")),
            *(f"{row[key]:,} of {row['n_questions']:,}" for key in ("empty_with", "empty_without")),
        ]
        for row in told
    ]
    return _with_caption(table(header, rows), found.caption)


def _among() -> str:
    """The same questions among ever more other sentences, by the last labels."""
    found = result("eval-locomo-among")
    labels = _labels(found.value[-1]["title"])
    rows: list[list[str]] = []
    for each in found.value:
        if _labels(each["title"]) != labels:
            continue
        others = each["title"].split(" among ")[1].removesuffix(" others")
        for row in each["rows"]:
            low, high = row["intervals"]["B@1024"]
            figures = [_percent(row["means"][measure]) for measure in ("R@10", "B@1024")]
            rows.append(
                [others, row["system"], f"{row['n_questions']:,}", *figures, f"{_percent(low)} to {_percent(high)}"]
            )
    header = ["other sentences", "system", "questions", "R@10", "B@1024", "B@1024, 95 %"]
    return _with_caption(table(header, rows, n_left=2), found.caption)


def _bench(title: str, *, n_left: int = 1, caption: str = "bench") -> str:
    """One group of figures of `remanence bench`, as it prints them."""
    found = result(caption)
    group = next(figures for figures in found.value["figures"] if figures["title"] == title)
    header, *rows = group["rows"]
    return _with_caption(table([head.replace(" us", " µs") for head in header], rows, n_left=n_left), found.caption)


def _peers() -> str:
    found = result("peers")
    told = found.value
    header = [
        *("system", "p50 back to back, µs", "p99", "paced p50, µs", "p99", "times Remanence, paced"),
        *("R@10", "add p50, µs", "resident MB"),
    ]
    rows: list[tuple[float, list[str]]] = []
    absent: list[str] = []
    for name, row in told["systems"].items():
        if "absent" in row:
            absent.append(f"{name} ({row['absent']})")
            continue
        tight, paced = row["tight_with_embedding"], row["paced_with_embedding"]
        cells = [
            *(f"{name} {row['version']}", *_span(tight), *_span(paced)),
            f"{row.get('paced_with_embedding_ratio', math.nan):.1f}",
            f"{100 * row['recall_at_10']:.1f}",
            f"{row['add_one']['p50_us']:,.0f}",
            f"{row['resident_mb']:,.0f}",
        ]
        rows.append((paced["p50_us"], cells))
    body = table(header, [cells for _, cells in sorted(rows)])
    body += (
        f"\n\n{told['users']:,} users with {told['memories_per_user']:,} memories each; a query concerns one user and "
        f"asks for the best {told['k']}. The same vectors for all, and the query's embedding is part of the time. "
        f"Paced is one query every {told['pace_ms']:.0f} ms."
    )
    if absent:
        body += f"\n\nNot measured: {'; '.join(absent)}."
    return _with_caption(body, found.caption)


def _span(of: dict[str, float]) -> tuple[str, str]:
    return f"{of['p50_us']:,.0f}", f"{of['p99_us']:,.0f}"


def _log_append() -> str:
    found = result("log_append")
    told = found.value
    rows = [
        [what, f"{told[key]['p50']:,.0f}", f"{told[key]['p99']:,.0f}"]
        for what, key in (
            ("append, back to back", "append_us"),
            ("append, one every 2 ms", "append_paced_us"),
            ("append, forced to the disk", "durable_us"),
        )
    ]
    body = table(["", "p50 µs", "p99 µs"], rows)
    body += (
        f"\n\nA record of {told['body_bytes']:.0f} bytes takes {told['log_bytes_per_record']:.0f} in the log, "
        f"{told['file_bytes_per_record']:.0f} in the file and {told['wal_bytes_per_append']:,} in the write-ahead "
        f"log; it is read in {told['read_us_per_record']:.0f} µs. SQLite {told['sqlite']}."
    )
    return _with_caption(body, found.caption)


def _growth_quality() -> str:
    found = result("growth-quality")
    rows = [
        [f"{row['others']:,}", row["look"], _percent(row["R@10"]), _percent(row["B@1024"]), f"{row['questions']:,}"]
        for row in found.value["rows"]
    ]
    header = ["other memories", "rows", "R@10", "B@1024", "questions"]
    return _with_caption(table(header, rows, n_left=2), found.caption)


def _proof() -> str:
    found = result("kills")
    told = found.value
    body = (
        f"With `REMANENCE_KILLS={told['kills']}`: {told['passed']} tests passed, {told['failed']} failed. Writers "
        "are killed at random moments under load, and every acknowledged write is looked for."
    )
    return _with_caption(body, found.caption)


def _tokens() -> str:
    found = result("tokens")
    return _with_caption(_module("benchmarks/tokens.py").tables(found.value).strip(), found.caption)


def _ablation(what: str, columns: str, *arguments: str) -> str:
    """One table of benchmarks/ablation_tables.py."""
    found = result("ablation")
    tables = _module("benchmarks/ablation_tables.py")
    header, rows = getattr(tables, what)(found.value, *arguments, *([getattr(tables, columns)] if columns else []))
    body = table(header, rows)
    return _with_caption(f"{body}\n\n{tables.sizes(found.value)}" if columns else body, found.caption)


def _knowledge(what: str, name: str) -> str:
    """One table of tools/knowledge_tables.py."""
    found = result(name)
    header, rows = getattr(_module("tools/knowledge_tables.py"), what)(found.value)
    return _with_caption(table(header, rows), found.caption)


_TUNED = "by hand, on BEAM chats 1, 10, 2, 3, 4"
_HOW = {"lexical": "the unit", "date": "by hand", "user": _TUNED, "length": _TUNED}
_HOW["crowding"] = f"{_TUNED}; its size also looked at on LoCoMo dev"


def _rerank() -> str:
    """Fast alone, and re-ranked within each limit: means, gains with their intervals, and what it took."""
    found = result("rerank")
    told = found.value
    measures = list(told["sets"][0]["rows"][0]["measures"])
    header = ["set", "limit, ms", "texts", *measures, "re-ranked", "p50 ms", "p99 ms", "late"]
    rows: list[list[str]] = []
    for each in told["sets"]:
        for row in each["rows"]:
            fast = row["limit_ms"] is None
            values = row["measures"].values()
            cells = [
                f"{of['mean']:.1f}" if fast else f"{of['gain']:+.1f} ({of['low']:+.1f} to {of['high']:+.1f})"
                for of in values
            ]
            name = f"{each['set']}, {row['questions']:,} questions"
            start = [name, "fast alone", ""] if fast else ["", f"{row['limit_ms']:.0f}", row["texts"]]
            took = [f"{row['ms_p50']:.1f}", f"{row['ms_p99']:.1f}"]
            again = [f"{row['texts_median']:.0f}", *took, "" if fast else _percent(row["late_share"]) + " %"]
            rows.append([*start, *cells, *again])
    body = table(header, rows, n_left=3)
    body += f"\n\nModel: `{told['model']}`, one thread. Gains in points over the fast order, with 95 % intervals."
    return _with_caption(body, found.caption)


def _weights() -> str:
    """The ranking's weights as they are shipped, and how the tool that makes them says each was set."""
    from remanence.core.ranking import SIGNALS
    from remanence.engine.weights import WEIGHTS

    learned: list[str] = _module("tools/train_ranker.py").LEARNED
    rows = [
        [f"`{name}`", f"{getattr(WEIGHTS, name):g}", _HOW.get(name, "learned" if name in learned else "by hand")]
        for name in SIGNALS
    ]
    rows.append(["slope and offset of the logistic", f"{WEIGHTS.slope:g}, {WEIGHTS.offset:g}", "fitted on FriendsQA"])
    lines = table(["signal", "weight", "set"], rows).splitlines()
    return "\n".join([lines[0], "|---|---:|---|", *lines[2:]])


def _tree() -> str:
    """Every file of the package with the first sentence of its docstring."""
    package = ROOT / "src" / "remanence"
    lines: list[str] = []
    folder = Path()
    for path in sorted(package.rglob("*.py"), key=lambda path: (path.parent.as_posix(), path.name)):
        where = path.relative_to(package)
        if where.parent != folder:
            folder = where.parent
            lines.append(f"{folder.as_posix()}/")
        indent = "  " if folder.parts else ""
        lines.append(f"{indent}{path.name:<{18 - len(indent)}}{_sentence(path)}")
    return "```text\n" + "\n".join(lines) + "\n```"


def _sentence(path: Path) -> str:
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return re.split(r"(?<=[.])\s", " ".join(told.split("\n\n")[0].split()), maxsplit=1)[0].rstrip(".")


def _module(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(Path(path).stem + "_of_figures", ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    beside = str((ROOT / path).parent)  # where it imports from
    sys.path.insert(0, beside)
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(beside)
    return module


FIGURES: dict[str, Callable[[], str]] = {
    "locomo": lambda: _evaluation("eval-locomo", (256, 1024)),
    "locomo-categories": lambda: _categories("eval-locomo", "B@1024", LOCOMO_CATEGORIES),
    "locomo-pooled": lambda: _evaluation("eval-locomo-pooled", (256, 1024)),
    "locomo-small": lambda: _modes(
        {
            "eval-locomo-small-1": "1",
            "eval-locomo-small-5": "5",
            "eval-locomo-small-20": "20",
            "eval-locomo-single-session": "the session with the evidence",
        },
        ("R@1", "R@5", "MRR", "B@256"),
    ),
    "abstention": _abstention,
    "risk-coverage": _risk_coverage,
    "contexts": _contexts,
    "locomo-among": _among,
    "beam": lambda: _evaluation("eval-beam", (256, 1024, 4096)),
    "beam-unseen": lambda: _evaluation("eval-beam-unseen", (256, 1024, 4096)),
    "beam-categories": lambda: _categories("eval-beam", "B@4096", {}),
    "latency": lambda: _bench("Latency", n_left=3),
    "growth": lambda: _bench("Growth"),
    "memory": lambda: _bench("Bytes a memory"),
    "reopen": lambda: _bench("Reopen in a new process"),
    "add": lambda: _bench("Add, log included"),
    "cpu": lambda: _bench("Processor time: a context and two adds a turn"),
    "idle": lambda: _bench("Idle"),
    "import": lambda: _bench("Import, in a new interpreter"),
    "install": lambda: _bench("Installed size"),
    "peers": _peers,
    "log-append": _log_append,
    "growth-quality": _growth_quality,
    "ablation-talk": lambda: _ablation("off", "TALK", "off"),
    "ablation-elsewhere": lambda: _ablation("off", "ELSEWHERE", "off"),
    "ablation-again-talk": lambda: _ablation("off", "TALK", "again"),
    "ablation-again-elsewhere": lambda: _ablation("off", "ELSEWHERE", "again"),
    "ablation-training-talk": lambda: _ablation("training", "TALK"),
    "ablation-training-elsewhere": lambda: _ablation("training", "ELSEWHERE"),
    "ablation-costs": lambda: _ablation("costs", ""),
    "kills": _proof,
    "tokens": _tokens,
    "rerank": _rerank,
    "facts": lambda: _knowledge("facts", "facts"),
    "calls": lambda: _knowledge("calls", "knowledge"),
    "past": lambda: _knowledge("past", "past"),
    "shared-memory": lambda: _knowledge("shared_memory", "shared-memory"),
    "tracing": lambda: _knowledge("tracing", "tracing"),
    "updates": lambda: _knowledge("updates", "eval-beam-updates"),
    "weights": _weights,
    "tree": _tree,
}


# --- pages ------------------------------------------------------------------------------------------


def figure(name: str) -> str:
    """Return what stands between the markers of a figure.

    Raises:
        KeyError: no figure has this name.
    """
    make = FIGURES[name]
    try:
        return make()
    except Missing as missing:
        return NOT_MEASURED.format(command=COMMANDS[str(missing)])


def pages() -> list[Path]:
    """Return the pages that may hold figures."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def filled(page: str) -> str:
    """Return the text of a page with every figure as the results give it."""
    return _MARKED.sub(lambda match: f"{match[1]}{figure(match[2])}\n{match[4]}", page)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a page is not current")
    parser.add_argument("--list", action="store_true", help="name the results and their commands")
    parser.add_argument("--record", nargs="+", choices=[*COMMANDS, "all"], metavar="NAME", help="measure these first")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="evaluation data")
    options = parser.parse_args()
    if options.list:
        for name, command in COMMANDS.items():
            print(f"{name:28}{'' if (RESULTS / f'{name}.json').is_file() else 'missing  '}{command}")
        return
    for name in COMMANDS if options.record == ["all"] else options.record or ():
        print(f"{name}: {COMMANDS[name]}", file=sys.stderr)
        record(name, options.data.resolve())
    stale = False
    for path in pages():
        was = path.read_text(encoding="utf-8")
        now = filled(was)
        if now == was:
            continue
        stale = True
        if options.check:
            name = path.relative_to(ROOT).as_posix()
            print("\n".join(difflib.unified_diff(was.splitlines(), now.splitlines(), name, "generated", lineterm="")))
        else:
            path.write_text(now, encoding="utf-8")
    if options.check and stale:
        sys.exit("figures are not what the results give; run: make figures")


if __name__ == "__main__":
    main()
