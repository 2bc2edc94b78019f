"""Every command of the command line, as a person would use it; and what happens when they get it wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from fake_model import fake_model, perfect
from stub_llm import stub_llm

import remanence
from remanence.engine import arguments
from remanence.extract.extractor import RuleExtractor
from remanence.surfaces.cli import cli, options
from remanence.testing import FakeClock

Run = Callable[..., Result]

TRANSCRIPT = """\
# monday
[2024-05-06 10:00] Ana: My dog is called Potola.
[2024-05-06 10:01] Ben: What a lovely name.
# tuesday
[2024-05-07 18:30] Ana: We are moving to Porto in June.
[2024-05-07 18:31] Ben: I will help you pack.
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line on a store of its own, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REMANENCE_STORE", str(tmp_path / "memory.db"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    def call(*args: str, text: str | None = None, status: int | None = 0) -> Result:
        result = CliRunner().invoke(cli, list(args), input=text)
        if status is not None:
            assert result.exit_code == status, result.output
        return result

    return call


def _command(*args: str) -> list[str]:
    return [sys.executable, "-c", "from remanence.surfaces.cli import main; main()", *args]


def _store(run: Run) -> None:
    run("add", "My dog is called Potola.", "--speaker", "Ana", "--at", "2024-05-06")
    run("add", "We are moving to Porto in June.", "--speaker", "Ana", "--at", "2024-05-07", "--meta", "topic=move")


def test_add_and_search(run: Run) -> None:
    assert "m1" in run("add", "My", "dog", "is", "called", "Potola.").stdout
    result = run("search", "what is my dog called?")
    assert "My dog is called Potola." in result.stdout
    assert "1 hit," in result.stderr


def test_add_takes_everything_a_memory_has(run: Run) -> None:
    receipt = json.loads(
        run(
            "add", "Flight at nine", "--speaker", "Ana", "--role", "user", "--at", "2025-04-17T09:00:00Z",
            "--session", "call-1", "--id", "flight", "--meta", "topic=travel", "--meta", "n=2", "--meta", "zip=007",
            "--salience", "2", "--pin", "--durable", "--json",
        ).stdout
    )  # fmt: skip
    assert (receipt["id"], receipt["version"]) == ("flight", 1)
    (hit,) = json.loads(run("search", "flight", "--json").stdout)["hits"]
    assert hit["metadata"] == {"topic": "travel", "n": 2, "zip": "007"}
    assert (hit["speaker"], hit["role"], hit["session"]) == ("Ana", "user", "call-1")


def test_add_reads_standard_input(run: Run) -> None:
    run("add", "-", text="from a pipe\n")
    assert "from a pipe" in run("search", "pipe").stdout


def test_search_filters_explains_and_says_when_there_is_nothing(run: Run) -> None:
    _store(run)
    filtered = json.loads(run("search", "Ana", "--where", "topic=move", "--json").stdout)["hits"]
    assert [hit["text"] for hit in filtered] == ["We are moving to Porto in June."]
    by_json = run("search", "Ana", "--where", '{"topic": {"$in": ["pets"]}}')
    assert "nothing found" in by_json.stderr
    plain, explained = run("search", "dog"), run("search", "dog", "--why")
    assert len(explained.stdout.splitlines()) == 2 * len(plain.stdout.splitlines())
    assert len(run("search", "Ana", "-k", "1").stdout.splitlines()) == 1


def test_several_namespaces_are_searched_together(run: Run) -> None:
    run("add", "Ana likes figs", "-n", "family/ana")
    run("add", "Ben likes plums", "-n", "family/ben")
    found = run("search", "who likes what", "-n", "family/ana", "-n", "family/ben").stdout
    assert "(family/ana)" in found
    assert "(family/ben)" in found
    both = run("ask", "who likes what", "-n", "family/ana", "-n", "family/ben").stdout
    assert "figs" in both
    assert "plums" in both


def test_ask_prints_the_context_and_its_size_apart(run: Run) -> None:
    _store(run)
    result = run("ask", "what", "is", "my", "dog", "called?")
    assert "Potola" in result.stdout
    assert "tokens" in result.stderr
    assert "tokens" not in result.stdout
    context = json.loads(run("ask", "dog", "--budget", "30", "--json").stdout)
    assert context["tokens"] <= 30
    assert run("ask", "dog", "--budget", "0").stdout == ""


def test_reading_a_store_that_is_not_there_makes_none(run: Run, tmp_path: Path) -> None:
    for command in (
        ("search", "x"), ("ask", "x"), ("stats",), ("export", "out.jsonl"),
        ("why", "m1"), ("facts",), ("lineage", "t1"), ("as-of", "@1", "x"),
    ):  # fmt: skip
        result = run(*command, "-s", "other.db", status=1)
        assert result.stderr.startswith(f"remanence: no store at {tmp_path / 'other.db'}; ")
        assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "args",
    [
        ("add", "   "),
        ("add", "x", "--at", "soon"),
        ("add", "x", "--salience", "-1"),
        ("add", "x", "-n", ""),
        ("search", " ", "--threshold", "0.5"),
        ("search", "x", "--where", '{"a": {"$near": 1}}'),
    ],
)
def test_what_cannot_be_right_is_one_sentence(run: Run, args: tuple[str, ...]) -> None:
    run("add", "something")
    result = run(*args, status=1)
    assert result.stderr.startswith("remanence: ")
    assert len(result.stderr.strip().splitlines()) == 1
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "args",
    [("search",), ("add", "x", "--role", "king"), ("add", "x", "--meta", "nokey"), ("search", "x", "--where", "{"),
     ("nonsense",), ("search", "x", "-k", "0"), ("eval", "none.json"), ("chat", "--llm", "http://x")],
)  # fmt: skip
def test_a_command_line_that_cannot_be_right_exits_2(run: Run, args: tuple[str, ...]) -> None:
    said = run(*args, status=2).stderr
    assert said.startswith("Usage: ")
    assert said.splitlines()[-1].startswith("remanence: ")


def test_a_file_that_is_no_store_is_left_alone(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "letter.txt"
    other.write_text("Dear Ana, this is not a database at all, only a letter. " * 50)
    before = other.read_bytes()
    result = run("stats", "-s", str(other), status=1)
    assert result.stderr.startswith("remanence: ")
    assert other.read_bytes() == before


def test_debug_shows_the_trace(run: Run) -> None:
    result = run("--debug", "add", " ", status=1)
    assert isinstance(result.exception, remanence.RemanenceError)


def test_import_is_resumable_and_reports_what_it_could_not_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "call.txt").write_text(TRANSCRIPT)
    assert "4 memories added" in run("import", "call.txt").stdout
    again = run("import", "call.txt").stdout
    assert "0 memories added, 4 were there already" in again
    with (tmp_path / "call.txt").open("a") as file:
        file.write("Ana: One more thing.\n")
    assert "1 memory added, 4 were there already" in run("import", "call.txt").stdout
    hits = json.loads(run("search", "moving to Porto", "-k", "1", "--json").stdout)["hits"]
    assert (hits[0]["speaker"], hits[0]["session"]) == ("Ana", "tuesday")

    (tmp_path / "mixed.jsonl").write_text('{"text": "good", "id": "m7"}\n{bad\n{"text": ""}\n')
    mixed = run("import", "mixed.jsonl", "--rejects", "rejected.txt", "-n", "mixed")
    assert "1 memory added" in mixed.stdout
    assert "mixed.jsonl: line 2" in mixed.stderr
    assert "2 problems" in mixed.stderr
    assert (tmp_path / "rejected.txt").read_text().startswith("{bad\n")
    report = json.loads(run("import", "mixed.jsonl", "-n", "mixed", "--json").stdout)
    assert (report["turns"], report["added"], report["already_there"]) == (1, 0, 1)
    assert len(report["problems"]) == 2


def test_another_text_under_the_same_id_is_a_new_version(run: Run, tmp_path: Path) -> None:
    lines = ['{"id": "city", "text": "Porto"}', '{"id": "city", "text": "Porto"}', '{"id": "city", "text": "Lisbon"}']
    (tmp_path / "facts.jsonl").write_text("\n".join(lines))
    first = json.loads(run("import", "facts.jsonl", "--json").stdout)
    assert (first["added"], first["new_versions"], first["already_there"]) == (2, 1, 1)
    assert "0 memories added, 3 were there already" in run("import", "facts.jsonl").stdout
    (tmp_path / "facts.jsonl").write_text('{"id": "city", "text": "Braga"}')
    assert "1 memory added, 1 new version among them" in run("import", "facts.jsonl").stdout
    with remanence.open(tmp_path / "memory.db") as store:
        versions = store.memory("default").history("city")
        assert [version.text for version in versions] == ["Porto", "Lisbon", "Braga"]


def test_undated_turns_take_the_date_of_the_file_or_of_the_option(run: Run, tmp_path: Path) -> None:
    for name in ("call-2024-05-01.txt", "call.txt"):
        (tmp_path / name).write_text("[10:32] Ana: hello\nBen: hi\n")

    def days(name: str, *more: str) -> tuple[set[str], str]:
        store = f"{name}{len(more)}.db"
        said = run("import", name, "-s", store, *more).stderr
        lines = run("export", "-", "-s", store).stdout.splitlines()
        return {json.loads(line)["at"][:10] for line in lines}, said

    assert days("call-2024-05-01.txt", "--at", "2023-01-02") == ({"2024-05-01"}, "")
    assert days("call.txt", "--at", "2023-01-02") == ({"2023-01-02"}, "")
    now, said = days("call.txt")
    assert min(now) > "2024-05-01"
    assert "2 turns had no date and were dated now; --at DATE" in said
    assert "not a date" in run("import", "call.txt", "--at", "soon", status=2).stderr


def test_lines_without_a_speaker_are_reported(run: Run, tmp_path: Path) -> None:
    (tmp_path / "2024-05-01.txt").write_text("one\ntwo\n")
    said = run("import", "2024-05-01.txt").stderr
    assert "2 lines had no speaker" in said
    assert "1 problem;" in said
    shown = run("import", "--help").stdout
    assert all(form in shown for form in ("[10:32] Ana: hello", "[2024-05-01 10:00] Ana: hello", "<v Ana>hello"))


def test_import_of_a_folder_reports_what_it_does_not_know_and_goes_on(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "calls"
    for name in ("a.txt", ".hidden.txt", ".git/b.txt", "node_modules/p/c.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("[2024-05-01 10:00] Ana: hello\n")
    (folder / "package.json").write_text('{"some": "document",\n "of": "nobody"}')
    result = run("import", "calls")
    assert "1 memory added" in result.stdout
    assert "package.json: passed over: line 1: valid JSON, but no known" in result.stderr
    assert "2 memories added" in run("import", "calls", "--format", "transcript", "-s", "x.db").stdout
    assert "no known conversation format" in run("import", "calls/package.json", status=1).stderr


def test_a_format_that_a_file_does_not_have_is_told_with_advice(run: Run, tmp_path: Path) -> None:
    (tmp_path / "call.txt").write_text("Ana: hello\n")
    said = run("import", "call.txt", "--format", "locomo", status=1).stderr
    assert "malformed" not in said
    assert "not valid JSON; the format 'locomo' needs it: leave the format out" in said


def test_several_conversations_get_namespaces_of_their_own(run: Run, tmp_path: Path) -> None:
    (tmp_path / "calls").mkdir()
    for name in ("a", "b"):
        (tmp_path / "calls" / f"{name}.txt").write_text(f"Ana: hello {name}\n")
    assert "2 namespaces" in run("import", "calls", "-n", "acme").stdout
    assert list(json.loads(run("stats", "--json").stdout)) == ["acme/a", "acme/b"]
    assert "in 'all'" in run("import", "calls", "-n", "all", "--merge").stdout
    assert json.loads(run("stats", "-n", "all", "--json").stdout)["all"]["items"] == 2


def test_export_and_back(run: Run, tmp_path: Path) -> None:
    _store(run)
    assert "2 lines written" in run("export", "out.jsonl").stderr
    lines = [json.loads(line) for line in run("export", "-").stdout.splitlines()]
    assert [line["text"] for line in lines] == ["My dog is called Potola.", "We are moving to Porto in June."]
    assert (tmp_path / "out.jsonl").read_text().count("\n") == 2
    run("import", "out.jsonl", "-s", "copy.db")
    run("import", "out.jsonl", "-s", "copy.db")
    copied = json.loads(run("stats", "-s", "copy.db", "--json").stdout)
    assert copied["default"]["items"] == 2
    assert "no namespace" in run("export", "out.jsonl", "-n", "nobody", status=1).stderr


def test_an_export_of_what_is_no_text_goes_back_too(run: Run, tmp_path: Path) -> None:
    with remanence.open(tmp_path / "memory.db") as store:
        store["acme/ana"].kv["plan"] = {"tier": "pro"}
        store["acme/ana"].stream("calls").append("first")
        store["acme/ana"].add_vector([1.0, 0.5], "a photo")
        store["acme/ana"].add_fact("Ana", "job", "nurse")
    assert "4 lines written" in run("export", "out.jsonl").stderr
    assert "4 memories added" in run("import", "out.jsonl", "-s", "copy.db").stdout
    assert "0 memories added, 4 were there already" in run("import", "out.jsonl", "-s", "copy.db").stdout
    assert "4 memories added, in 'all'" in run("import", "out.jsonl", "-s", "copy.db", "-n", "all").stdout
    with remanence.open(tmp_path / "copy.db") as store:
        assert store.namespaces() == ["acme/ana", "all"]
        for name in store.namespaces():
            memory = store[name]
            assert memory.kv["plan"] == {"tier": "pro"}
            assert [entry.value for entry in memory.stream("calls")] == ["first"]
            assert [hit.text for hit in memory.search_vector([1.0, 0.5])] == ["a photo"]
            assert [fact.object for fact in memory.facts()] == ["nurse"]


def test_an_export_goes_into_the_namespace_that_is_named(run: Run, tmp_path: Path) -> None:
    for namespace in ("a", "b"):
        run("add", f"said in {namespace}", "-n", namespace, "--at", "2024-05-06", "--salience", "2", "--pin")
    run("export", "out.jsonl")
    with (tmp_path / "out.jsonl").open("a") as file:
        file.write('{"namespace": "a"}\n')
    first = run("import", "out.jsonl", "-s", "copy.db", "-n", "default")
    assert "2 memories added, in 'default'" in first.stdout
    assert "out.jsonl: line 3: not a line of an export" in first.stderr
    assert (
        "0 memories added, 2 were there already" in run("import", "out.jsonl", "-s", "copy.db", "-n", "default").stdout
    )
    with remanence.open(tmp_path / "copy.db") as store:
        assert store.namespaces() == ["default"]
        items = list(store.memory("default").items())
    assert [(i.text, i.salience, i.pinned) for i in items] == [("said in a", 2.0, True), ("said in b", 2.0, True)]
    assert "1 was there already" in run("import", "out.jsonl", "-n", "a").stdout


def test_stats(run: Run) -> None:
    _store(run)
    listed = run("stats").stdout
    assert "default" in listed
    assert "memories" in listed
    detail = run("stats", "-n", "default").stdout
    assert "fidelity 1.00" in detail
    assert "no namespace 'x'" in run("stats", "-n", "x", status=1).stderr


def test_stats_of_an_empty_store_say_so(run: Run, tmp_path: Path) -> None:
    remanence.open(tmp_path / "memory.db").close()
    assert run("stats", status=1).stderr == run("ask", "x", status=1).stderr
    assert "this store is empty" in run("stats", "-n", "x", status=1).stderr
    assert json.loads(run("stats", "--json").stdout) == {}


def test_reembed_keeps_every_memory(run: Run) -> None:
    _store(run)
    assert "embedded anew" in run("reembed").stdout
    assert "Potola" in run("search", "dog").stdout
    run("reembed", "none.db", status=2)


def test_upkeep_lets_a_model_find_facts_and_goes_on_where_it_stopped(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    for n in range(4):
        run("add", f"thing{n} is {n}", "-n", "acme/ana" if n < 3 else "acme/ben")
    with fake_model() as server:
        command = ("upkeep", "--llm", server.url, "--model", "m")
        first = run(*command, "-n", "acme/ana", "--max-calls", "1", "--input-tokens", "800").stdout
        assert first == "3 turns read in 1 call, 3 new facts\n"
        told = json.loads(run(*command, "--json").stdout)
        assert told == {"calls": 1, "turns": 1, "facts": 1, "waiting": 0, "failure": ""}
        assert run(*command).stdout == "0 turns read in 0 calls, 0 new facts\n"
        assert run(*command, "-n", "acme", "--max-calls", "0").stdout.startswith("0 turns")
        assert server.keys == ["Bearer secret"] * 2
    with remanence.open(tmp_path / "memory.db") as store:
        assert [(fact.relation, fact.source) for fact in store["acme/ana"].facts()] == [
            ("thing0", "m1"), ("thing1", "m2"), ("thing2", "m3"),
        ]  # fmt: skip


def test_upkeep_says_what_is_wrong_and_keeps_what_was_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    assert "no store at" in run("upkeep", "--llm", "http://localhost", "--model", "m", status=1).stderr
    for _ in range(2):
        run("add", "and more so " * 70)
    run("add", "My dog is called Potola.")
    assert "not an http address" in run("upkeep", "--llm", "localhost", "--model", "m", status=1).stderr
    assert "--model" in run("upkeep", "--llm", "http://localhost", status=2).stderr
    with fake_model(lambda body: perfect(body) if len(server.requests) < 2 else (401, {"error": "secret"})) as server:
        command = ("upkeep", "--llm", server.url, "--model", "m")
        result = run(*command, "--input-tokens", "800", status=1)
        assert result.stdout == "1 turn read in 2 calls, 0 new facts; 2 turns still to be read\n"
        assert result.stderr.splitlines()[-1] == (
            f"remanence: the language model at 127.0.0.1:{server.server_address[1]} answered 401; "
            "run the same command again to go on"
        )
        again = run(*command, "--json", status=1)
        assert json.loads(again.stdout)["waiting"] == 2
        assert "secret" not in result.output + again.output
        assert "Potola" not in result.output + again.output
        too_few = run(*command, "--input-tokens", "100", status=1).stderr
        assert "max_input_tokens is 100; use a whole number of" in too_few


def test_version(run: Run) -> None:
    assert f"remanence {remanence.__version__}" in run("version").stdout
    assert run("--version").stdout == f"remanence {remanence.__version__}\n"
    assert json.loads(run("version", "--json").stdout)["remanence"] == remanence.__version__


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_completion(run: Run, shell: str) -> None:
    assert "_REMANENCE_COMPLETE" in run("completion", shell).stdout


def test_completion_offers_commands_and_namespaces(run: Run, tmp_path: Path) -> None:
    run("add", "x", "-n", "acme/ana")

    def offered(line: str, n: int) -> str:
        environment = os.environ | {
            "_REMANENCE_COMPLETE": "zsh_complete", "COMP_WORDS": line, "COMP_CWORD": str(n),
        }  # fmt: skip
        return subprocess.run(
            _command(), env=environment, capture_output=True, text=True, timeout=60, check=False
        ).stdout

    with remanence.open(tmp_path / "memory.db") as store:
        store["default"].add_fact("Ana", "residence", "Faro")
        store["default"].add_fact("Ben", "job", "nurse")
        store["acme/ana"].add_fact("Cleo", "job", "baker")
    assert "search" in offered("remanence se", 1)
    assert "Ana" in offered("remanence facts a", 2)
    assert "Ben" not in offered("remanence facts a", 2)
    assert "Cleo" in offered("remanence facts -n acme/ana c", 4)
    relations = offered("remanence facts Ana ", 3)
    assert "residence" in relations
    assert "job" not in relations
    assert "stream" in offered("remanence ask --kind st", 3)
    assert "acme/ana" in offered("remanence search -n ac", 3)


def test_demo_finds_most_of_its_evidence(run: Run, tmp_path: Path) -> None:
    shown = run("demo", "--keep", "demo.db").stdout
    assert "Summary" in shown
    found = next(line for line in shown.splitlines() if "evidence found" in line)
    n_found, _, n_asked = found.split()[2:5]
    assert int(n_asked) >= 20
    assert int(n_found) >= int(n_asked) // 2
    assert (tmp_path / "demo.db").exists()
    assert "spare key" in run("ask", "who has the spare key?", "-s", "demo.db", "-n", "demo").stdout


def test_eval_stands_beside_its_baselines(run: Run, tmp_path: Path) -> None:
    from remanence.surfaces.demo import PATH

    shown = run("eval", str(PATH)).stdout
    for system in ("remanence", "bm25", "random", "gain over bm25"):
        assert system in shown
    (table,) = json.loads(run("eval", str(PATH), "--small", "5", "--system", "bm25", "--budget", "64", "--json").stdout)
    assert [row["system"] for row in table["rows"]] == ["bm25"]
    assert "B@64" in table["rows"][0]["means"]
    assert "AUC" in run("eval", str(PATH), "--abstention", "--questions", "5").stdout
    assert "exclude" in run("eval", str(PATH), "--pooled", "--small", "5", status=2).stderr
    others = tmp_path / "others.txt"
    others.write_text("\n".join(f"Somebody else said the words number {n}." for n in range(30)), encoding="utf-8")
    grown = json.loads(run("eval", str(PATH), "--among", "10,30", "--others", str(others), "--json").stdout)
    assert [table["title"].split(", ")[-1] for table in grown] == ["among 10 others", "among 30 others"]
    assert "31 other" in run("eval", str(PATH), "--among", "31", "--others", str(others), status=1).stderr
    assert "go together" in run("eval", str(PATH), "--among", "10", status=2).stderr
    assert "--among" in run("eval", str(PATH), "--among", "ten", "--others", str(others), status=2).stderr


def test_bench_measures_and_names_the_machine(run: Run) -> None:
    report = json.loads(
        run(
            "bench",
            "--size",
            "30",
            "--queries",
            "20",
            "--paced",
            "20",
            "--idle-seconds",
            "0.5",
            "--json",
        ).stdout
    )
    assert {"processor", "commit", "numpy"} <= set(report["machine"])
    titles = [figures["title"] for figures in report["figures"]]
    assert len(titles) == 9
    latency = report["figures"][0]["values"]
    assert {row["memories"] for row in latency} == {30}
    assert {row["how"] for row in latency} == {"back to back", "paced", "paced, after warm"}
    assert all(row["p99_us"] >= row["p50_us"] > 0 for row in latency)


def test_bench_takes_texts_from_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "few.txt").write_text("one\ntwo\n")
    assert "give 100 or more" in run("bench", "--texts", "few.txt", status=1).stderr
    (tmp_path / "many.txt").write_text("\n".join(f"sentence number {n} says so" for n in range(200)))
    shown = run("bench", "--texts", "many.txt", "--size", "50", "--queries", "20", "--only", "growth").stdout
    assert "Growth" in shown


def test_lineage_and_why_tell_who_knew_what(run: Run, tmp_path: Path) -> None:
    with remanence.open(tmp_path / "memory.db", config=remanence.Config(trace_detail="full")) as store:
        memory = store.memory("default", agent="Robin")
        memory.add("The boat is called Wagtail", id="boat", speaker="Ana", session="call-1", at="2024-05-06")
        memory.add("The dentist is on Thursday")
        trace_id = memory.context("what is the boat called?").trace_id
        memory.add_turn(assistant="She is called Wagtail.", trace_id=trace_id)
        memory.used(trace_id, ["boat"])
        memory.add("The boat is called Petrel", id="boat", speaker="Ana", session="call-2")
    for named in (trace_id, "m3"):
        shown = run("lineage", named).stdout
        assert f"context {trace_id} by Robin" in shown
        assert "asked: what is the boat called?" in shown
        assert "returned 2 memories" in shown
        assert "* boat, version 1  The boat is called Wagtail" in shown
        assert "Petrel" not in shown
        assert "answers made from it" in shown
        assert "m3" in shown
    told = json.loads(run("lineage", trace_id, "--json").stdout)
    assert told["returned"][0]["id"] == "boat"
    assert told["used"] == ["boat"]

    shown = run("why", "boat").stdout
    assert "boat in default" in shown
    assert "Ana: The boat is called Petrel" in shown
    assert "in session call-2" in shown
    assert "replaces 1 version" in shown
    assert "Ana: The boat is called Wagtail" in shown
    assert "returned by 1 reading" in shown
    assert f"context {trace_id} by Robin, place 1" in shown
    assert "Robin: She is called Wagtail." in shown
    assert "was of use" in shown
    assert f"made from reading {trace_id}" in run("why", "m3").stdout
    assert json.loads(run("why", "boat", "--json").stdout)["versions"][0]["text"] == "The boat is called Wagtail"
    assert json.loads(run("why", "boat", "--json", "--limit", "0").stdout)["readings"] == []


def test_why_tells_the_facts_and_what_became_of_them(run: Run, tmp_path: Path) -> None:
    with remanence.open(tmp_path / "memory.db", extractor=RuleExtractor()) as store:
        memory = store["default"]
        memory.add("I live in Porto", at="2024-01-02")
        memory.add("I live in Lisbon", at="2024-03-02")
    assert "user, residence: Porto (holds no more since 2024-03-02: Lisbon, by m2)" in run("why", "m1").stdout
    assert "user, residence: Lisbon (holds)" in run("why", "m2").stdout


def test_facts_tell_what_is_true_since_when_and_by_what(run: Run, tmp_path: Path) -> None:
    clock = FakeClock()
    with remanence.open(tmp_path / "memory.db", extractor=RuleExtractor(), clock=clock) as store:
        memory = store["default"]
        memory.add("I live in Porto", at="2023-12-02")
        clock.advance(seconds=90 * 86_400)
        memory.add("I live in Lisbon", at="2024-03-02")
        memory.add_fact("Ana", "job", "baker of bread, cakes and whatever else there is " * 9, since="2023-05-01")
    result = run("facts")
    assert result.stdout.splitlines()[0].split() == ["subject", "relation", "object", "since", "source"]
    assert "user     residence  Lisbon" in result.stdout
    assert "2024-03-02  m2" in result.stdout
    assert "Porto" not in result.stdout
    assert result.stderr == "2 facts\n"
    assert max(map(len, result.stdout.splitlines())) <= 100, "long objects are cut"
    ended = run("facts", "USER", "residence", "--ended").stdout
    assert "Porto   2023-12-02  2024-03-02  m1" in ended
    assert "job" not in ended
    then = run("facts", "user", "--as-of", "@1").stdout
    assert "Porto" in then
    assert "Lisbon" not in then
    assert "Porto" in run("facts", "--as-of", "2024-02-01").stdout
    assert run("facts", "--as-of", "2022-02-01").stderr == "no facts\n"
    told = json.loads(run("facts", "Ana", "--json").stdout)
    assert [(each["namespace"], each["relation"], each["source"]) for each in told] == [("default", "job", "m3")]
    nothing = run("facts", "Ben", "job")
    assert (nothing.stdout, nothing.stderr) == ("", "no facts: 'job' of 'Ben'\n")
    assert json.loads(run("facts", "Ben", "--json").stdout) == []
    assert "not a position" in run("facts", "--as-of", "@soon", status=2).stderr
    assert "not ISO 8601" in run("facts", "--as-of", "soon", status=1).stderr


def test_facts_of_several_namespaces_say_where_they_are(run: Run, tmp_path: Path) -> None:
    with remanence.open(tmp_path / "memory.db") as store:
        for name in ("family/ana", "family/ben"):
            store[name].add_fact("user", "residence", "Faro")
    result = run("facts", "-n", "family")
    assert [line.split()[-1] for line in result.stdout.splitlines()] == ["namespace", "family/ana", "family/ben"]
    assert "namespace" not in run("facts", "-n", "family/ana").stdout


def test_kinds_are_searched_and_asked(run: Run, tmp_path: Path) -> None:
    with remanence.open(tmp_path / "memory.db") as store:
        memory = store["default"]
        memory.add("The boat is called Wagtail")
        memory.kv["boat"] = {"berth": 12}
        memory.stream("log").append("the boat sailed")
    assert "berth" not in run("search", "boat").stdout
    result = run("search", "boat", "--kind", "kv", "--kind", "stream").stdout
    assert '[kv] boat: {"berth":12}' in result
    assert "[stream] log/1: " in result
    assert "Wagtail" not in result
    context = run("ask", "boat", "--kind", "kv", "--kind", "text", "--threshold", "0").stdout
    assert '[kv] boat: {"berth":12}' in context
    assert "Wagtail" in context
    hits = json.loads(run("search", "boat", "--kind", "kv", "--json").stdout)
    assert [hit["value"] for hit in hits["hits"]] == [{"berth": 12}]
    assert 'kv boat, version 1  boat: {"berth":12}' in run("lineage", hits["trace_id"]).stdout
    assert "'facts' is not one of" in run("search", "boat", "--kind", "facts", status=2).stderr


def test_the_command_line_knows_the_kinds_of_the_engine() -> None:
    assert options.KINDS == arguments.KINDS


def test_readings_of_the_command_line_have_a_lineage(run: Run) -> None:
    _store(run)
    trace_id = json.loads(run("ask", "dog", "--json").stdout)["trace_id"]
    assert "My dog is called Potola." in run("lineage", trace_id).stdout
    assert "30 days" in run("lineage", "t0", status=1).stderr
    assert "no memory 'm9'" in run("why", "m9", status=1).stderr
    assert "nothing in namespace 'x'" in run("why", "m1", "-n", "x", status=1).stderr


def test_chat_that_saves_nothing_leaves_no_trace_of_readings(run: Run, tmp_path: Path) -> None:
    _store(run)
    run("chat", "--no-save", text="what is my dog called?\n")
    assert not (tmp_path / "memory.db.traces").exists()


def test_as_of_asks_the_past(run: Run, tmp_path: Path) -> None:
    clock = FakeClock()
    with remanence.open(tmp_path / "memory.db", clock=clock) as store:
        first = store["default"].add("My dog is called Potola", id="dog")
        clock.advance(seconds=86_400)
        store["default"].add("My dog is called Rex", id="dog")
    for when in ("2024-01-01T12:00:00", "@1", f"@1:{first.position.digest}"):
        result = run("as-of", when, "what", "is", "my", "dog", "called?")
        assert "Potola" in result.stdout
        assert "Rex" not in result.stdout
        assert "ended at record 1: 1 memory" in result.stderr
    assert "Rex" in run("as-of", "@2", "dog").stdout
    assert "Potola" in run("as-of", "@1", "dog", "--budget", "100").stdout
    assert "nothing found" in run("as-of", "2023-01-01", "dog").stderr
    assert json.loads(run("as-of", "@1", "dog", "--json").stdout)["hits"][0]["version"] == 1
    assert json.loads(run("as-of", "@1", "dog", "--json", "--budget", "0").stdout)["tokens"] == 0
    assert "no record 9" in run("as-of", "@9", "dog", status=1).stderr
    assert "another store" in run("as-of", f"@1:{'0' * 64}", "dog", status=1).stderr
    assert "not a position" in run("as-of", "@soon", "dog", status=2).stderr
    assert "not ISO 8601" in run("as-of", "soon", "dog", status=1).stderr


def test_chat_without_a_model_answers_with_the_evidence(run: Run) -> None:
    _store(run)
    shown = run("chat", text="/why\nwhat is my dog called?\n/why\n/stats\n/what\n\n/quit\nnever read\n").stdout
    assert "nothing was recalled yet" in shown
    assert "recalled" in shown
    assert "tokens" in shown
    assert "Potola" in shown
    assert "3 memories" in shown  # what was said in the chat is one of them
    assert json.loads(run("stats", "--json").stdout)["default"]["items"] == 3


def test_chat_can_leave_no_trace(run: Run) -> None:
    _store(run)
    run("chat", "--no-save", text="what is my dog called?\n")  # the end of input is Ctrl-D
    assert json.loads(run("stats", "--json").stdout)["default"]["items"] == 2


def test_chat_that_saves_nothing_makes_no_store(run: Run, tmp_path: Path) -> None:
    result = run("chat", "--no-save", text="what is my dog called?\n")
    assert "0 memories" in result.stderr
    assert "in RAM" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_chat_with_a_model_streams_remembers_and_hands_the_context_over(run: Run) -> None:
    _store(run)
    with stub_llm(["Your dog ", "is ", "Potola."]) as server:
        shown = run(
            "chat", "--llm", server.url, "--model", "m", "--api-key", "secret", "--speaker", "Ana",
            text="what is my dog called?\nare you sure?\n",
        ).stdout  # fmt: skip
    assert shown.count("Your dog is Potola.") >= 2
    first, second = server.requests
    assert (first["model"], first["stream"]) == ("m", True)
    assert "Potola" in first["messages"][0]["content"]
    assert [m["role"] for m in second["messages"]] == ["system", "user", "assistant", "user"]
    assert server.keys == ["Bearer secret"] * 2
    assert json.loads(run("stats", "--json").stdout)["default"]["items"] == 6


def test_chat_takes_an_answer_that_is_not_streamed(run: Run) -> None:
    with stub_llm(["all at once"], "whole") as server:
        assert "all at once" in run("chat", "--llm", server.url, "--model", "m", text="hello\n").stdout


@pytest.mark.parametrize(("mode", "said"), [("error", "answered 401"), ("garbage", "something else")])
def test_chat_goes_on_when_the_model_fails(run: Run, mode: str, said: str) -> None:
    _store(run)
    with stub_llm([], mode) as server:
        result = run("chat", "--llm", server.url, "--model", "m", text="dog?\n/stats\n")
    assert said in result.stderr
    assert "3 memories" in result.stdout


def test_chat_goes_on_when_nobody_answers(run: Run) -> None:
    with stub_llm([]) as server:
        url = server.url
    result = run("chat", "--llm", url, "--model", "m", text="dog?\n")
    assert "no answer from the language model" in result.stderr
    assert "not an http address" in run("chat", "--llm", "localhost", "--model", "m", status=1).stderr


def test_colours_are_for_terminals(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _store(run)
    coloured = CliRunner().invoke(cli, ["search", "dog"], color=True).stdout
    assert "\x1b[" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in CliRunner().invoke(cli, ["search", "dog"], color=None).stdout


def _process(tmp_path: Path, *args: str, **more: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        _command(*args), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more
    )


def test_as_a_process_and_in_a_terminal_that_cannot_show_everything(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "latin-1", "REMANENCE_STORE": "m.db"}
    for args, status in ((("add", "Ich heiße Zoë 🐕"), 0), (("search", "Zoë"), 0), (("add", " "), 1)):
        process = _process(tmp_path, *args, env=environment, encoding="latin-1")
        out, err = process.communicate(timeout=60)
        assert process.returncode == status, err
        assert "Traceback" not in err
        assert args[0] != "search" or "Ich heiße Zoë ?" in out


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes")
def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "many.jsonl").write_text("".join(f'{{"text": "line {n} {"x" * 500}"}}\n' for n in range(400)))
    importing = _process(tmp_path, "import", "many.jsonl")
    _, said = importing.communicate(timeout=60)
    assert importing.returncode == 0, said
    process = _process(tmp_path, "export", "-")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    said = process.stderr.read()
    process.wait(60)
    assert "Traceback" not in said
    assert "Broken" not in said


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_an_interrupted_import_says_how_to_go_on_and_does(tmp_path: Path) -> None:
    n_turns = 20_000
    (tmp_path / "long.jsonl").write_text("".join(f'{{"text": "turn number {n}"}}\n' for n in range(n_turns)))
    process = _process(tmp_path, "import", "long.jsonl")
    deadline = time.monotonic() + 60
    while not (tmp_path / "memory.db").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert said.startswith("remanence: stopped")
    assert "run the same command again" in said or said == "remanence: stopped\n"
    with remanence.open(tmp_path / "memory.db") as store:
        assert len(store.memory("default")) < n_turns
    process = _process(tmp_path, "import", "long.jsonl", "--json")
    out, _ = process.communicate(timeout=300)
    report = json.loads(out)
    assert report["added"] + report["already_there"] == n_turns
