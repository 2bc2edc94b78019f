"""What somebody does for a living: an occupation by its last word, or whatever they "work as"."""

from __future__ import annotations

import re

from remanence.extract.phrases import Value, following, headed, lows, phrase, value
from remanence.extract.wording import Said
from remanence.extract.words import forms

_JOB_HEDGE = re.compile(
    r"(?:an? |the )?(?:(?:newly|fully|qualified|professional|registered|certified|trained|full[- ]time|part[- ]time|"
    r"proud|humble|mere|local|\d+[- ]years?[- ]old) )*"
)
_NO_WORKER = frozenset(  # "a terrible dancer", "a coffee nurse", "a baby doctor"
    """
    big huge bad good great terrible awful better best worse worst decent poor real true natural born amazing awesome
    excellent horrible lousy mean wannabe aspiring former future ex frustrated closet armchair backseat home hobby
    amateur weekend mad little total complete bit such perfect wonderful fantastic fellow gym role team pretend secret
    retired     avid keen fast slow heavy light designated nervous careful crazy social first only
    """.split()
)


def job(said: Said, pos: int, _at_ns: int) -> list[Value]:
    """Read what "I'm a …" says somebody is, if that is an occupation."""
    if not said.low.startswith(("a ", "an ", "the "), pos) and not _BARE_JOB.match(said.low, pos):
        return []
    return _occupation(said, pos)


def _occupation(said: Said, pos: int) -> list[Value]:
    hedge = _JOB_HEDGE.match(said.low, pos)
    spans = headed(said, phrase(said, hedge.end() if hedge else pos, 5), forms("jobs"), _JOB_ENDINGS)
    low = lows(said, spans)
    if not spans or _NO_WORKER.intersection(low) or low[0].startswith("non-"):
        return []
    after = following(said, spans[-1][1])
    open_ = after in _QUALIFIES or after not in forms("stop") if after else said.low.startswith("'", spans[-1][1])
    return [] if open_ else [value(said, spans)]


_QUALIFIES = frozenset(
    ("of", "that", "than", "tonight", "today")
)  # what follows a comparison or a figure of speech: "a baker of lies"
_BARE_JOB = re.compile(r"(?:head|chief|senior|lead|managing|general|deputy|vice|ceo|cto|principal)\b")
_JOB_ENDINGS = re.compile(r"\w(?:ologist|ographer|ician|wright|dresser|monger|iatrist|nomist)$")


def role(said: Said, pos: int, _at_ns: int) -> list[Value]:
    """Read what somebody works as: with an article, any noun phrase."""
    known = _occupation(said, pos)
    if known or not said.low.startswith(("a ", "an "), pos):
        return known
    hedge = _JOB_HEDGE.match(said.low, pos)
    spans = phrase(said, hedge.end() if hedge else pos, 4)
    if not spans or lows(said, spans)[-1] in ("team", "whole", "group", "charm", "couple", "unit", "family", "way"):
        return []
    return [value(said, spans)]
