"""`remanence ask`: the context for a question, ready to paste into a prompt."""

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


@click.command(short_help="Print the context for a question, ready for a prompt.")
@click.argument("question", nargs=-1, required=True)
@store_option
@namespaces_option
@click.option("--budget", type=click.IntRange(0), default=1024, show_default=True, help="Tokens at most.")
@kinds_option
@where_option
@click.option("--threshold", type=click.FloatRange(0, 1), help="Leave out lower scores.")
@json_option
def ask(
    question: tuple[str, ...],
    store_path: str,
    namespaces: tuple[str, ...],
    budget: int,
    kinds: tuple[str, ...],
    where: dict[str, Any] | None,
    threshold: float | None,
    as_json: bool,
) -> None:
    """Print what a prompt should hold to answer QUESTION, within a budget of tokens.

    The context goes to standard output, its size and time to standard error.

    \b
    Examples:
      remanence ask "what is my dog called?"
      remanence ask "what did we plan for Easter?" --budget 256 > context.txt
      remanence ask "what is in my order?" --kind text --kind kv --kind stream
      remanence ask "who has the spare key?" -n acme/user/4321 --json
    """
    from remanence.surfaces import terminal

    asked = " ".join(question)
    with opened(store_path, must_exist=True) as store:
        names = holding(store, namespaces)
        context = store.context(
            asked, namespaces=names, budget_tokens=budget, where=where, kinds=kinds or None, threshold=threshold
        )
    if as_json:
        print_json(context)
        return
    if context.text:
        click.echo(context.text)
    terminal.note(
        f"{terminal.counted(len(context.hits), 'memory')}, {context.tokens} of {budget} tokens, "
        f"confidence {context.confidence:.2f}, {terminal.micros(context.timings.get('total', 0.0))}"
    )
