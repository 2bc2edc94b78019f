"""docs/python-api.md names every public call with its signature, and docs/architecture.md nothing that is gone."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

import remanence
from remanence import lineage, types
from remanence.engine.kv import Kv
from remanence.engine.stream import Stream

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "python-api.md").read_text(encoding="utf-8")
STRUCTS = (
    types.Receipt,
    types.Hit,
    types.Item,
    types.Context,
    types.Stats,
    types.Position,
    types.Value,
    types.Entry,
    types.Change,
    lineage.Lineage,
    lineage.Recalled,
    lineage.Why,
    lineage.Claim,
    lineage.Reading,
    lineage.Use,
    types.Upkeep,
)


def signature(call: Callable[..., Any], name: str, *, bound: bool) -> str:
    """Return a call as the page writes it: names and defaults, no types."""
    shown: list[str] = []
    for parameter in list(inspect.signature(call).parameters.values())[bound:]:
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in shown:
            shown.append("*")
        plain = parameter.default is parameter.empty
        shown.append(parameter.name if plain else f"{parameter.name}={parameter.default!r}")
    return f"{name}({', '.join(shown)})"


CALLS = [
    signature(remanence.open, "remanence.open", bound=False),
    signature(remanence.reembed, "remanence.reembed", bound=False),
    *(
        signature(call, f"{kind.__name__.lower()}.{name}", bound=True)
        for kind in (remanence.Memory, remanence.Store, Kv, Stream)
        for name, call in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_") and call.__module__.startswith("remanence.")
    ),
]


@pytest.mark.parametrize("call", CALLS)
def test_every_call_is_there_with_its_signature(call: str) -> None:
    assert f"\n{call}\n" in PAGE


def test_no_call_is_there_that_does_not_exist() -> None:
    code = "".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    assert sorted(code.splitlines()) == sorted(CALLS)


def test_every_public_name_is_there() -> None:
    for name in remanence.__all__:
        assert re.search(rf"\b{re.escape(name)}\b", PAGE), name


@pytest.mark.parametrize("field", msgspec.structs.fields(remanence.Config), ids=lambda field: field.name)
def test_every_setting_is_there_with_its_default(field: msgspec.structs.FieldInfo) -> None:
    row = re.search(rf"^\| `{field.name}` \| (.+?) \| .+ \|$", PAGE, re.MULTILINE)
    assert row, field.name
    if row[1] == "on":
        assert field.default is True
        return
    if row[1] == "none":
        assert not (field.default if field.default is not msgspec.NODEFAULT else field.default_factory())
        return
    if isinstance(field.default, str):
        assert row[1] == f'"{field.default}"'
        return
    number, _, unit = row[1].replace(",", "").partition(" ")
    assert int(number) * {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}[unit] == field.default


@pytest.mark.parametrize("kind", STRUCTS, ids=lambda kind: kind.__name__)
def test_what_comes_back_is_told_field_by_field(kind: type[msgspec.Struct]) -> None:
    for name in kind.__struct_fields__:
        if name not in ("recorded_ns", "barrier", "digest") and not (kind is types.Item and name == "at_ns"):
            assert re.search(rf"`{name}\b|\b{name}`|\({name}\b", PAGE), f"{kind.__name__}.{name}"


def test_the_walks_name_what_exists() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    named = re.findall(
        r"`([A-Za-z_]+(?:\.[a-z_]+)?)`", page.partition("## An utterance in")[2].partition("## Every file")[0]
    )
    assert len(named) > 20
    for name in named:
        for part in name.split("."):
            found = re.search(rf"\b(def|class) {part}\b|^    {part}: ", source, re.MULTILINE)
            assert found or hasattr(remanence, part), f"`{name}` is in docs/architecture.md and not in src"


def test_the_index_lists_every_page() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    for page in sorted((ROOT / "docs").rglob("*.md")):
        name = page.relative_to(ROOT / "docs").as_posix()
        assert name == "index.md" or f"({name})" in index, name
