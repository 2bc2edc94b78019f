"""How things look in a terminal: plain without colours, narrow without wrapping badly, legible in ASCII.

Formats and prints; it must not compute anything that is shown.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Protocol

import click

from remanence.types import Hit, Item, datetime_of

_MAX_WIDTH = 110
_SMALLEST_PART = 0.005  # what two decimals show
_UNITS = ("B", "kB", "MB", "GB", "TB")


def width() -> int:
    """Return how many columns to use."""
    return min(shutil.get_terminal_size((100, 24)).columns, _MAX_WIDTH)


def writable(symbol: str, plain: str) -> str:
    """Return a symbol where standard output can show it, otherwise its plain form."""
    try:
        symbol.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return plain
    return symbol


def size(n_bytes: float) -> str:
    """Return bytes as people read them: 512 B, 41.2 kB, 1.3 MB."""
    value = float(n_bytes)
    for unit in _UNITS:
        if value < 1000 or unit == _UNITS[-1]:
            return f"{value:,.0f} {unit}" if unit == "B" else f"{value:,.1f} {unit}"
        value /= 1000
    raise AssertionError("unreachable")


def micros(us: float) -> str:
    """Return a time as people read it: 182 µs, 3.4 ms, 1.2 s."""
    if us < 1_000:
        return f"{us:.0f} {writable('µs', 'us')}"
    return f"{us / 1_000:.1f} ms" if us < 1_000_000 else f"{us / 1_000_000:.1f} s"


def counted(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun: 1 memory, 2 memories, 1,000 hits."""
    if n == 1:
        return f"1 {one}"
    return f"{n:,} {many or (one[:-1] + 'ies' if one.endswith('y') else one + 's')}"


def shorten(text: str, columns: int) -> str:
    """Return a text on one line, cut at a word to fit some columns."""
    return textwrap.shorten(" ".join(text.split()), max(columns, 12), placeholder=" ...")


def hit_line(hit: Hit, columns: int, *, marked: bool = False) -> str:
    """Return one found memory as a line: day, speaker, text."""
    return _said_line(hit, "", columns, marked)


def item_line(item: Item, columns: int, *, named: bool = False) -> str:
    """Return one memory as a line: its id where that is asked for, day, speaker, text."""
    return _said_line(item, f"{item.id}  " if named else "", columns, False)


def _said_line(said: Hit | Item, name: str, columns: int, marked: bool) -> str:
    day = f"{datetime_of(said.at_ns):%Y-%m-%d}" if said.at_ns else " " * 10
    who = f"{said.speaker or said.role}: " if said.speaker or said.role else ""
    if isinstance(said, Hit) and said.kind != "text":
        who = f"[{said.kind}] "
    line = shorten(f"{who}{said.text}", columns - len(day) - len(name) - 4)
    mark = click.style("*", fg="green", bold=True) if marked else " "
    return f"{mark} {name}{click.style(day, dim=True)}  {click.style(line, bold=marked or None)}"


def moment(ns: int) -> str:
    """Return a time, to the second: 2024-05-06 10:00:00 UTC."""
    return f"{datetime_of(ns):%Y-%m-%d %H:%M:%S} UTC"


def parts(hit: Hit) -> str:
    """Return what a score is made of, the largest part first."""
    told = [part for part in hit.parts.items() if abs(part[1]) >= _SMALLEST_PART]
    ordered = sorted(told, key=lambda part: -abs(part[1]))
    return "  ".join(f"{name} {value:+.2f}" for name, value in ordered)


def heading(text: str) -> None:
    """Print a heading."""
    click.secho(text, bold=True)


def note(text: str) -> None:
    """Print an aside on standard error, out of the way of data."""
    click.secho(text, dim=True, err=True)


def table(rows: Iterable[Sequence[str]], *, right: Sequence[int] = ()) -> list[str]:
    """Return rows as aligned lines; the columns numbered in `right` are aligned to the right."""
    listed = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*listed, strict=True)]
    return [
        "  ".join(
            cell.rjust(w) if i in right else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in listed
    ]


class Advance(Protocol):
    """Moves a progress bar on by some steps."""

    def __call__(self, n_steps: int, /) -> None: ...


@contextmanager
def progress(label: str, n_steps: int, *, shown: bool = True) -> Generator[Advance]:
    """Show a progress bar on standard error while the block runs; nothing where that is no terminal."""
    if not shown or not sys.stderr.isatty():
        yield lambda n_steps, /: None
        return
    with click.progressbar(
        length=n_steps,
        label=label,
        file=sys.stderr,
        width=0,
        show_pos=True,
        update_min_steps=max(1, n_steps // 50),
    ) as bar:
        yield lambda n_steps, /: bar.update(n_steps)
