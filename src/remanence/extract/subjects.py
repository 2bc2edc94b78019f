# ruff: noqa: E501 — a list of words or a pattern reads best on one line
"""Who is spoken of: "I", "my wife's mother", "our dog Rex", "she", "his number", a friend by name.

A mention is found with what it leads to: a verb (of the subject) or an attribute ("my wife's BIRTHDAY").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from remanence.extract import lexicon
from remanence.extract.phrases import STOP
from remanence.extract.rules import ATTRIBUTES
from remanence.extract.wording import Said


class Entity(NamedTuple):
    """Somebody who was spoken of: a subject of statements, and the name they have, if one was said."""

    subject: str
    name: str = ""
    sex: str = ""  # "f" or "m" where the word for them tells


class Mention(NamedTuple):
    """Where somebody is spoken of.

    Attributes:
        who: "first", "third" (a pronoun), "kin", "name" or "mine" (an attribute nobody's, or "it").
        subject: of statements; empty where it must be resolved.
        word: the pronoun.
        name: given beside it ("my dog Rex").
        attribute: relation its noun is about; empty if none. For "my favorite color" the whole "favorite color".
        start, end: position in the text; `end` is where the verb comes.
        kin: the canonical word of a relative or pet.
    """

    who: str
    subject: str
    word: str
    name: str
    attribute: str
    start: int
    end: int
    kin: str = ""


_KIN_WORDS = "|".join(re.escape(word) for word in sorted(lexicon.KIN, key=len, reverse=True))
_KINDS = (
    r"(?:(?:elder|eldest|older|oldest|younger|youngest|little|big|twin|baby|middle|only|first|second|late|poor|dear|new|"
    r"old|lovely|other|own|darling|beloved|rescue|pet|crazy|silly|daft|naughty|cheeky|beautiful) )*"
)
_ATTRIBUTE = "|".join(f"(?P<a{i}>{pattern})" for i, (_, pattern) in enumerate(ATTRIBUTES))
_IS = r"(?:'s|s)?(?![\w'])"
_MENTION = re.compile(
    rf"\b(?:"
    rf"(?P<plural>(?:me|my (?:{_KIN_WORDS})) and (?:my (?:{_KIN_WORDS})|i)|my (?:{_KIN_WORDS}),? [a-z]+,? and i)\b"
    rf"|(?P<owner>my|our|his|her|their|its) (?P<kin>{_KINDS}(?:{_KIN_WORDS})(?:'?s {_KINDS}(?:{_KIN_WORDS}))*)"
    rf"(?:(?:'s|s|') (?:{_ATTRIBUTE})(?P<ks>{_IS})|(?P<s>'s|s)?(?![\w'-]))"
    rf"|(?P<owner2>my|our|his|her|their|its) (?:{_ATTRIBUTE.replace('(?P<a', '(?P<b').replace('<what>', '<what2>')})(?P<is2>{_IS})"
    rf"|(?P<first>i|we)\b(?!')"
    rf"|(?P<third>he|she|it|they|this one|that one|mine|that|this)\b(?!')"
    rf"|(?P<bare>mum|mom|dad|nan|grandma|grandad|granddad|grandpa|granny|gran)(?:'s)?(?![\w'])"
    rf"|(?P<topic>date of birth|email address|phone number)\b"
    rf")"
)
_NAME_AFTER = re.compile(r",? (?P<name>[^\W\d_][\w'-]*(?: [A-Z][\w'-]+)?)(?P<s>'s)?(?![\w'])")
_CAPITAL = re.compile(r"(?<![\w'])[A-Z][a-zà-ÿ]+(?:[-'][A-Z][a-z]+)?(?:'s)?(?![\w'])")
_VERB_AFTER_NAME = re.compile(
    r"(?:, )?(?:(?:just|has|have|finally|recently|still|also|now|always|only|really|and|came|who) )*"
    r"(?:is|was|are|lives|works|moved|got|has|had|turned|goes|came|comes|takes|speaks|drives|bought|plays|studies|loves|"
    r"hates|likes|started|joined|can|grew|said|says|told|thinks|wants|died|called|and i|a)\b"
)
_NO_NAME = (
    STOP
    | lexicon.JOBS
    | frozenset(lexicon.KIN)
    | frozenset(
        """
        works lives drives speaks takes studies goes loves hates likes thinks says said keeps wants needs came comes
        told asked called bought moved got turned started finally recently barely hardly probably definitely
        absolutely practically pretty quite even totally food bed litter toy toys collar lead walker sitter house room
        car phone number birthday school job work teacher tutor doctor family parents name side place flat age email
        recently favourite favorite insurance medication tablets pills hair coat eyes leg paw belly back barks sleeps
        snores eats hides runs jumps looks seems plays had used decided became becomes died passed allergic vegan
        married engaged divorced single retired lately allergies asthma graduated wedding party present gift visited
        funeral shop owner tom-cat sounds smells hated loved whose both all who's lot bit half lad girl boy dog cat
        """.split()
    )
)
_NOT_PEOPLE = frozenset(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december english french german spanish italian british american chinese japanese
    christmas easter god jesus netflix google amazon alexa siri youtube facebook spotify dinner lunch breakfast work
    school people someone nobody somebody mondays hopefully maybe perhaps lol idk tbh btw omg good great fine cool
    sure hello hi hey thanks today tomorrow yesterday tonight traffic coffee tea rain weather sorry home food music
    bitcoin everything other another most many some such same both neither either home life love time money
    """.split()
)
_ANTECEDENT = re.compile(
    r"(?:with|met|meet|meeting|saw|see|seeing|into|called|call|calling|rang|phoned|texted|visit|visited|visiting|"
    r"friend|mate|colleague|remember|know|told|asked|thanks to|is called) (?:my (?:\w+ )?(?:friend|mate) )?"
    r"(?:old )?(?P<name>[A-Za-z][a-z]+)(?:'s)?(?![\w'])"
)


def mentions(said: Said, named: dict[str, str], speaker: str) -> list[Mention]:
    """Return the mentions in a text in order. `named`: names in lower case and the subjects they stand for."""
    found = [mention for m in _MENTION.finditer(said.low) for mention in _read(m, said, speaker)]
    taken = [(mention.start, mention.end) for mention in found]
    found.extend(mention for mention in _by_name(said, named) if not _within(mention.start, taken))
    found.sort(key=lambda mention: mention.start)
    return found


def _within(at: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in spans)


def _read(m: re.Match[str], said: Said, speaker: str) -> Iterator[Mention]:
    low = said.low
    if m["first"] or m["plural"]:
        yield Mention("first", speaker, m[0], "", "", m.start(), m.end())
    elif m["third"]:
        yield Mention("mine" if m["third"] == "mine" else "third", "", m["third"], "", "", m.start(), m.end())
    elif m["topic"]:
        yield Mention(
            "first", speaker, "", "", "birthday" if m[0].startswith("date") else m[0].split()[0], m.start(), m.end()
        )
    elif m["bare"]:
        if not re.search(
            r"\b(?:my|your|his|her|our|their|the|a|says?|like|hey|hi|ok|no)[ ,]+$",
            low[max(0, m.start() - 8) : m.start()],
        ):
            kin = lexicon.KIN[m["bare"]]
            yield Mention("kin", f"{speaker}'s {kin}", "", "", "", m.start(), m.start() + len(m["bare"]), kin)
    elif m["kin"]:
        yield _kin(m, said, speaker)
    else:
        owner = m["owner2"]
        attribute = _attribute(m, "b", "what2")
        who, subject = ("first", speaker) if owner in ("my", "our") else ("third", "")
        yield Mention(who, subject, owner, "", attribute, m.start(), _end(m))


def _kin(m: re.Match[str], said: Said, speaker: str) -> Mention:
    words = re.split(r"'?s (?=\w)", m["kin"])
    chain = [_canonical(word) for word in words]
    own = m["owner"] in ("my", "our")
    path = "".join(f"'s {word}" for word in chain)
    attribute = _attribute(m, "a", "what")
    end, name = _end(m), ""
    if not attribute and not m["s"]:
        named = _NAME_AFTER.match(said.text, m.end())
        if named and _is_name(said, named, m.end()):
            name = named["name"]
            end = named.end("name")
            # "my sister Lucy's birthday": what follows the name is hers
            after = named["s"] and _MENTION_ATTRIBUTE.match(said.low, named.end())
            if after:
                attribute = _attribute(after, "a", "what")
                end = after.end()
            elif said.low.startswith(",", end):
                end += 1
    who = "kin" if own else "third"
    return Mention(who, f"{speaker}{path}" if own else path, m["owner"], name, attribute, m.start(), end, chain[-1])


_MENTION_ATTRIBUTE = re.compile(rf" (?:{_ATTRIBUTE})")


def _is_name(said: Said, named: re.Match[str], pos: int) -> bool:
    word = named["name"]
    first = word.split()[0].lower()
    if first in _NO_NAME or first in _NOT_PEOPLE or first.endswith(("ing", "ed", "n't", "ly'")):
        return False
    if word[0].isupper():
        return True
    if said.low.startswith(",", pos) or not word.isalpha():
        return False
    return first in lexicon.FIRST_NAMES or (
        bool(_VERB_AFTER_NAME.match(said.low, named.end() + 1))
        and (not first.endswith("s") or said.low.startswith((" is ", " has ", " was "), named.end()))
    )


def _canonical(words: str) -> str:
    for word in (words, words.rpartition(" ")[2]):
        if word in lexicon.KIN:
            return lexicon.KIN[word]
    for known in ("guinea pig", "best friend", "in law"):
        if words.endswith(known):
            return lexicon.KIN.get(" ".join(words.split()[-3:]), lexicon.KIN.get(known, known))
    return words


def _attribute(m: re.Match[str], group: str, what: str) -> str:
    for i, (relation, _) in enumerate(ATTRIBUTES):
        if m[f"{group}{i}"]:
            if relation == "favorite":
                named = m[what]
                return f"favorite {named.replace('colour', 'color')}"
            return relation
    return ""


def _end(m: re.Match[str]) -> int:
    """Return where the verb comes: before a contracted "'s", which is one."""
    for group in ("s", "ks", "is2"):
        if m[group]:
            return m.start(group)
    return m.end()


def _by_name(said: Said, named: dict[str, str]) -> Iterator[Mention]:
    for name, subject in named.items():
        for m in re.finditer(rf"\b{re.escape(name)}(?:'s)?(?![\w'])", said.low):
            yield Mention("name", subject, "", "", "", m.start(), m.start() + len(name))
    if said.text == said.low:
        return
    for m in _CAPITAL.finditer(said.text):
        word = m[0].removesuffix("'s")
        if word.lower() in named or word.lower() in _NO_NAME or word.lower() in _NOT_PEOPLE:
            continue
        yield Mention("name", word, "", "", "", m.start(), m.start() + len(word))


def antecedents(said: Said) -> list[tuple[int, Entity]]:
    """Return people named where "she" and "he" may mean them later ("I met Anna"), with their positions."""
    found: list[tuple[int, Entity]] = []
    for m in _ANTECEDENT.finditer(said.text):
        name = m["name"]
        lower = name.lower()
        if lower in _NOT_PEOPLE or lower in _NO_NAME or not (name[0].isupper() or lower in lexicon.FIRST_NAMES):
            continue
        found.append((m.start("name"), Entity(name, name)))
    return found


def sex_of(kin: str) -> str:
    """Return "f" or "m" where the word for a relative tells, else nothing."""
    return "f" if kin in lexicon.WOMEN else "m" if kin in lexicon.MEN else ""
