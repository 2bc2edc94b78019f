"""`remanence import`: conversations in files become memories."""

from __future__ import annotations

import click

from remanence.surfaces.cli.options import json_option, namespace_option, opened, print_json, store_option
from remanence.surfaces.datasets import FORMATS

_N_SHOWN_PROBLEMS = 5


@click.command("import", short_help="Store conversations from files.")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True))
@store_option
@namespace_option
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Format; told from the content by default.")
@click.option("--merge", is_flag=True, help="Several conversations into one namespace, with prefixed ids.")
@click.option("--rejects", type=click.Path(dir_okay=False, writable=True), help="Write lines not taken here.")
@json_option
def ingest(
    files: tuple[str, ...],
    store_path: str,
    namespace: str,
    format_: str | None,
    merge: bool,
    rejects: str | None,
    as_json: bool,
) -> None:
    """Store the conversations in FILES: transcripts, JSONL, chat messages, LoCoMo, BEAM, or an export.

    One conversation goes into the namespace; several go into namespaces of their own below it. It may
    be stopped and run again: what is there already is passed over. Lines that cannot be read are
    counted and reported, and everything around them is stored.

    \b
    Examples:
      remanence import call-2024-05-01.txt
      remanence import chats/ -n acme/user/4321 --merge
      remanence import dump.jsonl --rejects not-taken.jsonl --json
      remanence import backup.jsonl        # an export: each memory back to its own namespace
    """
    from remanence.surfaces import terminal
    from remanence.surfaces.datasets import read, read_all
    from remanence.surfaces.importing import Imported, import_into, is_export

    done = Imported()
    exports = [path for path in files if format_ is None and is_export(path)]
    others = [path for path in files if path not in exports]
    readings = [read(path, format_) for path in others] if format_ else read_all(others)
    n_turns = sum(reading.n_turns for reading in readings)
    with opened(store_path) as store:
        try:
            for path in exports:
                done.n_turns += (n := store.import_(path))
                done.n_added += n
            with terminal.progress("Importing", n_turns) as advance:
                import_into(store, readings, namespace, merge=merge, done=done, progress=advance)
        except KeyboardInterrupt:
            store.flush()
            raise click.ClickException(
                f"stopped after {done.n_turns:,} of {n_turns:,} turns, all of them kept; "
                "run the same command again to go on"
            ) from None
    problems = [p for reading in readings for p in reading.problems] + done.problems
    if rejects and problems:
        with open(rejects, "w", encoding="utf-8") as file:
            file.writelines(f"{problem.raw or problem}\n" for problem in problems)
    if as_json:
        print_json(
            {
                "turns": done.n_turns,
                "added": done.n_added,
                "already_there": done.n_present,
                "problems": [str(problem) for problem in problems],
                "namespaces": done.namespaces,
            }
        )
        return
    there = f", {done.n_present:,} were there already" if done.n_present else ""
    click.echo(f"{done.n_added:,} memories added{there}, in {_places(done.namespaces)}")
    for problem in problems[:_N_SHOWN_PROBLEMS]:
        click.echo(f"  {problem}", err=True)
    if problems:
        more = len(problems) - _N_SHOWN_PROBLEMS
        rest = f"; {more} more not shown, --rejects FILE keeps them" if more > 0 else ""
        click.echo(f"{len(problems):,} could not be read as they should{rest}", err=True)


def _places(namespaces: list[str]) -> str:
    if not namespaces:
        return "the namespaces the file names"
    return repr(namespaces[0]) if len(namespaces) == 1 else f"{len(namespaces)} namespaces"
