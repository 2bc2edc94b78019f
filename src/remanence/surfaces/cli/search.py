"""`remanence search`: the best memories for a query."""

from __future__ import annotations

from typing import Any

import click

from remanence.surfaces.cli.options import (
    holding,
    json_option,
    kinds_option,
    namespaces_option,
    opened,
    print_json,
    store_option,
    where_option,
)


@click.command(short_help="Find memories, best first.")
@click.argument("query", nargs=-1, required=True)
@store_option
@namespaces_option
@click.option("-k", "k", type=click.IntRange(1), default=10, show_default=True, help="How many at most.")
@kinds_option
@where_option
@click.option("--threshold", type=click.FloatRange(0, 1), help="Leave out lower scores.")
@click.option("--why", is_flag=True, help="Show what each score is made of.")
@json_option
def search(
    query: tuple[str, ...],
    store_path: str,
    namespaces: tuple[str, ...],
    k: int,
    kinds: tuple[str, ...],
    where: dict[str, Any] | None,
    threshold: float | None,
    why: bool,
    as_json: bool,
) -> None:
    """Find the memories that answer QUERY, best first.

    \b
    Examples:
      remanence search what is my dog called
      remanence search "trips in spring" -k 3 --why
      remanence search "when does the plan renew" --kind text --kind kv
      remanence search allergies -n family/ana -n family/ben --where verified=true --json
    """
    from remanence.surfaces import terminal

    asked = " ".join(query)
    with opened(store_path, must_exist=True) as store:
        names = holding(store, namespaces)
        hits = store.search(asked, namespaces=names, k=k, where=where, kinds=kinds or None, threshold=threshold)
    if as_json:
        print_json(hits)
        return
    for hit in hits:
        place = f"  ({hit.namespace})" if len(names) > 1 else ""
        line = terminal.hit_line(hit, terminal.width() - 7 - len(place))
        click.echo(f"{hit.score:.2f}{line}{click.style(place, dim=True)}")
        if why:
            click.secho("        " + terminal.parts(hit), dim=True)
    if not hits:
        terminal.note("nothing found")
    took = terminal.micros(hits.timings.get("total", 0.0))
    terminal.note(f"{terminal.counted(len(hits), 'hit')}, confidence {hits.confidence:.2f}, {took}")
