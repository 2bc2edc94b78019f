# ruff: noqa: E501 — a rule reads best on one line
"""The table of rules: which words after a subject state which relation, each with an example.

A rule starts right after the subject, its auxiliaries and its adverbs, which `predicates` has read: of "I've recently
been living in York" it sees "living in York" in the form "be". It says the form, the words up to the value, and which
kind of value that has to be.

Forms: "be" (am, is, are, have been), "have" (have, has, have got, have + participle), "do" (a verb in the present or,
for what stays true, the past), "was", "can".

Words: `in|near` either; `[back]` or nothing; `[house|home]*` any number; `_` any word. A rule without words has its
value at once.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal, NamedTuple

from remanence.extract.values import Kind

Form = Literal["be", "have", "do", "was", "can"]


class Rule(NamedTuple):
    """One way to state a relation.

    Attributes:
        relation: what is stated; "-relation" where the rule says that it is over.
        forms: of the verb, separated by spaces; empty for a rule that holds anywhere in a sentence.
        words: between the verb group and the value.
        kind: of the value.
        example: a sentence this rule is for.
        object: what it states.
        denied: it is said in the negative only ("I can't stand …").
    """

    relation: str
    forms: str
    words: str
    kind: Kind
    example: str
    object: str
    denied: bool = False

    @property
    def ends(self) -> bool:
        """Whether it says that something is over."""
        return self.relation[0] == "-"

    @property
    def about(self) -> str:
        """The relation."""
        return self.relation.removeprefix("-")


# fmt: off
RULES = (
    Rule("name", "be have", "called|named", "name", "I'm called Nadia.", "Nadia"),
    Rule("name", "do", "go|goes by [the] [name] [of]", "nickname", "I go by Teddy.", "Teddy"),

    Rule("birthday", "was be", "born [on|in]", "date", "I was born on 4 May 1990.", "1990-05-04"),
    Rule("birthday", "was be", "born in _ [_] on|in", "date", "I was born in Hull in 1990.", "1990"),

    Rule("age", "be", "", "age", "I'm 34 years old.", "34"),
    Rule("age", "be", "a|an", "aged", "I'm a 34 year old plumber.", "34"),
    Rule("age", "do have", "turned", "age", "I just turned forty.", "40"),

    Rule("residence", "do", "live|lives|reside|resides [over|up|down|out|back|just|right]* in|near|outside", "place", "I live in Leeds.", "Leeds"),
    Rule("residence", "be have", "living|residing|lived [over|up|down|out|back]* in|near", "place", "I've been living in Leeds.", "Leeds"),
    Rule("residence", "do have", "moved|relocated|emigrated [house|home|back|over|out|up|down|away]* to", "place", "We moved to Lisbon last March.", "Lisbon"),
    Rule("residence", "do be have", "live|lives|living|lived in|on|with|at a|an|my|our|his|her|the _ [_] [_] in|near|outside|of", "place", "I live with my parents in Leeds.", "Leeds"),
    Rule("residence", "do have", "moved|relocated from _ [_] to", "place", "I moved from Cork to Lisbon.", "Lisbon"),
    Rule("residence", "do have", "settled [down] in", "place", "We settled in Tampere.", "Tampere"),
    Rule("residence", "be", "based [out] of|in|near", "place", "I'm based in Leeds.", "Leeds"),
    Rule("residence", "be", "settled [down] in|near", "place", "We're settled in Bergen.", "Bergen"),
    Rule("-residence", "do have", "moved out|away of|from", "place", "I moved away from Leeds.", "Leeds"),
    Rule("-residence", "do have", "moved out", "ended", "I live in Leeds. I moved out last week.", ""),
    Rule("-residence", "do have", "left", "place", "I've left Leeds.", "Leeds"),

    Rule("origin", "be", "[originally] from", "place", "I'm originally from Ghana.", "Ghana"),
    Rule("origin", "do", "come|comes|hail|hails [originally] from", "place", "I come from Ghana.", "Ghana"),
    Rule("origin", "do", "grew up [over|down|out]* in|near|around", "place", "I grew up in Ohio.", "Ohio"),
    Rule("origin", "do", "grew up in|on a|an|the _ [_] in|near|outside", "place", "I grew up on a farm outside Omaha.", "Omaha"),
    Rule("origin", "was be", "born|raised|brought [and|bred|raised|brought|up]* in", "place", "I was born and raised in Naples.", "Naples"),

    Rule("job", "be", "", "job", "I'm a nurse.", "nurse"),
    Rule("job", "do be have", "work|works|working|worked|employed|hired [full-time|part-time|full|part|time|nights|days|shifts|mostly]* as", "role", "I work as a data analyst.", "data analyst"),
    Rule("job", "have do", "[got|a|the|new|full-time|part-time]* job|gig|position|role as", "role", "I have a job as a bus driver.", "bus driver"),
    Rule("job", "do have", "became|become", "job", "I became a midwife.", "midwife"),
    Rule("job", "do be have", "qualified|retrained|hired|taken [on] as", "role", "I qualified as a midwife.", "midwife"),
    Rule("job", "do be have", "got|promoted [promoted] to", "job", "I got promoted to head chef.", "head chef"),
    Rule("-job", "do have", "quit|lost my job", "nothing", "I quit my job.", ""),
    Rule("-job", "be do have", "retired|unemployed", "over", "I retired last year.", ""),
    Rule("-job", "do have", "stopped|quit being", "job", "I stopped being a teacher.", "teacher"),
    Rule("-job", "do", "gave that|it up", "ended", "I'm a nurse. I gave it up years ago.", ""),

    Rule("employer", "do be have", "work|works|working|worked|employed|hired [full-time|part-time|full|part|time|nights|days|shifts|over|down|up]* at|for|by", "organisation", "I work at Siemens.", "Siemens"),
    Rule("employer", "do have", "got|started|landed [a|new|full-time|part-time|summer]* job|internship|position|role|work at|with|for", "organisation", "I got a job at the post office.", "post office"),
    Rule("employer", "do have", "got hired at|by", "organisation", "I got hired by Siemens.", "Siemens"),
    Rule("employer", "do have", "started working at|for", "organisation", "I started working at Siemens.", "Siemens"),
    Rule("employer", "do have", "[just] started at|with", "organisation", "I just started at the post office.", "post office"),
    Rule("-employer", "do have", "quit|left|resigned [my] [job] [working] at|from|with", "organisation", "I quit my job at Siemens.", "Siemens"),
    Rule("-employer", "do have", "lost my job", "over", "I lost my job.", ""),
    Rule("-employer", "do have", "left", "organisation", "I left Siemens in May.", "Siemens"),
    Rule("-employer", "do have", "quit|resigned|retired [my|the]* [job]", "ended", "I work at Boots. I quit last week.", ""),
    Rule("-employer", "do be was have", "[got|been]* laid off", "over", "I got laid off.", ""),
    Rule("-employer", "do be was have", "[got|been]* made redundant", "over", "I was made redundant in May.", ""),
    Rule("-employer", "do be was have", "[got|been]* let go", "ended", "I work at Boots. I was let go.", ""),
    Rule("-employer", "do be was have", "[got|been]* fired|sacked", "over", "I got fired.", ""),
    Rule("-employer", "", "fired|sacked me", "over", "They fired me.", ""),
    Rule("-employer", "", "laid me off", "over", "They laid me off.", ""),
    Rule("-employer", "", "made me redundant", "over", "They made me redundant.", ""),
    Rule("-employer", "", "let me go", "over", "They let me go.", ""),

    Rule("school", "do", "study|studies [full-time|part-time] at", "campus", "I study at MIT.", "MIT"),
    Rule("school", "do be", "study|studies|studying|reading|doing|majoring _ [_] [_] [_] at", "campus", "I'm doing my masters at ETH Zurich.", "ETH Zurich"),
    Rule("school", "do", "go|goes to", "school", "I go to Oak Hill Primary.", "Oak Hill Primary"),
    Rule("school", "do", "attend|attends", "school", "I attend Kingston College.", "Kingston College"),
    Rule("school", "be", "a|an|in [my|her|his|first|second|third|final|year|phd|medical]* student|sophomore|freshman|junior|senior|pupil|year at", "campus", "I'm a second year student at MIT.", "MIT"),
    Rule("school", "be", "in year|grade _ at", "school", "I'm in year nine at Kelvin High.", "Kelvin High"),
    Rule("school", "be do have", "enrolled|transferred|started [uni|university|college|school]* at|to|in", "school", "I'm enrolled at Kingston College.", "Kingston College"),
    Rule("-school", "do have", "left|finished", "school", "I've left Kingston College.", "Kingston College"),
    Rule("school", "do have be", "moved|transferred|switched [schools] to", "school", "My son moved to Park Academy.", "Park Academy"),
    Rule("-school", "do have", "dropped out [of]", "nothing", "I dropped out.", ""),
    Rule("-school", "do have", "finished", "ended", "I study at MIT. I finished in May.", ""),
    Rule("-job", "do have", "left that job", "over", "I left that job.", ""),
    Rule("-school", "do have", "graduated", "over", "I graduated in June.", ""),

    Rule("studies", "do be have", "study|studies|studying|studied", "field", "I'm studying law.", "law"),
    Rule("studies", "do be", "major|majors|majoring|specialising in", "field", "I'm majoring in physics.", "physics"),
    Rule("studies", "do be have", "doing|pursuing|do|have|got|started|a|my|finishing [doing|pursuing|got|finishing|a|an|my|his|her]* degree|masters|master's|phd|doctorate|mba|bachelors|bachelor's|course|diploma in", "field", "I'm doing a degree in architecture.", "architecture"),
    Rule("studies", "be", "reading", "field", "I'm reading history at Durham.", "history"),
    Rule("studies", "be", "[in] my|her|his|their|the|a [first|second|third|fourth|fifth|final|last] year|semester|term of|studying|doing [a|an|my|her|his]*", "field", "I'm in my second year of marine biology.", "marine biology"),
    Rule("studies", "be", "doing", "field", "My daughter's doing physiotherapy.", "physiotherapy"),
    Rule("-studies", "do have", "dropped out [of]", "nothing", "I dropped out.", ""),
    Rule("-studies", "do have", "graduated", "over", "I graduated in June.", ""),
    Rule("-studies", "do have", "quit|left|finished|dropped my|the course|degree|studies", "over", "I quit my course.", ""),
    Rule("studies", "do have", "switched|changed [majors|courses]* to", "field", "I switched to biochemistry.", "biochemistry"),

    Rule("marital status", "be have", "", "marital", "I'm divorced.", "divorced"),
    Rule("marital status", "be have do", "got|gotten", "marital", "I got married in June.", "married"),
    Rule("marital status", "do", "", "marital", "We separated in the spring.", "separated"),
    Rule("-marital status", "do have", "broke|split|broken up", "nothing", "We broke up.", ""),
    Rule("-marital status", "do", "called it off", "nothing", "We called it off.", ""),

    Rule("diet", "be", "", "diet", "I'm vegan.", "vegan"),
    Rule("diet", "do have", "went|gone|turned|became|become|keep|keeps|eat|eats [only]", "diet", "I went vegan in January.", "vegan"),
    Rule("-diet", "do have", "gave|given|stopped|quit [up] [being] [a]", "diet", "I gave up being vegan.", "vegan"),
    Rule("-diet", "do have", "started|gone|went|back eating|back [to] [eating] meat|fish|dairy", "over", "I started eating meat.", ""),
    Rule("diet", "do be", "follow|follows|following|on [a|an|the]*", "diet", "I'm on the keto diet.", "keto"),
    Rule("diet", "do", "eat|eats|touch", "avoided", "I don't eat meat.", "vegetarian", denied=True),

    Rule("breed", "be", "", "breed", "My dog is a husky.", "husky"),

    Rule("car", "do be have", "drive|drives|driving|bought|got|own|owns|leased", "car", "I drive a blue Skoda.", "blue Skoda"),
    Rule("car", "have", "", "car", "I've got a Skoda.", "Skoda"),
    Rule("car", "do have", "traded|swapped|exchanged|part-exchanged _ [_] [_] [_] for", "car", "I traded the van in for a Skoda.", "Skoda"),
    Rule("car", "do have", "upgraded|switched|changed to", "car", "I upgraded to a Skoda.", "Skoda"),
    Rule("car", "do", "run|runs", "car", "I run a Skoda.", "Skoda"),
    Rule("-car", "do have", "sold|scrapped|crashed|totaled|totalled|returned [my|the|our]", "car", "I sold the Skoda.", "Skoda"),
    Rule("-car", "do have", "got rid of [my|the|our]", "car", "I got rid of the Skoda.", "Skoda"),

    Rule("allergy", "be do", "[severely|badly]* allergic to", "allergen", "I'm allergic to peanuts and shellfish.", "peanuts"),
    Rule("allergy", "have", "[a|an|bad|severe|serious|mild]* allergy|allergies to", "allergen", "I have an allergy to peanuts.", "peanuts"),
    Rule("-allergy", "do have", "grew|grown out of [my|the]", "allergen", "I grew out of peanuts.", "peanuts"),
    Rule("-allergy", "do have", "outgrew|outgrown [my|the]", "allergen", "I outgrew the peanuts.", "peanuts"),
    Rule("allergy", "have", "", "allergy", "I have a peanut allergy.", "peanut"),

    Rule("medication", "do be have", "take|takes|taking|taken|on|use", "medicine", "I take metformin twice a day.", "metformin"),
    Rule("medication", "do have be was", "been|got|put|prescribed|started|switched [put|prescribed|started|on|to|taking]*", "medicine", "I was prescribed apixaban.", "apixaban"),
    Rule("-medication", "do have", "stopped|quit [taking|using]", "medicine", "I stopped taking naproxen.", "naproxen"),
    Rule("medication", "do have", "switched|changed from _ to", "medicine", "I switched from ramipril to losartan.", "losartan"),
    Rule("medication", "", "switched|changed|moved me [over] to|onto", "medicine", "They've changed me to losartan.", "losartan"),
    Rule("medication", "", "got|have|has me on", "medicine", "They've got me on losartan.", "losartan"),
    Rule("-medication", "do have", "stopped [taking] [it|them|those|that]", "ended", "I take statins. I stopped last week.", ""),
    Rule("-medication", "be", "off", "medicine", "I'm off warfarin now.", "warfarin"),
    Rule("-medication", "do have", "came|come off", "medicine", "I came off warfarin.", "warfarin"),
    Rule("-medication", "", "stopped|stop my", "medicine", "They stopped my warfarin.", "warfarin"),
    Rule("medication", "", "put|started|switched|prescribed|moved me [back|over]* [on|to|onto]*", "medicine", "My doctor put me on lisinopril.", "lisinopril"),

    Rule("-medication", "", "took|taken|take me off", "medicine", "They've taken me off warfarin.", "warfarin"),

    Rule("condition", "have", "", "illness", "I have type 2 diabetes.", "type 2 diabetes"),
    Rule("condition", "have", "had", "lasting", "I've had asthma since 2015.", "asthma"),
    Rule("condition", "do", "get|gets [really|bad|terrible|awful]*", "illness", "I get migraines.", "migraines"),
    Rule("condition", "be", "", "ailing", "I'm asthmatic.", "asthma"),
    Rule("condition", "do be", "suffer|suffers|suffering|living [badly] from|with", "illness", "I suffer from migraines.", "migraines"),
    Rule("condition", "was be do", "got|diagnosed|born [diagnosed] with", "illness", "I was diagnosed with lupus.", "lupus"),

    Rule("language", "do can", "speak|speaks", "language", "I speak Spanish and a bit of Polish.", "Spanish"),
    Rule("language", "be", "fluent|bilingual in", "language", "I'm fluent in Danish.", "Danish"),
    Rule("language", "do", "grew up speaking", "language", "I grew up speaking Welsh.", "Welsh"),

    Rule("language", "do can", "get|gets by in", "language", "I get by in Danish.", "Danish"),
    Rule("language", "do", "know|knows a|some|enough [bit|little|of]*", "language", "I know a bit of Danish.", "Danish"),
    Rule("-language", "do have", "forgot|forgotten [all] [my|the|any]", "language", "I've forgotten all my Danish.", "Danish"),

    Rule("likes", "do", "like|likes|love|loves|enjoy|enjoys|adore|adores", "thing", "I love hiking.", "hiking"),
    Rule("likes", "be", "a big|huge|massive fan of", "thing", "I'm a big fan of jazz.", "jazz"),
    Rule("likes", "be", "into", "thing", "I'm into jazz.", "jazz"),
    Rule("dislikes", "do", "hate|hates|dislike|dislikes|despise|detest|loathe", "thing", "I hate coriander.", "coriander"),
    Rule("dislikes", "can", "stand|bear", "thing", "I can't stand coriander.", "coriander", denied=True),

    Rule("has", "have", "", "belonging", "I have two cats and a dog.", "2 cats"),
    Rule("has", "do have", "own|owns|adopted|bought|got", "belonging", "We adopted a cat.", "cat"),

    Rule("name", "", "call|calls me", "nickname", "Please just call me Teddy.", "Teddy"),
    Rule("name", "", "put|write|down|book [down|it|under|the|my]* name [as|of]", "name", "Put down my name as Gerald.", "Gerald"),
    Rule("phone", "", "text|call|ring|phone|reach|get|catch|contact|message|whatsapp|find me|us [back] at|on", "phone", "You can text me at 555 0172.", "5550172"),
    Rule("email", "", "line|note|message|email at|to", "email", "Drop me a line at ruben@example.net.", "ruben@example.net"),
    Rule("email", "", "me|us|it|them|that [over] at|to|on", "email", "You can forward it to me at ruben@example.net.", "ruben@example.net"),
)


class Tail(NamedTuple):
    """More about the same subject right after a value: "a nurse AT St Vincent's"."""

    after: str  # relation of the value before
    relation: str
    words: str
    kind: Kind
    example: str
    object: str


TAILS = (
    Tail("job", "employer", "[over|down|up|out|here|based|working]* at|for|with", "organisation", "I'm a nurse at St Vincent's Hospital.", "St Vincent's Hospital"),
    Tail("job", "employer", "in [the] _ at", "organisation", "I'm a nurse in the A&E at Whittington Hospital.", "Whittington Hospital"),
    Tail("job", "residence", "based in|near", "place", "I'm a nurse based in Leeds.", "Leeds"),
    Tail("job", "origin", "[originally] from", "place", "I'm a plumber from Hull.", "Hull"),
    Tail("studies", "school", "[degree] at", "campus", "I'm studying law at Essex.", "Essex"),
    Tail("name", "age", "[and|who] is|am|aged", "age", "My son is called Leo and is 4.", "4"),
)
# fmt: on


def pattern(words: str) -> re.Pattern[str]:
    """Return a rule's words as a pattern; what it matches ends where the value starts."""
    found = ""
    for token in words.split():
        many = "*" if token.endswith("]*") else "?" if token.endswith("]") else ""
        inner = token.strip("[]*").replace("_", r"[\w'&-]+")
        found += rf"(?:(?:{inner})(?![\w'])[ ,]*){many}"
    return re.compile(found)


Compiled = tuple[Rule, re.Pattern[str]]


def first_words(words: str) -> list[str] | None:
    """Return the words a pattern can start with; None where it can start with a value."""
    found: list[str] = []
    for token in words.split():
        found += token.strip("[]*").split("|")
        if not token.endswith(("]", "]*")):
            return found
    return None


class Table(NamedTuple):
    """The rules of one form: by their first word, and those whose value may come at once."""

    by_word: dict[str, list[Compiled]]
    always: list[Compiled]


@cache
def by_form() -> dict[str, Table]:
    """Return the rules by the form of their verb; those that hold anywhere under the empty one."""
    tables = {form: Table({}, []) for form in ("be", "have", "do", "was", "can", "")}
    for rule in RULES:
        compiled = (rule, pattern(rule.words))
        for form in rule.forms.split() or [""]:
            starts = first_words(rule.words)
            if starts is None:
                tables[form].always.append(compiled)
            for word in starts or ():
                tables[form].by_word.setdefault(word, []).append(compiled)
    return tables


@cache
def tails() -> dict[str, list[tuple[Tail, re.Pattern[str]]]]:
    """Return the tails by the relation of the value before them."""
    found: dict[str, list[tuple[Tail, re.Pattern[str]]]] = {}
    for tail in TAILS:
        found.setdefault(tail.after, []).append((tail, re.compile(rf"[ ,]*(?:{pattern(tail.words).pattern})")))
    return found
