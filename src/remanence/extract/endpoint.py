"""One bounded call to an OpenAI-compatible /chat/completions: so many tokens, so many bytes, so many seconds.

Standard library only. It follows no redirect, since that would take the key elsewhere, uses no proxy, and puts
nothing of what is sent or answered into an error.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
from collections.abc import Mapping, Sequence
from threading import Timer
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import msgspec

from remanence.errors import BadAnswer, InvalidInput, ModelFailed

_CALL = "/chat/completions"
_MAX_ANSWER_BYTES = 1 << 20
_UNSUPPORTED = (400, 415, 422, 501)  # what servers answer to a field they do not know
_CODE = re.compile("[a-z0-9_]{1,40}")  # a word of the protocol, such as model_not_found


class Reply(msgspec.Struct, frozen=True):
    """What a model answered.

    Attributes:
        text: empty where it refused.
        cut: it had more to say than it was given tokens for.
        refused: it, or a filter before it, would not answer.
    """

    text: str
    cut: bool = False
    refused: bool = False


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice]


class _Code(msgspec.Struct):
    code: str | int | None = None
    type: str | None = None


class _Error(msgspec.Struct):
    error: _Code


def endpoint(url: str) -> str:
    """Return the address of the call, given it, its base (`.../v1`) or a bare host.

    Raises:
        InvalidInput: not an http or https address.
    """
    address = url.rstrip("/")
    if not address.startswith(("http://", "https://")):
        raise InvalidInput(f"{url!r} is not an http address; give one like http://localhost:11434/v1")
    if address.endswith(_CALL):
        return address
    has_path = "/" in address.split("://", 1)[1]
    return f"{address}{_CALL}" if has_path else f"{address}/v1{_CALL}"


class Endpoint:
    """A model behind an address. A call takes no longer than `timeout_s`, the look-up of the host's name aside.

    Attributes:
        host: where it is, for errors.
    """

    def __init__(self, url: str, model: str, *, api_key: str | None, timeout_s: float) -> None:
        parts = urlsplit(endpoint(url))
        try:
            port = parts.port
        except ValueError:
            port = None
        if (
            not parts.hostname
            or parts.username is not None
            or (port is None and ":" in parts.netloc.rpartition("]")[2])
        ):
            raise InvalidInput("base_url names no host, a wrong port or a password; give the key as api_key")
        self.host = parts.netloc
        self._name, self._port, self._secure = parts.hostname, port, parts.scheme == "https"
        self._path = parts.path + (f"?{parts.query}" if parts.query else "")
        self._model = model
        self._timeout_s = timeout_s
        self._headers = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._formats: tuple[str, ...] = ("json_schema", "json_object", "")  # those not known to be refused
        self._limit = "max_tokens"
        self._temperature = True

    def complete(self, messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any], max_tokens: int) -> Reply:
        """Return what the model answers, as JSON of a schema where the server knows how to ask for that.

        What it does not know is left out and tried again, all within the time limit, and remembered.

        Raises:
            ModelFailed: no connection, no answer in time, an error status, or an answer that is not one.
        """
        deadline = monotonic() + self._timeout_s
        formats, limit, temperature = list(self._formats), self._limit, self._temperature
        while True:
            body: dict[str, Any] = {"model": self._model, "messages": list(messages), limit: max_tokens}
            if temperature:
                body["temperature"] = 0
            if formats[0]:
                body["response_format"] = _format(formats[0], schema)
            status, answer = self._post(msgspec.json.encode(body), deadline)
            if status == 200:
                self._formats, self._limit, self._temperature = tuple(formats), limit, temperature
                return self._reply(answer)
            if status not in _UNSUPPORTED:
                raise ModelFailed(self._refusal(status, answer))
            if limit == "max_tokens" and b"max_completion_tokens" in answer:
                limit = "max_completion_tokens"
            elif temperature and b"temperature" in answer:
                temperature = False
            elif len(formats) > 1:
                del formats[0]
            else:
                raise ModelFailed(self._refusal(status, answer))

    def _post(self, body: bytes, deadline: float) -> tuple[int, bytes]:
        left = deadline - monotonic()
        if left <= 0:
            raise ModelFailed(self._late())
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._name, self._port, timeout=left)
        # A limit for all of it: the socket's own is for each silence, and a server could drip for ever.
        connected: list[socket.socket] = []
        alarm = Timer(left, _hang_up, (connection, connected))
        alarm.daemon = True
        alarm.start()
        try:
            connection.connect()
            connected.append(connection.sock)  # the connection lets go of it before all is read
            connection.request("POST", self._path, body, self._headers)
            response = connection.getresponse()
            answer = response.read(_MAX_ANSWER_BYTES)
        except (OSError, http.client.HTTPException) as error:
            if monotonic() >= deadline:
                raise ModelFailed(self._late()) from None
            reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
            raise ModelFailed(f"no answer from the language model at {self.host}: {reason}") from None
        finally:
            alarm.cancel()
            connection.close()
        if monotonic() >= deadline:
            raise ModelFailed(self._late())
        return response.status, answer

    def _reply(self, answer: bytes) -> Reply:
        try:
            completion = msgspec.json.decode(answer, type=_Completion)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            completion = _Completion([])
        if not completion.choices:
            raise ModelFailed(f"the language model at {self.host} sent something else than a completion")
        choice = completion.choices[0]
        if choice.message.refusal or choice.finish_reason == "content_filter":
            return Reply("", refused=True)
        if choice.message.content is None:
            raise BadAnswer(f"the language model at {self.host} sent an answer without content")
        return Reply(choice.message.content, cut=choice.finish_reason == "length")

    def _refusal(self, status: int, answer: bytes) -> str:
        try:
            told = msgspec.json.decode(answer, type=_Error).error
        except (msgspec.MsgspecError, UnicodeDecodeError):
            told = _Code()
        codes = [str(code) for code in (told.code, told.type) if code is not None and _CODE.fullmatch(str(code))]
        return f"the language model at {self.host} answered {status}" + (f", {codes[0]}" if codes else "")

    def _late(self) -> str:
        return f"no answer from the language model at {self.host} within {self._timeout_s:g} s"


def _format(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    if name == "json_schema":
        return {"type": name, "json_schema": {"name": "facts", "strict": True, "schema": schema}}
    return {"type": name}


def _hang_up(connection: http.client.HTTPConnection, connected: list[socket.socket]) -> None:
    sock: socket.socket | None = connected[0] if connected else connection.sock
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
