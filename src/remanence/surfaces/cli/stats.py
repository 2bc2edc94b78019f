"""`remanence stats`: how much a store holds."""

from __future__ import annotations

import click

from remanence.surfaces.cli.options import EMPTY, json_option, opened, print_json, store_option


@click.command(short_help="Show how many memories there are and what they take.")
@store_option
@click.option("--namespace", "-n", help="One namespace in detail; a line for each by default.")
@json_option
def stats(store_path: str, namespace: str | None, as_json: bool) -> None:
    """Show how many memories there are and what they take.

    \b
    Examples:
      remanence stats
      remanence stats -n acme/user/4321
      remanence stats --json
    """
    from remanence.surfaces import terminal
    from remanence.types import to_builtins

    with opened(store_path, must_exist=True) as store:
        known = store.namespaces()
        if not known and not as_json:
            raise click.ClickException(EMPTY)
        if namespace is not None and namespace not in known:
            raise click.ClickException(f"no namespace {namespace!r} in {store_path}; `remanence stats` lists them")
        names = known if namespace is None else [namespace]
        found = {name: store.memory(name).stats() for name in names}
    if as_json:
        print_json({name: to_builtins(held) for name, held in found.items()})
        return
    if namespace is None:
        rows = [("namespace", "memories", "in memory", "log")]
        rows += [
            (name, f"{s.items:,}", terminal.size(s.hot_bytes), terminal.size(s.log_bytes)) for name, s in found.items()
        ]
        for line in terminal.table(rows, right=(1, 2, 3)):
            click.echo(line)
        return
    held = found[namespace]
    share = held.hot_bytes / held.budget_bytes
    rows = [
        ("memories", f"{held.items:,}"),
        ("in memory", f"{terminal.size(held.hot_bytes)}, {share:.1%} of {terminal.size(held.budget_bytes)}"),
        *((f"  {part}", terminal.size(n)) for part, n in held.hot_bytes_by_part.items()),
        ("log", terminal.size(held.log_bytes)),
        ("position", f"{held.position.seq} {held.position.digest[:16]}"),
        ("snapshot", f"covers {held.snapshot_seq}" if held.snapshot_seq else "none"),
        *((f"fidelity {level}", f"{n:,}") for level, n in sorted(held.by_fidelity.items(), reverse=True)),
    ]
    for line in terminal.table(rows):
        click.echo(line)
