"""Whatever README.md tells a reader to run, runs: every block of Python, every command.

A command is either run here or stands in `NOT_RUN` with the reason.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PYTHON = [i for i, (kind, _) in enumerate(BLOCKS) if kind == "python"]
SHELL = [i for i, (kind, _) in enumerate(BLOCKS) if kind == "sh"]
LOCOMO = "path/to/locomo_dev.json"

NOT_RUN = {
    ". .venv/bin/activate": "changes the reader's shell; the tests run inside an environment already",
    '.venv/bin/pip install -e ".[model2vec]"': "needs a network; that the extra exists is tested",
    '.venv/bin/pip install -e ".[onnx]"': "needs a network; that the extra exists is tested",
}


def commands(block: str) -> list[str]:
    lines = [line.partition(" # ")[0].strip() for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def locomo(path: Path) -> None:
    """Write a file in LoCoMo's shape: two conversations in dated sessions, with questions."""
    samples = []
    for n, (one, other, place) in enumerate([("Ana", "Ben", "Lake Orta"), ("Mia", "Tom", "the dunes")]):
        talk = {
            "speaker_a": one,
            "speaker_b": other,
            "session_1_date_time": "1:56 pm on 8 May, 2023",
            "session_1": [
                {"speaker": one, "dia_id": "D1:1", "text": f"We went camping at {place} with the kids."},
                {"speaker": other, "dia_id": "D1:2", "text": "How lovely! Did it rain?"},
            ],
            "session_2_date_time": "10:04 am on 3 June, 2023",
            "session_2": [
                {"speaker": other, "dia_id": "D2:1", "text": "I have plans for the summer: pottery lessons."},
                {"speaker": one, "dia_id": "D2:2", "text": "Look at mine!", "blip_caption": "a blue clay bowl"},
            ],
        }
        asked = [
            {"question": f"Where did {one} go camping?", "evidence": ["D1:1"], "category": 4, "answer": place},
            {"question": f"When did {other} plan lessons?", "evidence": ["D2:1"], "category": 2, "answer": "3 June"},
        ]
        samples.append({"sample_id": f"conv-{26 + n}", "conversation": talk, "qa": asked})
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(samples), encoding="utf-8")


def test_there_is_something_to_test() -> None:
    assert len(PYTHON) >= 3
    assert len(SHELL) >= 3
    assert {kind for kind, _ in BLOCKS} <= {"python", "sh", "text"}, "a block of a kind that no test runs"
    assert set(NOT_RUN) <= {command for i in SHELL for command in commands(BLOCKS[i][1])}, "no longer in README.md"


@pytest.mark.parametrize("page", ["docs/time.md", "docs/lineage.md", "docs/facts.md"])
def test_python_blocks_of_pages_print_what_stands_below_them(page: str, tmp_path: Path) -> None:
    blocks = re.findall(
        r"^```python\n(.*?)^```\n```text\n(.*?)^```$", (ROOT / page).read_text(encoding="utf-8"), re.M | re.S
    )
    assert blocks
    for code, expected in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, page, "exec"), {"__name__": "__main__"})
        assert printed.getvalue() == expected


@pytest.mark.parametrize("i", PYTHON)
def test_python_blocks_run(i: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(BLOCKS[i][1], f"README.md, block {i}", "exec"), {"__name__": "__main__"})
    if i + 1 < len(BLOCKS) and BLOCKS[i + 1][0] == "text":  # what it prints stands below it
        assert printed.getvalue() == BLOCKS[i + 1][1]


@pytest.mark.parametrize("i", SHELL)
def test_commands_run(i: int, tmp_path: Path) -> None:
    locomo(tmp_path / LOCOMO)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REMANENCE_")}
    if "merge" not in BLOCKS[i][1]:
        environment["REMANENCE_STORE"] = "memory.db"
    for command in commands(BLOCKS[i][1]):
        if command in NOT_RUN:
            continue
        words = shlex.split(command)
        if words[0] == "make":
            assert is_target(words[1]), f"{command}: the Makefile has no such target"
            continue
        if words[:1] == ["python"]:
            script = [sys.executable, str(ROOT / words[1]), *words[2:]]
            done = subprocess.run(script, cwd=tmp_path, env=environment, capture_output=True, timeout=300, check=False)
            assert done.returncode == 0, f"{command}: {done.stderr}"
            continue
        assert words[0] == "remanence", f"{command}: neither run nor on the list of those that are not"
        done = subprocess.run(
            [sys.executable, "-m", "remanence", *words[1:]],
            cwd=tmp_path, env=environment, input="Where did they go camping?\n/quit\n", capture_output=True,
            text=True, encoding="utf-8", timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stderr}"
        assert done.stdout.strip(), f"{command}: printed nothing"
        if words[1] in ("ask", "search", "chat"):
            expected = "Lake Orta" if "camping" in command or words[1] == "chat" else "pottery"
            assert expected in done.stdout, f"{command}: {done.stdout}"


def test_make_commands_in_the_text_are_targets() -> None:
    named = set(re.findall(r"`make ([a-z]+)", README))
    assert {"bench", "eval", "proof", "figures"} <= named
    assert [name for name in named if not is_target(name)] == []


def is_target(name: str) -> bool:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY:(.*)$", makefile, re.MULTILINE)
    told = re.search(rf"^# make {name}\b", makefile, re.MULTILINE)
    return bool(phony and name in phony[1].split() and told and re.search(rf"^{name}:", makefile, re.MULTILINE))


def test_extras_exist() -> None:
    told = set(re.findall(r"\.\[(\w+)\]", README))
    assert told == set(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"])


def pages() -> list[Path]:
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
