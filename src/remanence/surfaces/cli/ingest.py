"""`remanence import`: conversations in files become memories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from remanence.surfaces.cli.options import json_option, namespace_option, opened, print_json, store_option
from remanence.surfaces.datasets import FORMATS

if TYPE_CHECKING:
    from remanence.surfaces.importing import Imported

_N_SHOWN_PROBLEMS = 5


class _Stopped(click.ClickException):
    """Ctrl-C while turns were stored."""

    exit_code = 130  # what a shell makes of SIGINT


def _date(ctx: click.Context, param: click.Parameter, given: str | None) -> int | None:
    from remanence.surfaces.datasets.dates import parse_date

    try:
        return None if given is None else parse_date(given)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command("import", short_help="Store conversations from files.")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True))
@store_option
@namespace_option
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Format; told from the content by default.")
@click.option(
    "--at",
    "at_ns",
    metavar="DATE",
    callback=_date,
    help="When transcripts were held that do not say, nor their file's name.",
)
@click.option("--merge", is_flag=True, help="Several conversations into one namespace, with prefixed ids.")
@click.option("--rejects", type=click.Path(dir_okay=False, writable=True), help="Write lines not taken here.")
@json_option
@click.pass_context
def ingest(
    ctx: click.Context,
    files: tuple[str, ...],
    store_path: str,
    namespace: str,
    format_: str | None,
    at_ns: int | None,
    merge: bool,
    rejects: str | None,
    as_json: bool,
) -> None:
    """Store the conversations in FILES: transcripts, JSONL, chat messages, LoCoMo, BEAM, or an export.

    One conversation goes into the namespace; several go into namespaces of their own below it. It may
    be stopped and run again: what is there already is passed over. Lines that cannot be read are
    counted and reported, and everything around them is stored. Another text under an id that is there
    is a new version. In folders, what is hidden is left alone and what is no conversation is reported.

    \b
    Lines of a transcript, and WebVTT files with `<v Ana>hello` (else `Ana: hello`) in their cues:
      Ana: hello
      [2024-05-01 10:00] Ana: hello      or 2024-05-01 10:00 Ana: hello
      [10:32] Ana: hello                 or 10:32 Ana: hello
      # title 2024-05-01                 a session begins
      a line without a name              goes on with the turn above
    A time alone, and a line without one, is on the session's day, else on the YYYY-MM-DD in the file's
    name, else on that of --at; where there is none, the turn has the time of the import.

    \b
    Examples:
      remanence import call-2024-05-01.txt
      remanence import chats/ -n acme/user/4321 --merge
      remanence import dump.jsonl --rejects not-taken.jsonl --json
      remanence import notes.vtt --at 2024-05-01
      remanence import backup.jsonl        # an export: each memory back to its own namespace, or to -n
    """
    from remanence.surfaces import terminal
    from remanence.surfaces.datasets import Problem, read_all
    from remanence.surfaces.importing import Imported, import_export_into, import_into, is_export

    done = Imported()
    exports = [path for path in files if format_ is None and is_export(path)]
    others = [path for path in files if path not in exports]
    passed_over: list[Problem] = []
    readings = read_all(others, format_, at_ns=at_ns, passed_over=passed_over)
    named = ctx.get_parameter_source("namespace") is not ParameterSource.DEFAULT
    n_turns = sum(reading.n_turns for reading in readings)
    with opened(store_path) as store:
        try:
            for path in exports:
                import_export_into(store, path, namespace if named else None, done)
            with terminal.progress("Importing", n_turns) as advance:
                import_into(store, readings, namespace, merge=merge, done=done, progress=advance)
        except KeyboardInterrupt:
            store.flush()
            far = f" after {done.n_turns:,} of {terminal.counted(n_turns, 'turn')}, all of them kept" if n_turns else ""
            raise _Stopped(f"stopped{far}; run the same command again to go on") from None
    problems = passed_over + [p for reading in readings for p in reading.problems] + done.problems
    if rejects and problems:
        with open(rejects, "w", encoding="utf-8") as file:
            file.writelines(f"{problem.raw or problem}\n" for problem in problems)
    if done.n_undated:
        one = done.n_undated == 1
        advice = "; --at DATE dates a transcript" if any(r.format == "transcript" for r in readings) else ""
        terminal.note(
            f"{terminal.counted(done.n_undated, 'turn')} had no date and {'was' if one else 'were'} dated now{advice}"
        )
    if as_json:
        print_json(
            {
                "turns": done.n_turns,
                "added": done.n_added,
                "already_there": done.n_present,
                "new_versions": done.n_versions,
                "undated": done.n_undated,
                "problems": [str(problem) for problem in problems],
                "namespaces": done.namespaces,
            }
        )
        return
    click.echo(_summary(done))
    for problem in problems[:_N_SHOWN_PROBLEMS]:
        click.echo(f"  {problem}", err=True)
    if problems:
        more = len(problems) - _N_SHOWN_PROBLEMS
        rest = f"; {more} more not shown, --rejects FILE keeps them" if more > 0 else ""
        click.echo(f"{terminal.counted(len(problems), 'problem')}{rest}; what could be read is stored", err=True)


def _summary(done: Imported) -> str:
    from remanence.surfaces.terminal import counted

    parts = [f"{counted(done.n_added, 'memory')} added"]
    if done.n_versions:
        parts.append(f"{counted(done.n_versions, 'new version')} among them")
    if done.n_present:
        parts.append(f"{done.n_present:,} {'was' if done.n_present == 1 else 'were'} there already")
    return ", ".join([*parts, f"in {_places(done.namespaces)}"])


def _places(namespaces: list[str]) -> str:
    if not namespaces:
        return "the namespaces the file names"
    return repr(namespaces[0]) if len(namespaces) == 1 else f"{len(namespaces)} namespaces"
