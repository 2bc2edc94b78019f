"""Plain transcripts: `Name: what was said`, perhaps with a time stamp before it; WebVTT is in `webvtt`.

    # session 2024-05-01
    [2024-05-01 10:00] Ana: I got a dog!
    2024-05-01 10:01 Ben: What is it called?
    Potola. She is three.          <- no name: it goes on with the turn above
    [10:02] Ben: Lovely.           <- on the session's day, else the day of the file

Sessions are parted by `# ...` lines; without any, by blank lines, unless those part every turn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from remanence.surfaces.datasets.dates import parse_date
from remanence.surfaces.datasets.model import Conversation, Problem, Reading, Turn

_STAMP = re.compile(r"^\s*[\[(]([^\])]*\d[^\])]*)[\])]\s*(.*)$", re.DOTALL)
_BARE_STAMP = re.compile(  # without brackets it counts only where a name follows
    r"^(\d{4}-\d{2}-\d{2}(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
    r"|\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[AaPp][Mm])?),?\s+(?:[-–|]\s+)?(.*)$",
    re.DOTALL,
)
_LABEL = re.compile(r"^\**([\w.'’\-() ]{1,60}?)\**\s?:\**(?:\s+(.*)|)$", re.DOTALL)
_MAX_NAME_WORDS = 4
_ABBREVIATION = 4  # letters, its dot included: "Dr." may be part of a name, "She left." may not
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2})?)?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?:\s?([AaPp])[Mm])?")
_DAY_NS = 86_400_000_000_000
_ROLES = {
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "bot": "assistant",
    "agent": "assistant",
    "system": "system",
}


def read_lines(text: str, path: Path, file_day_ns: int | None = None) -> Reading:
    """Return the transcript as one conversation. Every line ends up in a turn or in a problem.

    Args:
        file_day_ns: when it was held, where neither its lines nor its headers say; None: not known.
    """
    lines = text.split("\n")
    by_headers = any(line.lstrip().startswith("#") for line in lines)
    by_blanks = not by_headers and _blanks_part_sessions(lines)
    turns: list[Turn] = []
    problems: list[Problem] = []
    number_of_session, session, day_ns = 1, "1", file_day_ns
    nameless: list[int] = []
    fresh = True  # nothing said in this session yet: a nameless line cannot go on with the turn above
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        if stripped.startswith("#"):
            title = stripped.lstrip("#").strip()
            number_of_session += bool(turns) and not fresh
            session, fresh = title or str(number_of_session), True
            found = _DAY.search(title)
            day_ns = parse_date(found[0]) if found else file_day_ns
            continue
        if not stripped:
            if by_blanks and not fresh:
                number_of_session += 1
                session, fresh = str(number_of_session), True
            continue
        at_ns, rest = _unstamped(stripped, day_ns)
        named = labelled(rest)
        if named:
            name, said = named
            turns.append(Turn(said, name, role_of(name), at_ns, session))
            fresh = False
        elif turns and not fresh and rest is stripped:
            before = turns[-1]
            joined = f"{before.text}\n{rest}" if before.text else rest
            turns[-1] = msgspec.structs.replace(before, text=joined)
            if not before.speaker:
                nameless.append(number)
        elif rest:
            turns.append(Turn(rest, at_ns=at_ns, session=session))
            nameless.append(number)
            fresh = False
        else:
            problems.append(Problem(str(path), f"line {number}", "a time stamp with nothing said", line))
    kept = tuple(turn for turn in turns if turn.text)
    problems += [
        Problem(str(path), f"session {turn.session}", f"{turn.speaker} says nothing") for turn in turns if not turn.text
    ]
    problems += without_speaker(path, nameless)
    return Reading(str(path), "transcript", (Conversation(path.stem, kept),), tuple(problems))


def without_speaker(path: Path, numbers: Sequence[int]) -> list[Problem]:
    """Return one problem for all the lines that nobody is named for; none where there are none."""
    if not numbers:
        return []
    lines = "1 line" if len(numbers) == 1 else f"{len(numbers):,} lines"
    reason = f"{lines} had no speaker; write them as `Name: words`, a time stamp before it or not"
    return [Problem(str(path), f"from line {numbers[0]}", reason)]


def role_of(name: str) -> str:
    """Return the role that a speaker's name tells, empty when it is a name like others."""
    return _ROLES.get(name.lower(), "")


def _unstamped(line: str, day_ns: int | None) -> tuple[int | None, str]:
    """Return when a line was said, as far as it tells or the day does, and the line without its stamp."""
    stamp = _STAMP.match(line)
    if stamp is None:
        stamp = _BARE_STAMP.match(line)
        if stamp is None or labelled(stamp[2]) is None:
            return day_ns, line
    try:
        return _stamp(stamp[1], day_ns), stamp[2]
    except ValueError:
        return day_ns, line


def labelled(line: str) -> tuple[str, str] | None:
    """Return name and words of `Name: words`; None when what stands before the colon is no name."""
    found = _LABEL.match(line)
    words = found[1].split() if found else []
    if found is None or not words or len(words) > _MAX_NAME_WORDS or not words[0][0].isalpha():
        return None
    if any(word[0].islower() for word in words[1:]):
        return None
    if any(word.endswith(".") and len(word) > _ABBREVIATION for word in words):
        return None
    return found[1].strip(), (found[2] or "").strip()


def _blanks_part_sessions(lines: list[str]) -> bool:
    """Return whether blank lines part sessions: some block between them holds two turns or more."""
    in_block = 0
    for line in lines:
        stripped = line.strip()
        in_block = in_block + bool(labelled(_unstamped(stripped, None)[1])) if stripped else 0
        if in_block > 1:
            return True
    return False


def _stamp(text: str, day_ns: int | None) -> int | None:
    """Return the time a stamp tells; a bare clock time is on the day, and no time where that is unknown.

    Raises:
        ValueError: it is no time stamp.
    """
    clock = _CLOCK.fullmatch(text.strip())
    if clock is None:
        return parse_date(text)
    hours, minutes, seconds = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    if clock[4]:
        if not 1 <= hours <= 12:
            raise ValueError(f"{text!r} is no time of day")
        hours = hours % 12 + (12 if clock[4] in "pP" else 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(f"{text!r} is no time of day")
    if day_ns is None:
        return None
    return day_ns - day_ns % _DAY_NS + (hours * 3600 + minutes * 60 + seconds) * 1_000_000_000
