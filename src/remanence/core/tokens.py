"""How many tokens a text will take in a model whose vocabulary is not at hand.

A token budget is only kept if nothing inside it is counted too low, and only worth having if little is
counted too high. Shipping every vendor's vocabulary (2 to 30 MB each) is out of the question, so the
default counter prices what a text is made of: words, digits, punctuation, scripts. The prices are the
solution of a linear programme: the least total price at which no context of the calibration texts
(permissively licensed dialogue, code, interface texts in 90 languages, generated strings) is counted
below the most expensive of the tokenizers named in `docs/tokens.md`. `benchmarks/tokens.py` measures the
outcome, mostly on other texts. A caller with the exact tokenizer passes it as `counter`.

Laws, each tested:
    estimate("") == 0, and 1 <= estimate(text) <= utf8_bound(text) for any other text
    estimate(a + newline + b) == estimate(a) + estimate(b) + 1

The second makes lines independent: a packer may add up the lines it has counted once, plus one for each
line break, and gets the estimate of the joined text exactly. No other separator has that law.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from zlib import crc32

_UNIT = 60  # prices are in sixtieths of a token: a 4-byte character at 4 tokens still fits in one byte


def utf8_bound(text: str) -> int:
    """Return the number of UTF-8 bytes of `text`: no byte-level BPE can make more tokens of it.

    Proof: byte-level BPE starts from one token per byte and only ever merges neighbours, so at every
    step the tokens partition the bytes and each holds at least one; there are never more of them.
    It covers the tokenizers of GPT, Llama 3, Qwen, DeepSeek and Mistral's Tekken, special tokens apart.
    SentencePiece with byte fallback (Llama 2, Gemma) can add one for the space it puts in front of a
    text. It does not hold for a tokenizer that rewrites the text to something longer first, as those
    of Claude do (NFKC; marks of word boundaries and of case).

    Lone surrogates count three bytes each, the length of their generalised encoding.

    Cost: one pass, about 1 ns a byte.
    """
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def estimate(text: str) -> int:
    """Return how many tokens `text` takes in the hungriest of today's large-vocabulary tokenizers.

    Meant for those with 65,000 entries or more: GPT (cl100k, o200k), Llama 3, Qwen, DeepSeek, Gemini and
    Gemma, Mistral's Tekken, Claude up to Opus 4.6. What fills a context is not counted low for these; a
    single line can be, by a token or two, most often for a rare name. Llama 2 and Mistral's 32,000-entry
    SentencePiece come within 1 %; for Claude from Opus 4.7 on this is 15 to 20 % low on English: use
    `estimate_fine`. `docs/tokens.md` has the figures.

    The unit is a token; special tokens and chat templates are the caller's to add.

    Cost: about 8 µs for an English line of 120 characters, linear in the length.
    """
    return _estimate(text, _LARGE)


def estimate_fine(text: str) -> int:
    """Return how many tokens `text` takes in the hungriest of all tokenizers it was checked against.

    As `estimate`, with prices that also cover the fine-grained vocabularies: Claude from Opus 4.7 on
    (about 15,000 pieces), Llama 2 and Mistral's SentencePiece (32,000 entries). On English dialogue it
    gives about a third more than `estimate`.
    """
    return _estimate(text, _SMALL)


class _Words(NamedTuple):
    """What the words of a line cost, in `_UNIT`s of a token.

    Attributes:
        rare: a run of ASCII letters that is not in `_COMMON`, before its letters.
        letters: by byte, added for each letter of a rare word.
    """

    rare: int
    letters: bytes


class _Prices(NamedTuple):
    """What each thing in a line costs, in `_UNIT`s of a token.

    Attributes:
        common: a word of `_COMMON`.
        english: the rare words of a line with at least one common word in three: mostly English, where
            they are names and long words that vocabularies know.
        foreign: those of any other line.
        others: by byte, for every byte that is not an ASCII letter or a space; a multi-byte character
            is charged on its first byte.
        shapes: runs of character classes (`_CLASS`), counted without overlap, in any text.
        scripts: byte pairs by which scripts that share a first byte are told apart, in non-ASCII text.
    """

    common: int
    english: _Words
    foreign: _Words
    others: bytes
    shapes: tuple[tuple[bytes, int], ...]
    scripts: tuple[tuple[bytes, int], ...]


def _estimate(text: str, prices: _Prices) -> int:
    if "\n" in text:
        return text.count("\n") + sum([_line(line, prices) for line in text.split("\n")])
    return _line(text, prices)


def _line(text: str, prices: _Prices) -> int:
    raw = text.encode("utf-8", "surrogatepass")
    words = _words(text)
    rare = [word for word in words if word not in _COMMON]
    cost = prices.common * (len(words) - len(rare))
    if rare:
        kind = prices.foreign if 3 * len(rare) > 2 * len(words) else prices.english
        cost += kind.rare * len(rare) + sum("".join(rare).encode().translate(kind.letters))
    cost += sum(raw.translate(prices.others, _FREE))
    classes = raw.translate(_CLASS)
    for shape, price in prices.shapes:
        cost += price * classes.count(shape)
    if len(raw) != len(text):
        for script, price in prices.scripts:
            cost += price * raw.count(script)
    return min(len(raw), max(1, -(-cost // _UNIT)))


_words = re.compile("[A-Za-z]+").findall

_LOWER, _UPPER, _DIGITS = b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0123456789"
_FREE = _LOWER + _UPPER + b" "
_PUNCTUATION = bytes(c for c in range(33, 127) if c not in _FREE and c not in _DIGITS)


def _table(default: int, *groups: tuple[bytes, int]) -> bytes:
    """Return a 256-byte translation table: each group's bytes to its value, later groups winning."""
    table = bytearray([default]) * 256
    for group, value in groups:
        for byte in group:
            table[byte] = value
    return bytes(table)


def _span(first: int, last: int) -> bytes:
    return bytes(range(first, last + 1))


_CLASS = _table(
    ord("."),
    (_LOWER, ord("a")),
    (_UPPER, ord("A")),
    (_DIGITS, ord("0")),
    (_PUNCTUATION, ord("!")),
    (b" ", ord(" ")),
    (_span(0xC2, 0xF4), ord("u")),  # the first byte of a character outside ASCII
)


def _table_of_others(backslash: int) -> bytes:
    return _table(
        _UNIT,  # a control character
        (_span(0x80, 0xBF), 0),  # a later byte of a character; its first byte pays
        (_DIGITS, 60),
        (_PUNCTUATION, 43),
        (b"\\", backslash),
        (b"\t", 60),
        (b"\xc2", 80),  # Latin-1 signs
        (b"\xc3", 67),  # Western European letters
        (b"\xc4\xc5", 67),  # Central European letters
        (_span(0xC6, 0xDF), 120),  # everything else of two bytes
        (b"\xce\xcf", 78),  # Greek
        (b"\xd0\xd1", 48),  # Cyrillic
        (b"\xd7", 66),  # Hebrew
        (b"\xd8\xd9", 64),  # Arabic
        (b"\xe0", 150),  # the scripts of India and South-East Asia
        (_span(0xE1, 0xE3), 180),
        (b"\xe2", 156),  # signs
        (_span(0xE4, 0xE9), 88),  # Han
        (_span(0xEA, 0xED), 78),  # Hangul
        (b"\xee\xef", 180),
        (_span(0xF0, 0xF4), 240),
    )


# Byte pairs that begin the characters of one script, and what to add to the price of their first byte.
_SCRIPTS = (
    (b"\xe2\x80", -66),  # dashes, quotation marks, the ellipsis
    (b"\xe1\xba", -100),  # Vietnamese
    (b"\xe1\xbb", -100),
    (b"\xe1\x83", -54),  # Georgian
    (b"\xe0\xa4", -66),  # Devanagari
    (b"\xe0\xa5", -66),
    (b"\xe0\xa8", 30),  # Gurmukhi
    (b"\xe0\xa9", 30),
    (b"\xe0\xb8", -36),  # Thai
    (b"\xe0\xb9", -36),
    (b"\xe3\x80", -110),  # Japanese punctuation
    (b"\xe3\x81", -112),  # kana
    (b"\xe3\x82", -112),
    (b"\xe3\x83", -112),
)

_LARGE = _Prices(
    common=60,
    english=_Words(62, _table(2, (b"aiubxyvgd", 19), (b"hjkqwz", 60), (_UPPER, 13))),
    foreign=_Words(38, _table(9, (b"aiubxyvgd", 30), (b"hjkqwz", 72), (_UPPER, 41))),
    others=_table_of_others(backslash=61),
    shapes=(
        (b"!!", -24),
        (b"!0", 24),
        (b"!a!", 60),
        (b"a!a", 30),
        (b" 0", 45),
        (b" u", 60),
        (b"  ", 21),
        (b"aA", 57),
        (b"a0", 6),
        (b"0a", 6),
        (b"a" * 20, 260),  # no English word is this long: a string of random letters
    ),
    scripts=_SCRIPTS,
)

_SMALL = _Prices(
    common=91,
    english=_Words(60, _table(6, (b"aiubxyvgd", 17), (b"hjkqwz", 58), (_UPPER, 90))),
    foreign=_Words(48, _table(13, (b"aiubxyvgd", 50), (b"hjkqwz", 72), (_UPPER, 56))),
    others=_table_of_others(backslash=103),
    shapes=(
        (b"!!", -24),
        (b"!0", 24),
        (b"!a!", 26),
        (b"a!a", 24),
        (b" 0", 45),
        (b" u", 60),
        (b"  ", 40),
        (b"aA", 24),
        (b"a" * 8, 24),
        (b"a" * 20, 250),
    ),
    scripts=_SCRIPTS,
)

# Common English words that are a single token in every tokenizer checked, chosen by how much knowing
# them saves on dialogue per byte of this file.
_COMMON = frozenset(
    """
a able about Academy according account acting action actor actual Actually actually add added address
advantage afraid African after again against age ago agree ah ahead aids air Airport album albums All all
allow allowed almost along already Also also Although although always am amazing Amazon American among
amount An an And and animals animated animation Another another Any any anymore anyone anything anyway
apartment apparently appointment Are are area aren around arrive As as ask asked asking At at athlete
athletes attractions author available average avoid award awards aware away awesome awful b baby Back back
backup bad balance ball band banned bar baseball based basically basketball bath Batman be Beach beat
Beauty became because become becoming bed been before began beginning behind being believe best bet better
between Bible Big big bigger biggest billion bird birds birthday bit Black black Blue blue body Book book
booking books boring both bought Bowl bowl bowling box boy brain brand break bring broke brought build
building built bunch bus business But but buy buying By by bye cab calendar call called came Can can
Canadian cant car care career case cash cat catch caught cause caused century certainly chance change
changed changes changing character characters chat Check check checking chess child children chip chips
choice Church circular City city classic clothes clothing coach coaches coaching college combined comedy
comic Comics comics coming company competitive confirm considered considering Cool Could could couldn
countries country course crazy created creating Cup cup curious d dad damage dark data date daughter Day
day days deaf deal death decided decision defeated definitely degree designed details Did did didn died
different difficult digital directed Do do documentary Does does doesn dog dogs doing dollars Don don done
dont doubt down draft drama drink drinks Drive drive driving dry dubbed due during each early earnings
Earth earth easier East easy eat eating Economy education either Ellis embedded Emmy end ended engineer
engineers English enjoy enjoyed enough entire episode especially Even even evening event events ever every
everyone everything everywhere exactly example exciting expensive Facebook fact fair familiar Family family
famous fan fans fantasy far fascinating fashion favorite female few fiction Field field fight fighting
figure figured film films Find find finding fine first fish five flight flights fly flying follow following
food Football football For forbidden forward found four franchise friend friendly friends full fun funny
furnished future Galaxy game gameplay games gaming gang gave general genius get gets getting giant girl
girls give given gives giving glad Go go God goes going gold Good good Google got Great great grew group
grow growing guess guy guys Ha ha had hadn hair half hand handed hands happen happened happening happy Hard
hard has hasn hat hate Have have haven having He he head health healthy hear heard hearing heavy held help
helped helping helps her here hero Hey hey hi High high higher highest highly him himself His his history
hit hits hockey hold home honest honestly hope hopefully hoping horror horses host hot Hotel hotel hour
hours House house How how However however huge human humans humidity hurt husband I i ice idea ideas If if
Im imagine important impressive In in including incredible indeed individual industry information injured
injuries injury inside instead interested interesting International into invented involved Is is isn It it
Italian Its its Jazz jazz job jobs join joke judge junior Just just k keep kept key kick kid kids Kind kind
kinds King king kitchen knew know knowing knowledge known knows La Lady land language large largest last
later laugh law lead League league learn learned least leave leaves leaving Let library life lifetime light
Like like liked likely likes line listen literature little live lived living located location long longer
Look look looked looking looks losing Love love loved low luck lucky mad made main major Make make Makes
makes making Man man Many many march market married Mars marvel match May may Maybe maybe Me mean media
Method method mid might military milk million mind minutes money month morning move movie movies moving
Much much Music music musical Must must My my name named National national nd neat need needed neither
Never never New new news next Nice nice night No Not Nothing nothing Now now nowadays number odd Of office
oh Ok ok okay old On One Only only opinion Or order original originally other others our out outside over
own owned owns paid painted Park park parks part particular party pass past Patriots pay Perhaps perhaps
phone physical piano pick picked pickup Pink pink place plan planning Play play played player players
playing playoffs plays Please please Plus point popular position possible power President president Pretty
pretty probably professional public published purchase put qualify quality quarter quarterback question
quick quickly quit quite radio rain rather rating rd reach read reading ready real reality realize Really
really reason received recently record Red regular released religion religious remember required
requirements research reservation restaurant reviews rich ride Right right rights risk Road Rock rock
rotation rough round rugby rule rules run running sad said Saints Same same savings saw say saying says
scary schedule scheduled School school scientist scoring search season second seeing selling series service
shame share shared She she shirt shirts shocked shocking shoes short shortly shot Should should shoulder
show showing shows side signals similar Since since single six size Sky smart So Some somehow Something
something somewhere song songs Sorry sound sounds soundtrack South space speaker speaking special speed
Spider spiritual Stadium stadium Standard standard standing Star star stars start started starting State
Station station stay stick still story strange Street study stuff Such such sun Super super Superman
supposed Sure sure surprised surprising swim swimming table Take take taken takes taking talented Talk talk
talking team teams Tech tech technology tennis terrible th than Thank thank Thanks thanks That that The the
Their their them theme themselves Then then theory There there these They they thing things Think think
thinking thinks third This this Those those Though though thought thoughts three through throughout throw
ticket tickets Time time times To today together Tony Too took total totally touch touchdown tough town
track tracking travel tried True true try trying turned tv twice two type under understand Union unique
universe University university until up us use used uses using usually ve velocity venue version Very very
video view Vikings villain visit visiting visitor visitors voice vote vs wait waiting walk walked walking
walks want wanted wanting wants War war Wars wars Was was wasn waste watch watched watching water Way way
ways We we wear wearing weather wedding week weekend weeks weight weird Well well went were What what
whatever When when Where where whether Which which While while White white Who who whole Why why wide wife
wifi wild Will will willing win wind winning wins wish With with within without Woman woman women won
Wonder wonder wonderful wondering word words wore work worked working works World world worldwide worst
worth Would would wouldn wow write writing written wrong wrote x Ya ya yeah year years yellow yes yet You
you young younger Your your youtube
""".split()
)

# Sizes by other prices are other sizes: whoever keeps an estimate keeps this beside it.
FINGERPRINT = f"estimate-{crc32(repr((_LARGE, sorted(_COMMON))).encode()):08x}"
