"""`remanence export`: memories out to a file that any program can read."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import click

from remanence.surfaces.cli.options import opened, store_option


@click.command(short_help="Write memories to a JSONL file.")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@store_option
@click.option("--namespace", "-n", help="Only this namespace; all of them by default.")
def export(file: str, store_path: str, namespace: str | None) -> None:
    """Write the memories to FILE as JSONL, one a line; `-` is standard output.

    \b
    Examples:
      remanence export backup.jsonl
      remanence export - -n acme/user/4321 | jq .text
    """
    from remanence.surfaces.terminal import counted

    with opened(store_path, must_exist=True) as store:
        if file != "-":
            n_items = store.export(file, namespace=namespace)
            click.echo(f"{counted(n_items, 'memory')} written to {file}", err=True)
            return
        with tempfile.TemporaryDirectory() as folder:
            whole = Path(folder, "export.jsonl")
            store.export(whole, namespace=namespace)
            with whole.open(encoding="utf-8") as lines:
                shutil.copyfileobj(lines, sys.stdout)
