"""How many tokens a text will take in a model whose vocabulary is not at hand.

A token budget is only kept if nothing inside it is counted too low, and only worth having if little is
counted too high. Shipping every vendor's vocabulary (2 to 30 MB each) is out of the question, so the
default counter prices what a text is made of: words, digits, punctuation, scripts. The prices are the
solution of a linear programme: the least total price at which no context of the calibration corpora is
counted below the most expensive of the tokenizers named in `docs/tokens.md`. `benchmarks/tokens.py`
measures the outcome. A caller with the exact tokenizer passes it as `counter`.

Laws, each tested:
    estimate("") == 0 and 0 <= estimate(text) <= utf8_bound(text)
    estimate(a + "\n" + b) == estimate(a) + estimate(b) + 1

The second makes lines independent: a packer may add up the lines it has counted once, plus one for each
line break, and gets the estimate of the joined text exactly. No other separator has that law.
"""

from __future__ import annotations

import re
from typing import NamedTuple

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
    Gemma, Mistral's Tekken, Claude up to Opus 4.6. For Claude from Opus 4.7 on, Llama 2 and Mistral's
    32,000-entry SentencePiece use `estimate_fine`. A context of several lines is not counted low; a
    single line can be, by a token or two. `docs/tokens.md` has the figures.

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


class _Prices(NamedTuple):
    """What each thing in a line costs, in `_UNIT`s of a token.

    Attributes:
        common: a word of `_COMMON`.
        rare: any other run of ASCII letters, before its letters.
        letters: by byte, added for each letter of a rare word.
        others: by byte, for every byte that is not an ASCII letter or a space; a multi-byte character
            is charged on its first byte.
        shapes: runs of character classes (`_CLASS`), counted without overlap, in any text.
        scripts: byte pairs by which scripts that share a first byte are told apart, in non-ASCII text.
    """

    common: int
    rare: int
    letters: bytes
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
        cost += prices.rare * len(rare) + sum("".join(rare).encode().translate(prices.letters))
    cost += sum(raw.translate(prices.others, _FREE))
    classes = raw.translate(_CLASS)
    for shape, price in prices.shapes:
        cost += price * classes.count(shape)
    if len(raw) != len(text):
        for script, price in prices.scripts:
            cost += price * raw.count(script)
    return min(len(raw), -(-cost // _UNIT))


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
        (b"\t", 54),
        (b"\xc2", 100),  # Latin-1 signs
        (b"\xc3", 60),  # Western European letters
        (b"\xc4\xc5", 52),  # Central European letters
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
    (b"\xe1\xba", -119),  # Vietnamese
    (b"\xe1\xbb", -119),
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
    rare=58,
    letters=_table(0, (b"aiubxyvgd", 36), (b"hjkqwz", 60), (_UPPER, 40)),
    others=_table_of_others(backslash=73),
    shapes=(
        (b"!!", -24),
        (b"!0", 29),
        (b"  ", 23),
        (b" u", 60),
        (b"aA", 51),
        (b"a" * 20, 360),  # no English word is this long: a string of random letters
    ),
    scripts=_SCRIPTS,
)

_SMALL = _Prices(
    common=78,
    rare=60,
    letters=_table(10, (b"aiubxyvgd", 50), (b"hjkqwz", 60), (_UPPER, 61)),
    others=_table_of_others(backslash=103),
    shapes=((b"!!", -24), (b"!a!", 55), (b"  ", 19), (b" u", 60), (b"a" * 20, 360)),
    scripts=_SCRIPTS,
)

# Common English words that are a single token in every tokenizer checked, chosen by how much knowing
# them saves on dialogue per byte of this file.
_COMMON = frozenset(
    """
a abilities ability able about above absolutely Academy academy according account accurate achieve
achievement acquired act acting action active activity actor actors actual Actually actually add added
addition address adds admit ads adults advanced advantage afraid African After after afternoon again
against age ago agree agreed ah ahead aid aids air Airport airport aka Al album albums alcohol aliens alive
All all allow allowed allows almost alone along already Also also Although although Always always am
amazing Amazon American among amount An an ancient And and angry animal animals animated animation Another
another answer Any any anybody anymore anyone anything anyway anywhere apartment apparently appear appeared
Apple apple appointment appreciate Are are area areas aren argue argued around arrival arrive arrives
arriving art article artist artists As as ask asked asking associated association assume At at athlete
athletes attention attractions audience audiences author available average avoid Award award Awards awards
aware awareness away awesome awful b Baby baby bachelor Back back background backs backup backwards bad
badly bags balance ball balls ban band bands bandwidth bank banned bar barely baseball based basic
basically basketball bath Batman be Beach Bears beat beating beautiful Beauty beauty became Because because
become becoming bed bedroom been before began begin beginning behavior behind being believe believed
besides Best best bet better between beyond Bible Big big bigger biggest bill billion Bills bird birds
birthday bit bizarre Black black blind blood blow Blue blue board bodies body Book book booking books
boring born Both both bought Bowl bowl bowling box Boy boy brain brand break breaks breast Bridge bright
bring Britain broadcast broke brother brought Brown budget bugs build building built bunch burn burned bus
buses business busy But but button buy buying By by bye cab cable calendar call called calling calls came
cameras campaign Can can Canadian candidate candidates cannot cant car card cards care career careers cars
case cash cast cat catch category cats caught cause caused Center Central Century century certain certainly
champion championship chance change changed changes changing channel character characters charge Chase chat
cheaper Check check checking Chess chess chicken child childhood children chip chips choice choose chose
Church church circular City city civil class classic classical clock clothes clothing coach coaches
coaching cold college combined Comedy comedy Comic comic Comics comics coming companies company compared
competitive computer confirm confirmed consider considered considering contact conversation Cool Could
could couldn countries country couple course court crazy cream created creating creation creative credit
crew crowd Cubs culture Cup cup curious cut d dad damage dance dangerous Dark dark data date dates dating
daughter Day day days dc de dead deaf deal death debut decade decades decide decided decision dedicated
dedication defeated defense defensive definitely degree degrees departure depending described design
designed despite destination details Detective developed devices Did did didn die died difference different
difficult digital dining directed director discovered divided division Do do documentary Does does doesn
dog dogs doing dollars Don don donated done dont double doubt down downs Downtown draft drafted drama draw
dream drink drinking drinks Drive drive driving dry dubbed due During during Each each Earl earlier early
earn earned earning earnings Earth earth easier easily East easy eat eating Economy editing education eight
Either either Ellis embedded Emmy end ended ending energy engine engineer engineering Engineers engineers
English enjoy enjoyed enough entire episode episodes equal equally equipment era especially established
Even even evening event events eventually ever Every every everybody everyday Everyone everyone Everything
everything everywhere evil evolved exactly example excited exciting exist exists expected expensive
experience explain extra face Facebook fact facts failed fair faith fake familiar Family family famous fan
fans fantastic Fantasy fantasy far fascinating fashion fast father favorite favorites female few fi fiction
Field field fight Fighting fighting figure figured film films final finally Find find finding Fine fine
finish finished First first fish fit five fixing flag flags flight flights fly flying follow following food
Football football For forbidden forward found founded four fourth Fox franchise French friend friendly
Friends friends From Fu full fun funny furnished further future g gain gained Galaxy galaxy Game game
gameplay games gaming gang gave General general genius genre Get get gets getting giant girl girls Give
give given gives giving glad global Go go goal God god goes going gold Golden golf gone gonna Good good
Google google Got got government governor graduated Grand grand graphics grass Great great Greek green grew
group grow growing grown growth guess guest guitar Guy guy guys Ha ha Had had hadn hair half Hall hall hand
handed handle hands hang happen happened happening happens happy Hard hard harder Harry has hasn hat hate
Have have haven having He he head headed heading heads health healthy hear heard hearing heart heavy held
help helped helping helps her Here here hero heroes Hey hey hi hidden hide High high higher highest
highlights highly Highway him himself His his historical history hit hits hockey hold holding holds hollow
Hollywood Holy home honest honestly Hope hope hopefully hoping horrible horror horse horses hospital host
hot Hotel hotel hotels hour hours House house houses How how However however huge human humans humidity
humor hundred hungry hurt husband I i ice Id idea ideas If if illegal Im im imagine impact important
impressive improve In in include included including incredible Indeed indeed individual industry inequality
infinity influential info information injured injuries injury innovative inside inspiring instance instead
interested interesting International international internet into invented invention involved Is is Isaac
isn issue issues It it Italian Its its jack Japanese Jazz jazz job jobs join joke judge junior Just just
justice k keep keeping keeps kept key kick kid kids kill killed Kind kind kinds King king Kingdom kiss
kitchen knew knock know knowing knowledge known knows La lack Lady lady land Lane language languages large
largest Last last late lately later Latin latin laugh launch launched law laws lawsuit lawyer lead leader
leading League league leagues learn learned learning least leave leaves leaving led legal legend length Let
level libraries library Life life lifetime light lightning Like like liked likely likes line lines Link
Lion list listen listening literature Little little live lived lives living local located location Long
long longer Look look looked looking looks Lord losing loud Love love loved low lower luck lucky luxury
machine mad made main mainly major majority Make make Makes makes making male Man man managed Many many
march Mario Mark market married Mars marvel match matches material math May may Maybe maybe Me meal mean
meaning means meant media Men mentioned menu Method method Mickey mid middle midnight might military milk
million millions mind Mine minute minutes missed missing mistake mix mixed modern money month months
morning Most mostly mountain move moved moves Movie movie movies moving Much much Museum museum Music music
musical Must must My my myself mystery name named names National national natural nd near nearly neat need
needed needs negative Neither neither network Never never New new news next Nice nice nickname Night night
No nobody nominated Not Nothing nothing Now now nowadays number numbers obvious obviously odd Of offensive
office official oh Ok ok okay Old old older Olympic Olympics On One online Only only opening opinion
opposing Or order organization origin original originally originated Oscar Other other others otherwise Our
our out outside over overall own owned owner owns oxygen padding page paid paint painted painting pair
pants Park park parks part particular parts Party party pass passed passing past Patriots pay paying pays
peak People Perhaps perhaps period personally phone phones physical physically physics piano pick picked
picking pickup picture Pink pink pizza place places plan planet planning Play play played player players
playing playoff playoffs plays Please please Plus plus poetry point points political politicians politics
popular popularity population position possible pounds power powerful powers President president
presidential presidents Pretty pretty price Prime private prize probably problem produced production
professional program project public publish published purchase purchased pursue put putting Python qualify
quality quarter quarterback question quick quickly quit quite Radio radio rain Ralph ran range ranked rate
rated rather rating ratings Ray razor rb rd reach reached read reading ready real reality realize realized
Really really reason received recently record recorded recording Red red registered Regular regular
rejected related released religion religious remember requested require required requirements requires
research reservation reserve reserved Restaurant restaurant restaurants return returning review reviews
rich rid ride riding Right right rights ring rings risk Road road Rock rock rocket rotation rough round
Rugby rugby rule rules run running runs sad safer safety said Saint Saints saints salary Same same save
saved savings saw Say say saying says scared scary schedule scheduled School school schools science
scientist scientists scoring Search search searching season seat seats second See seeing selling send
separate sequel series serious seriously served service several shame shape share shared sharing shark She
she shirt shirts shocked shocking shoes Shop short shortly shot Should should shoulder shouldn Show show
showed showing shown shows shut sick side sign signals signed silly similar Since since sing singing single
sitting situation Six six size skill skills skin Sky sky sleeping slow small smart smoking snow So social
society sold soldiers Some somebody somehow Something something Sometimes sometimes somewhat somewhere song
songs Sorry sorry sound sounds soundtrack South south space speak speaker speaking special specific
specifically speed spend Spider spider spiritual Sports St Stadium stadium stand Standard standard standing
stands Star star stars start started starting starts State state States states Station station stats stay
staying stick Still still story straight Strange strange strategy Street strong stuck students studied
studio Studios study studying stuff stupid style subject subway success successful successfully Such such
sued suggest suit suits Sun sun Super super Superman supernatural suppose supposed Sure sure surprise
surprised surprising sweet swim swimming switch system table Take take taken takes taking talent talented
Talk talk talked talking Tank Target taught tea teach team teams Tech tech technically technology
television Tell temperature tend tennis terrible th than Thank thank Thanks thanks That that The the
theater Theatre Their their them theme themselves Then then theory There there These these They they thing
Things things Think think thinking thinks third This this Those those Though though thought thoughts
thousands Three three threw through throughout throw throwing ticket tickets tight Time time Times times
tired title To Today today together told tomorrow tonight Tony Too took topic total totally touch touchdown
tough touring toward towards Tower town toy track tracking trade traded trademark tradition traffic
training transfer travel traveling Trek trick tried trip trouble True true truly truth Try try trying turn
turned tv twice Two two type types typically unable under understand Unfortunately unfortunately Union
unique Universal Universe universe University university unlike until unusual up us use used useful uses
using Usually usually valuable value Van vanilla variation various ve vehicle velocity venue version Very
very via video videos View view viewers viewing views Vikings villain violin visit visiting visitor
visitors voice voiced vote voted voting vs Wait wait waiting wake walk walked walking walks wall want
wanted wanting wants War war warm warranty Wars wars Was was wasn waste Watch watch watched watches
watching water waves Way way ways We we weak wealth wealthy wear wearing weather web website wedding week
weekend weekly weeks weight weird Well well went Were were weren West west What what whatever When when
Where where whether Which which While while White white Who who whole whom whose Why why wide wife wifi
wiki wild Will will willing win wind wings winner winning wins wish With with within without Woman woman
women won Wonder wonder wondered wonderful wondering word words wore work worked working works World world
worlds worldwide worried worry worse worst worth worthy Would would wouldn wow write writer writers writing
written wrong wrote x Xbox y Ya ya Yankees yard yards yeah year years yellow yes yet You you young younger
Your your yourself Youtube youtube zero
""".split()
)
