"""Importing the package brings in what it needs and no more, and imports go down only."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNWANTED = {
    "asyncio",
    "click",
    "faiss",
    "hypothesis",
    "langchain",
    "livekit",
    "model2vec",
    "onnxruntime",
    "pandas",
    "pipecat",
    "psutil",
    "pytest",
    "requests",
    "scipy",
    "sklearn",
    "tokenizers",
    "torch",
    "transformers",
}

USED = """
import json, sys
before = set(sys.modules)
import remanence
{use}
print(json.dumps(sorted(set(sys.modules) - before)))
"""
FULL_USE = """
with remanence.open() as store:
    memory = store["a"]
    memory.add("My dog's name is Potola")
    assert "Potola" in memory.context("what's my dog called?").text
"""


def modules_after(use: str) -> set[str]:
    out = subprocess.run(
        [sys.executable, "-c", USED.format(use=use)], capture_output=True, text=True, timeout=120, check=True
    )
    return set(json.loads(out.stdout))


@pytest.mark.parametrize("use", ["", FULL_USE], ids=["import", "use"])
def test_nothing_unwanted_comes_in(use: str) -> None:
    loaded = modules_after(use)
    assert "remanence.engine.store" in loaded
    assert {name.partition(".")[0] for name in loaded} & UNWANTED == set()
    assert not {name for name in loaded if name.startswith(("remanence.surfaces", "remanence.testing"))}


@pytest.mark.parametrize("use", ["", FULL_USE], ids=["import", "use"])
def test_all_that_comes_in_from_outside_is_declared(use: str) -> None:
    outside = {name.partition(".")[0] for name in modules_after(use)} - set(sys.stdlib_module_names)
    brought = {"remanence"}
    homes = metadata.packages_distributions()
    needed = closure("remanence")
    brought |= {module for module, packages in homes.items() if needed & {canonical(name) for name in packages}}
    # A name with an underscore is a part that an extension module makes up of itself.
    assert {name for name in outside if not name.startswith("_")} <= brought


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def closure(package: str) -> set[str]:
    """The packages a base install of this one brings in."""
    found: set[str] = set()
    waiting = [package]
    while waiting:
        name = canonical(waiting.pop())
        if name in found:
            continue
        found.add(name)
        for line in metadata.requires(name) or ():
            requirement, _, marker = line.partition(";")
            if "extra" not in marker and (match := re.match(r"[A-Za-z0-9._-]+", requirement)):
                with contextlib.suppress(metadata.PackageNotFoundError):  # one for another version of Python
                    metadata.distribution(match.group())
                    waiting.append(match.group())
    return found


def test_importing_does_no_work() -> None:
    """No file is read but the modules themselves and the log's dictionary, no thread is started."""
    code = "import threading, remanence; print(threading.active_count())"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert out.stdout.strip() == "1"
    assert out.stderr == ""


def test_imports_go_down_only() -> None:
    """The layers of the design, held by import-linter's contracts in pyproject.toml."""
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or shutil.which("lint-imports")
    assert command, "import-linter is not installed: pip install --group dev"
    out = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert out.returncode == 0, out.stdout + out.stderr
    assert "0 broken" in out.stdout
