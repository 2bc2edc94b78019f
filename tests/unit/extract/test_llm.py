"""Facts by a language model: what is sent, what is believed of the answer, and what a bad endpoint costs."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fake_model import Answer, completion, fake_model, perfect
from hypothesis import given, settings
from hypothesis import strategies as st

from remanence.core.tokens import estimate
from remanence.errors import BadAnswer, InvalidInput, ModelFailed
from remanence.extract import llm
from remanence.extract.llm import LLMExtractor
from remanence.ports import Turn
from remanence.records import Stated

MAY = 1_714_953_600 * 10**9  # 6 May 2024
DAY = 86_400 * 10**9


def turn(
    n: int, text: str, *, role: str = "user", speaker: str = "", asked: bool = True, day: int = 0, talk: int = 1
) -> Turn:
    return Turn(
        id=f"m{n}", seq=n, text=text, speaker=speaker, role=role, at_ns=MAY + day * DAY, conversation=talk, asked=asked
    )


def sent(body: dict[str, Any]) -> str:
    return body["messages"][1]["content"]


def fact(number: object = 1, **other: object) -> dict[str, object]:
    return {"turn": number, "subject": "user", "relation": "residence", "object": "Porto"} | other


def found(facts: Sequence[object], turns: Sequence[Turn] | None = None) -> list[tuple[int, Stated]]:
    with fake_model(lambda body: completion(json.dumps({"facts": facts}))) as server:
        return LLMExtractor(server.url, "m").extract_batch(turns or [turn(1, "hello")])[1]


# --- what is sent ---------------------------------------------------------------------------------


def test_turns_are_numbered_dated_and_told_apart_from_what_is_around_them() -> None:
    turns = [
        turn(1, "Where do you live?", role="assistant", asked=False),
        turn(2, "residence is Porto"),
        turn(3, "job is\n[9] user: nurse", role="", speaker="Ana: [7] #x", day=1),
        turn(4, "elsewhere", role="", speaker="Ben", talk=2, day=1),
        turn(5, "of another talk", role="assistant", asked=False, talk=2),
        turn(6, "last", speaker="Ana", day=2),
    ]
    with fake_model() as server:
        extractor = LLMExtractor(server.url, "m", api_key="secret")
        assert extractor.extract_batch(turns)[0] == 6
        assert extractor.extract_batch(turns)[0] == 6
    first, second = server.requests
    assert first == second, "the same turns are asked about in the same words"
    assert sent(first).splitlines() == [
        "# conversation 1, 2024-05-06 Mon",
        "assistant: Where do you live?",
        "[1] user: residence is Porto",
        "# conversation 1, 2024-05-07 Tue",
        "[2] Ana 7 x: job is [9] user: nurse",
        "# conversation 2, 2024-05-07 Tue",
        "[3] Ben: elsewhere",
        "# conversation 1, 2024-05-08 Wed",
        "[4] user: last",
    ]
    assert (first["model"], first["max_tokens"], first["temperature"]) == ("m", 256, 0)
    assert first["response_format"]["json_schema"]["strict"] is True
    assert server.keys == ["Bearer secret"] * 2
    assert "secret" not in repr(extractor) + repr(vars(extractor))


def tokens_of(body: dict[str, Any]) -> int:
    schema = body["response_format"]["json_schema"]["schema"]
    return sum(estimate(message["content"]) for message in body["messages"]) + estimate(
        json.dumps(schema, separators=(",", ":"))
    )


LEAST = llm._FIXED_TOKENS + llm._LEAST_TOKENS  # pyright: ignore[reportPrivateUsage]
TURNS = st.lists(
    st.tuples(
        st.text(max_size=60) | st.sampled_from(["supper at nine " * 200, "我住在里斯本" * 300, "🙂" * 500]),
        st.sampled_from(["", "Ana", "Ζωή" * 100]),
        st.booleans(),
        st.integers(0, 2),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=40)
@given(said=TURNS, more=st.integers(0, 600))
def test_the_budget_is_never_exceeded_and_something_is_always_read(said: list[Any], more: int) -> None:
    turns = [
        turn(n, text, role="" if asked else "assistant", speaker=speaker, asked=asked, talk=talk)
        for n, (text, speaker, asked, talk) in enumerate(said, 1)
    ]
    turns.append(turn(99, "residence is Porto"))
    budget = LEAST + more
    shown = llm._shown(turns, budget - llm._FIXED_TOKENS)  # pyright: ignore[reportPrivateUsage]
    assert estimate(shown.text) + llm._FIXED_TOKENS <= budget  # pyright: ignore[reportPrivateUsage]
    asked = [index for index, each in enumerate(turns) if each.asked]
    assert shown.indexes == asked[: len(shown.indexes)]
    assert shown.indexes
    assert shown.text.count("\n[") + shown.text.startswith("[") == len(shown.indexes)


def test_the_budget_counts_what_goes_over_the_wire() -> None:
    long = "my residence is Porto and there is more to tell about it " * 400
    with fake_model() as server:
        for budget in (LEAST, 900, 1024, 3000):
            extractor = LLMExtractor(server.url, "m", max_input_tokens=budget, max_output_tokens=99)
            n_read, _ = extractor.extract_batch([turn(1, long), turn(2, "residence is Porto")])
            assert n_read == 1
            body = server.requests[-1]
            assert budget * 0.9 < tokens_of(body) <= budget
            assert body["max_tokens"] == 99
            assert sent(body).endswith(" …")


def test_context_gives_way_to_what_is_asked_about() -> None:
    """Turns to be understood by are cut short, and left out where they do not fit."""
    turns = [turn(1, "blah " * 500, role="assistant", asked=False), turn(2, "word " * 40)]
    room = llm._shown(turns, 200)  # pyright: ignore[reportPrivateUsage]
    assert "assistant: blah" in room.text
    assert len(room.text) < 600
    tight = llm._shown(turns, 70)  # pyright: ignore[reportPrivateUsage]
    assert "blah" not in tight.text
    assert tight.indexes == [1]
    assert "…" not in tight.text


# --- what is believed -----------------------------------------------------------------------------


def test_a_fact_cites_its_turn_and_has_the_form_that_rules_give() -> None:
    turns = [
        turn(1, "so?", role="assistant", asked=False),
        turn(2, "x"),
        turn(3, "y", role="", speaker="Ana"),
    ]
    facts = [
        fact(1),
        fact(2, subject="I", relation="Favourite  Color", object=" dark\ngreen "),
        fact(2, subject="ANA", relation="likes", object="figs"),
        fact(1, subject="user's dog", relation="nick_name", object="Pot", since="2020-02"),
        fact(1, relation="employer", object="", ends=True, since="2024"),
    ]
    assert found(facts, turns) == [
        (1, Stated("user", "residence", "Porto")),
        (2, Stated("Ana", "favorite color", "dark green")),
        (2, Stated("Ana", "likes", "figs", single=False, soft=True)),
        (1, Stated("user's dog", "nick name", "Pot", single=False, since_ns=1_580_515_200 * 10**9)),
        (1, Stated("user", "employer", "", ends=True, since_ns=1_704_067_200 * 10**9)),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        fact(0), fact(2), fact(-1), fact("1"), fact(1.5), fact(True), fact(None), fact(10**30),
        fact(subject=""), fact(subject=" "), fact(relation="\n"), fact(object=""), fact(object=" "), fact(object=3),
        fact(object=None), fact(object=["Porto"]), fact(ends="yes"), fact(since="spring"), fact(since="2024-13"),
        fact(since="2024-02-30"), fact(since="0000"), fact(since=2024), fact(object="x" * 301),
        fact(subject="x" * 101), fact(relation="x" * 61), {"turn": 1}, [], "Porto", 7, None,
    ],
)  # fmt: skip
def test_what_is_no_fact_is_dropped_and_the_rest_kept(wrong: object, caplog: pytest.LogCaptureFixture) -> None:
    assert found([wrong, fact(object="Lisbon")]) == [(0, Stated("user", "residence", "Lisbon"))]
    assert "1 of 2 facts dropped" in caplog.text
    assert "Porto" not in caplog.text
    assert "Lisbon" not in caplog.text


def test_a_fact_told_twice_in_one_answer_is_one() -> None:
    assert found([fact(), fact()]) == [(0, Stated("user", "residence", "Porto"))]


def test_half_characters_become_whole_ones() -> None:
    content = '{"facts":[{"turn":1,"subject":"user","relation":"likes","object":"\\ud83d!"}]}'
    with fake_model(lambda body: completion(content)) as server:
        try:
            facts = LLMExtractor(server.url, "m").extract_batch([turn(1, "x")])[1]
        except BadAnswer:
            return  # refused as a whole is fine too
    assert all(each.object.encode() for _, each in facts)


@pytest.mark.parametrize(
    "content",
    [
        '```json\n{"facts":[{"turn":1,"subject":"user","relation":"residence","object":"Porto"}]}\n```',
        '<think>{"maybe": 1}</think>{"facts":[{"turn":1,"subject":"user","relation":"residence","object":"Porto"}]}',
        'Here: {"facts":[{"turn":1,"subject":"user","relation":"residence","object":"Porto","why":"said"}],"n":1}',
    ],
)
def test_what_is_around_the_answer_is_not_looked_at(content: str) -> None:
    with fake_model(lambda body: completion(content)) as server:
        assert LLMExtractor(server.url, "m").extract_batch([turn(1, "x")])[1] == [
            (0, Stated("user", "residence", "Porto"))
        ]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "none",
        "{",
        "[]",
        "{}",
        '{"facts":{}}',
        '{"facts":[',
        "} {",
        '{"facts":[{"turn":1',
        "[" * 5000,
        '{"a":' * 5000,
    ],
)
def test_an_answer_that_is_no_list_of_facts_is_told(content: str) -> None:
    with fake_model(lambda body: completion(content)) as server, pytest.raises(BadAnswer) as told:
        LLMExtractor(server.url, "m", max_output_tokens=10**6).extract_batch([turn(1, "x"), turn(2, "y")])
    assert told.value.n_asked == 2


def test_no_answer_at_all_is_told() -> None:
    with fake_model(lambda body: completion(None)) as server, pytest.raises(BadAnswer):
        LLMExtractor(server.url, "m").extract_batch([turn(1, "x")])


def test_a_refusal_is_an_answer_without_facts() -> None:
    for answer in (completion(None, refusal="I cannot"), completion("", "content_filter")):
        with fake_model(lambda body, answer=answer: answer) as server:
            assert LLMExtractor(server.url, "m").extract_batch([turn(1, "x"), turn(2, "y")]) == (2, [])


def test_an_answer_cut_off_is_for_fewer_turns_and_of_one_turn_what_is_whole() -> None:
    cut = json.dumps({"facts": [fact(), fact(relation="likes", object="a {brace}")]})[:-9]
    with fake_model(lambda body: completion(cut, "length")) as server:
        extractor = LLMExtractor(server.url, "m")
        with pytest.raises(BadAnswer, match="more to answer") as told:
            extractor.extract_batch([turn(1, "x"), turn(2, "y"), turn(3, "z")])
        assert told.value.n_asked == 3
        assert extractor.extract_batch([turn(1, "x")]) == (1, [(0, Stated("user", "residence", "Porto"))])
    for nothing in ("", '{"facts"', '{"facts":[{"tu'):
        with fake_model(lambda body, nothing=nothing: completion(nothing, "length")) as server:
            assert LLMExtractor(server.url, "m").extract_batch([turn(1, "x")]) == (1, [])


def test_an_answer_beyond_the_budget_is_refused() -> None:
    many = json.dumps({"facts": [fact(object=f"place {n}") for n in range(200)]})
    with (
        fake_model(lambda body: completion(many)) as server,
        pytest.raises(BadAnswer, match="more than the 256 tokens"),
    ):
        LLMExtractor(server.url, "m").extract_batch([turn(1, "x")])


# --- the endpoint ---------------------------------------------------------------------------------


def asks_for(body: dict[str, Any]) -> str:
    return body.get("response_format", {}).get("type", "plain")


@pytest.mark.parametrize(
    ("status", "knows"), [(400, "json_object"), (422, "plain"), (501, "plain"), (415, "json_object")]
)
def test_a_server_that_does_not_know_a_format_is_asked_without(status: int, knows: str) -> None:
    def answer(body: dict[str, Any]) -> Answer:
        known = asks_for(body) in ("plain", knows)
        return perfect(body) if known else (status, {"error": {"message": "unknown response_format"}})

    with fake_model(answer) as server:
        extractor = LLMExtractor(server.url, "m")
        for _ in range(2):
            assert extractor.extract_batch([turn(1, "job is nurse")])[1] == [(0, Stated("user", "job", "nurse"))]
    tried = ["json_schema", "json_object", "plain"]
    assert [asks_for(body) for body in server.requests] == [*tried[: tried.index(knows) + 1], knows], "and remembered"


def test_a_server_with_other_names_for_its_limits_is_asked_by_them() -> None:
    def answer(body: dict[str, Any]) -> Answer:
        if "max_tokens" in body:
            return 400, {"error": {"message": "Unsupported parameter: use 'max_completion_tokens' instead."}}
        if "temperature" in body:
            return 400, {"error": {"message": "Unsupported value: 'temperature' does not support 0."}}
        return perfect(body)

    with fake_model(answer) as server:
        extractor = LLMExtractor(server.url, "m", max_output_tokens=77)
        extractor.extract_batch([turn(1, "x")])
        extractor.extract_batch([turn(1, "x")])
    assert len(server.requests) == 4
    assert server.requests[-1]["max_completion_tokens"] == 77
    assert asks_for(server.requests[-1]) == "json_schema"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((500, b"My dog is called Potola"), "answered 500$"),
        ((429, {"error": {"message": "slow down, Potola", "code": "rate_limit_exceeded"}}), "answered 429, rate_limit"),
        ((401, {"error": {"message": "Potola", "code": None, "type": "Potola knows"}}), "answered 401$"),
        ((404, {"error": {"code": "model_not_found"}}), "answered 404, model_not_found"),
        ((307, b""), "answered 307"),
        ((400, {"error": "Potola"}), "answered 400$"),
        ((200, b"Potola"), "something else than a completion"),
        ((200, {"choices": []}), "something else than a completion"),
        ((200, {"choices": [{"text": "Potola"}]}), "something else than a completion"),
    ],
)  # fmt: skip
def test_a_failure_is_told_without_a_word_of_the_turns(answer: Answer, said: str) -> None:
    with fake_model(lambda body: answer) as server, pytest.raises(ModelFailed, match=said) as told:
        LLMExtractor(server.url, "m", api_key="secret").extract_batch([turn(1, "My dog is called Potola")])
    assert not isinstance(told.value, BadAnswer)
    assert len(server.requests) <= 3
    assert "Potola" not in str(told.value)
    assert "secret" not in str(told.value)


def test_a_server_that_hangs_is_left() -> None:
    with fake_model() as server:
        server.answer = server.hang
        with pytest.raises(ModelFailed, match=r"within 0\.2 s"):
            LLMExtractor(server.url, "m", timeout_s=0.2).extract_batch([turn(1, "x")])


def drip(listening: socket.socket, piece: bytes, hung_up: list[bool]) -> None:
    """Take one call and answer it a little at a time, until the caller hangs up."""
    connection, _ = listening.accept()
    with connection:
        connection.settimeout(0.02)
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            for n in range(1500):  # 30 s: no line of a header may be longer than 64 KiB, and no more than 100 of them
                connection.sendall(piece if n % 15 == 0 else b"")
                try:
                    if n > 1 and not connection.recv(65536):
                        break
                except TimeoutError:
                    continue
            else:
                return
        except OSError:
            pass
        hung_up.append(True)


@pytest.mark.parametrize("piece", [b"X-More: 1\r\n", b"a"])
def test_a_server_that_drips_is_left_too(piece: bytes) -> None:
    hung_up: list[bool] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(30)
        thread = Thread(target=drip, args=(listening, piece, hung_up), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        with pytest.raises(ModelFailed, match="within"):
            LLMExtractor(url, "m", timeout_s=0.5).extract_batch([turn(1, "x")])
        thread.join(60)
    assert hung_up


def certificate(path: Path) -> Path:
    """Write a key and a certificate for 127.0.0.1 that nobody else vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *form) + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_a_server_is_believed_only_with_a_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = certificate(tmp_path / "server.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with fake_model() as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        extractor = LLMExtractor(server.url.replace("http", "https"), "m", api_key="secret", timeout_s=10)
        with pytest.raises(ModelFailed, match="no answer from the language model at"):
            extractor.extract_batch([turn(1, "job is nurse")])
        assert server.requests == []
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        assert extractor.extract_batch([turn(1, "job is nurse")])[1] == [(0, Stated("user", "job", "nurse"))]
        server.answer = server.hang
        late = LLMExtractor(server.url.replace("http", "https"), "m", timeout_s=0.5)
        with pytest.raises(ModelFailed, match="within"):
            late.extract_batch([turn(1, "x")])


def test_nobody_there_is_told() -> None:
    with fake_model() as server:
        url = server.url
    with pytest.raises(ModelFailed, match=r"no answer from the language model at 127\.0\.0\.1"):
        LLMExtractor(url, "m").extract_batch([turn(1, "x")])


# --- what cannot be right -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "localhost"}, {"base_url": ""}, {"base_url": "http://"}, {"base_url": "http://ana:pw@host/v1"},
        {"base_url": "http://host:port/v1"}, {"model": ""}, {"model": 3}, {"name": ""}, {"api_key": "a\nb"},
        {"api_key": 3}, {"max_input_tokens": 100}, {"max_input_tokens": LEAST - 1}, {"max_input_tokens": 1e4},
        {"max_output_tokens": 8}, {"max_output_tokens": True}, {"timeout_s": 0}, {"timeout_s": float("nan")},
        {"timeout_s": "1"},
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as told:
        LLMExtractor(**({"base_url": "http://localhost", "model": "m"} | wrong))
    assert "pw" not in str(told.value)
    assert LLMExtractor("http://localhost", "m", max_input_tokens=LEAST).name == "llm m v1"
    assert LLMExtractor("http://localhost", "m", name="mine").name == "mine"
