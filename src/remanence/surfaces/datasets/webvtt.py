"""WebVTT, the captions that meeting tools write: cues with a time and `<v Ana>what was said</v>`.

A cue's time counts from the start of the recording: it is a date only where the day is known. Notes,
styles and mark-up are no speech and are left out.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from remanence.surfaces.datasets.model import Conversation, Problem, Reading, Turn
from remanence.surfaces.datasets.transcript import labelled, role_of, without_speaker

_CUE = re.compile(r"^(?:(\d+):)?(\d{2}):(\d{2})\.(\d{3})\s+-->\s")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]*)>")
_TAG = re.compile(r"</?[^>]*>")


def fits(text: str) -> bool:
    """Return whether a text begins as WebVTT does."""
    return re.match(r"WEBVTT(?:[ \t\n]|$)", text) is not None


def read_lines(text: str, path: Path, file_day_ns: int | None = None) -> Reading:
    """Return the captions as one conversation: a turn for each voice of a cue.

    Args:
        file_day_ns: when the recording began; None: not known, and the turns have no time.
    """
    turns: list[Turn] = []
    problems: list[Problem] = []
    nameless: list[int] = []
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        number += 1
        cue = _CUE.match(lines[number - 1].strip())
        if cue is None:
            continue
        passed_ms = ((int(cue[1] or 0) * 60 + int(cue[2])) * 60 + int(cue[3])) * 1_000 + int(cue[4])
        at_ns = None if file_day_ns is None else file_day_ns + passed_ms * 1_000_000
        first, said = number, ""
        while number < len(lines) and lines[number].strip():
            said += lines[number].strip() + "\n"
            number += 1
        spoken = [pair for pair in _voices(said) if pair[1]]
        if not spoken:
            problems.append(Problem(str(path), f"line {first}", "a cue with nothing said", lines[first - 1]))
        for name, words in spoken:
            turns.append(Turn(words, name, role_of(name), at_ns, "1"))
            if not name:
                nameless.append(first + 1)
    problems += without_speaker(path, nameless)
    return Reading(str(path), "transcript", (Conversation(path.stem, tuple(turns)),), tuple(problems))


def _voices(said: str) -> list[tuple[str, str]]:
    """Return name and words of each voice in a cue; a name is empty where none is given."""
    before, *marked = _VOICE.split(said)
    voices = [(_plain(name), _plain(words)) for name, words in zip(marked[::2], marked[1::2], strict=True)]
    words = _plain(before)
    return [labelled(words) or ("", words), *voices]


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub("", text)).strip()
