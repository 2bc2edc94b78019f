"""Figures in the pages are what the results give, and what the results give is what the commands print."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from remanence.surfaces.bench import Figures, Report
from remanence.surfaces.evaluation import Abstention
from remanence.surfaces.evaluation.metrics import RiskAt
from remanence.surfaces.evaluation.report import tabulate
from remanence.surfaces.evaluation.scoring import Answer
from remanence.types import SIGNALS, to_builtins

ROOT = Path(__file__).resolve().parents[2]
MACHINE = {"processor": "Some CPU", "cores": "2", "python": "3.11.0", "commit": "abc123", "load": "0.1 of 2 cores"}
MEASURES = ("R@1", "R@5", "R@10", "MRR", "B@256", "B@1024", "B@4096", "Cown@1024", "Cown@4096")


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The tool, with results of its own."""
    loaded = load()
    monkeypatch.setattr(loaded, "RESULTS", tmp_path)
    return loaded


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_figures", ROOT / "tools" / "docs_figures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def keep(tool: ModuleType, name: str, value: Any, *, recorded: bool = True) -> None:
    if recorded:
        value = {"command": "remanence something", "machine": MACHINE, "result": value}
    (tool.RESULTS / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")


def evaluation(title: str = "locomo, raw labels, own conversation") -> Any:
    def answers(share: float) -> list[Answer]:
        return [
            Answer(f"c{i % 3}", str(1 + i % 2), dict.fromkeys(MEASURES, min(1.0, share * (1 + i % 3 / 10))), 0.5)
            for i in range(12)
        ]

    return to_builtins(tabulate(title, {"remanence": answers(0.8), "bm25": answers(0.5), "random": answers(0.01)}))


def bench() -> Any:
    groups = {
        "Latency": ("memories", "call", "how", "p50 us", "p99 us", "calls"),
        "Growth": ("memories", "context p50 us", "times the first"),
        "Bytes a memory": ("memories", "counted", "resident, reopened", "log"),
        "Reopen in a new process": ("memories", "open to first context, us"),
        "Add, log included": ("store", "p50 us", "p99 us", "adds"),
        "Processor time: a context and two adds a turn": ("turns", "processor seconds"),
        "Idle": ("seconds", "wake-ups", "processor ms"),
        "Import, in a new interpreter": ("import", "ms", "times numpy"),
        "Installed size": ("package", "MB"),
    }
    figures = [Figures(title, [header, tuple("1" * len(header))], None) for title, header in groups.items()]
    return to_builtins(Report(MACHINE, "made", figures))


def test_the_pages_are_current() -> None:
    tool = load()
    for path in tool.pages():
        page = path.read_text(encoding="utf-8")
        assert tool.filled(page) == page, f"{path.name}: run `make figures`"


def test_every_marker_is_closed_and_known_and_every_figure_used() -> None:
    tool = load()
    used: set[str] = set()
    for path in tool.pages():
        page = path.read_text(encoding="utf-8")
        opened = re.findall(r"^<!-- figures:([\w-]+) -->$", page, re.MULTILINE)
        assert len(opened) == page.count("<!-- /figures -->"), path.name
        used.update(opened)
    assert used <= set(tool.FIGURES)
    assert set(tool.FIGURES) - used <= {"tokens"}  # docs/tokens.md may keep its own


def test_what_was_not_measured_says_so(tool: ModuleType) -> None:
    for name in set(tool.FIGURES) - {"weights", "tree"}:
        assert tool.figure(name).startswith("Not measured yet: `")
    page = "a\n<!-- figures:locomo -->\nold\n<!-- /figures -->\nb"
    assert tool.filled(page) == (
        "a\n<!-- figures:locomo -->\nNot measured yet: `remanence eval path/to/locomo_dev.json --json`.\n"
        "<!-- /figures -->\nb"
    )
    assert tool.filled(tool.filled(page)) == tool.filled(page)


def test_evaluations(tool: ModuleType) -> None:
    keep(tool, "eval-locomo", [evaluation(), evaluation("locomo, corrected labels, own conversation")])
    table = tool.figure("locomo")
    assert "| raw | remanence | 12 | 88.0 |" in table
    assert "| corrected | bm25 | 12 | 55.0 |" in table
    assert "Gain over BM25, B@1024: raw labels: +33.0 (" in table
    assert table.endswith(
        "*Some CPU, 2 cores, Python 3.11.0, load 0.1 of 2 cores, commit abc123. `remanence something`*"
    )
    assert "| 2, temporal | 6 |" in tool.figure("locomo-categories")
    for n in (1, 5, 20):
        keep(tool, f"eval-locomo-small-{n}", [evaluation()])
    keep(tool, "eval-locomo-single-session", [evaluation()])
    assert tool.figure("locomo-small").count("| remanence |") == 4
    keep(tool, "eval-beam", [evaluation("beam, raw labels, own conversation")])
    assert "B@4096, 95 %" in tool.figure("beam")


def abstention() -> Abstention:
    curve = tuple(RiskAt(coverage, 1 - coverage / 200, coverage / 200) for coverage in (10, 100))
    return Abstention("remanence", 7, 0.75, 0.8, 0.4, 0.3, curve, 1024, 1, 5, 900.5, 300.0, 0.86)


def test_abstention(tool: ModuleType) -> None:
    told = [to_builtins(abstention())]
    keep(tool, "eval-locomo-abstention", [told, told])
    assert "| raw | remanence | 7 | 0.750 | 0.300 | 0.80 | 0.40 |" in tool.figure("abstention")
    assert "| corrected | remanence |" in tool.figure("abstention")
    assert "| 10 % | 5.0 | 0.95 |" in tool.figure("risk-coverage")
    assert "| remanence | 86.0 | 900 | 300 | 1 of 7 | 5 of 7 |" in tool.figure("contexts")


def test_abstention_as_it_was_measured_before_there_was_a_curve(tool: ModuleType) -> None:
    old = {key: value for key, value in to_builtins(abstention()).items() if key in Abstention.__struct_fields__[:5]}
    keep(tool, "eval-locomo-abstention", [[old]])
    assert "| raw | remanence | 7 | 0.750 |  | 0.80 | 0.40 |" in tool.figure("abstention")
    for name in ("risk-coverage", "contexts"):
        assert tool.figure(name).startswith("Not measured yet")


def test_quality_among_others(tool: ModuleType) -> None:
    titles = [f"locomo, {labels} labels, among {n} others" for labels in ("raw", "corrected") for n in ("0", "1,000")]
    keep(tool, "eval-locomo-among", [evaluation(title) for title in titles])
    rows = tool.figure("locomo-among").splitlines()
    assert [row.split(" | ")[:2] for row in rows if row.startswith("| 1,000")] == [
        ["| 1,000", system] for system in ("remanence", "bm25", "random")
    ]
    assert sum(row.startswith("| 0 |") for row in rows) == 3


def test_ablation(tool: ModuleType) -> None:
    change = {"mean": 80.0, "change": -1.2, "low": -2.0, "high": -0.4}
    figures = dict.fromkeys(("LoCoMo R@1", "BEAM B@4096"), change)
    us = {"1,000": None, "10,000": {"us": 4.56, "share": 0.03}}
    learned = {"signal": "session", "weight": 3.0, "off": figures, "again": figures, "us": us}
    by_hand = {"signal": "length", "weight": -0.5, "off": figures, "again": None, "us": us}
    spread = figures | {"LoCoMo R@1": change | {"high": 0.3}}
    told: dict[str, Any] = {"sets": {"LoCoMo": {"questions": 760, "conversations": 5}}, "signals": [learned, by_hand]}
    told["training"] = [{"row": "all", "figures": figures}, {"row": "BM25", "figures": spread}]
    told["shared"] = {size: {name: {"us": 30.0, "share": 1.0} for name in ("match", "view", "recall")} for size in us}
    keep(tool, "ablation", told)
    assert "| `session` | 3 | **-1.2** (-2.0 to -0.4) |  |" in tool.figure("ablation-talk")
    assert "LoCoMo 760 in 5." in tool.figure("ablation-talk")
    assert "`length`" in tool.figure("ablation-elsewhere")
    assert "`length`" not in tool.figure("ablation-again-talk")
    assert "| all | 80.0 |" in tool.figure("ablation-training-talk")
    assert "| BM25 | 80.0; -1.2 (-2.0 to +0.3) |" in tool.figure("ablation-training-talk")
    assert "| `length` |  | 4.6 | 3 |" in tool.figure("ablation-costs")


def test_every_weight_is_told_with_how_it_was_set(tool: ModuleType) -> None:
    told = tool.figure("weights")
    for name in SIGNALS:
        assert f"| `{name}` |" in told
    assert "| `lexical` | 1 | the unit |" in told
    assert re.search(r"\| `session` \| [\d.]+ \| learned \|", told)


@pytest.mark.parametrize("recorded", [True, False])
def test_bench(tool: ModuleType, recorded: bool) -> None:
    keep(tool, "bench", bench(), recorded=recorded)
    for name in ("latency", "growth", "memory", "reopen", "add", "cpu", "idle", "import", "install"):
        table = tool.figure(name)
        assert "| 1 |" in table
        assert "commit abc123" in table
        assert "remanence" in table.splitlines()[-1]
    assert "p50 µs" in tool.figure("latency")


def test_without_machine_or_commit_the_caption_says_so(tool: ModuleType) -> None:
    keep(tool, "eval-locomo", [evaluation()], recorded=False)
    assert "*Machine and commit were not recorded. `remanence eval path/to/locomo_dev.json --json`*" in tool.figure(
        "locomo"
    )


def test_peers(tool: ModuleType) -> None:
    span = {"p50_us": 1234.5, "p99_us": 2000.0, "n": 100}
    row = {"version": "1.0", "tight_with_embedding": span, "paced_with_embedding": span, "recall_at_10": 0.5}
    row |= {"add_one": span, "resident_mb": 12.3, "paced_with_embedding_ratio": 4.56}
    told = {"commit": "abc123", "machine": {"cpu": "Some CPU", "cores": 2, "os": "Linux", "python": "3.11.0"}}
    told |= {"users": 100, "memories_per_user": 1000, "k": 10, "pace_ms": 20.0}
    told["systems"] = {"one": row, "two": {"absent": "two is not installed"}}
    keep(tool, "peers", told, recorded=False)
    table = tool.figure("peers")
    assert "| one 1.0 | 1,234 | 2,000 | 1,234 | 2,000 | 4.6 | 50.0 | 1,234 | 12 |" in table
    assert "Not measured: two (two is not installed)." in table
    assert "*Some CPU, 2 cores, Python 3.11.0, commit abc123. `python benchmarks/peers.py`*" in table


def test_growth(tool: ModuleType) -> None:
    row = {"others": 10_000, "look": "first look", "R@10": 0.712, "B@1024": 0.8, "questions": 700}
    keep(tool, "growth-quality", {"benchmark": "growth-quality", "machine": MACHINE, "rows": [row]}, recorded=False)
    table = tool.figure("growth-quality")
    assert "| 10,000 | first look | 71.2 | 80.0 | 700 |" in table
    assert "commit abc123. `python benchmarks/growth_quality.py`" in table


def test_the_log(tool: ModuleType) -> None:
    spans = {name: {"p50": 60.0, "p99": 90.0} for name in ("append_us", "append_paced_us", "durable_us")}
    told = {"python": "3.11.0", "sqlite": "3.50.0", "appends": 10, "body_bytes": 100.0, "read_us_per_record": 9.0}
    told |= {"tree_head_us": 1, "log_bytes_per_record": 200.0, "file_bytes_per_record": 260.0}
    keep(tool, "log_append", told | spans | {"wal_bytes_per_append": 15000}, recorded=False)
    assert "| append, back to back | 60 | 90 |" in tool.figure("log-append")
    assert "commit not recorded" in tool.figure("log-append")
    keep(tool, "kills", {"kills": 200, "passed": 9, "failed": 0})
    assert "`REMANENCE_KILLS=200`: 9 tests passed, 0 failed" in tool.figure("kills")
