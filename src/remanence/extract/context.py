"""What is said too loosely to state anything by itself, but does where something is being put right.

After "I work for Maersk", "no, I'm at DSV now" is about the employer, and "my sister is Astrid" gives a name after
"my sister's name is Ingrid".
"""

from __future__ import annotations

import re

from remanence.extract import values
from remanence.extract.predicates import Predicate
from remanence.extract.statements import Statement, relation
from remanence.extract.turn import Turn
from remanence.extract.values import Kind, Value
from remanence.extract.words import forms

READ_AS: dict[Kind, Kind] = {"job": "role", "school": "campus"}
_LINKS = {  # of a relation: what has to come between "I'm" and a value
    "residence": re.compile(r"(?:(?:back|over|up|down|out) )?(?:in|near) "),
    "employer": re.compile(r"(?:over )?(?:at|with|for) "),
    "school": re.compile(r"(?:(?:over )?at|go(?:es)? to) "),
    "origin": re.compile(r"from "),
    "job": re.compile(r"(?=an? )"),
    "name": re.compile(r"(?:called )?"),
}
_CLOSES = re.compile(
    r"$|[,.!?;]| (?:now|not|actually|and|but|so|i|these days|as of|since|with|at the moment|sorry|because|by the way|"
    r"any ?more|instead|really|my|he|she|we)\b"
)
_NOW = re.compile(r"[\w' ]{2,30} (?:now|these days|as of)\b")
_OCCUPIED = re.compile(r"\w(?:er|or|ist|ian|ant|man|woman|tress|rdess|agent)$")
_NO_PLACE_OF_WORK = frozenset(
    """
    lunch dinner breakfast work school home bed church uni college gym doctor doctors dentist airport station shop shops
    pub beach party moment risk peace war sea loss hospital court least first last night court bus train it this that
    """.split()
)


def loosely(turn: Turn, subject: str, predicate: Predicate, start: int) -> int:
    """Read "I'm at DSV now" of what was just said or taken back; return where the value ends, or 0."""
    if predicate.form not in ("be", "do") or predicate.negated or not turn.latest() + _ended(turn):
        return 0
    loose = not (turn.fixing or _ended(turn))
    for old in (*_ended(turn), *turn.latest()):
        link = _LINKS.get(old.relation)
        m = link.match(turn.said.low, predicate.pos) if link else None
        if m is None or (predicate.form == "do") != m[0].startswith("go"):
            continue
        if subject == turn.speaker if old.relation == "name" else subject != old.subject:
            continue
        if loose and not (old.relation in ("employer", "school") and _NOW.match(turn.said.low, m.end())):
            continue
        kind = relation(old.relation).kind
        found = values.read(READ_AS.get(kind, kind), turn.said, m.end(), turn.at_ns)
        if is_whole(turn, m.end(), found) and _may_be(old, found[0]) and turn.stands(start, found[0].end):
            turn.state(subject, old.relation, found[0].object, after=found[0].end)
            return found[0].end
    return 0


def links(about: str, word: str) -> bool:
    """Return whether a preposition can come before the value of a relation: "at" an employer, not "in"."""
    link = _LINKS.get(about)
    return link is not None and link.fullmatch(word) is not None


def is_whole(turn: Turn, pos: int, found: list[Value]) -> bool:
    """Return whether a value at `pos` is all that is said there, and no state ("it's fine")."""
    low = turn.said.low
    first = re.compile(r"(?:(?:an?|the) )?([\w']+)").match(low, pos)
    known = first is None or first[1] not in forms("states")
    return bool(found) and known and _CLOSES.match(low, found[0].end) is not None


def _may_be(old: Statement, value: Value) -> bool:
    words = value.object.lower().split()
    if old.relation == "job":
        return _OCCUPIED.search(words[-1]) is not None
    return words[0] not in _NO_PLACE_OF_WORK


def _ended(turn: Turn) -> list[Statement]:
    return [s for s in reversed(turn.statements) if s.retracted]
