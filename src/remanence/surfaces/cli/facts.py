"""`remanence facts`: what is true, by what was said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from remanence.surfaces import settings
from remanence.surfaces.cli.options import (
    DEFAULT_NAMESPACE,
    holding,
    json_option,
    moment,
    namespaces_option,
    opened,
    print_json,
    store_option,
)

if TYPE_CHECKING:
    from remanence.types import Fact

_SHORTEST = 12  # columns that any object gets


def _told(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Return the subjects, or the relations of the subject given, that begin so."""
    path = ctx.params.get("store_path") or settings.from_environment().store
    if not Path(path).exists():
        return []
    with opened(path, traced=False) as store:
        names = ctx.params.get("namespaces") or (DEFAULT_NAMESPACE,)
        told = [fact for name in names for fact in store.memory(name).facts(ctx.params.get("subject"), ended=True)]
    found = {fact.subject if param.name == "subject" else fact.relation for fact in told}
    return sorted(each for each in found if each.casefold().startswith(incomplete.casefold()))


@click.command(short_help="Show what is true, by what was said.")
@click.argument("subject", required=False, shell_complete=_told)
@click.argument("relation", required=False, shell_complete=_told)
@store_option
@namespaces_option
@click.option("--ended", is_flag=True, help="With those that are no longer true, or not yet.")
@click.option("--as-of", "when", metavar="WHEN", help="What was known at a time in ISO 8601, or a position, @42.")
@json_option
def facts(
    subject: str | None,
    relation: str | None,
    store_path: str,
    namespaces: tuple[str, ...],
    ended: bool,
    when: str | None,
    as_json: bool,
) -> None:
    """Show what is true now: since when, and by which memory.

    SUBJECT is whom it is about: user, a speaker, "user's dog". RELATION is what is told of them: residence, job,
    allergy. `remanence why` tells the rest of a memory. Facts are found in what users and speakers say, told with
    `add_fact`, or found by `remanence upkeep`.

    \b
    Examples:
      remanence facts
      remanence facts user residence --ended
      remanence facts Ana --as-of 2024-05-01 -n acme/user/4321
      remanence facts --json | jq '.[].object'
    """
    from remanence.surfaces import terminal

    with opened(store_path, must_exist=True) as store:
        names = holding(store, namespaces)
        found: list[tuple[str, Fact]] = []
        for name in names:
            memory = store.memory(name)
            reader = memory if when is None else memory.as_of(moment(when))
            found += [(name, fact) for fact in reader.facts(subject, relation, ended=ended)]
    if as_json:
        from remanence.types import to_builtins

        print_json([{"namespace": name} | to_builtins(fact) for name, fact in found])
        return
    for line in _lines(found, several=len(names) > 1, ended=ended):
        click.echo(line)
    terminal.note(terminal.counted(len(found), "fact") if found else _nothing(subject, relation))


def _lines(found: Sequence[tuple[str, Fact]], *, several: bool, ended: bool) -> list[str]:
    """Return facts as a table, objects cut to what the others leave; no lines where there are none."""
    from remanence.surfaces import terminal

    if not found:
        return []
    heads = ["subject", "relation", "object", "since", *(["until"] if ended else []), "source"]
    rows = [heads + (["namespace"] if several else [])]
    for name, fact in found:
        until = [_day(fact.valid_to)] if ended else []
        told = [fact.subject, fact.relation, fact.object, _day(fact.valid_from), *until, fact.source]
        rows.append([" ".join(each.split()) for each in told] + ([name] if several else []))
    others = sum(max(map(len, column)) + 2 for n, column in enumerate(zip(*rows, strict=True)) if n != 2)
    for row in rows[1:]:
        row[2] = terminal.shorten(row[2], max(terminal.width() - others, _SHORTEST))
    return terminal.table(rows)


def _day(at_ns: int | None) -> str:
    from remanence.types import datetime_of

    return "" if at_ns is None else f"{datetime_of(at_ns):%Y-%m-%d}"


def _nothing(subject: str | None, relation: str | None) -> str:
    asked = " of ".join(repr(each) for each in (relation, subject) if each is not None)
    return f"no facts: {asked}" if asked else "no facts"
