"""Text to index terms: words, light stems, bigrams of scripts without spaces, and dates named in a text.

English first; any other script works, just less well. Nothing here may depend on a vocabulary file, so
that the terms of a text never change with the data shipped beside it.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

_WORD_ASCII = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_WORD = re.compile(r"[^\W_]+(?:'[^\W\d_]+)?")
# Scripts written without spaces: Thai, Lao, Myanmar, Khmer, kana, Han, Hangul.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+"
)
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "＇": "'"})
_MAX_WORD = 64  # a longer run of letters is not a word anyone will ask for

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
    choose:chose chosen | come:came | dig:dug | do:did done | draw:drew drawn |
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
    woman:women | foot:feet | tooth:teeth | mouse:mice | wife:wives | life:lives | leaf:leaves |
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
_VOWEL = re.compile("[aeiouy]")


def words(text: str) -> list[str]:
    """Return the lower-case words of a text in order; a run of an unspaced script gives its bigrams.

    Cost: linear; about 3 µs for 20 English words.
    """
    if text.isascii():
        return _WORD_ASCII.findall(text.lower())
    folded = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES).casefold()
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
    """Return the light stem of one lower-case word: plural, -ing, -ed, -ly, final e, irregular forms."""
    word = word.partition("'")[0]
    base = _IRREGULAR.get(word)
    if base is not None:
        word = base
    if len(word) < 4 or not word.isascii() or word.isdigit():
        return word
    if word.endswith("s"):
        if word.endswith("ies") and len(word) > 4:
            word = word[:-3] + "y"
        elif word.endswith(("sses", "shes", "ches", "xes", "zes")):
            word = word[:-2]
        elif not word.endswith(("ss", "us", "is")):
            word = word[:-1]
    for suffix in ("ing", "ed"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 and _VOWEL.search(word[: -len(suffix)]):
            word = word[: -len(suffix)]
            if word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            elif word.endswith("i"):
                word = word[:-1] + "y"
            break
    else:
        if word.endswith("ly") and not word.endswith("ily") and len(word) > 5:
            word = word[:-2]
    if word.endswith("ied"):
        word = word[:-3] + "y"
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


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
            if len(remembered) >= _TERMS_LIMIT:
                remembered.clear()
            term = remembered[word] = term_of(word)
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
_MONTH_NUMBER = {name: i for i, full in enumerate(MONTHS, 1) for name in (full, full[:3])} | {"sept": 9}
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
    re.IGNORECASE,
)


def dates(text: str) -> list[tuple[int, int, int]]:
    """Return the dates a text names as (year, month, day), 0 for what it leaves open.

    "may" and "march" alone are verbs more often than months: they count only with a day or year, or
    when written with a capital.
    """
    found: list[tuple[int, int, int]] = []
    for m in _DATE.finditer(text):
        if m["y3"]:
            found.append((int(m["y3"]), 0, 0))
            continue
        if m["y1"]:
            year, month, day = int(m["y1"]), int(m["m1"]), int(m["d1"] or 0)
        else:
            name = m["month"]
            day, year = int(m["d2"] or m["d3"] or 0), int(m["y2"] or 0)
            if name in ("may", "march", "mar", "dec", "sep") and not (day or year):
                continue
            month = _MONTH_NUMBER[name.lower()]
        if 1 <= month <= 12 and day <= 31:
            found.append((year, month, day))
    return found


def date_words(at_ns: int) -> list[str]:
    """Return the words by which a time is asked for: month, year and weekday, UTC; none if out of range."""
    try:
        when = datetime.fromtimestamp(at_ns / 1e9, UTC)
    except (ValueError, OverflowError, OSError):
        return []
    return [MONTHS[when.month - 1], str(when.year), WEEKDAYS[when.weekday()]]
