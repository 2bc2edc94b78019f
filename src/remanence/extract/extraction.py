# ruff: noqa: E501 — a list of words or a pattern reads best on one line
"""The walk from a text to the statements in it: clause by clause, with what the turn before left open."""

from __future__ import annotations

import re
from typing import NamedTuple

from remanence.extract import clauses, corrections, dates, lexicon, predicates, rules, values
from remanence.extract.statements import RELATIONS, Statement, current, relation, same
from remanence.extract.subjects import Entity, Mention, antecedents, mentions, sex_of
from remanence.extract.values import Kind
from remanence.extract.wording import Said, plain

__all__ = ["RELATIONS", "Carried", "Extraction", "Statement", "current", "extract"]

_KEPT = 4  # entities and statements carried to the next turn
_LONGEST = 10_000  # characters looked at: speech has no longer turns


class Carried(NamedTuple):
    """What a turn leaves for the next one to refer to: "she", "there", "no, Bradford"; the last few only.

    Attributes:
        entities: who was spoken of, oldest first.
        statements: what was stated, oldest first.
        topic: (subject, relation) spoken of last, with a value or still without.
    """

    entities: tuple[Entity, ...] = ()
    statements: tuple[Statement, ...] = ()
    topic: tuple[str, str] | None = None


class Extraction(NamedTuple):
    """The statements of one turn in order, and what to carry to the next."""

    statements: tuple[Statement, ...]
    carried: Carried


def extract(text: str, *, at_ns: int, speaker: str = "user", carried: Carried = Carried()) -> Extraction:  # noqa: B008
    """Return what a turn states.

    Args:
        text: what was said, written or as a recogniser has it.
        at_ns: when, ns since the epoch: relative dates are told from that day (UTC).
        speaker: the subject of "I".
        carried: what the turn before left.

    Nothing raises. Cost: linear, about 100 µs for 20 words; a few µs where nothing can be stated.
    """
    low = text[:_LONGEST].lower()
    if not _TRIGGERS.intersection(_WORD.findall(low)) and not (carried.statements or carried.topic):
        return Extraction((), carried)
    turn = _Turn(plain(text[:_LONGEST]), at_ns, speaker, carried)
    turn.walk()
    return turn.extraction()


_WORD = re.compile(r"[a-z]+")
_TRIGGERS = frozenset(
    "i im ive my our we weve mine he she his her it its mum dad mom they turned moved got grew born was me".split()
)
_SENTENCE_END = re.compile(r"[.!?;]+(?=\s|$)")
_CONJUNCT = re.compile(
    r"(?:,| and|, and|, but| but)(?: then| now| i)? (?=(?:am|is|have|has|got|live|lives|living|work|works|study|studies|studying|"
    r"speak|speaks|drive|drives|take|takes|moved|grew|come|comes|bought|started|love|loves|hate|hates|like|likes|enjoy|"
    r"working|allergic|was born|born|turned|go|goes|joined|keep|suffer|do not|does not)\b)"
)
_ELIDED = re.compile(
    r"(?:^|(?<=[,.!?;] )|(?<=\band )|(?<=\bso )|(?<=\byes )|(?<=\bno )|(?<=\bwell )|(?<=\blol ))"
    r"(?:(?:just|finally|recently|yes|no|oh|so|ok|lol|well|also|hi|hey|originally) )*"
    r"(?=(?:turned|got a (?:new )?job|moved to|grew up|live in|living in|work (?:at|for|as)|working (?:at|for|as)|"
    r"born (?:and|in|on)|allergic to|got married|got divorced|got engaged|studying|based in|married|bought a|been|from)\b)"
)
_BE_WORDS = frozenset("born allergic based married living working studying from".split())
_OLD_KIN = re.compile(r"\b(?P<owner>my|our|an?) (?P<n>\w+(?:[- ]\w+)?)[- ]years?[- ]old (?P<kin>[a-z-]+)\b")
_KIN_HAD = re.compile(
    r"(?P<count>an?|one|two|three|\d|another) (?:(?:little|baby|older|younger|big|small|old|new|lovely|rescue|pet|twin|elder) )*"
    rf"(?P<breed>(?:[\w-]+ ){{0,3}}?)(?P<kin>{'|'.join(sorted(map(re.escape, lexicon.KIN), key=len, reverse=True))})\b"
    r"(?:,? (?:who is |that is |which is )?(?:called|named|by the name of|whose name is) )?"
)
_SELF_NAMED = re.compile(r"(?: (?:btw|by the way|here|speaking)\b|[,.!?;]|$| and\b| from\b)")
_INTRODUCED = re.compile(
    r"(?:^|[,.!] ?|\b(?:hi|hello|hey|morning|evening|afternoon|there|so|yes|no) )(?:it is|this is) (?:me )?(?P<name>[a-z]+(?: [a-z]+)?)"
    r"(?: (?:here|speaking|calling|again|btw)\b)"
)
_CLEFT = re.compile(
    r"\b(?:it is|that is|it was) (?P<what>[a-z][a-z' ]{1,40}?) (?:that |which )?i (?:am allergic to|have|take|am on|speak|live in|work at|study)\b"
)
_CLEFT_RELATION: dict[str, tuple[str, Kind]] = {
    "am allergic to": ("allergy", "allergen"),
    "have": ("condition", "illness"),
    "take": ("medication", "medicine"),
    "am on": ("medication", "medicine"),
    "speak": ("language", "language"),
    "live in": ("residence", "place"),
    "work at": ("employer", "organisation"),
    "study": ("studies", "field"),
}
_ITS = re.compile(
    r"(?:play|watch|put on|read|love|order|listen to|cook|make|try|have|get) (?P<what>[\w' ]{2,30}?)(?: again)?,? (?:it|that|which) is $"
)
_TIME_AFTER = re.compile(r"(?: (?:now|again|originally|back|just|at last|finally))?,? ")


_SEVERAL = re.compile(r"s (?:are|were|have|love|like|hate|do|need|want|both|all|bark|live|sleep|eat)\b")
_PRONOUN = re.compile(r" ?(?:it|them|that|those)\b")


_Step = Entity | Mention | corrections.Fix | re.Match[str] | None  # None: a clause without its "I"


class _Turn:
    """One turn while it is walked: what was found so far, and what can be referred to."""

    def __init__(self, said: Said, at_ns: int, speaker: str, carried: Carried) -> None:
        self.said = said
        self.at_ns = at_ns
        self.speaker = speaker
        self.carried = carried
        self.statements: list[Statement] = []
        self.entities = list(carried.entities)
        self.topic = carried.topic
        self.fixing = bool(corrections.OPENS.match(said.low))
        self.ends = [m.start() for m in _SENTENCE_END.finditer(said.low)] + [len(said.low)]
        self.starts = [0, *[m.end() for m in _SENTENCE_END.finditer(said.low)]]

    # --- the walk

    def walk(self) -> None:
        """Read every clause, correction and address of the turn, in order."""
        said = self.said
        named = {entity.name.lower(): entity.subject for entity in self.entities if entity.name}
        found = mentions(said, named, self.speaker)
        steps: list[tuple[int, int, _Step]] = [(at, 0, entity) for at, entity in antecedents(said)]
        steps += [(m.start, 1, m) for m in found]
        steps += [(fix.start, 2, fix) for fix in corrections.markers(said.low)]
        steps += [(m.start(), -1, m) for m in corrections.TAKE_BACK.finditer(said.low)]
        steps += [(m.end(), 4, None) for m in _ELIDED.finditer(said.low)]
        steps.sort(key=lambda step: step[:2])
        self.elsewhere()
        starts = [m.start for m in found]
        for at, _, step in steps:
            if isinstance(step, Entity):
                if not any(entity.name.lower() == step.name.lower() for entity in self.entities):
                    self.entities.append(step)
            elif isinstance(step, Mention):
                following = next((start for start in starts if start > at), len(said.low))
                self.mention(step, min(following, self.sentence(at)[1]))
            elif isinstance(step, corrections.Fix):
                self.fix(step)
            elif step is None:
                self.elided(at)
            else:
                self.take_back(step)

    def extraction(self) -> Extraction:
        """Return what was found."""
        statements = tuple(self.statements)
        kept = tuple(statement for statement in statements if not statement.retracted)[-_KEPT:]
        last = kept or (self.carried.statements if not statements else ())
        return Extraction(statements, Carried(tuple(self.entities[-_KEPT:]), last, self.topic))

    def sentence(self, at: int) -> tuple[int, int]:
        """Return where the sentence around a position starts and ends."""
        for start, end in zip(self.starts, self.ends, strict=True):
            if at <= end:
                return start, end
        return 0, len(self.said.low)

    # --- clauses

    def mention(self, mention: Mention, until: int) -> None:
        """Read what is said of somebody right after they are mentioned, up to the next mention."""
        low = self.said.low
        sentence, end = self.sentence(mention.start)
        doubted = clauses.doubted(low, sentence, mention.start)
        subject = self.resolve(mention)
        if mention.kin and subject:
            self.meet(mention, subject, doubted or clauses.asked(low, sentence, end, mention.start, mention.end))
        if mention.who == "name" and mention.subject == subject and subject[:1].isupper():
            self.name_of_kin(mention)
        if mention.who == "first" and " " in mention.word and not doubted:  # "me and my cat"
            for pet in lexicon.PETS.keys() & set(mention.word.split()):
                self.state(self.speaker, "has", lexicon.PETS[pet], topic=False)
        if mention.attribute:
            self.attribute(mention, subject, doubted)
            return
        if not subject or doubted:
            if mention.word in ("it", "that", "mine") and not doubted:
                self.it_is(mention)
            return
        if mention.word in ("it", "that", "mine") and self.it_is(mention):
            return
        reach = self.clause(subject, mention.end, mention)
        if mention.who == "name" and reach == mention.end:  # "Tomas from work bought …"
            aside = re.match(r" (?:from|at|in) [a-z]+ (?=\w+(?:s|ed|t)\b)", low[mention.end : mention.end + 30])
            if aside:
                reach = self.clause(subject, mention.end + aside.end(), mention)
        for conjunct in _CONJUNCT.finditer(low, max(reach, mention.end), until):
            self.clause(subject, conjunct.end(), mention)

    def elided(self, at: int) -> None:
        """Read a clause that leaves out its "I": "turned 38 last week"."""
        sentence, _ = self.sentence(at)
        if not clauses.doubted(self.said.low, sentence, at):
            word = re.match(r"[a-z]+", self.said.low[at:])
            form: rules.Form = "be" if word and word[0] in _BE_WORDS else "do"
            if word and word[0] == "been":
                form, at = "be", at + 4
            self.apply(
                self.speaker, predicates.Predicate(form, False, predicates.start_of_rest(self.said.low, at)), at, None
            )

    def clause(self, subject: str, pos: int, mention: Mention) -> int:
        """Read one predicate at `pos`; return how far it was understood (`mention.end` if not at all)."""
        predicate = predicates.read(self.said.low, pos)
        if predicate is None:
            return mention.end
        rest = predicates.start_of_rest(self.said.low, predicate.pos)
        predicate = predicate._replace(pos=rest)
        return self.apply(subject, predicate, mention.start, mention)

    def apply(self, subject: str, predicate: predicates.Predicate, start: int, mention: Mention | None) -> int:
        """Try the rules at a predicate; return the furthest end of a value, or `start` of what was not understood."""
        low = self.said.low
        sentence, end = self.sentence(start)
        reached = mention.end if mention else start
        by_word, always = rules.BY_FORM[predicate.form]
        word = re.compile(r"[a-z]+").match(low, predicate.pos)
        candidates = by_word.get(word[0], []) if word else []
        done: set[str] = set()
        for rule, pattern in [*candidates, *always]:
            if rule.relation in done:
                continue
            m = pattern.match(low, predicate.pos)
            if m is None:
                continue
            if rule.relation == "breed" and not self.is_pet(subject):
                continue
            if rule.relation == "name" and not mention:
                continue
            if rule.denied and not predicate.negated:
                continue
            if "car" in done and rule.relation == "has":
                continue
            found = values.read(rule.kind, self.said, m.end(), self.at_ns)
            pronoun = _PRONOUN.match(low, m.end())
            if not found and pronoun and (rule.ends or predicate.negated):
                found = [values.Value("it", pronoun.end())]
            if not found:
                continue
            stop = found[-1].end
            if clauses.asked(low, sentence, end, start, stop) or (
                rule.relation not in ("birthday",) and not predicate.negated and clauses.planned(low, stop)
            ):
                return stop
            done.add(rule.relation)
            reached = max(reached, stop)
            ended = predicate.negated != (rule.ends or rule.denied)
            if rule.ends and predicate.negated:
                continue
            for value in found:
                self.state(subject, rule.relation, value.object, retracted=ended, after=value.end)
            if not ended:
                self.tails(subject, rule.relation, stop)
        if not done:
            reached = max(reached, self.special(subject, predicate, mention, start))
        elif predicate.form == "have" and not predicate.negated:
            self.had(predicate.pos)
        return reached

    def tails(self, subject: str, relation: str, pos: int) -> None:
        """Read more about the same subject right after a value: "a nurse AT St Vincent's"."""
        for also, pattern, kind in rules.TAILS.get(relation, ()):
            m = re.compile(pattern + r"\b").match(self.said.low, pos)
            if m:
                for value in values.read(kind, self.said, m.end(), self.at_ns):
                    self.state(subject, also, value.object, after=value.end)

    def special(self, subject: str, predicate: predicates.Predicate, mention: Mention | None, start: int) -> int:
        """Read what no rule of the table says: names, pets that are had, "not any more", "I don't live there"."""
        low, pos = self.said.low, predicate.pos
        if predicate.negated:
            there = corrections.THERE.match(low, pos)
            if there:
                self.state(subject, corrections.PLACE_OF[there["verb"]], "", retracted=True)
            elif corrections.NOT_ANY_MORE.match(low, pos):
                self.retract_last(subject)
            elif predicate.form in ("do", "have"):
                self.denied_food(subject, pos)
            return start
        if predicate.form == "have":
            self.had(pos)
        elif predicate.form == "be" and mention and mention.who == "first" and subject == self.speaker:
            self.self_named(pos)
            if low[:pos].endswith("both ") and self.topic and self.topic[1] == "birthday":
                self.shared(pos)
        return start

    def shared(self, pos: int) -> None:
        """Read "we're both the ninth of May", of a birthday."""
        for value in values.read("date", self.said, pos, self.at_ns):
            for subject in {self.speaker: 0, **{entity.subject: 0 for entity in self.entities[-1:]}}:
                self.state(subject, "birthday", value.object)

    def self_named(self, pos: int) -> None:
        """Read "I'm Beatriz", where it is a name: by its capital, or as one that many have."""
        said = self.said
        for value in values.read("name", said, pos, self.at_ns):
            first, *more = value.object.split()
            known = first.lower() in lexicon.FIRST_NAMES
            capital = first[:1].isupper() and not said.text.isupper()
            likely = first.lower() not in _NOT_SELF and first.lower().rstrip("s") not in lexicon.LANGUAGES
            after = _SELF_NAMED.match(said.low, value.end)
            if (
                (capital and likely and (known or after))
                or (known and not more and after)
                or (
                    not more
                    and re.match(r" (?:btw|by the way)\b", said.low[value.end :])
                    and likely
                    and len(first) > 2
                    and not first.endswith(("ed", "ing", "y"))
                )
            ):
                self.state(self.speaker, "name", value.object, after=value.end)

    def denied_food(self, subject: str, pos: int) -> None:
        """Read "I don't eat meat", "I never eat anything with gluten"."""
        m = re.compile(
            r"(?:eat|eats|do|touch|consume|have|tolerate) (?:any |much )?(?P<what>meat|animal products|gluten|dairy)\b"
        ).match(self.said.low, pos)
        if m:
            fish = re.match(r" (?:but|though|except)[a-z ]*fish", self.said.low[m.end() :])
            diet = {
                "meat": "pescatarian" if fish else "vegetarian",
                "animal products": "vegan",
                "gluten": "gluten free",
                "dairy": "dairy free",
            }[m["what"]]
            self.state(subject, "diet", diet)

    # --- relatives and pets

    def resolve(self, mention: Mention) -> str:
        """Return the subject a mention stands for; empty when it is nobody known."""
        if mention.who != "third":
            return mention.subject if mention.who != "mine" else ""
        word = mention.word
        wanted = {"he": "m", "his": "m", "she": "f", "her": "f"}.get(word)
        if word in ("that", "this", "my"):
            return ""
        for entity in reversed(self.entities):
            pet = entity.subject.rpartition("'s ")[2] in lexicon.PETS
            if word in ("it", "its", "this one", "that one"):
                if not pet:
                    continue
            elif wanted and entity.sex and entity.sex != wanted:
                continue
            return entity.subject + mention.subject
        return ""

    def is_pet(self, subject: str) -> bool:
        """Return whether a subject is an animal, as far as one knows: a relative is none."""
        last = subject.rpartition("'s ")[2]
        return last in lexicon.PETS or (last not in lexicon.KIN and subject != self.speaker)

    def meet(self, mention: Mention, subject: str, doubted: bool) -> None:
        """Take note of a relative or pet, and of the name said beside them."""
        self.entities = [entity for entity in self.entities if entity.subject != subject or entity.name]
        name = mention.name or next((e.name for e in self.entities if e.subject == subject), "")
        self.entities = [entity for entity in self.entities if entity.subject != subject]
        self.entities.append(Entity(subject, name, sex_of(mention.kin)))
        if doubted:
            return
        pet = mention.kin in lexicon.PETS
        told = (*self.statements, *self.carried.statements)
        if (
            pet
            and subject == f"{self.speaker}'s {mention.kin}"
            and not _SEVERAL.match(self.said.low, mention.end)
            and not any(s.relation == "has" and s.object == mention.kin for s in told)
        ):
            self.state(self.speaker, "has", mention.kin, topic=False)
        if mention.name:
            self.state(subject, "name", mention.name)
        old = _OLD_KIN.match(self.said.low, mention.start)
        if old:
            self.aged(subject, old["n"])

    def aged(self, subject: str, words: str) -> None:
        """State an age that stands before its noun: "my six-year-old son"."""
        for value in values.read("age", Said(words, words), 0, self.at_ns):
            self.state(subject, "age", value.object)

    def name_of_kin(self, mention: Mention) -> None:
        """Read "Harriet is my sister"."""
        m = re.compile(r"(?:'s| is) (?:my|our) (?P<kin>(?:\w+ )?[a-z-]+)\b").match(self.said.low, mention.end)
        if m:
            word = m["kin"].split()[-1]
            kin = lexicon.KIN.get(m["kin"]) or lexicon.KIN.get(word)
            if kin:
                subject = f"{self.speaker}'s {kin}"
                self.state(subject, "name", mention.subject)
                self.entities.append(Entity(subject, mention.subject, sex_of(kin)))

    def had(self, pos: int) -> None:
        """Read who is had: "a daughter called Ines", "a border collie", "a dog and a cat"."""
        low = self.said.low
        old = _OLD_KIN.match(low, pos)
        breed = values.read("breed", self.said, pos, self.at_ns)
        if breed:
            pet = lexicon.kind_of_breed(breed[0].object.lower())
            if pet and not re.match(r"(?:\d|two|three|four)", low[pos:]):
                subject = f"{self.speaker}'s {pet}"
                self.state(subject, "breed", breed[0].object)
                self.entities.append(Entity(subject))
                self.named_at(subject, breed[0].end)
                return
        m = _KIN_HAD.match(low, pos)
        if m is None and old and old["kin"] in lexicon.KIN:
            subject = f"{self.speaker}'s {lexicon.KIN[old['kin']]}"
            self.entities.append(Entity(subject, "", sex_of(lexicon.KIN[old["kin"]])))
            self.aged(subject, old["n"])
            self.named_at(subject, old.end())
        elif m and m["count"] in ("a", "an", "one", "another"):
            kin = lexicon.KIN[m["kin"]]
            subject = f"{self.speaker}'s {kin}"
            self.entities.append(Entity(subject, "", sex_of(kin)))
            self.named_at(subject, m.end("kin"))

    def named_at(self, subject: str, pos: int) -> None:
        """Read "… called Rex" at a position, of a subject just met."""
        m = re.compile(r",? (?:who is |that is |which is )?(?:called|named|by the name of|whose name is) ").match(
            self.said.low, pos
        )
        if m:
            for value in values.read("name", self.said, m.end(), self.at_ns):
                self.state(subject, "name", value.object)
                last = self.entities[-1]
                self.entities[-1] = last._replace(name=value.object)

    # --- attributes: "my number is …", "teal is my favourite colour"

    def attribute(self, mention: Mention, subject: str, doubted: bool) -> None:
        """Read the value of an attribute after it, or before it; else remember it as the topic."""
        low = self.said.low
        what = mention.attribute
        subject = subject or (self.speaker if mention.who == "first" else "")
        if not subject:
            return
        self.topic = (subject, what)
        if doubted and not self.turned_round(mention):
            return
        sentence, end = self.sentence(mention.start)
        if self.turned_round(mention):
            self.before(subject, mention, sentence)
            return
        predicate = predicates.read(low, mention.end)
        kind = relation(what).kind
        kind = "role" if kind == "job" else kind
        after = predicate.pos if predicate else mention.end
        if (
            predicate is None
            or predicate.form == "was"
            or (predicate.form != "be" and kind not in ("phone", "email", "date"))
        ):
            return
        if predicate.form == "do" and re.match(r"[ ,]*(?:which |that )", low[mention.end :]):
            after = mention.end + 6
        if kind in ("phone", "email") and predicate.form == "do":
            limit = low.find(" is ", mention.end, mention.end + 40)
            if limit < 0:
                return
            after = limit + 4
        found = values.read(kind, self.said, predicates.start_of_rest(low, after), self.at_ns)
        if not found and predicate.negated:
            self.state(subject, what, "", retracted=True)
        for value in found:
            if clauses.asked(low, sentence, end, mention.start, value.end):
                return
            self.state(subject, what, value.object, retracted=predicate.negated, after=value.end)

    def turned_round(self, mention: Mention) -> bool:
        """Return whether an attribute comes after its value: "teal IS my favourite colour", "it's not my email"."""
        before = self.said.low[max(0, mention.start - 16) : mention.start]
        return bool(re.search(r"(?:\b(?:is|are)|'s|\ws)(?: not| definitely| still| my|)* $", before)) and not re.match(
            r"(?:'s|s)? (?:is\b)?[a-z ]{0,3}\bis\b|'s", self.said.low[mention.end : mention.end + 8]
        )

    def before(self, subject: str, mention: Mention, sentence: int) -> None:
        """Read the value that stands before its attribute."""
        low, text = self.said.low, self.said.text
        head = low[max(sentence, mention.start - 80) : mention.start]
        offset = mention.start - len(head)
        what = mention.attribute
        kind = relation(what).kind
        if re.search(r"\b(?:it|that|this) is (?:not|no longer) $", head) or re.search(r" is not $", head):
            self.state(subject, what, "", retracted=True)
            return
        if what == "birthday":
            m = re.search(r"\b(today|tomorrow|yesterday)(?:'s|s| is| was)? $", head)
            day = m and values.read("date", self.said, offset + m.start(1), self.at_ns)
            it = re.search(r"\b(?:it is|it was|was) $", head)
            if it:
                day = values.read("date", self.said, predicates.start_of_rest(low, mention.end), self.at_ns)
            for value in day or []:
                self.state(subject, what, value.object)
            return
        its = _ITS.search(head)
        m = its or re.search(
            r"(?:^|[,.!?;] ?|\b(?:and|but|so|because|that|think|say|lol|well|yes|no|anyway|omg|ok) )(?P<what>[\w'@.+ -]{2,60}?)(?:'s| is| are|s) (?:definitely |still |probably |also )?$",
            head,
        )
        if m is None:
            return
        start = offset + m.start("what")
        if kind in ("email", "phone"):
            start = max(sentence, mention.start - 80)
        said = Said(text[: offset + m.end("what")], low[: offset + m.end("what")])
        if kind not in ("email", "phone") and said.low[start:] in (
            "it",
            "that",
            "this",
            "what",
            "which",
            "who",
            "he",
            "she",
            "there",
            "here",
        ):
            return
        for value in values.read(kind, said, start, self.at_ns)[:1]:
            self.state(subject, what, value.object)

    def it_is(self, mention: Mention) -> bool:
        """Read "it's VALUE" of the topic spoken of last; return whether it was one."""
        low = self.said.low
        predicate = predicates.read(low, mention.end)
        if predicate is None or predicate.form not in ("be", "was"):
            return False
        if predicate.negated and predicate.form == "be":
            if corrections.NOT_ANY_MORE.match(low, predicate.pos) and self.latest():
                self.retract_last()
                return True
            return False
        if self.topic is None:
            return False
        kind = relation(self.topic[1]).kind
        if kind in corrections.OPEN_KINDS and not (
            kind == "name" and self.said.text[predicate.pos + 1 : predicate.pos + 2].isupper()
        ):
            return False
        sentence, end = self.sentence(mention.start)
        found = values.read(kind, self.said, predicates.start_of_rest(low, predicate.pos), self.at_ns)
        for value in found:
            if clauses.asked(low, sentence, end, mention.start, value.end):
                return False
            self.state(*self.topic, value.object)
        return bool(found)

    # --- said of somebody who is not the subject, and addresses

    def elsewhere(self) -> None:
        """Read what is said with "me" as the object, and names given in greeting."""
        low = self.said.low
        for rule, pattern in _ELSEWHERE:
            if rule.kind == "email" and "@" not in low and " dot " not in low:
                continue
            for m in pattern.finditer(low):
                sentence, end = self.sentence(m.start())
                if (
                    rule.kind == "drug"
                    and re.search(
                        r"\b(?:not|never|will|would|might|could|to|if|want|wants|should|may|do|did|does|used to|they|he|she)(?: \w+ed)? $",
                        low[max(0, m.start() - 14) : m.start()],
                    )
                    and not low[: m.start()].endswith(("they ", "he ", "she "))
                ):
                    continue
                if rule.kind == "name" and re.search(
                    r"\b(?:they|he|she|will|do not|never|used to|to) (?:just )?$", low[: m.start()]
                ):
                    continue
                for value in values.read(rule.kind, self.said, m.end(), self.at_ns):
                    if not clauses.asked(low, sentence, end, m.start(), value.end):
                        self.state(self.speaker, rule.relation, value.object, after=value.end)
        hello = _INTRODUCED.search(low)
        if hello:
            name = self.said.text[hello.start("name") : hello.end("name")]
            if hello["name"].split()[0] not in _NOT_SELF:
                self.state(self.speaker, "name", name)
        for m in _CLEFT.finditer(low):
            verb = re.sub("^.* i ", "", m[0])
            what, kind = _CLEFT_RELATION[verb]
            said = Said(self.said.text[: m.end("what")], low[: m.end("what")])
            for value in values.read(kind, said, m.start("what"), self.at_ns):
                self.state(self.speaker, what, value.object)

    # --- corrections

    def latest(self) -> list[Statement]:
        """Return what was stated last, newest first: in this turn, else in the one before."""
        held = [s for s in self.statements if not s.retracted] or list(self.carried.statements)
        return held[::-1]

    def fix(self, fix: corrections.Fix) -> None:
        """Put the value after a correction's marker in the place of the one stated last."""
        low = self.said.low
        lead = corrections.LEAD.match(low, fix.end)
        pos = lead.end() if lead else fix.end
        if lead and lead["not"]:
            gone = values.read("favorite", self.said, pos, self.at_ns)
            if not gone:
                return
            for statement in self.latest():
                if same(statement.object, gone[0].object):
                    self.state(statement.subject, statement.relation, statement.object, retracted=True)
            after = re.compile(r"[ ,.;!-]*(?:but |it is )?").match(low, gone[0].end)
            pos = after.end() if after else pos
        if pos >= len(low):
            return
        candidates = [(s.subject, s.relation, s.object) for s in self.latest()]
        if self.topic and not any(c[:2] == self.topic for c in candidates):
            candidates.insert(0, (*self.topic, ""))
        for i, (subject, what, old) in enumerate(candidates):
            kind = relation(what).kind
            if kind in corrections.OPEN_KINDS and not self.plausible(pos, fix.strong, i):
                continue
            kind = {"place": "place", "job": "role"}.get(kind, kind)
            found = values.read(kind, self.said, pos, self.at_ns)  # pyright: ignore[reportArgumentType]
            if not found and kind == "role":
                continue
            if not found or (kind in corrections.OPEN_KINDS and not self.fragment_ends(found[0].end, fix.strong)):
                continue
            value = found[0].object
            if old and same(old, value):
                return
            if old and not relation(what).single:
                self.state(subject, what, old, retracted=True)
            self.state(subject, what, value)
            for other in candidates:
                if other[1] == "has" and what != "has" and same(other[2], old):
                    self.state(other[0], "has", old, retracted=True, topic=False)
                    self.state(other[0], "has", value, topic=False)
            return

    def plausible(self, pos: int, strong: bool, rank: int) -> bool:
        """Return whether what stands at `pos` may be a bare new value: no verb phrase, no "problem"."""
        m = re.compile(r"(?:an?|the|my) (?=\w)").match(self.said.low, pos)
        word = re.compile(r"[a-z']+|\d+").match(self.said.low, m.end() if m else pos)
        if word is None or word[0] in corrections.NO_FRAGMENT:
            return False
        return rank == 0 or strong

    def fragment_ends(self, end: int, strong: bool) -> bool:
        """Return whether a bare value is followed by what can follow one."""
        rest = self.said.low[end : end + 12]
        return (
            strong
            or not rest.strip()
            or rest[0] in ",.;!?"
            or rest.startswith((" i ", " not ", " now", " actually", " and ", " so "))
        )

    def take_back(self, m: re.Match[str]) -> None:
        """End what was stated last: "scratch that", "the Cardiff bit", "not any more"."""
        what = m["what"]
        if what is None:
            self.retract_last()
            return
        for statement in (*self.statements, *self.carried.statements):
            if not statement.retracted and same(statement.object, what):
                self.state(statement.subject, statement.relation, statement.object, retracted=True)

    def retract_last(self, subject: str | None = None) -> None:
        """End the statement made last (of a subject)."""
        for statement in self.latest():
            if subject in (None, statement.subject) and statement.relation != "has":
                self.state(statement.subject, statement.relation, statement.object, retracted=True)
                return

    # --- one statement

    def state(
        self, subject: str, what: str, value: str, *, retracted: bool = False, after: int = -1, topic: bool = True
    ) -> None:
        """Add one statement, and what it corrects."""
        held = relation(what)
        low = value.lower()
        if low in ("it", "them", "that", "him", "her"):
            value = next((s.object for s in self.latest() if s.relation == what or not held.committed), "")
            if not value:
                return
        since = None
        if after >= 0 and not retracted:
            gap = _TIME_AFTER.match(self.said.low, after)
            since = dates.since(self.said.low, gap.end(), self.at_ns) if gap else None
        if self.fixing and not retracted:
            self.replace(subject, what, value)
        if what == "name" and not retracted:
            self.entities = [e._replace(name=value) if e.subject == subject else e for e in self.entities]
        new = Statement(subject, what, value, held.committed, retracted, since)
        if new in self.statements:
            return
        self.statements.append(new)
        if topic and held.committed:
            self.topic = (subject, what)

    def replace(self, subject: str, what: str, value: str) -> None:
        """In a turn that corrects the one before: end the value it gave (or the one it gave to somebody else)."""
        adds = corrections.ADDS.search(self.said.low) is not None
        for old in self.carried.statements:
            if old.relation != what or old.relation == "has":
                continue
            moved = old.subject != subject and same(old.object, value)
            changed = old.subject == subject and not relation(what).single and not same(old.object, value) and not adds
            if moved or changed:
                ended = old._replace(retracted=True, valid_from_ns=None)
                if ended not in self.statements:
                    self.statements.append(ended)


_ELSEWHERE = [(rule, re.compile(rule.rest)) for rule in rules.ELSEWHERE]
_NOT_SELF = frozenset(
    """
    just back so such not in on at sorry glad fine ok okay good great tired here there home going hungry starving late
    busy free ready sure done off out up down away still currently very really bored sick ill well happy sad cold hot
    american british english irish scottish welsh french german italian spanish canadian australian indian chinese
    christian muslim jewish catholic hindu buddhist atheist gay straight bi trans monday tuesday the a an my one
    bisexual lesbian republican democrat libra leo virgo aries taurus gemini cancer scorpio sagittarius capricorn
    aquarius pisces dutch polish portuguese brazilian mexican russian japanese korean swedish danish norwegian finnish
    greek turkish alexa siri google time what that this like only about
    """.split()
)
