"""A language model that is not one: a loopback server that understands "RELATION is OBJECT", and can misbehave."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

_TURN = re.compile(r"^\[(\d+)\] ([^:]*): (\w+) is ([^;\n]+)", re.MULTILINE)

Answer = tuple[int, Any]  # status, and the body: bytes as they are, or what is sent as JSON


def facts_in(body: dict[str, Any]) -> list[dict[str, Any]]:
    """What a perfect model would answer."""
    return [
        {"turn": int(n), "subject": who, "relation": what, "object": value, "ends": False, "since": None}
        for n, who, what, value in _TURN.findall(body["messages"][1]["content"])
    ]


def completion(content: str | None, finish: str = "stop", **more: Any) -> Answer:
    message = {"role": "assistant", "content": content, **more}
    return 200, {"choices": [{"index": 0, "message": message, "finish_reason": finish}]}


def perfect(body: dict[str, Any]) -> Answer:
    return completion(json.dumps({"facts": facts_in(body)}))


class FakeModel(ThreadingHTTPServer):
    """Answers by a function of the request's body, and keeps what it was asked.

    Attributes:
        answer: the function; one that calls `hang` does not answer before the server ends.
        requests, keys: bodies, and values of the Authorization header.
        asked: set with each request.
    """

    daemon_threads = True

    def __init__(self, answer: Callable[[dict[str, Any]], Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.asked = Event()
        self.ended = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def hang(self, body: dict[str, Any]) -> Answer:
        self.ended.wait(60)
        return 500, b""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The caller hung up: keep the test output clean."""


class _Handler(BaseHTTPRequestHandler):
    server: FakeModel

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(body)
        self.server.keys.append(self.headers.get("Authorization"))
        self.server.asked.set()
        status, answer = self.server.answer(body)
        sent = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test output clean."""


@contextmanager
def fake_model(answer: Callable[[dict[str, Any]], Answer] = perfect) -> Iterator[FakeModel]:
    """Run a fake while the block runs."""
    server = FakeModel(answer)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
