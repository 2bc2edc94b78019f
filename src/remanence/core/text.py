"""Text to index terms: words, light stems, bigrams of scripts without spaces, and dates named in a text.

English first; any other script works, just less well. Nothing here may depend on a vocabulary file, so
that the terms of a text never change with the data shipped beside it.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta

_WORD_ASCII = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
# Signs that belong to the letter before them, which `\w` leaves out: accents that did not compose, the vowels
# and points of Hebrew, Arabic and the Indic scripts.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0711\u0730-\u074a"
    "\u0900-\u0963\u0981-\u09e3\u0a01-\u0a75\u0a81-\u0ae3\u0b01-\u0b63\u0b82-\u0bd7\u0c00-\u0c63\u0c81-\u0ce3"
    "\u0d00-\u0d63\u0d81-\u0df3\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ebc\u0ec8-\u0ecd\u0f18-\u0fc6\u102b-\u103e\u17b4-\u17d3\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_WORD = re.compile(rf"(?:[^\W_]|[{_MARKS}])+(?:'[^\W\d_]+)?")
# Scripts written without spaces: Thai, Lao, Myanmar, Khmer, kana, Han, Hangul.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+"
)
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "＇": "'"})
_MAX_WORD = 64  # a longer run of letters is not a word anyone will ask for
_CHUNK = 1024  # characters normalised at once: the time it takes grows with the square of a run of accents

STOP_WORDS = frozenset(
    """
    a about above after again against all also am an and any are arent as at be because been before
    being below between both but by can cant could couldnt did didnt do does doesnt doing don dont
    down during each few for from further gonna gotta had hadnt has hasnt have havent having he
    hello her here hers herself hes hey hi him himself his how i id if ill im in into is isnt it its
    itself ive just let ll may me might more most must my myself no nor not now of off oh ok okay on
    once only or other our ours ourselves out over own re s same shall she shes should shouldnt so
    some such t than that thats the their theirs them themselves then there theres these they theyd
    theyll theyre theyve this those through to too uh um under until up us ve very wanna was wasnt
    we wed were werent weve what whats when where wheres which while who whom whos why will with
    wont would wouldnt wow yeah yes you youd youll your youre yours yourself yourselves youve
    """.split()
)

# Forms that no suffix rule reaches: a question says "did she buy", the answer "she bought".
_IRREGULAR_FORMS = """
    be:is are was were been being am | begin:began begun | bite:bit bitten |
    break:broke broken | bring:brought | build:built | buy:bought | catch:caught |
    choose:chose chosen | come:came | dig:dug | do:did done | die:dying | draw:drew drawn |
    drink:drank drunk | drive:drove driven | eat:ate eaten | fall:fell fallen | feed:fed |
    feel:felt | fight:fought | find:found | fly:flew flown | forget:forgot forgotten |
    forgive:forgave forgiven | freeze:froze frozen | get:got gotten | give:gave given |
    go:went gone goes | grow:grew grown | hang:hung | hear:heard | hide:hid hidden | hold:held |
    keep:kept | know:knew known | lead:led | learn:learnt | leave:left | lend:lent | lose:lost |
    make:made | mean:meant | meet:met | pay:paid | ride:rode ridden | ring:rang rung |
    rise:rose risen | run:ran | say:said says | see:saw seen | sell:sold | send:sent |
    shake:shook shaken | shine:shone | shoot:shot | show:shown | shrink:shrank shrunk |
    sing:sang sung | sink:sank sunk | sit:sat | sleep:slept | speak:spoke spoken | spend:spent |
    stand:stood | steal:stole stolen | stick:stuck | strike:struck | swear:swore sworn |
    swim:swam swum | take:took taken | teach:taught | tear:tore torn | tell:told |
    think:thought | throw:threw thrown | understand:understood | wake:woke woken |
    wear:wore worn | win:won | write:wrote written | child:children | person:people | man:men |
    woman:women | foot:feet | tooth:teeth | mouse:mice | wife:wives |
    shelf:shelves | knife:knives | half:halves | wolf:wolves | good:better best |
    bad:worse worst | mom:mum mother mama | dad:father papa | kid:kids | 1:one first |
    2:two second twice | 3:three third | 4:four fourth | 5:five fifth | 6:six sixth |
    7:seven seventh | 8:eight eighth | 9:nine ninth | 10:ten tenth | 11:eleven | 12:twelve
"""
_IRREGULAR = {
    form: base
    for line in _IRREGULAR_FORMS.split("|")
    for base, forms in [line.strip().split(":")]
    for form in forms.split()
}
_NOT_ADVERBS = frozenset("family reply apply supply assembly early italy sicily emily molly billy sally".split())
_VOWEL = re.compile("[aeiouy]")


def plain(text: str) -> str:
    """Return a text as a plain `str` that can be encoded: pairs of surrogates joined, lone ones as U+FFFD."""
    text = str.__str__(text)
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def words(text: str) -> list[str]:
    """Return the lower-case words of a text in order; a run of an unspaced script gives its bigrams.

    Cost: linear; about 3 µs for 20 English words.
    """
    if text.isascii():
        return _WORD_ASCII.findall(text.lower())
    chunks = (text[i : i + _CHUNK] for i in range(0, len(text), _CHUNK))
    whole = "".join([unicodedata.normalize("NFKC", chunk) for chunk in chunks])
    folded = whole.translate(_APOSTROPHES).casefold().replace("i\u0307", "i")
    found: list[str] = []
    for word in _WORD.findall(folded):
        if not word.isascii() and _UNSPACED.search(word):
            found.extend(_split_unspaced(word))
        else:
            found.append(word)
    return found


def _split_unspaced(word: str) -> list[str]:
    parts: list[str] = []
    end = 0
    for run in _UNSPACED.finditer(word):
        if run.start() > end:
            parts.append(word[end : run.start()])
        chars = run.group()
        parts.extend(chars[i : i + 2] for i in range(max(1, len(chars) - 1)))
        end = run.end()
    if end < len(word):
        parts.append(word[end:])
    return parts


def stem(word: str) -> str:
    """Return the light stem of one lower-case word: plural, -ing, -ed, -ly, and one form of its last letters.

    Two words that are forms of one another should meet; that the stem is no word itself does not matter.
    """
    word = word.partition("'")[0]
    word = _IRREGULAR.get(word, word)
    if len(word) < 3 or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is")):
        word = word[:-2] if word.endswith(("sses", "shes", "ches", "xes", "zes")) else word[:-1]
    if word.endswith("ing") and _VOWEL.search(word[:-3]):
        word = word[:-3]
    elif word.endswith("eed"):
        word = word[:-1] if _VOWEL.search(word[:-3]) else word
    elif (word.endswith("ed") and _VOWEL.search(word[:-2])) or (
        word.endswith("ly") and len(word) > 5 and word not in _NOT_ADVERBS
    ):
        word = word[:-2]
    if word.endswith("e") and len(word) > 2:
        word = word[:-1]
    if len(word) > 2 and word[-1] == word[-2] and word[-1] not in "aeiou":
        word = word[:-1]
    if word.endswith("y") and len(word) > 2 and word[-2] not in "aeiou":
        word = word[:-1] + "i"
    return word


def term_of(word: str) -> str:
    """Return the index term of one word as `words` gives it; empty for a stop word."""
    if word in STOP_WORDS or word.partition("'")[0] in STOP_WORDS or word.endswith("n't"):
        return ""
    return stem(word[:_MAX_WORD])


_TERMS: dict[str, str] = {}  # word -> term; a pure function remembered, so sharing it changes nothing
_TERMS_LIMIT = 8192


def terms(text: str) -> list[str]:
    """Return the index terms of a text in order, with repetitions; stop words left out.

    Cost: linear; about 5 µs for 20 English words once their stems are remembered.
    """
    found: list[str] = []
    remembered = _TERMS
    for word in words(text):
        term = remembered.get(word)
        if term is None:
            term = term_of(word)
            if len(word) <= _MAX_WORD:
                if len(remembered) >= _TERMS_LIMIT:
                    remembered.clear()
                remembered[word] = term
        if term:
            found.append(term)
    return found


# --- dates ------------------------------------------------------------------------------------------

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
WEEKDAYS = tuple("monday tuesday wednesday thursday friday saturday sunday".split())
_MONTH_TERMS = [stem(name) for name in MONTHS]
_WEEKDAY_TERMS = [stem(name) for name in WEEKDAYS]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTH_NUMBER = {name: i for i, full in enumerate(MONTHS, 1) for name in (full, full[:3])} | {"sept": 9}
_ASKS_LEAVE = re.compile(r"(?:^|[.!?]\s+)May\s+(?:I|we|you|he|she|it|they)\b")
_DATE_TERMS = frozenset(stem(name) for name in _MONTH_NUMBER)
_YEAR = r"(?:19|20)\d\d"
_DATE = re.compile(
    r"\b(?:"
    rf"(?P<y1>{_YEAR})-(?P<m1>\d\d?)(?:-(?P<d1>\d\d?))?"
    r"|(?:(?P<d2>\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?)?"
    r"(?P<month>january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\b\.?"
    rf"(?:\s+(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?\b)?(?:\s*,?\s*(?P<y2>{_YEAR}))?"
    rf"|(?P<y3>{_YEAR})"
    r")\b",
    re.IGNORECASE | re.ASCII,
)


def may_name_a_date(text: str, terms_of_text: list[str]) -> bool:
    """Return False when `dates` would find nothing, known from the terms at hand; cost: a look at each."""
    return "May" in text or any(term in _DATE_TERMS or term[:1].isdigit() for term in terms_of_text)


def dates(text: str) -> list[tuple[int, int, int]]:
    """Return the dates a text names as (year, month, day), 0 for what it leaves open.

    "may" and "march" alone are verbs more often than months: they count only with a day or year, or
    when written with a capital.
    """
    found: list[tuple[int, int, int]] = []
    leave = {m.start() + m.group().index("May") for m in _ASKS_LEAVE.finditer(text)}
    for m in _DATE.finditer(text):
        if m["y3"]:
            found.append((int(m["y3"]), 0, 0))
            continue
        if m["y1"]:
            year, month, day = int(m["y1"]), int(m["m1"]), int(m["d1"] or 0)
        else:
            name = m["month"]
            day, year = int(m["d2"] or m["d3"] or 0), int(m["y2"] or 0)
            if name == "May" and not (day or year) and m.start() in leave:
                continue
            if name in ("may", "march", "mar", "dec", "sep") and not (day or year):
                continue
            month = _MONTH_NUMBER[name.lower()]
        if 1 <= month <= 12 and day <= 31:
            found.append((year, month, day))
    return found


def date_terms(at_ns: int) -> list[str]:
    """Return the index terms by which a time is asked for: month, year and weekday, UTC."""
    when = _EPOCH + timedelta(seconds=at_ns // 10**9)
    return [_MONTH_TERMS[when.month - 1], str(when.year), _WEEKDAY_TERMS[when.weekday()]]
