"""Talks to a language model over the OpenAI-compatible /chat/completions call, answers streamed.

Standard library only. It must not retry, store or log anything: the caller decides.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from remanence.errors import RemanenceError
from remanence.extract.endpoint import endpoint


class CompletionFailed(RemanenceError):
    """The language model could not be reached, or refused."""


class _Delta(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    message: _Delta | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] = []
    error: Any = None


def stream(
    url: str,
    model: str,
    messages: Sequence[dict[str, str]],
    *,
    api_key: str = "",
    timeout_s: float = 60.0,
) -> Iterator[str]:
    """Yield the pieces of an answer as they come.

    Args:
        url: as `endpoint` takes it.
        timeout_s: longest silence.

    Raises:
        CompletionFailed: no connection, an error status, or an answer that is not one.
    """
    headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
    if api_key:
        headers["Authorization"] = f"Bearer {api_key}"
    body = msgspec.json.encode({"model": model, "messages": list(messages), "stream": True})
    request = urllib.request.Request(endpoint(url), data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as response:
            if "text/event-stream" in response.headers.get("Content-Type", ""):
                yield from _events(response)
            else:
                yield from _pieces(response.read())
    except urllib.error.HTTPError as error:
        said = " ".join(error.read(400).decode(errors="replace").split())
        raise CompletionFailed(f"the language model at {url} answered {error.code}: {said}") from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise CompletionFailed(f"no answer from the language model at {url}: {reason}") from error


def _events(response: http.client.HTTPResponse) -> Iterator[str]:
    """Yield the pieces of a server-sent event stream; comments and blank lines mean nothing."""
    for line in response:
        if not line.startswith(b"data:"):
            continue
        data = line[5:].strip()
        if data == b"[DONE]":
            return
        yield from _pieces(data)


def _pieces(data: bytes) -> Iterator[str]:
    try:
        chunk = msgspec.json.decode(data, type=_Chunk)
    except msgspec.MsgspecError as error:
        raise CompletionFailed(f"the language model sent something else than a completion: {error}") from error
    if chunk.error is not None:
        raise CompletionFailed(f"the language model reported: {chunk.error}")
    for choice in chunk.choices:
        said = choice.delta or choice.message
        if said is not None and said.content:
            yield said.content
