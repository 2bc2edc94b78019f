"""The addresses people give for a language model, and what of its stream counts."""

from __future__ import annotations

import pytest

from remanence.errors import InvalidInput
from remanence.extract.endpoint import endpoint


@pytest.mark.parametrize(
    ("given", "called"),
    [
        ("http://localhost:11434", "http://localhost:11434/v1/chat/completions"),
        ("http://localhost:11434/", "http://localhost:11434/v1/chat/completions"),
        ("https://api.example.org/v1/", "https://api.example.org/v1/chat/completions"),
        ("https://example.org/openai/v2", "https://example.org/openai/v2/chat/completions"),
        ("https://example.org/v1/chat/completions", "https://example.org/v1/chat/completions"),
    ],
)
def test_endpoint(given: str, called: str) -> None:
    assert endpoint(given) == called


@pytest.mark.parametrize("given", ["localhost:11434", "file:///etc/passwd", ""])
def test_what_is_no_http_address_is_refused(given: str) -> None:
    with pytest.raises(InvalidInput, match="not an http address"):
        endpoint(given)
