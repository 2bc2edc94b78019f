# ruff: noqa: E501 — a rule reads best on one line
"""The table of rules: which words after a subject state which relation, each with an example.

A rule starts right after the subject, its auxiliaries and its adverbs, which `extraction` has read: of "I've recently
been living in York" it sees "living in York" in the form "be". So a rule says the form, its first word and what
follows it up to the value, and which kind of value that has to be.

Forms: "be" (am, is, are, have been), "have" (have, has, have got, have + participle), "do" (a verb in the present or,
for what stays true, the past), "was", "can".
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from remanence.extract.values import Kind

Form = Literal["be", "have", "do", "was", "can"]


class Rule(NamedTuple):
    """One way to state a relation.

    Attributes:
        relation: what is stated.
        forms: of the verb, separated by spaces.
        words: the first word after the form, one of these; empty if the value comes at once.
        rest: pattern of what follows that word, up to the value.
        kind: of the value.
        example: a sentence this rule is for.
        object: what it states, of "user".
        ends: the rule says that it is over ("I stopped taking …").
        denied: it is said in the negative only ("I can't stand …").
    """

    relation: str
    forms: str
    words: str
    rest: str
    kind: Kind
    example: str
    object: str
    ends: bool = False
    denied: bool = False


_IN = r"(?:over |up |down |out |back )?(?:in|near)"
_AGO = r"(?: for \w+ years?)?"

# fmt: off
RULES = (
    # name
    Rule("name", "be have", "called named", "", "name", "I'm called Nadia.", "Nadia"),
    Rule("name", "do", "go goes", "by(?: the name(?: of)?)?", "name", "I go by Teddy.", "Teddy"),
    # birthday
    Rule("birthday", "was be", "born", "", "date", "I was born on 4 May 1990.", "1990-05-04"),
    Rule("birthday", "was be", "born", r"(?:\w+ ){1,4}?(?:on|in)", "date", "I was born in Hull in 1990.", "1990"),
    # age
    Rule("age", "be", "", "", "age", "I'm 34 years old.", "34"),
    Rule("age", "do", "turned hit reached", "", "age", "I just turned forty.", "40"),
    Rule("age", "have", "turned hit", "", "age", "I've just turned forty.", "40"),
    # residence
    Rule("residence", "do", "live lives reside resides stay stays", _IN, "place", "I live in Leeds.", "Leeds"),
    Rule("residence", "be", "living residing staying", rf"(?:permanently |now )?{_IN}", "place", "I'm living in Leeds.", "Leeds"),
    Rule("residence", "have", "lived", _IN, "place", "I've lived in Leeds since 2019.", "Leeds"),
    Rule("residence", "do", "moved relocated emigrated", "(?:house |home |back |over |out |up |down |away |all the way )*(?:from [a-z]+ )?(?:back )?(?:here )?to", "place", "We moved to Lisbon last March.", "Lisbon"),
    Rule("residence", "have", "moved relocated emigrated", "(?:house |home |back |over |out |up |down |away )*(?:from [a-z]+ )?to", "place", "I've moved to Lisbon.", "Lisbon"),
    Rule("residence", "do", "settled", "(?:down )?in", "place", "We settled in Lisbon.", "Lisbon"),
    Rule("residence", "be", "based settled", "(?:out of|over in|in|near)", "place", "I'm based in Leeds.", "Leeds"),
    Rule("residence", "do", "left", "", "place", "", "", True),
    Rule("residence", "do", "moved", "(?:out of|away from)", "place", "I moved out of Leeds.", "Leeds", True),
    # origin
    Rule("origin", "be", "from", "", "place", "I'm from Ghana originally.", "Ghana"),
    Rule("origin", "be", "originally", "from", "place", "I'm originally from Ghana.", "Ghana"),
    Rule("origin", "do", "come comes hail hails", "(?:originally )?from", "place", "I come from Ghana.", "Ghana"),
    Rule("origin", "do", "grew", "up (?:in|near|around)", "place", "I grew up in Ohio.", "Ohio"),
    Rule("origin", "was be", "born raised brought", "(?:and (?:raised|bred|brought up) |up )?in", "place", "I was born and raised in Naples.", "Naples"),
    Rule("origin", "do", "originate originates", "from", "place", "I originate from Ghana.", "Ghana"),
    # job
    Rule("job", "be", "", "", "job", "I'm a nurse.", "nurse"),
    Rule("job", "do", "work works worked", "(?:(?:full|part)[- ]time )?as", "role", "I work as a data analyst.", "data analyst"),
    Rule("job", "be", "working employed", "(?:(?:full|part)[- ]time )?as", "role", "I'm working as a barista.", "barista"),
    Rule("job", "have", "worked", "as", "role", "I've worked as a barista for years.", "barista"),
    Rule("job", "have do", "a got", "(?:an? )?(?:new |full[- ]time |part[- ]time )?(?:job|gig|position|role|post) as", "role", "I have a job as a bus driver.", "bus driver"),
    Rule("job", "do", "became started", "(?:work(?:ing)? as|as|out as)?", "job", "I became a midwife.", "midwife"),
    Rule("job", "have", "become started", "(?:work(?:ing)? as|as)?", "job", "I've become a midwife.", "midwife"),
    Rule("job", "do be", "qualified retrained trained", "as", "job", "I qualified as a midwife.", "midwife"),
    Rule("job", "do be", "got promoted been", "(?:promoted )?to", "role", "I got promoted to head chef.", "head chef"),
    Rule("job", "do", "got hired", "(?:hired |taken on )?as", "role", "I got hired as a chef.", "chef"),
    Rule("job", "do have", "quit resigned lost left", "(?:(?:from )?my job|as an? \\w+)", "nothing", "I quit my job.", "", True),
    Rule("job", "be", "retired unemployed", "", "nothing", "I'm retired.", "", True),
    # employer
    Rule("employer", "do", "work works", "(?:(?:full|part)[- ]time |nights |days |shifts |now |over |down |up )*(?:at|for|with)", "organisation", "I work at Siemens.", "Siemens"),
    Rule("employer", "be", "working employed", "(?:(?:full|part)[- ]time |now |over )*(?:at|for|by|with)", "organisation", "I'm working at Siemens.", "Siemens"),
    Rule("employer", "have", "worked", "(?:\\w+ )?(?:at|for)", "organisation", "I've worked at Siemens for years.", "Siemens"),
    Rule("employer", "do have", "got a started landed accepted found took", "(?:an? )?(?:new |proper |full[- ]time |part[- ]time |first |summer |weekend )*(?:job|gig|position|role|internship|work)(?: as an? (?:\\w+ ){1,3}?)? ?(?:at|with|for)", "organisation", "I got a job at the post office.", "post office"),
    Rule("employer", "do have", "started begun began", "(?:working )?(?:at|for|with)", "organisation", "I started working at Siemens.", "Siemens"),
    Rule("employer", "do have", "joined", "", "organisation", "I joined Siemens last year.", "Siemens"),
    Rule("employer", "do have", "switched moved", "jobs to", "organisation", "I switched jobs to Siemens.", "Siemens"),
    Rule("employer", "do have", "quit left resigned lost", "(?:(?:from )?my job(?: at| with)?|from|working (?:at|for)|work at)", "organisation", "I quit my job at Siemens.", "Siemens", True),
    Rule("employer", "do have be", "quit resigned lost got been fired laid sacked", "(?:my job|fired|sacked|laid off|off|made redundant|the sack)", "nothing", "I got fired.", "", True),
    # school
    Rule("school", "do", "study studies train trains", "(?:full[- ]time |part[- ]time )?(?:at|in)", "school", "I study at MIT.", "MIT"),
    Rule("school", "do", "study studies read reads", "(?:\\w+ ){1,4}?at", "school", "I study law at MIT.", "MIT"),
    Rule("school", "do", "go goes", "to(?: (?:uni|university|college|school) (?:at|in|here at))?", "school", "I go to Oak Hill Primary.", "Oak Hill Primary"),
    Rule("school", "do", "attend attends", "", "school", "I attend Kingston College.", "Kingston College"),
    Rule("school", "be", "studying training reading doing majoring taking", "(?:\\w+ ){0,5}?at", "school", "I'm doing my masters at ETH Zurich.", "ETH Zurich"),
    Rule("school", "be", "a an in", "(?:\\w+ ){0,4}?(?:student|freshman|sophomore|junior|senior|undergrad|undergraduate|postgrad|fresher|pupil|year|grade|phd|degree) (?:at|in)", "school", "I'm a second year student at MIT.", "MIT"),
    Rule("school", "do have", "started", "(?:uni|university|college|school|studying|my \\w+)(?: here)? at", "school", "I started uni at MIT.", "MIT"),
    Rule("school", "do have", "transferred enrolled got", "(?:into|in|at|(?<=transferred )to)", "school", "I got into MIT.", "MIT"),
    Rule("school", "be", "enrolled", "(?:at|in)", "school", "I'm enrolled at MIT.", "MIT"),
    Rule("school", "be", "at", "", "school", "I'm at Durham University.", "Durham University"),
    Rule("school", "do have", "dropped left quit", "out(?: of)?", "nothing", "I dropped out.", "", True),
    # studies
    Rule("studies", "do", "study studies", "", "field", "I study law.", "law"),
    Rule("studies", "be", "studying", "", "field", "I'm studying law.", "law"),
    Rule("studies", "have", "studied", "", "field", "I've studied law for a year.", "law"),
    Rule("studies", "do be", "major majors majoring specialise specialising minoring", "in", "field", "I'm majoring in physics.", "physics"),
    Rule("studies", "be do have", "doing taking pursuing do started studying taking a got working finishing on", "(?:towards |on )?(?:an? |my |his |her |their )?(?:\\w+ ){0,3}?(?:degree|masters?|master's|phd|doctorate|ba|bsc|msc|ma|mba|bachelors?|bachelor's|course|diploma|a levels?|undergrad|apprenticeship|major)(?: \\w+)? in", "field", "I'm doing a degree in architecture.", "architecture"),
    Rule("studies", "be", "reading doing", "(?=[a-z ]+ at (?!home|the moment|night|work))", "field", "I'm reading history at Durham.", "history"),
    Rule("studies", "be", "a an", "(?=(?:[a-z]+ ){1,3}(?:major|student)\\b)(?!medical|phd|student|mature|first|second|third|final|good|bad|full|part|uni|university|college|school|high|international|exchange|masters|new|fellow|straight|grad)", "field", "I'm a biology major.", "biology"),
    Rule("studies", "do have", "switched changed", "(?:from \\w+ |majors |course |courses |my major )?to", "field", "", ""),
    # marital status
    Rule("marital status", "be have", "", "", "marital", "I'm divorced.", "divorced"),
    Rule("marital status", "be have do", "got gotten get", "", "marital", "I got married in June.", "married"),
    Rule("marital status", "do have", "married", "(?=(?:my|in|last|him|her|the|this|on|two|three|a)\\b)", "marital", "", ""),
    Rule("marital status", "do", "", "", "marital", "We separated in the spring.", "separated"),
    Rule("marital status", "do have", "broke split broken", "up", "nothing", "We split up.", "", True),
    Rule("marital status", "do", "called", "(?:it off|off (?:the|our) (?:wedding|engagement))", "nothing", "We called it off.", "", True),
    # diet
    Rule("diet", "be", "", "", "diet", "I'm vegan.", "vegan"),
    Rule("diet", "do have", "went gone turned became become", "(?:full )?", "diet", "I went vegan in January.", "vegan"),
    Rule("diet", "do", "keep keeps follow follows eat eats do", "(?:an? |only |just |strictly )*", "diet", "I keep kosher.", "kosher"),
    Rule("diet", "be", "on eating following doing", "(?:an? |the |only |strictly )*", "diet", "I'm on a keto diet.", "keto"),
    # phone and e-mail
    # breed
    Rule("breed", "be", "", "", "breed", "", ""),
    # car
    Rule("car", "do", "drive drives", "", "car", "I drive a blue Skoda.", "blue Skoda"),
    Rule("car", "be", "driving", "", "model", "I'm driving a Skoda these days.", "Skoda"),
    Rule("car", "do have", "bought got own owns leased lease purchased", "", "model", "I bought a Tesla.", "Tesla"),
    Rule("car", "have", "driven", "", "car", "I've driven a Skoda for years.", "Skoda"),
    Rule("car", "have", "", "", "model", "I've got a Skoda.", "Skoda"),
    Rule("car", "do have", "traded", "(?:\\w+ ){1,5}?(?:in )?for", "model", "I traded it in for a Tesla.", "Tesla"),
    Rule("car", "do have", "switched upgraded", "(?:from \\w+(?: \\w+)? )?to", "model", "I switched to a Tesla.", "Tesla"),
    Rule("car", "do have", "sold scrapped totalled", "(?:(?:my|the|our) (?:old )?car\\b|it\\b)", "nothing", "I sold my car.", "", True),
    Rule("car", "do have", "sold scrapped totalled", "", "model", "I sold the Skoda.", "Skoda", True),
    # allergy
    Rule("allergy", "be", "allergic", "to", "allergen", "I'm allergic to peanuts and shellfish.", "peanuts"),
    Rule("allergy", "do be", "developed react reacts reacting", "(?:badly |an allergy )?to", "allergen", "I developed an allergy to kiwi.", "kiwi"),
    Rule("allergy", "have do", "an a developed", "(?:(?:an?|bad|severe|serious|nasty|mild|massive|terrible|really|life[- ]threatening|known) )*(?:allergy|allergies|allergic reaction) to", "allergen", "I have an allergy to peanuts.", "peanuts"),
    Rule("allergy", "have", "", "", "allergy", "I have a peanut allergy.", "peanut"),
    # medication
    Rule("medication", "do", "take takes use uses", "", "medicine", "I take metformin twice a day.", "metformin"),
    Rule("medication", "be", "on taking using", "", "medicine", "I'm on warfarin.", "warfarin"),
    Rule("medication", "have", "taken", "", "medicine", "I've taken warfarin since May.", "warfarin"),
    Rule("medication", "do have be", "started", "(?:taking |on )?", "medicine", "I started taking warfarin.", "warfarin"),
    Rule("medication", "do have be", "been got prescribed put was", "(?:put |started |prescribed )?(?:on )?", "medicine", "I've been put on warfarin.", "warfarin"),
    Rule("medication", "was be", "prescribed put started", "(?:on )?", "drug", "I was prescribed apixaban.", "apixaban"),
    Rule("medication", "do have", "switched moved changed", "(?:from \\w+ )?to", "medicine", "I switched to sertraline.", "sertraline"),
    Rule("medication", "do have", "stopped quit came come", "(?:taking|off|using)?", "medicine", "I stopped taking naproxen.", "naproxen", True),
    # condition
    Rule("condition", "have", "", "", "illness", "I have type 2 diabetes.", "type 2 diabetes"),
    Rule("condition", "be", "", "", "ailing", "I'm asthmatic.", "asthma"),
    Rule("condition", "do", "suffer suffers", "(?:badly |really |terribly )?(?:from|with)", "illness", "I suffer from migraines.", "migraines"),
    Rule("condition", "be", "suffering living", "(?:from|with)", "illness", "I'm living with epilepsy.", "epilepsy"),
    Rule("condition", "was be do", "diagnosed got", "(?:diagnosed )?(?:with|as having|as)", "illness", "I was diagnosed with lupus.", "lupus"),
    Rule("condition", "do have", "get gets got developed live lives have struggle", "(?:with )?", "illness", "I get migraines.", "migraines"),
    Rule("condition", "was be", "born", "with", "illness", "I was born with cystic fibrosis.", "cystic fibrosis"),
    # language
    Rule("language", "do can", "speak speaks", "", "language", "I speak Spanish and a bit of Polish.", "Spanish"),
    Rule("language", "be", "fluent bilingual", "(?:in|speaking)?", "language", "I'm fluent in Danish.", "Danish"),
    Rule("language", "do", "grew", "up (?:\\w+ )?speaking", "language", "I grew up speaking Welsh.", "Welsh"),
    Rule("language", "be have", "speaking spoken learned learnt", "", "language", "", ""),
    # likes, dislikes
    Rule("likes", "do have", "like likes love loves enjoy enjoys adore adores loved fancy", "", "thing", "I love hiking.", "hiking"),
    Rule("likes", "be", "loving into", "", "thing", "I'm into jazz.", "jazz"),
    Rule("likes", "be", "a obsessed crazy mad keen fond", "(?:(?:big|huge|massive) fan of|with|about|on|of)", "thing", "I'm a big fan of jazz.", "jazz"),
    Rule("dislikes", "do", "hate hates dislike dislikes despise detest loathe loathes", "", "thing", "I hate coriander.", "coriander"),
    Rule("dislikes", "can do", "stand bear like enjoy", "", "thing", "I can't stand coriander.", "coriander", denied=True),
    # possessions
    Rule("has", "have do", "own owns", "", "belonging", "I own a canoe.", "canoe"),
    Rule("has", "have", "", "", "belonging", "I have two cats and a dog.", "2 cats"),
    Rule("has", "do have", "bought got adopted", "", "belonging", "We adopted a cat.", "cat"),
)

# What is said of somebody who is not the subject: "my doctor put ME on …". No form, anywhere in a clause.
ELSEWHERE = (
    Rule("medication", "", "", r"(?:put|started|got|has|have) me (?:back )?on(?: to)? ", "drug", "My doctor put me on lisinopril.", "lisinopril"),
    Rule("medication", "", "", r"(?:switched|moved) me (?:over )?(?:from \w+ )?(?:on ?to|to) ", "drug", "They switched me to sertraline.", "sertraline"),
    Rule("medication", "", "", r"prescribed (?:me |for me )", "drug", "The GP prescribed me apixaban.", "apixaban"),
    Rule("condition", "", "", r"diagnosed me (?:with|as) ", "illness", "They diagnosed me with lupus.", "lupus"),
    Rule("name", "", "", r"(?<!not )(?<!you )(?<!will )(?<!would )(?<!to )(?:(?<=you can )|\b)call(?:s)? me (?!(?:and|in|to|for|now)\b)", "name", "Please just call me Jono.", "Jono"),
    Rule("name", "", "", r"you can call me (?!(?:and|in|to|for|now)\b)", "name", "You can call me Jono.", "Jono"),
    Rule("name", "", "", r"(?:put|put down|down|write|use|book it under|under) (?:down )?(?:my name as|the name(?: of)?) ", "name", "Put down my name as Gerald.", "Gerald"),
    Rule("phone", "", "", r"\b(?:me|us) (?:back )?(?:at|on) ", "phone", "You can text me at 555 0172.", "5550172"),
    Rule("email", "", "", r"\b(?:me|us|it|them|that) (?:over )?(?:at|to|on) ", "email", "You can forward it to me at ruben@example.net.", "ruben@example.net"),
)

# fmt: on

# After a value, more about the same subject: "a nurse AT St Vincent's", "law AT Essex".
TAILS: dict[str, tuple[tuple[str, str, Kind], ...]] = {
    "has": (("job", r",? and a job as", "role"),),
    "job": (("employer", r",? (?:at|for|with)", "organisation"),),
    "studies": (("school", r"(?: degree)?,? at", "school"),),
    "school": (("studies", r",? (?:studying|doing|reading)(?: an? \w+ in)?", "field"),),
    "name": (("age", r",? (?:who is|and i am|aged)", "age"),),
}

# What a noun after a possessor is about: "my NAME is …".
ATTRIBUTES: tuple[tuple[str, str], ...] = (
    ("name", r"(?:full |first |real |given |actual |middle )?name"),
    ("birthday", r"birthday|date of birth|birth date|birth day"),
    ("age", r"age"),
    (
        "phone",
        r"(?:new )?(?:(?:tele)?phone|mobile|cell|contact|work|home)?(?: ?phone)? ?number|mobile|cell(?:phone)?|phone",
    ),
    ("email", r"(?:new |work |personal |home )?email(?: address)?|mail address"),
    ("job", r"(?:new |day |current )?job(?: title)?|occupation|profession|line of work"),
    ("employer", r"(?:new |current )?employer|company"),
    ("studies", r"major|degree|course|field of study"),
    ("school", r"school|university|college|uni"),
    ("language", r"(?:first |native |mother |second |main )(?:language|tongue)"),
    ("car", r"(?:new |current )?car|ride"),
    ("breed", r"breed"),
    ("diet", r"diet"),
    ("origin", r"home ?town|birthplace|place of birth|home country|native country"),
    ("residence", r"home city|current city"),
    ("marital status", r"(?:marital|relationship) status"),
    ("medication", r"medication|meds|medicine"),
    (
        "favorite",
        r"(?:absolute |all[- ]time |all time )?(?:favorite|fave) (?P<what>[a-z]+(?: [a-z]+){0,2}?(?='s | is | are | has to| would be|s (?:a|the|definitely|probably) )|[a-z]+)",
    ),
)

Compiled = tuple[Rule, re.Pattern[str]]


def _compiled() -> dict[Form, tuple[dict[str, list[Compiled]], list[Compiled]]]:
    table: dict[Form, tuple[dict[str, list[Compiled]], list[Compiled]]] = {
        form: ({}, []) for form in ("be", "have", "do", "was", "can")
    }
    for rule in RULES:
        words = rule.words.split()
        alternatives = f"(?:{'|'.join(words)})" if words else ""
        pattern = re.compile(rf"{alternatives}\b ?(?:{rule.rest})(?:(?<= )|(?![\w']))" if words else "")
        for form in rule.forms.split():
            by_word, always = table[form]  # pyright: ignore[reportArgumentType]
            if words:
                for word in words:
                    by_word.setdefault(word, []).append((rule, pattern))
            else:
                always.append((rule, pattern))
    return table


BY_FORM = _compiled()
