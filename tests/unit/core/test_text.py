"""Text to terms: what is said must be found by how it is asked, whatever the form, the script and the apostrophe."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from remanence.core import text
from remanence.core.text import date_terms, dates, stem, terms, words

NS = 10**9
DAY = 86_400 * NS


class TestWords:
    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            ("My dog's name is Potola.", ["my", "dog's", "name", "is", "potola"]),
            ("", []),
            (" \t\n\u00a0 ", []),
            ("...!?-—", []),
            ("snake_case under_score", ["snake", "case", "under", "score"]),
            ("3.14 and 10,000", ["3", "14", "and", "10", "000"]),
            ("x2 and 5th", ["x2", "and", "5th"]),
            ("Crème brûlée", ["crème", "brûlée"]),
            ("STRASSE Straße", ["strasse", "strasse"]),
            ("ＦＵＬＬ ｗｉｄｔｈ １２", ["full", "width", "12"]),
            ("ﬁnal", ["final"]),
            ("שלום עולם", ["שלום", "עולם"]),
            ("مرحبا بالعالم", ["مرحبا", "بالعالم"]),
            ("Привет, мир", ["привет", "мир"]),
            ("a\x00b", ["a", "b"]),
            ("🙂 dog 🙂", ["dog"]),
        ],
    )
    def test_words_of(self, said: str, expected: list[str]) -> None:
        assert words(said) == expected

    @pytest.mark.parametrize("apostrophe", ["'", "’", "ʼ", "＇"])
    def test_every_apostrophe_is_one(self, apostrophe: str) -> None:
        assert words(f"don{apostrophe}t") == ["don't"]
        assert terms(f"my dog{apostrophe}s bowl") == ["dog", "bowl"]

    @pytest.mark.parametrize(
        "said",
        ["It's 5 o'clock, isn't it?", "snake_case x1y2 'quoted' rock'n'roll", "A-B c/d e.f", "'' ' a' 'b 9'9 9'a"],
    )
    def test_ascii_words_do_not_depend_on_what_else_is_there(self, said: str) -> None:
        assert words(f"{said} é") == [*words(said), "é"]

    def test_composed_and_decomposed_letters_are_the_same(self) -> None:
        assert words("cafe\u0301") == words("café") == ["café"]

    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            ("東京", ["東京"]),
            ("東", ["東"]),
            ("東京都民", ["東京", "京都", "都民"]),
            ("私はLisbonに住む", ["私は", "lisbon", "に住", "住む"]),
            ("안녕하세요 세계", ["안녕", "녕하", "하세", "세요", "세계"]),
        ],
    )
    def test_unspaced_scripts_give_bigrams(self, said: str, expected: list[str]) -> None:
        assert words(said) == expected

    @pytest.mark.parametrize("said", ["สวัสดี", "हिन्दी भाषा", "தமிழ்", "বাংলা", "မြန်မာ"])
    def test_vowel_signs_are_part_of_their_word(self, said: str) -> None:
        assert set("".join(words(said))) == set(said) - {" "}

    def test_a_question_shares_bigrams_with_its_answer(self) -> None:
        assert set(terms("犬の名前は？")) & set(terms("私の犬の名前はポチです"))
        assert set(terms("我的狗叫什么名字")) & set(terms("我的狗叫波托拉"))


class TestStems:
    @pytest.mark.parametrize(
        "forms",
        [
            "dog dogs",
            "party parties",
            "box boxes",
            "church churches",
            "wish wishes wished wishing",
            "walk walks walked walking",
            "stop stops stopped stopping",
            "make makes making made",
            "try tries tried trying",
            "study studies studied studying",
            "love loves loved loving",
            "call called calling calls",
            "miss missed missing misses",
            "buy buys bought buying",
            "go goes went gone going",
            "child children",
            "quick quickly",
            "live lives lived living",
            "leave leaves left leaving",
            "die dies died",
            "see sees seeing saw seen",
            "add adds added adding",
            "movie movies",
            "cookie cookies",
            "2 two second twice",
            "mum mom mother mama",
            "dog dog's",
        ],
    )
    def test_forms_of_one_word_meet(self, forms: str) -> None:
        assert {form: stem(form) for form in forms.split()} == dict.fromkeys(forms.split(), stem(forms.split()[0]))

    @pytest.mark.parametrize(
        "different",
        [
            "bus bush",
            "red reed read",
            "king kin",
            "ring rink",
            "bed be",
            "sing sin",
            "string str",
            "need nee",
            "class clas",
            "live life",
            "leave leaf",
            "london londoner",
        ],
    )
    def test_other_words_stay_apart(self, different: str) -> None:
        stems = [stem(word) for word in different.split()]
        assert len(set(stems)) == len(stems)

    @pytest.mark.parametrize("word", ["a", "is", "'", "'s", "", "ss", "eed", "s", "2024", "ing", "été", "東京"])
    def test_short_and_strange_words_survive(self, word: str) -> None:
        assert len(stem(word)) <= len(word)

    def test_a_stem_is_never_empty_for_a_word(self) -> None:
        for word in ("ing", "eds", "ies", "ed", "ly", "es", "e", "ssss", "zzz", "eee"):
            assert stem(word)


class TestTerms:
    def test_stop_words_are_left_out(self) -> None:
        assert terms("What is it that I'm not doing? They won't, it's her's") == []

    def test_order_and_repetitions_are_kept(self) -> None:
        assert terms("red dog, green dog, red car") == ["red", "dog", "green", "dog", "red", "car"]

    @pytest.mark.parametrize(
        ("question", "answer", "n_shared"),
        [
            ("Where did she buy the shoes?", "She bought a red shoe in Porto", 2),
            ("Where does my sister live?", "My sister lives in Rome", 2),
            ("When does the train leave?", "The train leaves at noon", 2),
            ("How many children do you have?", "I have one child", 1),
            ("What's Ana's job?", "Ana has two jobs", 2),
            ("who's my mother", "mum is called Rosa", 1),
            ("When did grandpa die?", "Grandpa died in the winter", 2),
            ("Which movie did Ana like?", "Ana likes movies with dogs", 3),
        ],
    )
    def test_a_question_meets_its_answer(self, question: str, answer: str, n_shared: int) -> None:
        assert len(set(terms(question)) & set(terms(answer))) == n_shared

    def test_terms_are_those_of_the_words_one_by_one(self) -> None:
        said = "Walking dogs and walked dogs: don't STOP the running children in 東京都 at 5"
        assert terms(said) == [term for word in words(said) if (term := text.term_of(word))]

    def test_remembering_words_changes_nothing(self) -> None:
        many = " ".join(f"word{i}x" for i in range(20_000))  # more than are remembered
        first = terms(many)
        assert first == terms(many)
        assert first[0] == "word0x"
        assert first[-1] == "word19999x"
        assert len(set(first)) == 20_000

    def test_a_very_long_word_is_cut_the_same_everywhere(self) -> None:
        long = "x" * 5_000
        assert terms(long) == terms(long + "yyy")
        assert len(terms(long)[0]) <= 64

    def test_very_long_words_are_not_kept_in_memory(self) -> None:
        for i in range(64):
            terms(f"{i}" * 100_000)
        assert sum(map(len, text._TERMS)) < 2_000_000


class TestDates:
    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            ("on 2024-05-01", [(2024, 5, 1)]),
            ("in 2024-05", [(2024, 5, 0)]),
            ("in 1999", [(1999, 0, 0)]),
            ("on 8 May 2023", [(2023, 5, 8)]),
            ("on the 8th of May, 2023", [(2023, 5, 8)]),
            ("on May 8th, 2023", [(2023, 5, 8)]),
            ("May 8", [(0, 5, 8)]),
            ("in June", [(0, 6, 0)]),
            ("in june", [(0, 6, 0)]),
            ("Sept 3", [(0, 9, 3)]),
            ("Sep. 2021", [(2021, 9, 0)]),
            ("DECEMBER", [(0, 12, 0)]),
            ("I may march on", []),
            ("In May we met", [(0, 5, 0)]),
            ("from June 2021 to 2 July 2022", [(2021, 6, 0), (2022, 7, 2)]),
            ("2024-13-01", []),
            ("room 12345", []),
            ("1824 and 2124", []),
            ("a marching band of augusts", []),
            ("", []),
        ],
    )
    def test_dates_of(self, said: str, expected: list[tuple[int, int, int]]) -> None:
        assert dates(said) == expected

    @pytest.mark.parametrize(
        "said",
        [
            "auguſt 5",
            "ſept 2020",
            "APRİL",
            "aprıl 3",
            "auguſt",
            "deſember 2020",
            "٥ May 2023",
            "May ٥",
            "20٢٤",
            "２０２４-05",
        ],
    )
    def test_letters_that_look_like_a_month_raise_nothing(self, said: str) -> None:
        for year, month, day in dates(said):
            assert 0 <= year <= 2099
            assert 0 <= month <= 12
            assert 0 <= day <= 31

    @pytest.mark.parametrize(
        ("at_ns", "expected"),
        [
            (0, "January 1970 Thursday"),
            (-1, "December 1969 Wednesday"),
            (19_752 * DAY, "January 2024 Tuesday"),
            (19_752 * DAY + DAY - 1, "January 2024 Tuesday"),  # the last nanosecond of a day belongs to it
        ],
    )
    def test_date_terms_are_those_of_the_day_in_utc(self, at_ns: int, expected: str) -> None:
        assert date_terms(at_ns) == terms(expected)

    @pytest.mark.parametrize("at_ns", [-(2**63), 2**63 - 1, -(2**62), 2**62])
    def test_any_time_that_can_be_recorded_has_its_terms(self, at_ns: int) -> None:
        assert len(date_terms(at_ns)) == 3

    @pytest.mark.parametrize("day", range(0, 366, 15))
    def test_a_time_is_asked_for_by_the_terms_it_is_indexed_by(self, day: int) -> None:
        """All but May, whose name is a stop word: a question that names it is matched by `dates`."""
        at_ns = (19_723 + day) * DAY
        month, year, weekday = datetime.fromtimestamp(at_ns // NS, UTC).strftime("%B %Y %A").split()
        asked = terms(f"What did we do on a {weekday} in {month} {year}?")
        assert set(date_terms(at_ns)) - {"may"} <= set(asked)
