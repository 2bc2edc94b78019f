"""Texts to count tokens of: what agents' memories look like, and what breaks a counter.

Everything here is generated or written for this file; real dialogue is read by `tokens.py`. The random
generators are seeded, so two runs judge the same texts.
"""

from __future__ import annotations

import base64
import json
import random
import re
import sysconfig
import uuid
from collections.abc import Callable
from pathlib import Path

# A few sentences of small talk in each language, made longer by repetition in random order.
LANGUAGES: dict[str, list[str]] = {
    "German": [
        "Meine Schwester heiratet im September und ich habe noch kein Kleid.",
        "Kannst du mir sagen, wann der nächste Zug nach München fährt?",
        "Gestern Abend haben wir Kartoffelsalat gemacht, leider war er viel zu salzig.",
        "Der Zahnarzttermin wurde auf Donnerstagnachmittag verschoben.",
    ],
    "French": [
        "Ma sœur se marie en septembre et je n'ai toujours pas de robe.",
        "Est-ce que tu peux me dire à quelle heure part le prochain train pour Lyon ?",
        "Hier soir, nous avons préparé une tarte aux pommes, mais elle a brûlé.",
        "J'ai oublié mon parapluie au bureau, c'est bête.",
    ],
    "Spanish": [
        "Mi hermana se casa en septiembre y todavía no tengo vestido.",
        "¿Me puedes decir a qué hora sale el próximo tren para Sevilla?",
        "Anoche hicimos una tortilla de patatas, pero quedó demasiado salada.",
        "El perro de los vecinos ladra todas las mañanas a las seis.",
    ],
    "Portuguese": [
        "A minha irmã vai casar em setembro e ainda não comprei o vestido.",
        "Você pode me dizer que horas sai o próximo ônibus para Curitiba?",
        "Ontem à noite fizemos feijoada, mas ficou salgada demais.",
        "Não consigo dormir quando está tão quente.",
    ],
    "Italian": [
        "Mia sorella si sposa a settembre e non ho ancora un vestito.",
        "Mi sai dire a che ora parte il prossimo treno per Bologna?",
        "Ieri sera abbiamo cucinato la parmigiana, ma era troppo salata.",
        "L'appuntamento dal dentista è stato spostato a giovedì pomeriggio.",
    ],
    "Dutch": [
        "Mijn zus trouwt in september en ik heb nog steeds geen jurk.",
        "Kun je me vertellen hoe laat de volgende trein naar Utrecht vertrekt?",
        "Gisteravond hebben we stamppot gemaakt, maar die was veel te zout.",
        "De tandartsafspraak is verplaatst naar donderdagmiddag.",
    ],
    "Polish": [
        "Moja siostra wychodzi za mąż we wrześniu, a ja wciąż nie mam sukienki.",
        "Czy możesz mi powiedzieć, o której odjeżdża następny pociąg do Krakowa?",
        "Wczoraj wieczorem zrobiliśmy pierogi, ale były zbyt słone.",
    ],
    "Czech": [
        "Moje sestra se bude v září vdávat a já ještě pořád nemám šaty.",
        "Můžeš mi říct, v kolik hodin jede příští vlak do Brna?",
        "Včera večer jsme dělali svíčkovou, ale byla příliš slaná.",
    ],
    "Swedish": [
        "Min syster gifter sig i september och jag har fortfarande ingen klänning.",
        "Kan du säga när nästa tåg till Göteborg går?",
        "I går kväll lagade vi köttbullar, men de blev alldeles för salta.",
    ],
    "Finnish": [
        "Siskoni menee naimisiin syyskuussa, eikä minulla ole vieläkään mekkoa.",
        "Voitko kertoa, milloin seuraava juna Tampereelle lähtee?",
        "Eilen illalla teimme lohikeittoa, mutta siitä tuli aivan liian suolaista.",
    ],
    "Hungarian": [
        "A nővérem szeptemberben megy férjhez, és még mindig nincs ruhám.",
        "Meg tudod mondani, mikor indul a következő vonat Szegedre?",
        "Tegnap este gulyást főztünk, de sajnos túl sós lett.",
    ],
    "Turkish": [
        "Kız kardeşim eylülde evleniyor ve benim hâlâ bir elbisem yok.",
        "Bir sonraki Ankara treninin saat kaçta kalktığını söyleyebilir misin?",
        "Dün akşam mercimek çorbası yaptık ama çok tuzlu oldu.",
    ],
    "Romanian": [
        "Sora mea se căsătorește în septembrie și încă nu am rochie.",
        "Îmi poți spune la ce oră pleacă următorul tren spre Cluj?",
        "Aseară am făcut sarmale, dar au ieșit prea sărate.",
    ],
    "Vietnamese": [
        "Chị gái tôi sẽ cưới vào tháng chín mà tôi vẫn chưa có váy.",
        "Bạn có thể cho tôi biết mấy giờ chuyến tàu tiếp theo đi Huế không?",
        "Tối qua chúng tôi nấu phở nhưng hơi mặn.",
    ],
    "Indonesian": [
        "Kakak perempuan saya menikah bulan September dan saya belum punya gaun.",
        "Bisa beri tahu saya jam berapa kereta berikutnya ke Bandung berangkat?",
        "Tadi malam kami memasak rendang, tetapi rasanya terlalu asin.",
    ],
    "Swahili": [
        "Dada yangu anaolewa mwezi wa tisa na bado sina gauni.",
        "Unaweza kuniambia treni inayofuata ya Mombasa inaondoka saa ngapi?",
        "Jana usiku tulipika wali na maharage, lakini chumvi ilizidi.",
    ],
    "Russian": [
        "Моя сестра выходит замуж в сентябре, а у меня до сих пор нет платья.",
        "Не подскажешь, во сколько отправляется следующий поезд до Казани?",
        "Вчера вечером мы варили борщ, но он получился слишком солёным.",
    ],
    "Ukrainian": [
        "Моя сестра виходить заміж у вересні, а в мене досі немає сукні.",
        "Чи можеш сказати, о котрій відправляється наступний потяг до Львова?",
        "Учора ввечері ми ліпили вареники, але вони вийшли надто солоні.",
    ],
    "Greek": [
        "Η αδερφή μου παντρεύεται τον Σεπτέμβριο και ακόμα δεν έχω φόρεμα.",
        "Μπορείς να μου πεις τι ώρα φεύγει το επόμενο τρένο για τη Λάρισα;",
        "Χθες το βράδυ φτιάξαμε μουσακά, αλλά βγήκε πολύ αλμυρός.",
    ],
    "Arabic": [
        "أختي ستتزوج في سبتمبر وما زلت لا أملك فستانًا.",
        "هل يمكنك أن تخبرني متى ينطلق القطار القادم إلى الإسكندرية؟",
        "طبخنا الليلة الماضية حساء العدس لكنه كان مالحًا جدًا.",
    ],
    "Persian": [
        "خواهرم شهریور ازدواج می‌کند و من هنوز لباس ندارم.",
        "می‌توانی بگویی قطار بعدی به شیراز چه ساعتی حرکت می‌کند؟",
        "دیشب قورمه‌سبزی پختیم ولی خیلی شور شد.",
    ],
    "Hebrew": [
        "אחותי מתחתנת בספטמבר ועדיין אין לי שמלה.",
        "אתה יכול להגיד לי מתי יוצאת הרכבת הבאה לחיפה?",
        "אתמול בערב הכנו שקשוקה אבל היא יצאה מלוחה מדי.",
    ],
    "Hindi": [
        "मेरी बहन की शादी सितंबर में है और मेरे पास अभी तक कोई पोशाक नहीं है।",
        "क्या तुम बता सकते हो कि जयपुर की अगली ट्रेन कितने बजे निकलती है?",
        "कल रात हमने दाल बनाई, लेकिन उसमें नमक ज़्यादा हो गया।",
    ],
    "Bengali": [
        "আমার বোনের বিয়ে সেপ্টেম্বরে, আর আমার এখনও কোনো পোশাক নেই।",
        "পরের ট্রেন কখন ছাড়বে বলতে পারো?",
        "কাল রাতে আমরা মাছের ঝোল রান্না করেছিলাম, কিন্তু লবণ বেশি হয়ে গেছে।",
    ],
    "Tamil": [
        "என் அக்காவுக்கு செப்டம்பரில் திருமணம், என்னிடம் இன்னும் புடவை இல்லை.",
        "அடுத்த ரயில் எத்தனை மணிக்கு கிளம்பும் என்று சொல்ல முடியுமா?",
        "நேற்று இரவு சாம்பார் செய்தோம், ஆனால் உப்பு அதிகமாகிவிட்டது.",
    ],
    "Thai": [
        "พี่สาวของฉันจะแต่งงานในเดือนกันยายน แต่ฉันยังไม่มีชุดเลย",
        "ช่วยบอกหน่อยได้ไหมว่ารถไฟไปเชียงใหม่ขบวนต่อไปออกกี่โมง",
        "เมื่อคืนเราทำต้มยำกุ้ง แต่มันเค็มเกินไป",
    ],
    "Japanese": [
        "姉は九月に結婚するのに、私はまだドレスを買っていません。",
        "次の京都行きの電車は何時に出るか教えてくれませんか？",
        "昨日の夜カレーを作ったけど、ちょっとしょっぱかった。",
    ],
    "Korean": [
        "언니가 구월에 결혼하는데 아직 입을 옷이 없어요.",
        "부산으로 가는 다음 기차가 몇 시에 출발하는지 알려 주실 수 있나요?",
        "어제 저녁에 김치찌개를 끓였는데 너무 짰어요.",
    ],
    "Chinese, simplified": [
        "我姐姐九月份结婚，可是我到现在还没有买裙子。",
        "你能告诉我下一班去杭州的火车几点出发吗？",
        "昨天晚上我们包了饺子，不过味道有点咸。",
    ],
    "Chinese, traditional": [
        "我姊姊九月要結婚，可是我到現在還沒有買禮服。",
        "你可以告訴我下一班往臺南的火車幾點開嗎？",
        "昨天晚上我們煮了牛肉麵，不過味道有點鹹。",
    ],
}

_LOWER = "abcdefghijklmnopqrstuvwxyz"
_EMOJI = [(0x1F300, 0x1F5FF), (0x1F600, 0x1F64F), (0x1F680, 0x1F6C5), (0x1F900, 0x1F9FF), (0x2600, 0x26FF)]
_MODULES = ("argparse", "asyncio/base_events", "dataclasses", "difflib", "json/decoder", "typing", "zipfile")


SCRIPTS = {
    "Latin script": """German French Spanish Portuguese Italian Dutch Polish Czech Swedish Finnish Hungarian
        Turkish Romanian Vietnamese Indonesian Swahili""".split(),
    "Cyrillic and Greek": ["Russian", "Ukrainian", "Greek"],
    "Arabic and Hebrew": ["Arabic", "Persian", "Hebrew"],
    "Indian scripts and Thai": ["Hindi", "Bengali", "Tamil", "Thai"],
    "Chinese, Japanese, Korean": ["Japanese", "Korean", "Chinese, simplified", "Chinese, traditional"],
}


def corpora(sentences: list[str], n: int, seed: int = 17) -> dict[str, list[list[str]]]:
    """Return `n` texts or so of each kind, generated from `sentences` and from chance.

    A corpus is a list of groups: texts that belong to one context, of one language for example.

    Args:
        sentences: English sentences with punctuation; words are drawn from them.
        n: texts a corpus.
        seed: of all randomness.
    """
    rng = random.Random(seed)
    words = [word.lower() for line in sentences for word in re.findall("[A-Za-z]{3,}", line)]

    def word() -> str:
        return rng.choice(words)

    def letters(alphabet: str) -> str:
        return "".join(rng.choice(alphabet) for _ in range(rng.randint(6, 60)))

    def emoji() -> str:
        mark = rng.choice(["", "", "", "\ufe0f", "\U0001f3fd", "\u200d"])
        return chr(rng.randint(*rng.choice(_EMOJI))) + mark

    def record() -> dict[str, object]:
        return {"id": rng.randint(1, 9999), "speaker": word().title(), "text": rng.choice(sentences)}

    makers: dict[str, Callable[[], str]] = {
        "URLs": lambda: _url(rng, word),
        "JSON": lambda: json.dumps(record()),
        "JSON, indented": lambda: json.dumps(record(), indent=2),
        "numbers and dates": lambda: _number(rng),
        "emoji": lambda: "".join(emoji() for _ in range(rng.randint(1, 10))),
        "text with emoji": lambda: rng.choice(sentences) + " " + emoji() + emoji(),
        "speech recogniser": lambda: re.sub("[^a-z' ]+", " ", rng.choice(sentences).lower()),
        "typographic quotes": lambda: "“" + rng.choice(sentences).replace("'", "’").replace(" - ", " — ") + "”",
        "shouting": lambda: rng.choice(sentences).upper(),
        "spelled out": lambda: " ".join(word().upper()),
        "identifiers": lambda: rng.choice(["_", "-", "."]).join(word() for _ in range(3)) + word().title(),
        "dated lines": lambda: f"[{_number(rng)}] {word().title()}: {rng.choice(sentences)}",
        "tables": lambda: "| " + " | ".join(word().ljust(12) for _ in range(4)) + " |",
        "base64": lambda: base64.b64encode(rng.randbytes(rng.randint(6, 60))).decode(),
        "hexadecimal": lambda: rng.randbytes(rng.randint(4, 40)).hex(),
        "UUIDs": lambda: str(uuid.UUID(int=rng.getrandbits(128))),
        "random letters": lambda: letters(_LOWER),
        "random letters and digits": lambda: letters(_LOWER + _LOWER.upper() + "0123456789"),
    }
    made = {name: [[make() for _ in range(n)]] for name, make in makers.items()}
    made["code"] = [_code()[:n]]
    for script, languages in SCRIPTS.items():
        made[script] = [[rng.choice(LANGUAGES[language]) for _ in range(n // 2)] for language in languages]
    return made


def _url(rng: random.Random, word: Callable[[], str]) -> str:
    parts = [word(), f"{word()}-{word()}", str(rng.randint(0, 99999)), f"{rng.getrandbits(64):x}"]
    path = "/".join(rng.choice(parts) for _ in range(rng.randint(1, 4)))
    query = f"?{word()}={rng.randint(0, 9999)}&{word()}={word()}" if rng.random() < 0.5 else ""
    return f"https://{rng.choice(['www.', 'api.', ''])}{word()}{word()}.{rng.choice(['com', 'io', 'de'])}/{path}{query}"


def _number(rng: random.Random) -> str:
    day, clock = (rng.randint(1990, 2030), rng.randint(1, 12), rng.randint(1, 28)), rng.randint(0, 1439)
    return rng.choice(
        [
            str(rng.randint(0, 10**10)),
            f"+{rng.randint(1, 99)} {rng.randint(100, 999)} {rng.randint(1000, 9999)}",
            f"{day[2]}/{day[1]}/{day[0]} {clock // 60}:{clock % 60:02}",
            f"{day[0]}-{day[1]:02}-{day[2]:02}T{clock // 60:02}:{clock % 60:02}:07Z",
            f"${rng.randint(1, 10**6):,}.{rng.randint(0, 99):02}",
            f"{rng.random():.9f}",
        ]
    )


def _code() -> list[str]:
    """Return Python in pieces of ten lines, from the running interpreter's own library."""
    pieces: list[str] = []
    for module in _MODULES:
        source = (Path(sysconfig.get_paths()["stdlib"]) / f"{module}.py").read_text(encoding="utf-8")
        lines = source.splitlines()
        pieces += ["\n".join(lines[i : i + 10]) for i in range(0, len(lines), 10)]
    return [piece for piece in pieces if piece.strip()]
