"""`remanence as-of`: ask what was known at a moment."""

from __future__ import annotations

import click

from remanence.surfaces.cli.options import (
    holding,
    json_option,
    moment,
    namespace_option,
    opened,
    print_json,
    store_option,
)


@click.command("as-of", short_help="Ask what was known at a moment.")
@click.argument("when")
@click.argument("query", nargs=-1, required=True)
@store_option
@namespace_option
@click.option("-k", "k", type=click.IntRange(1), default=10, show_default=True, help="How many at most.")
@click.option("--budget", type=click.IntRange(0), help="Print the context of so many tokens instead.")
@json_option
def as_of(
    when: str, query: tuple[str, ...], store_path: str, namespace: str, k: int, budget: int | None, as_json: bool
) -> None:
    """Find what answered QUERY at the moment WHEN, by what had been recorded by then, ranked as it was then.

    WHEN is a time in ISO 8601 (without a zone: UTC), or a position: @42 is the moment after record 42, and
    @42:DIGEST is refused where the log holds another record there.

    \b
    Examples:
      remanence as-of 2024-05-01 "where do I live?"
      remanence as-of 2024-05-01T18:30:00+02:00 allergies --budget 256
      remanence as-of @42 "what is my dog called?" -n acme/user/4321 --json
    """
    from remanence.surfaces import terminal

    asked = " ".join(query)
    with opened(store_path, must_exist=True) as store:
        holding(store, [namespace])
        past = store.memory(namespace).as_of(moment(when))
        held, last = len(past), past.head().seq
        context = None if budget is None else past.context(asked, budget_tokens=budget)
        hits = context.hits if context else past.search(asked, k=k)
    if as_json:
        print_json(context or hits)
        return
    if context:
        if context.text:
            click.echo(context.text)
    else:
        for hit in hits:
            click.echo(f"{hit.score:.2f}{terminal.hit_line(hit, terminal.width() - 7)}")
    if not hits:
        terminal.note("nothing found")
    terminal.note(f"{namespace} then ended at record {last}: {terminal.counted(held, 'memory')}")
