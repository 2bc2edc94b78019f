"""Every format is read as it stands in files, and nothing that cannot be read disappears."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from remanence.errors import InvalidInput
from remanence.surfaces.datasets import Conversation, Reading, Turn, corrected, read, read_all, with_stable_ids
from remanence.surfaces.datasets.dates import parse_date
from remanence.surfaces.datasets.locomo import corrections_beside, evidence_ids


def _ns(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp()) * 10**9  # type: ignore[arg-type,misc]


def _write(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def _only(reading: Reading) -> Conversation:
    (conversation,) = reading.conversations
    return conversation


LOCOMO = [
    {
        "sample_id": "c1",
        "conversation": {
            "speaker_a": "Ann",
            "speaker_b": "Bo",
            "session_2_date_time": "9:05 am on 2 June, 2023",
            "session_2": [{"speaker": "Bo", "dia_id": "D2:1", "text": "Later."}],
            "session_1_date_time": "1:56 pm on 8 May, 2023",
            "session_1": [
                {"speaker": "Ann", "dia_id": "D1:1", "text": "Look!", "blip_caption": "a red kite"},
                {"speaker": "Bo", "dia_id": "D1:2", "text": "Nice."},
                {"speaker": "Bo", "dia_id": "D1:3"},
            ],
            "session_3_date_time": "9:05 am on 9 June, 2023",
        },
        "qa": [
            {"question": "Who?", "answer": "Ann", "evidence": ["D1:1"], "category": 4},
            {"question": "Both?", "answer": "x", "evidence": ["D1:2; D2:1", "D"], "category": 1},
            {"question": "None?", "answer": "x", "evidence": [], "category": 3},
            {"question": "Lost?", "answer": "x", "evidence": ["D9:9", "D:2:1"], "category": 5},
        ],
    }
]


def test_locomo_turns_sessions_dates_and_images(tmp_path: Path) -> None:
    reading = read(_write(tmp_path / "locomo_x.json", LOCOMO))
    conversation = _only(reading)
    assert reading.format == "locomo"
    assert [turn.id for turn in conversation.turns] == ["D1:1", "D1:2", "D2:1"]
    first = conversation.turns[0]
    assert first == Turn("Look! [image: a red kite]", "Ann", at_ns=_ns(2023, 5, 8, 13, 56), session="1", id="D1:1")
    assert first.labelled == "Ann: Look! [image: a red kite]"
    assert conversation.turns[2].at_ns == _ns(2023, 6, 2, 9, 5)


def test_locomo_evidence_is_parsed_and_what_names_no_turn_is_reported(tmp_path: Path) -> None:
    reading = read(_write(tmp_path / "locomo_x.json", LOCOMO))
    questions = _only(reading).questions
    assert [q.gold for q in questions] == [("D1:1",), ("D1:2", "D2:1"), (), ("D2:1",)]
    assert [q.category for q in questions] == ["4", "1", "3", "5"]
    reported = [str(problem) for problem in reading.problems]
    assert any("session_1[2]" in line and "text" in line for line in reported)
    assert any("qa[3]" in line and "D9:9" in line for line in reported)


@pytest.mark.parametrize(
    ("cited", "ids"),
    [
        (["D8:6; D9:17"], ("D8:6", "D9:17")),
        (["D:11:26"], ("D11:26",)),
        (["D1:3", "D1:3"], ("D1:3",)),
        (["D1:03"], ("D1:3",)),
        ("D4:1 and D4:2", ("D4:1", "D4:2")),
        (["D"], ()),
    ],
)
def test_malformed_evidence(cited: list[str] | str, ids: tuple[str, ...]) -> None:
    assert evidence_ids(cited) == ids


def test_corrections_change_only_the_question_they_name(tmp_path: Path) -> None:
    data = _write(tmp_path / "locomo_x.json", LOCOMO)
    path = _write(
        tmp_path / "corrections_x.json",
        [
            {"question_id": "locomo_0_qa0", "question": "Who?", "correct_evidence": ["D2:1"]},
            {"question_id": "locomo_0_qa1", "question": "another question", "correct_evidence": ["D1:1"]},
            {"question_id": "locomo_0_qa3", "question": "Lost?", "correct_evidence": ["D8:8"]},
        ],
    )
    assert corrections_beside(data) == path
    (repaired,) = corrected(read(data).conversations, path)
    assert [q.gold for q in repaired.questions] == [("D2:1",), ("D1:2", "D2:1"), (), ("D2:1",)]


def test_corrections_of_another_shape_are_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "corrections.json", {"no": "list"})
    with pytest.raises(InvalidInput, match=r"corrections\.json.*not a list of label corrections"):
        corrected([], path)


def test_beam_marks_are_stripped_and_gold_is_found_in_any_shape(tmp_path: Path) -> None:
    chat = [
        {
            "batch_number": 1,
            "turns": [
                [
                    {"role": "user", "id": 0, "time_anchor": "March-15-2024", "content": "Plan it? ->-> 1,1"},
                    {"role": "assistant", "id": 1, "content": "Sure: a -> b.\nDone."},
                ],
                [{"role": "user", "id": 2, "content": "Thanks (see ->-> 3,N/A)"}],
            ],
        },
        {
            "batch_number": 2,
            "turns": [[{"role": "user", "id": 3, "time_anchor": "April-05-2024", "content": "Hello ->->  3,8"}]],
        },
    ]
    asked = {
        "information_extraction": [{"question": "a?", "source_chat_ids": [0]}],
        "knowledge_update": [{"question": "b?", "source_chat_ids": {"old": [1], "new": [3]}}],
        "event_ordering": [{"question": "c?", "source_chat_ids": [2, [0, 2]]}],
        "abstention": [{"question": "d?"}, {"no": "question"}],
        "summarization": [{"question": "e?", "source_chat_ids": [99]}],
    }
    _write(tmp_path / "100K_1_probing_questions.json", asked)
    reading = read(_write(tmp_path / "100K_1_chat.json", chat))
    conversation = _only(reading)
    assert reading.format == "beam"
    assert conversation.name == "100K_1"
    assert [t.text for t in conversation.turns] == ["Plan it?", "Sure: a -> b.\nDone.", "Thanks (see", "Hello"]
    assert [(t.speaker, t.role, t.session) for t in conversation.turns[1:]] == [
        ("assistant", "assistant", "1"),
        ("user", "user", "1"),
        ("user", "user", "2"),
    ]
    assert [t.at_ns for t in conversation.turns] == [_ns(2024, 3, 15)] * 3 + [_ns(2024, 4, 5)]
    gold = {q.category: q.gold for q in conversation.questions if q.text != "d?"}
    assert gold == {
        "information_extraction": ("0",),
        "knowledge_update": ("1", "3"),
        "event_ordering": ("2", "0"),
        "summarization": (),
    }
    assert {problem.where for problem in reading.problems} == {"abstention[1]", "summarization[0]"}


def test_friendsqa_scenes(tmp_path: Path) -> None:
    data = {
        "data": [
            {
                "title": "s01",
                "paragraphs": [
                    {
                        "utterances:": [
                            {"uid": 0, "speakers": ["#NOTE#"], "utterance": "[ A cafe ]"},
                            {"uid": 1, "speakers": ["Ann", "Bo"], "utterance": "Hi !"},
                        ],
                        "qas": [
                            {
                                "id": "s01_Who_Paraphrased",
                                "question": "Who greets ?",
                                "answers": [{"utterance_id": 1}, {"utterance_id": 1}],
                            }
                        ],
                    }
                ],
            }
        ]
    }
    conversation = _only(read(_write(tmp_path / "dev.json", data)))
    assert [(t.id, t.speaker) for t in conversation.turns] == [("0", ""), ("1", "Ann and Bo")]
    assert [(q.gold, q.category) for q in conversation.questions] == [(("1",), "Who")]


def test_jsonl_turns_questions_and_bad_lines(tmp_path: Path) -> None:
    lines = [
        '{"text": "Hello", "speaker": "Ann", "at": "2024-05-01T10:00:00+02:00", "session": 7, "id": "a"}',
        '{"role": "Human", "content": [{"type": "text", "text": "one"}, {"type": "image_url"}, "two"]}',
        "{broken",
        '{"text": "  "}',
        '{"speaker": "Ann"}',
        "",
        '{"text": "x", "at": "yesterday"}',
        '{"text": "y", "timestamp": 1714557600, "topic": "pets", "tags": ["a", 1], "metadata": {"n": 2}}',
        '{"question": "What?", "gold": ["a"], "category": "fact"}',
        "17",
    ]
    reading = read(_write(tmp_path / "t.jsonl", "\n".join(lines) + "\n"))
    conversation = _only(reading)
    assert reading.format == "jsonl"
    first, second, last = conversation.turns
    assert first == Turn("Hello", "Ann", at_ns=_ns(2024, 5, 1, 8), session="7", id="a")
    assert (second.text, second.role) == ("one\ntwo", "user")
    assert last.at_ns == _ns(2024, 5, 1, 10)
    assert last.metadata == {"topic": "pets", "tags": '["a",1]', "n": 2}
    assert [(q.text, q.gold, q.category) for q in conversation.questions] == [("What?", ("a",), "fact")]
    assert [p.where for p in reading.problems] == ["line 3", "line 4", "line 5", "line 7", "line 10"]
    assert reading.problems[0].raw == "{broken"
    assert "yesterday" in str(reading.problems[3])


def test_chat_messages_in_one_document(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": "hi"}, {"role": "critic", "content": "hm"}]
    for content in (messages, {"messages": messages}):
        reading = read(_write(tmp_path / "chat.json", json.dumps(content, indent=1)))
        assert reading.format == "messages"
        turns = _only(reading).turns
        assert [(t.role, t.text) for t in turns] == [("user", "hi"), ("", "hm")]
        assert turns[1].metadata == {"role": "critic"}


def test_jsonl_of_whole_conversations_keeps_them_apart(tmp_path: Path) -> None:
    line = json.dumps({"messages": [{"role": "user", "content": "hi"}]})
    turns = _only(read(_write(tmp_path / "c.jsonl", f"{line}\n{line}\n"))).turns
    assert [turn.session for turn in turns] == ["line 1", "line 2"]


def test_transcript_with_headers_stamps_and_long_turns(tmp_path: Path) -> None:
    text = """\
# first 2024-05-01
[10:00] Ana: I got a dog!
Ben: What is it called?

Potola. She is three: a whippet.

# second
[2024-05-02 09:30] Ana: Morning.
(laughs)
user: hi
"""
    turns = _only(read(_write(tmp_path / "call.txt", text))).turns
    assert [(t.speaker, t.text, t.session) for t in turns] == [
        ("Ana", "I got a dog!", "first 2024-05-01"),
        ("Ben", "What is it called?\nPotola. She is three: a whippet.", "first 2024-05-01"),
        ("Ana", "Morning.\n(laughs)", "second"),
        ("user", "hi", "second"),
    ]
    assert [t.at_ns for t in turns] == [_ns(2024, 5, 1, 10), _ns(2024, 5, 1), _ns(2024, 5, 2, 9, 30), None]
    assert turns[3].role == "user"


def test_transcript_sessions_by_blank_lines(tmp_path: Path) -> None:
    turns = _only(read(_write(tmp_path / "a.txt", "Ana: a\nBen: b\n\n\nAna: c\n"))).turns
    assert [turn.session for turn in turns] == ["1", "1", "2"]


def test_transcript_where_every_turn_is_followed_by_a_blank_line_is_one_session(tmp_path: Path) -> None:
    turns = _only(read(_write(tmp_path / "a.txt", "Ana: a\n\nBen: b\n\nAna: c\n"))).turns
    assert [turn.session for turn in turns] == ["1", "1", "1"]


def test_transcript_that_starts_with_a_stamp_is_not_taken_for_json(tmp_path: Path) -> None:
    reading = read(_write(tmp_path / "a.txt", "[2024-05-01 10:00] Ana: hello\n"))
    assert reading.format == "transcript"
    assert _only(reading).turns[0].at_ns == _ns(2024, 5, 1, 10)


@pytest.mark.parametrize(
    ("line", "when"),
    [
        ("2024-05-01 10:00 Ana: hello", (2024, 5, 1, 10)),
        ("2024-05-01T10:00:05Z Ana: hello", (2024, 5, 1, 10, 0, 5)),
        ("2024-05-01 Ana: hello", (2024, 5, 1)),
        ("[10:32] Ana: hello", (2024, 6, 7, 10, 32)),
        ("(10:32 PM) Ana: hello", (2024, 6, 7, 22, 32)),
        ("12:05 am - Ana: hello", (2024, 6, 7, 0, 5)),
        ("10:32:01 Ana: hello", (2024, 6, 7, 10, 32, 1)),
        ("Ana: hello", (2024, 6, 7)),
    ],
)
def test_transcript_stamps_with_the_day_of_the_file_name(tmp_path: Path, line: str, when: tuple[int, ...]) -> None:
    reading = read(_write(tmp_path / "call 2024-06-07 b.txt", f"{line}\n"), at_ns=_ns(2020, 1, 1))
    (turn,) = _only(reading).turns
    assert (turn.speaker, turn.text, turn.at_ns) == ("Ana", "hello", _ns(*when))
    assert reading.problems == ()


def test_a_time_of_day_without_a_day_is_no_date(tmp_path: Path) -> None:
    path = _write(tmp_path / "call-2024-13-45.txt", "[10:32] Ana: hello\n10:33 Ben: hi\n")
    assert [(t.speaker, t.at_ns) for t in _only(read(path)).turns] == [("Ana", None), ("Ben", None)]
    assert [t.at_ns for t in _only(read(path, at_ns=_ns(2024, 5, 1))).turns] == [
        _ns(2024, 5, 1, 10, 32),
        _ns(2024, 5, 1, 10, 33),
    ]


def test_lines_that_nobody_is_named_for_are_counted(tmp_path: Path) -> None:
    reading = read(_write(tmp_path / "a.txt", "# one\nnobody\nsaid this\nAna: hi\nand this\n"))
    assert [(t.speaker, t.text) for t in _only(reading).turns] == [("", "nobody\nsaid this"), ("Ana", "hi\nand this")]
    (problem,) = reading.problems
    assert (problem.where, problem.reason[:24]) == ("from line 2", "2 lines had no speaker; ")
    assert "1 line had" in str(read(_write(tmp_path / "b.txt", "nobody\n")).problems[0])


VTT = """\
WEBVTT - a call

NOTE Ben: not said

1
00:01.000 --> 00:02.500 align:start
<v Ana>Fish &amp; <i>chips</i>?</v>

01:00:00.000 --> 01:00:04.000
<v.loud Ben>Yes,
please.</v>
<v Ana>Fine.

00:05.000 --> 00:06.000
Mia Lund: Hello

00:07.000 --> 00:08.000
(music)

00:09.000 --> 00:10.000
"""


def test_webvtt(tmp_path: Path) -> None:
    reading = read(_write(tmp_path / "2024-05-01 call.vtt", VTT))
    assert reading.format == "transcript"
    assert [(t.speaker, t.text) for t in _only(reading).turns] == [
        ("Ana", "Fish & chips?"),
        ("Ben", "Yes,\nplease."),
        ("Ana", "Fine."),
        ("Mia Lund", "Hello"),
        ("", "(music)"),
    ]
    assert [t.at_ns for t in _only(reading).turns][:2] == [_ns(2024, 5, 1, 0, 0, 1), _ns(2024, 5, 1, 1)]
    assert [p.where for p in reading.problems] == ["line 20", "from line 18"]
    (tmp_path / "x").mkdir()
    _write(tmp_path / "x" / "call.vtt", VTT)
    undated = read_all([tmp_path / "x"])
    assert {t.at_ns for t in _only(undated[0]).turns} == {None}


def test_words_before_a_colon_and_addresses_are_not_always_speakers(tmp_path: Path) -> None:
    text = "Ana: look at this\nhttps://example.org is nice\n10:30 works for me\n"
    (turn,) = _only(read(_write(tmp_path / "a.txt", text))).turns
    assert turn.text.endswith("10:30 works for me")


def test_windows_line_ends_and_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfAna: a\r\nBen: b\r\n")
    assert [(t.speaker, t.text) for t in _only(read(path)).turns] == [("Ana", "a"), ("Ben", "b")]


def test_bytes_that_are_not_utf8_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"Ana: caf\xe9\nBen: b\n")
    reading = read(path)
    assert len(_only(reading).turns) == 2
    assert [p.where for p in reading.problems] == ["line 1"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "empty"),
        ('[\n{"a": 1},\n{"a": }\n]', r"line 3.*not valid JSON"),
        ('{"some": "document",\n "of": "nobody"}', "no known conversation format"),
    ],
)
def test_what_cannot_be_read_is_refused_with_file_and_line(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=rf"bad\.json.*{said}"):
        read(_write(tmp_path / "bad.json", content))


def test_missing_binary_and_misnamed_files(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot read"):
        read(tmp_path / "none.txt")
    (tmp_path / "b.bin").write_bytes(b"\x00\x01")
    with pytest.raises(InvalidInput, match="not a text file"):
        read(tmp_path / "b.bin")
    with pytest.raises(InvalidInput, match="not of the format 'beam'"):
        read(_write(tmp_path / "x.json", LOCOMO), format="beam")
    with pytest.raises(InvalidInput, match="unknown format 'csv'"):
        read(tmp_path / "x.json", format="csv")


def test_a_folder_is_read_by_number_without_its_questions(tmp_path: Path) -> None:
    for n in (10, 2):
        _write(tmp_path / f"{n}_chat.txt", "Ana: a\n")
    _write(tmp_path / "2_probing_questions.json", "{}")
    assert [Path(r.path).name for r in read_all([tmp_path])] == ["2_chat.txt", "10_chat.txt"]
    with pytest.raises(InvalidInput, match="no conversation files"):
        read_all([(tmp_path / "sub").mkdir() or tmp_path / "sub"])


def test_stable_ids_do_not_move_and_tell_repetitions_apart() -> None:
    hello, other = Turn("hello", "Ana"), Turn("hm", "Ben", id="given")
    before = [turn.id for turn in with_stable_ids([hello, hello])]
    after = [turn.id for turn in with_stable_ids([other, hello, hello])]
    assert after == ["given", *before]
    assert before[1] == f"{before[0]}-2"
    assert [turn.id for turn in with_stable_ids([other], "p/")] == ["p/given"]


@pytest.mark.parametrize(
    ("value", "ns"),
    [
        ("2024-05-01", _ns(2024, 5, 1)),
        ("2024-05-01T10:00:00Z", _ns(2024, 5, 1, 10)),
        ("1:56 pm on 8 May, 2023", _ns(2023, 5, 8, 13, 56)),
        ("March-15-2024", _ns(2024, 3, 15)),
        (1714557600, _ns(2024, 5, 1, 10)),
        (1714557600.5, _ns(2024, 5, 1, 10) + 500_000_000),
        (1714557600000, _ns(2024, 5, 1, 10)),
        (1714557600000000000, _ns(2024, 5, 1, 10)),
    ],
)
def test_dates(value: str | float, ns: int) -> None:
    assert parse_date(value) == ns


@pytest.mark.parametrize("value", ["soon", "0001-01-01", float("nan"), float("inf"), 1e30])
def test_what_is_no_date_is_refused(value: str | float) -> None:
    with pytest.raises(ValueError, match=r"not a date|outside"):
        parse_date(value)


def test_the_shared_files_are_read_whole(shared_data: Path) -> None:
    locomo = read(shared_data / "locomo" / "locomo_dev.json")
    assert (locomo.format, len(locomo.conversations), locomo.n_turns) == ("locomo", 5, 2760)
    assert sum(len(c.questions) for c in locomo.conversations) == 999
    chats = read_all([shared_data / "beam"])
    assert {r.format for r in chats} == {"beam"}
    assert len(chats) == 10
    assert not [p for r in chats for p in r.problems]
    assert not [t for r in chats for c in r.conversations for t in c.turns if "->->" in t.text]
