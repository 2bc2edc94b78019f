"""Plain transcripts: `Name: what was said`, perhaps with a time stamp before it.

    # session 2024-05-01
    [2024-05-01 10:00] Ana: I got a dog!
    Ben: What is it called?
    Potola. She is three.          <- no name: it goes on with the turn above

Sessions are parted by `# ...` lines; without any, by blank lines, unless those part every turn.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from remanence.surfaces.datasets.dates import parse_date
from remanence.surfaces.datasets.model import Conversation, Problem, Reading, Turn

_STAMP = re.compile(r"^\s*[\[(]([^\])]*\d[^\])]*)[\])]\s*(.*)$", re.DOTALL)
_LABEL = re.compile(r"^\**([\w.'’\-() ]{1,60}?)\**\s?:\**(?:\s+(.*)|)$", re.DOTALL)
_MAX_NAME_WORDS = 4
_ABBREVIATION = 4  # letters, its dot included: "Dr." may be part of a name, "She left." may not
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2})?)?")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")
_ROLES = {
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "bot": "assistant",
    "agent": "assistant",
    "system": "system",
}


def read_lines(text: str, path: Path) -> Reading:
    """Return the transcript as one conversation. Every line ends up in a turn or in a problem."""
    lines = text.split("\n")
    by_headers = any(line.lstrip().startswith("#") for line in lines)
    by_blanks = not by_headers and _blanks_part_sessions(lines)
    turns: list[Turn] = []
    problems: list[Problem] = []
    number_of_session, session, day_ns = 1, "1", None
    fresh = True  # nothing said in this session yet: a nameless line cannot go on with the turn above
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        if stripped.startswith("#"):
            title = stripped.lstrip("#").strip()
            number_of_session += bool(turns) and not fresh
            session, fresh = title or str(number_of_session), True
            found = _DAY.search(title)
            day_ns = parse_date(found[0]) if found else None
            continue
        if not stripped:
            if by_blanks and not fresh:
                number_of_session += 1
                session, fresh = str(number_of_session), True
            continue
        at_ns, rest = day_ns, stripped
        stamp = _STAMP.match(stripped)
        if stamp:
            parsed = _stamp(stamp[1], day_ns)
            if parsed is not None:
                at_ns, rest = parsed, stamp[2]
        named = _labelled(rest)
        if named:
            name, said = named
            turns.append(Turn(said, name, _ROLES.get(name.lower(), ""), at_ns, session))
            fresh = False
        elif turns and not fresh and rest is stripped:
            before = turns[-1]
            joined = f"{before.text}\n{rest}" if before.text else rest
            turns[-1] = msgspec.structs.replace(before, text=joined)
        elif rest:
            turns.append(Turn(rest, at_ns=at_ns, session=session))
            fresh = False
        else:
            problems.append(Problem(str(path), f"line {number}", "a time stamp with nothing said", line))
    kept = tuple(turn for turn in turns if turn.text)
    problems += [
        Problem(str(path), f"session {turn.session}", f"{turn.speaker} says nothing") for turn in turns if not turn.text
    ]
    return Reading(str(path), "transcript", (Conversation(path.stem, kept),), tuple(problems))


def _labelled(line: str) -> tuple[str, str] | None:
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
        stamp = _STAMP.match(stripped)
        in_block = in_block + bool(_labelled(stamp[2] if stamp else stripped)) if stripped else 0
        if in_block > 1:
            return True
    return False


def _stamp(text: str, day_ns: int | None) -> int | None:
    """Return the time a stamp tells; a bare clock time counts from midnight of the session's day."""
    try:
        return parse_date(text)
    except ValueError:
        pass
    if _CLOCK.fullmatch(text.strip()) and day_ns is not None:
        hours, minutes, *seconds = (int(part) for part in text.strip().split(":"))
        passed_s = hours * 3600 + minutes * 60 + (seconds[0] if seconds else 0)
        return day_ns - day_ns % 86_400_000_000_000 + passed_s * 1_000_000_000
    return None
