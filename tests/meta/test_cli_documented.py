"""Every command says what it does, shows an example, and stands in docs/cli.md as it is now."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import click
import pytest

from remanence.surfaces import settings
from remanence.surfaces.cli import cli

_ROOT = Path(__file__).resolve().parents[2]
_PAGE = _ROOT / "docs" / "cli.md"


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_cli", _ROOT / "tools" / "docs_cli.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_is_documented(name: str) -> None:
    command = cli.commands[name]
    help_text = command.help or ""
    assert help_text.strip(), f"{name} has no help"
    assert "Examples:" in help_text, f"{name} shows no example"
    assert f"remanence {name}" in help_text, f"the examples of {name} do not use it"
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.opts[0]} has no help"
    assert f"## remanence {name}\n" in _PAGE.read_text(encoding="utf-8")


def test_the_page_is_current() -> None:
    assert _PAGE.read_text(encoding="utf-8") == _generator().page(), "run: python tools/docs_cli.py"


def test_every_variable_of_the_environment_is_documented() -> None:
    for variable in settings.VARIABLES:
        assert variable in (settings.__doc__ or "")
        assert variable in _PAGE.read_text(encoding="utf-8")


def test_the_environment_is_read_in_one_place_only() -> None:
    sources = (_ROOT / "src" / "remanence").rglob("*.py")
    readers = [
        path.relative_to(_ROOT).as_posix()
        for path in sources
        if "os.environ" in (text := path.read_text(encoding="utf-8")) or "getenv" in text
    ]
    assert readers == ["src/remanence/surfaces/settings.py"]
