"""Options that several commands share, and how a store is opened for them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from remanence.surfaces import settings

if TYPE_CHECKING:
    from remanence.engine.store import Store
    from remanence.ports import BackgroundExtractor
    from remanence.types import Position

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_NAMESPACE = "default"
KINDS = "text", "fact", "kv", "stream", "vector"  # those of the engine, without loading it
EMPTY = "this store is empty; add a memory first, or import some"
_POSITION = re.compile(r"@(\d{1,18})(?::([0-9a-f]{64}))?")


def store_option(command: F) -> F:
    """Add `--store PATH`."""
    return click.option(
        "--store",
        "-s",
        "store_path",
        type=click.Path(dir_okay=False),
        default=lambda: settings.from_environment().store,
        show_default="$REMANENCE_STORE, or ./memory.db",
        help="File of the store.",
    )(command)


def namespace_option(command: F) -> F:
    """Add `--namespace NAME`."""
    return click.option(
        "--namespace",
        "-n",
        default=DEFAULT_NAMESPACE,
        show_default=True,
        help="Namespace, such as acme/user/4321.",
        shell_complete=_complete_namespace,
    )(command)


def namespaces_option(command: F) -> F:
    """Add `--namespace NAME`, which may be given several times."""
    return click.option(
        "--namespace",
        "-n",
        "namespaces",
        multiple=True,
        default=(DEFAULT_NAMESPACE,),
        show_default=True,
        help="Namespace; several are searched together.",
        shell_complete=_complete_namespace,
    )(command)


def all_namespaces_option(command: F) -> F:
    """Add `--namespace NAME`, which may be given several times; none stands for all."""
    return click.option(
        "--namespace",
        "-n",
        "namespaces",
        multiple=True,
        help="Namespace, or those below it; all by default.",
        shell_complete=_complete_namespace,
    )(command)


def json_option(command: F) -> F:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def kinds_option(command: F) -> F:
    """Add `--kind KIND`, which may be given several times; none stands for texts."""
    return click.option(
        "--kind",
        "kinds",
        multiple=True,
        type=click.Choice(KINDS),
        help="Look among these; may be repeated. Texts by default.",
    )(command)


def where_option(command: F) -> F:
    """Add `--where FILTER`."""
    return click.option(
        "--where",
        "where",
        multiple=True,
        metavar="KEY=VALUE|JSON",
        callback=_where,
        help='Only memories with this metadata: topic=pets, or \'{"year": {"$gte": 2024}}\'.',
    )(command)


def _where(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[str, Any] | None:
    return parse_where(given)


def parse_where(given: tuple[str, ...]) -> dict[str, Any] | None:
    """Return the filter that several `--where` make together, None without any."""
    where: dict[str, Any] = {}
    for each in given:
        if each.lstrip().startswith("{"):
            try:
                where.update(json.loads(each))
            except ValueError as error:
                raise click.BadParameter(f"{each!r} is not JSON: {error}") from error
        else:
            where.update([parse_pair(each)])
    return where or None


def parse_pair(given: str) -> tuple[str, Any]:
    """Return key and value of `key=value`; true, false, null and numbers mean themselves."""
    key, equals, value = given.partition("=")
    if not equals or not key:
        raise click.BadParameter(f"{given!r} is not KEY=VALUE")
    try:
        parsed = json.loads(value)
    except ValueError:
        return key, value
    return key, value if isinstance(parsed, (list, dict)) else parsed


def moment(when: str) -> str | Position:
    """Return a position as one, and a time as it is."""
    from remanence.types import Position

    match = _POSITION.fullmatch(when)
    if match:
        return Position(int(match[1]), match[2] or "")
    if when.startswith("@"):
        raise click.BadParameter(f"{when!r} is not a position; use @42, or @42: and the 64 digits of its digest")
    return when


@contextmanager
def opened(
    path: str | None,
    *,
    must_exist: bool = False,
    traced: bool = True,
    background_extractor: BackgroundExtractor | None = None,
) -> Generator[Store]:
    """Open a store for one command; everything is on the disk when it ends.

    Args:
        path: None: in RAM, and gone with the command.
        must_exist: refuse to make a new store: there would be nothing in it to find.
        traced: keep what readings return, for `remanence lineage`.
        background_extractor: as in `remanence.open`.
    """
    if must_exist and path is not None and not Path(path).exists():
        raise click.ClickException(
            f"no store at {Path(path).absolute()}; "
            "add a memory first, or name another file with --store or REMANENCE_STORE"
        )
    import remanence

    config = None if traced else remanence.Config(trace_detail="off")
    with remanence.open(path, config=config, background_extractor=background_extractor) as store:
        yield store


def holding(store: Store, names: Sequence[str]) -> list[str]:
    """Return the namespaces to look in: those named, or those below a name that holds nothing itself.

    Raises:
        click.ClickException: there is nothing under a name; says what there is.
    """
    from remanence.surfaces import terminal

    found: list[str] = []
    for name in names:
        below = store.namespaces(name.rstrip("/") + "/")
        if name in store.namespaces(name):
            found.append(name)
        elif below:
            terminal.note(f"nothing in namespace {name!r} itself; looking in the {len(below)} below it")
            found += below
        else:
            others = store.namespaces()
            shown = ", ".join(others[:5]) + (", ..." if len(others) > 5 else "")
            raise click.ClickException(
                f"nothing in namespace {name!r}; this store has {shown}: choose with --namespace" if others else EMPTY
            )
    return found


def print_json(value: Any) -> None:
    """Print a value of the package as JSON."""
    import msgspec

    from remanence.types import to_builtins

    click.echo(msgspec.json.format(msgspec.json.encode(to_builtins(value)), indent=2).decode())


def _complete_namespace(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    path = ctx.params.get("store_path") or settings.from_environment().store
    if not Path(path).exists():
        return []
    with opened(path) as store:
        return store.namespaces(incomplete)
