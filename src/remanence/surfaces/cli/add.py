"""`remanence add`: one memory in."""

from __future__ import annotations

import sys
from typing import Any

import click

from remanence.surfaces.cli.options import (
    json_option,
    namespace_option,
    opened,
    parse_pair,
    print_json,
    store_option,
)


@click.command(short_help="Remember a text.")
@click.argument("text", nargs=-1, required=True)
@store_option
@namespace_option
@click.option("--speaker", help="Who said it.")
@click.option("--role", type=click.Choice(["user", "assistant", "system", "tool"]), help="In what part.")
@click.option("--at", help="When it was said, ISO 8601; now by default.")
@click.option("--session", help="Conversation it belongs to.")
@click.option("--id", "memory_id", help="Your own id; the same id with another text is a new version.")
@click.option("--meta", multiple=True, metavar="KEY=VALUE", help="Metadata, for --where; may be repeated.")
@click.option("--salience", type=float, default=1.0, show_default=True, help="How much it matters.")
@click.option("--pin", is_flag=True, help="Never let it fade.")
@click.option("--durable", is_flag=True, help="Return once it is on the disk.")
@json_option
def add(
    text: tuple[str, ...],
    store_path: str,
    namespace: str,
    speaker: str | None,
    role: str | None,
    at: str | None,
    session: str | None,
    memory_id: str | None,
    meta: tuple[str, ...],
    salience: float,
    pin: bool,
    durable: bool,
    as_json: bool,
) -> None:
    """Remember TEXT; `-` reads it from standard input.

    \b
    Examples:
      remanence add "My dog's name is Potola" --speaker Ana
      remanence add "Flight to Porto at nine" --at 2025-04-17 --meta topic=travel --pin
      git log -1 --format=%B | remanence add - -n acme/release-notes
    """
    said = sys.stdin.read() if text == ("-",) else " ".join(text)
    metadata: dict[str, Any] = dict(map(parse_pair, meta))
    with opened(store_path) as store:
        receipt = store.memory(namespace).add(
            said.strip(),
            speaker=speaker,
            role=role,
            at=at,
            session=session,
            id=memory_id,
            metadata=metadata or None,
            salience=salience,
            pinned=pin,
            durable=durable,
        )
    if as_json:
        print_json(receipt)
    else:
        click.echo(f"{receipt.id}  version {receipt.version}, in {namespace!r}")
