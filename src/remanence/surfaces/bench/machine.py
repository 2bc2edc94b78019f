"""What the figures were taken on, and how much the process takes of it. psutil only where it is installed."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
import sys
from pathlib import Path

from remanence.errors import RemanenceError

try:
    import resource
except ImportError:  # Windows
    resource = None

_PACKAGE = Path(__file__).resolve().parents[2]


def describe() -> dict[str, str]:
    """Return processor, system, versions and git commit."""
    import numpy

    import remanence

    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": platform.platform(),
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "remanence": remanence.__version__,
        "commit": _commit(),
        "load": _load(),
    }


def _load() -> str:
    """Return how busy the machine was in the last minute: figures taken beside other work are worse."""
    try:
        return f"{os.getloadavg()[0]:.1f} of {os.cpu_count()} cores"
    except (OSError, AttributeError):
        return "unknown"


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().split("\n"):
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _commit() -> str:
    try:
        said = subprocess.run(
            ["git", "-C", str(_PACKAGE), "describe", "--always", "--dirty", "--abbrev=12"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return "not a git checkout"
    return said.stdout.strip()


def resident_bytes() -> int | None:
    """Return the bytes of memory this process takes now, None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        try:
            import psutil
        except ImportError:
            return None
        return int(psutil.Process().memory_info().rss)
    return pages * os.sysconf("SC_PAGE_SIZE")


def wake_ups() -> int | None:
    """Return how often any thread of this process has gone to sleep so far, None where unknown."""
    return None if resource is None else resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw


def installed_bytes() -> dict[str, int]:
    """Return the bytes of files of the package and of each package it needs."""
    sizes = {"remanence": sum(f.stat().st_size for f in _PACKAGE.rglob("*") if _counts(f))}
    for name in _requirements():
        try:
            files = importlib.metadata.files(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        paths = (Path(str(file.locate())) for file in files)
        sizes[name] = sum(path.stat().st_size for path in paths if _counts(path))
    return sizes


def _counts(path: Path) -> bool:
    return path.is_file() and path.suffix != ".pyc"


def _requirements() -> list[str]:
    try:
        required = importlib.metadata.requires("remanence") or []
    except importlib.metadata.PackageNotFoundError:
        return []
    bare = (line for line in required if "extra ==" not in line)
    return [line.split(";")[0].split(">")[0].split("=")[0].split("<")[0].strip() for line in bare]


def fresh_python(code: str, *arguments: str) -> str:
    """Return what a new interpreter prints when it runs some code.

    Raises:
        RemanenceError: it failed, with the last line it said.
    """
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise RemanenceError(f"a new interpreter failed at what was to be measured: {reason}")
    return done.stdout.strip()
