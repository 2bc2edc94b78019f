"""A language model that is not one: a loopback server with the OpenAI-compatible call, bounded and ended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class StubLlm(ThreadingHTTPServer):
    """Answers every request with the same pieces and keeps what it was asked.

    Attributes:
        requests: bodies, as they came.
        keys: values of the Authorization header.
        mode: "stream", "whole" (one JSON document), "error" (status 401) or "garbage".
    """

    daemon_threads = True

    def __init__(self, pieces: list[str], mode: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pieces = pieces
        self.mode = mode
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: StubLlm

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append(json.loads(body))
        self.server.keys.append(self.headers.get("Authorization"))
        mode = self.server.mode if self.path == "/v1/chat/completions" else "error"
        if mode == "error":
            self._send(401, "application/json", b'{"error": {"message": "wrong key"}}')
        elif mode == "garbage":
            self._send(200, "text/event-stream", b"data: {not json\n\n")
        elif mode == "whole":
            message = {"choices": [{"message": {"role": "assistant", "content": "".join(self.server.pieces)}}]}
            self._send(200, "application/json", json.dumps(message).encode())
        else:
            chunks = [{"choices": [{"delta": {"role": "assistant"}}]}]
            chunks += [{"choices": [{"delta": {"content": piece}}]} for piece in self.server.pieces]
            lines = [": a comment\n\n", *(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks)]
            self._send(200, "text/event-stream; charset=utf-8", ("".join(lines) + "data: [DONE]\n\n").encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test output clean."""


@contextmanager
def stub_llm(pieces: list[str], mode: str = "stream") -> Iterator[StubLlm]:
    """Run a stub while the block runs."""
    server = StubLlm(pieces, mode)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
