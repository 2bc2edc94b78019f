"""`remanence why`: where a memory comes from, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from remanence.surfaces.cli.options import (
    holding,
    json_option,
    namespace_option,
    opened,
    print_json,
    store_option,
)

if TYPE_CHECKING:
    from remanence.lineage import Claim, Why


@click.command(short_help="Tell where a memory comes from and what became of it.")
@click.argument("memory_id")
@store_option
@namespace_option
@click.option(
    "--limit", type=click.IntRange(0), default=20, show_default=True, help="Readings at most, the latest ones."
)
@json_option
def why(memory_id: str, store_path: str, namespace: str, limit: int, as_json: bool) -> None:
    """Tell who said the memory MEMORY_ID and when, which facts it states and whether they still hold, which
    readings returned it, which answers were made from those, and where it was of use.

    \b
    Examples:
      remanence why m17
      remanence why m17 -n acme/user/4321 --json
    """
    with opened(store_path, must_exist=True) as store:
        holding(store, [namespace])
        found = store.memory(namespace).why(memory_id, limit=limit)
    if as_json:
        print_json(found)
        return
    _show(found)


def _show(found: Why) -> None:
    from remanence.surfaces import terminal

    columns = terminal.width()
    terminal.heading(f"{found.id} in {found.namespace}")
    for latest in found.versions[-1:]:
        click.echo(terminal.item_line(latest, columns))
        click.echo(f"  said {terminal.moment(latest.at_ns)}, recorded {terminal.moment(latest.recorded_ns)}")
        if latest.session:
            click.echo(f"  in session {latest.session}")
    if found.trace_id:
        click.echo(f"  an answer made from reading {found.trace_id}")
    if len(found.versions) > 1:
        terminal.heading(f"replaces {terminal.counted(len(found.versions) - 1, 'version')}")
        for item in found.versions[:-1]:
            click.echo(terminal.item_line(item, columns))
    if found.facts:
        terminal.heading("states")
        for claim in found.facts:
            click.echo(f"  {_stands(claim)}")
    terminal.heading(f"returned by {terminal.counted(len(found.readings), 'reading')}")
    for reading in found.readings:
        who = f" by {reading.agent}" if reading.agent else ""
        asked = f": {reading.query}" if reading.query else ""
        how = f"place {reading.rank}, score {reading.score:.2f}, version {reading.version}"
        click.echo(
            f"  {terminal.moment(reading.at_ns)}  {reading.kind} {reading.trace_id}{who}, "
            f"{how if reading.rank else 'a fact it states'}{asked}"
        )
    if found.answers:
        terminal.heading("answers made from them")
        for item in found.answers:
            click.echo(terminal.item_line(item, columns, named=True))
    if found.used:
        terminal.heading("was of use")
        for use in found.used:
            click.echo(f"  {terminal.moment(use.recorded_ns)}  {use.trace_id or 'in no reading that was named'}")


def _stands(claim: Claim) -> str:
    """Return a fact, and whether it holds, as a line."""
    from remanence.types import datetime_of

    fact = claim.fact
    told = f"{fact.subject}, {fact.relation}: {fact.object}"
    if claim.current:
        return f"{told} (holds)"
    until = "" if fact.valid_to is None else f" since {datetime_of(fact.valid_to):%Y-%m-%d}"
    after = claim.superseded_by
    return f"{told} (holds no more{until}{f': {after.object}, by {after.source}' if after else ''})"
