"""Who is spoken of: "I", "my wife's mother", "our dog Rex", "she", "his number", a friend by name.

A mention is found with what it leads to: a verb (of the subject) or an attribute ("my wife's BIRTHDAY").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from remanence.extract.attributes import relation_at
from remanence.extract.wording import Said
from remanence.extract.words import forms, table


class Mention(NamedTuple):
    """Where somebody is spoken of.

    Attributes:
        word: "I", a pronoun, a possessive, or a name.
        subject: of statements; a path ("'s mother") or nothing where `word` must be resolved.
        start, end: position in the text; `end` is where the verb comes.
        kin: the canonical word of a relative or pet.
        name: given beside it ("my dog Rex").
        attribute: relation its noun is about ("favorite color"); empty if none.
    """

    word: str
    subject: str
    start: int
    end: int
    kin: str = ""
    name: str = ""
    attribute: str = ""

    @property
    def own(self) -> bool:
        """Whether the speaker's."""
        return self.word in _OWN

    @property
    def known(self) -> bool:
        """Whether its subject needs no looking up."""
        return self.word not in _PRONOUNS


_OWN = frozenset("i we my our".split())
_PRONOUNS = frozenset(("he", "she", "it", "they", "his", "her", "its", "their", "this one", "that one"))
_WHO = re.compile(r"\b(?:i|we|my|our|his|her|its|their|he|she|it|they|that|this one|that one|mine)\b(?!')")
_DESCRIBED = re.compile(
    r"(?:(?:elder|eldest|older|oldest|younger|youngest|little|big|twin|baby|middle|only|first|second|late|poor|dear|"
    r"new|old|lovely|other|own|beloved|rescue|pet|crazy|silly|naughty|\w+[- ]years?[- ]old) )*"
)
_WORDS = re.compile(r"[a-z][a-z-]*(?: [a-z][a-z-]*){0,2}")
_POSSESSIVE = re.compile(r"'?s (?=\w)|' (?=\w)")
_BARE = re.compile(  # "my dog name is potola", as a recogniser writes it
    r" (?=(?:full |first |real )?(?:name|birthday|age|breed|(?:phone )?number|email)(?:'?s)? (?:is|was|it's)\b)"
)
_NAME_AFTER = re.compile(r",? (?P<name>[^\W\d_][\w'-]*?(?: [A-Z][\w-]+)?)(?P<s>'s)?(?![\w'])")
_VOCATIVE = frozenset(("friend", "best friend", "brother", "sister", "son"))
_VERB_AFTER_NAME = re.compile(
    r" (?:is|was|are|lives|works|moved|got|has|had|turned|goes|came|comes|takes|speaks|drives|bought|studies|loves|"
    r"hates|likes|started|joined|grew|and i)\b"
)
_TO_BE = (" is", " has", " was")
_NO_NAME = frozenset(
    """
    works lives drives speaks takes studies goes loves hates likes thinks says said keeps wants needs came comes told
    asked called bought moved got turned started finally barely hardly absolutely quite totally bed litter toy toys
    collar lead walker sitter house room car phone number birthday school job work tutor doctor family parents name
    side place flat age email insurance medication tablets pills hair coat eyes leg paw belly back barks sleeps snores
    eats hides runs jumps looks seems plays used decided became becomes died passed allergic vegan married engaged
    divorced single retired allergies asthma graduated wedding party present gift visited funeral shop owner sounds
    smells hated loved lot bit half lad girl boy dog cat read put let met say see use made new big bad good great
    ate gave took went saw found helped bought sent wrote came left kept passed monday tuesday wednesday thursday friday
    saturday sunday christmas easter god english french german spanish italian american chinese japanese
    """.split()
)


def mentions(said: Said, named: dict[str, str], speaker: str) -> list[Mention]:
    """Return the mentions in a text in order. `named`: names in lower case and the subjects they stand for."""
    found: list[Mention] = []
    for m in _WHO.finditer(said.low):
        word = m[0]
        if word in ("my", "our", "his", "her", "its", "their"):
            mention = _owned(m, said, speaker)
            if mention is not None:
                found.append(mention)
        else:
            found.append(Mention(word, speaker if word in ("i", "we") else "", m.start(), m.end()))
    for name, subject in named.items():
        if name in said.low:
            found += _by_name(name, subject, said, found)
    found.sort(key=lambda mention: mention.start)
    return found


def _by_name(name: str, subject: str, said: Said, beside: list[Mention]) -> Iterator[Mention]:
    for m in re.finditer(rf"\b{re.escape(name)}(?:'s)?(?![\w'])", said.low):
        if not any(mention.start <= m.start() < mention.end for mention in beside):
            yield Mention(name, subject, m.start(), m.start() + len(name))


def _owned(m: re.Match[str], said: Said, speaker: str) -> Mention | None:
    """Read what comes after "my": an attribute, or a relative with what follows."""
    low, own = said.low, m[0] in ("my", "our")
    who = speaker if own else ""
    attribute = relation_at(low, m.end() + 1)
    if attribute:
        return Mention(m[0], who, m.start(), attribute[1], attribute=attribute[0])
    chain, end = _chain(low, m.end() + 1)
    if not chain:
        return None
    path = who + "".join(f"'s {kin}" for kin in chain)
    of = Mention(m[0], path, m.start(), end, chain[-1])
    possessive = _POSSESSIVE.match(low, end) or _BARE.match(low, end)
    attribute = relation_at(low, possessive.end()) if possessive else None
    if attribute:
        return of._replace(attribute=attribute[0], end=attribute[1])
    return of if possessive else _with_name(of, said)


def _chain(low: str, pos: int) -> tuple[list[str], int]:
    """Return the relatives of "wife's mother" at `pos` and where the words for them end."""
    chain: list[str] = []
    end = start = pos
    while True:
        described = _DESCRIBED.match(low, start)
        found = kin_at(low, described.end() if described else start)
        if found is None:
            return chain, end
        chain.append(found[0])
        end = found[1]
        possessive = _POSSESSIVE.match(low, end)
        if possessive is None:
            return chain, end
        start = possessive.end()


def kin_at(low: str, pos: int) -> tuple[str, int] | None:
    """Return the relative or pet at `pos`, by its canonical word, and where the word for it ends."""
    m = _WORDS.match(low, pos)
    words = m[0] if m else ""
    while words:
        for form in (words, words.removesuffix("s")):  # "my dogs name", as a recogniser writes it
            kin = table("pets").get(form) or table("kin").get(form)
            if kin and (form == words or low.startswith(("s name", "s called", "s a "), pos + len(form))):
                return kin, pos + len(form)
        words = words.rpartition(" ")[0]
    return None


def _with_name(of: Mention, said: Said) -> Mention:
    named = _NAME_AFTER.match(said.text, of.end)
    if named is None or not _is_name(said, named, of):
        return of
    of = of._replace(name=named["name"], end=named.end("name"))
    attribute = relation_at(said.low, named.end() + 1) if named["s"] else None
    if attribute:  # "my sister Lucy's birthday": what follows the name is hers
        return of._replace(attribute=attribute[0], end=attribute[1])
    return of._replace(end=of.end + said.low.startswith(",", of.end))


def _is_name(said: Said, named: re.Match[str], of: Mention) -> bool:
    word = named["name"]
    first = word.split()[0].lower()
    if first in _NO_NAME or first in forms("stop") or first.endswith(("ing", "ed", "n't")) or kin_at(first, 0):
        return False
    if of.kin in _VOCATIVE and said.low.startswith(",", of.end) and not said.low.startswith(",", named.end()):
        return False  # "hello my friend, …"
    if word[0].isupper():
        return len(first) > 1 and (not word.isupper() or not said.text.isupper())
    if said.cased or said.low.startswith(",", named.start()) or not word.isalpha():
        return False
    verb = _VERB_AFTER_NAME.match(said.low, named.end())
    if first in forms("first_names") or verb is None:
        return first in forms("first_names")
    return verb[0] in _TO_BE if first.endswith("s") else of.kin in table("pets") or verb[0] not in _TO_BE
