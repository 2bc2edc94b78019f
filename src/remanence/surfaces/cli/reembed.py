"""`remanence reembed`: make a store one of the shipped embedder."""

from __future__ import annotations

import click

from remanence.surfaces.cli.options import store_option


@click.command(short_help="Make all vectors anew, with the shipped embedder.")
@click.argument("path", required=False, type=click.Path(exists=True, dir_okay=False))
@store_option
def reembed(path: str | None, store_path: str) -> None:
    """Make all vectors and postings of the store at PATH anew, with the embedder of this version.

    Needed once, when a store was written with another embedder than it is opened with. The log is not
    touched; nobody else should have the store open.

    \b
    Examples:
      remanence reembed memory.db
      REMANENCE_STORE=memory.db remanence reembed
    """
    import remanence
    from remanence.surfaces import terminal

    target = path or store_path
    n_done = 0
    with terminal.progress("Embedding", 100) as advance:

        def show(done: int, total: int) -> None:
            nonlocal n_done
            percent = 100 * done // max(total, 1)
            advance(percent - n_done)
            n_done = percent

        remanence.reembed(target, progress=show)
    click.echo(f"{target} is embedded anew")
