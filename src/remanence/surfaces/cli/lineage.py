"""`remanence lineage`: what was known when something was said."""

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
    from remanence.lineage import Lineage


@click.command(short_help="Tell what was known when something was said.")
@click.argument("trace_id")
@store_option
@namespace_option
@json_option
def lineage(trace_id: str, store_path: str, namespace: str, as_json: bool) -> None:
    """Tell what the reading TRACE_ID returned: to whom, when, what the memories said then, which answers were made
    from it, and what was of use (marked). The id of an answer does as well.

    \b
    Examples:
      remanence lineage t3f09a1b2c4e
      remanence lineage m18 -n acme/user/4321
    """
    with opened(store_path, must_exist=True) as store:
        holding(store, [namespace])
        found = store.memory(namespace).lineage(trace_id)
    if as_json:
        print_json(found)
        return
    _show(found)


def _show(found: Lineage) -> None:
    from remanence.surfaces import terminal

    columns = terminal.width()
    who = f" by {found.agent}" if found.agent else ""
    asked_for = f"k {found.k}" if found.budget_tokens is None else f"{found.budget_tokens:,} tokens at most"
    terminal.heading(f"{found.kind} {found.trace_id}{who}, {terminal.moment(found.at_ns)}")
    if found.query is not None:
        click.echo(f"  asked: {terminal.shorten(found.query, columns - 9)}")
    click.echo(f"  {found.namespace} at record {found.position.seq}, {asked_for}, confidence {found.confidence:.2f}")
    if found.facts:
        terminal.heading("facts it opened with")
        for fact in found.facts:
            click.echo(f"  {fact.subject}, {fact.relation}: {fact.object} (by {fact.source})")
    terminal.heading(f"returned {terminal.counted(len(found.returned), 'memory')}")
    for each in found.returned:
        mark = click.style("*", fg="green", bold=True) if each.id in found.used else " "
        place = f" ({each.namespace})" if each.namespace != found.namespace else ""
        what = "" if each.kind == "text" else f"{each.kind} "
        named = f"{what}{each.id}{place}, version {each.version}"
        text = "(gone)" if each.text is None else terminal.shorten(each.text, columns - len(named) - 11)
        click.echo(f"{each.score:.2f} {mark} {click.style(named, dim=True)}  {text}")
    if found.answers:
        terminal.heading("answers made from it")
        for item in found.answers:
            click.echo(terminal.item_line(item, columns, named=True))
