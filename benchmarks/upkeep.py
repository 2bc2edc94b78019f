"""What facts by a language model take: tokens and calls, and what writing pays while a call is under way. Prints JSON.

    python benchmarks/upkeep.py                                       # the shipped conversation of the demonstration
    python benchmarks/upkeep.py ../shared/data/locomo ../shared/data/beam

A loopback server stands for the model: it keeps what it is sent and finds nothing, so that all but the model itself is
measured. For each budget of input tokens, by `core.tokens.estimate`:

  turns_per_call     turns asked about in one call, mean
  tokens_per_turn    what is sent for each turn asked about, instructions and context included, mean
  largest            the most that one call sent, schema included: never above the budget
  shortened          share of turns asked about that were too long to be sent whole
  us_per_turn        microseconds a turn, all but the model: reading, prompt, loopback call, cursor

  add_us             microseconds of a write, median and p99, alone and while a call hangs
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import remanence
from remanence.core.tokens import estimate
from remanence.extract.llm import LLMExtractor
from remanence.surfaces import demo
from remanence.surfaces.datasets import read_all
from remanence.surfaces.importing import import_into
from remanence.testing import HashingEmbedder

BUDGETS = (800, 1024, 2048, 4096)
N_CALLS = 200  # a namespace and budget
N_WRITES = 2000
NOTHING = json.dumps({"choices": [{"message": {"content": '{"facts":[]}'}, "finish_reason": "stop"}]}).encode()


class Server(ThreadingHTTPServer):
    """Finds nothing, and hangs while `go_on` is not set."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.sent: list[dict[str, Any]] = []
        self.go_on = Event()
        self.go_on.set()
        self.asked = Event()


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        self.server.sent.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.server.asked.set()
        self.server.go_on.wait(60)
        self.send_response(200)
        self.send_header("Content-Length", str(len(NOTHING)))
        self.end_headers()
        self.wfile.write(NOTHING)

    def log_message(self, format: str, *args: object) -> None:
        """Only the figures are printed."""


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.go_on.set()
        server.shutdown()
        server.server_close()


def tokens_of(body: dict[str, Any]) -> int:
    schema = json.dumps(body["response_format"]["json_schema"]["schema"], separators=(",", ":"))
    return sum(estimate(message["content"]) for message in body["messages"]) + estimate(schema)


def read_with(path: Path, server: Server, budget: int) -> dict[str, Any]:
    url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    model = LLMExtractor(url, "m", max_input_tokens=budget, timeout_s=60, name=f"budget {budget}")
    server.sent.clear()
    began = time.perf_counter()
    n_turns = 0
    with remanence.open(path, embedder=HashingEmbedder(32), background_extractor=model) as store:
        for name in store.namespaces():
            n_turns += store.upkeep(namespace=name, max_batches=N_CALLS).turns
    took = time.perf_counter() - began
    sizes = [tokens_of(body) for body in server.sent]
    lines = [line for body in server.sent for line in body["messages"][1]["content"].splitlines()]
    return {
        "calls": len(sizes),
        "turns": n_turns,
        "turns_per_call": round(n_turns / len(sizes), 1),
        "tokens_per_turn": round(sum(sizes) / n_turns, 1),
        "largest": max(sizes),
        "shortened": round(sum(line.startswith("[") and line.endswith(" …") for line in lines) / n_turns, 4),
        "us_per_turn": round(took / n_turns * 1e6),
    }


def writes(store: remanence.Store) -> dict[str, float]:
    taken: list[float] = []
    for n in range(N_WRITES):
        began = time.perf_counter()
        store["writing"].add(f"word{n} and word{n % 7}")
        taken.append((time.perf_counter() - began) * 1e6)
    return {"p50": round(statistics.median(taken), 1), "p99": round(statistics.quantiles(taken, n=100)[98], 1)}


def writing(folder: Path, server: Server) -> dict[str, Any]:
    url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    model = LLMExtractor(url, "m", timeout_s=60)
    with remanence.open(folder / "writing.db", embedder=HashingEmbedder(32), background_extractor=model) as store:
        writes(store)
        alone = writes(store)
        server.asked.clear()
        server.go_on.clear()
        upkeep = Thread(target=lambda: store.upkeep(max_batches=1))
        upkeep.start()
        server.asked.wait(60)
        meanwhile = writes(store)
        hung = upkeep.is_alive()
        server.go_on.set()
        upkeep.join()
        return {"alone": alone, "while_a_call_hangs": meanwhile, "hung_all_the_time": hung}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="*", type=Path, help="conversations, as `remanence import` takes them")
    given = parser.parse_args().data or [Path(demo.__file__).parent / "household.jsonl"]
    report: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, serving() as server:
        for data in given:
            path = Path(folder, f"{data.stem}.db")
            with remanence.open(path, embedder=HashingEmbedder(32)) as store:
                import_into(store, read_all([data], passed_over=[]), "all")
            report[data.name] = {str(budget): read_with(path, server, budget) for budget in BUDGETS}
        report["add_us"] = writing(Path(folder), server)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
