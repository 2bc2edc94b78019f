"""`remanence export`: what a store holds out to a file that any program can read."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import click

from remanence.surfaces.cli.options import opened, store_option


@click.command(short_help="Write what a store holds to a JSONL file.")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@store_option
@click.option("--namespace", "-n", help="Only this namespace; all of them by default.")
def export(file: str, store_path: str, namespace: str | None) -> None:
    """Write what a store holds to FILE as JSONL, one thing a line; `-` is standard output.

    Texts with the facts they state, keys, streams, vectors, and facts told otherwise: `kind` says what a line is.
    `remanence import` reads it.

    \b
    Examples:
      remanence export backup.jsonl
      remanence export - -n acme/user/4321 | jq 'select(.kind == "text") | .text'
    """
    from remanence.surfaces.terminal import counted

    with opened(store_path, must_exist=True) as store:
        if file != "-":
            n_lines = store.export(file, namespace=namespace)
            click.echo(f"{counted(n_lines, 'line')} written to {file}", err=True)
            return
        with tempfile.TemporaryDirectory() as folder:
            whole = Path(folder, "export.jsonl")
            store.export(whole, namespace=namespace)
            with whole.open(encoding="utf-8") as lines:
                shutil.copyfileobj(lines, sys.stdout)
