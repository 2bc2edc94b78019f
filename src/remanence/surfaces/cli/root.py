"""The root of the command line: which commands there are, and what becomes of errors.

Whatever a person gets wrong is one sentence on standard error and a non-zero exit, never a stack trace;
`--debug` shows it. Heavy modules are imported inside the commands that need them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from remanence.errors import RemanenceError
from remanence.surfaces import settings
from remanence.surfaces.cli.add import add
from remanence.surfaces.cli.as_of import as_of
from remanence.surfaces.cli.ask import ask
from remanence.surfaces.cli.bench import bench
from remanence.surfaces.cli.chat import chat
from remanence.surfaces.cli.completion import completion
from remanence.surfaces.cli.demo import demo
from remanence.surfaces.cli.evaluate import evaluate
from remanence.surfaces.cli.export import export
from remanence.surfaces.cli.facts import facts
from remanence.surfaces.cli.ingest import ingest
from remanence.surfaces.cli.lineage import lineage
from remanence.surfaces.cli.reembed import reembed
from remanence.surfaces.cli.search import search
from remanence.surfaces.cli.stats import stats
from remanence.surfaces.cli.upkeep import upkeep
from remanence.surfaces.cli.version import version
from remanence.surfaces.cli.why import why

# What a shell makes of the signals: 128 + SIGINT, 128 + SIGPIPE.
_INTERRUPTED, _PIPE_CLOSED = 130, 141


class Root(click.Group):
    """A group that turns every failure into one sentence, however it was started."""

    def main(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run a command line and exit."""
        given = list(sys.argv[1:] if args is None else args)
        debug = "--debug" in given[:1]
        try:
            status = super().main(
                args=given, prog_name=prog_name, complete_var=complete_var, standalone_mode=False, **extra
            )
            sys.stdout.flush()
        except click.exceptions.Exit as done:
            status = done.exit_code
        except click.ClickException as error:
            _tell(error)
            status = error.exit_code
        except (click.Abort, KeyboardInterrupt):
            click.echo("remanence: stopped", err=True)
            status = _INTERRUPTED
        except BrokenPipeError:
            # The reader went away (`| head`): standard output is nobody's now, also for the last flush.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            status = _PIPE_CLOSED
        except Exception as error:
            if debug:
                raise
            click.echo(f"remanence: {_sentence(error)}", err=True)
            status = 1
        sys.exit(status if isinstance(status, int) else 0)


def _tell(error: click.ClickException) -> None:
    """Print what a command refuses; after the usage, where the command line itself cannot be right."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    if isinstance(error, click.UsageError) and error.ctx is not None:
        click.echo(error.ctx.get_usage(), err=True)
        click.echo(f"Try '{error.ctx.command_path} --help' for help.\n", err=True)
    click.echo(f"remanence: {error.format_message()}", err=True)


def _sentence(error: Exception) -> str:
    if isinstance(error, RemanenceError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
    return f"unexpected {type(error).__name__}: {error}; `remanence --debug ...` shows where"


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the stack trace of an error.")
@click.version_option(package_name="remanence", message="remanence %(version)s")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """Long-term memory for voice and LLM agents, in the agent's own process.

    \b
    Examples:
      remanence demo
      remanence add "My dog's name is Potola" --speaker Ana
      remanence ask "what is my dog called?"
    """
    if settings.from_environment().no_color:
        ctx.color = False
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")  # a memory may hold what this terminal cannot show


for command in (
    demo, chat, add, search, ask, facts, as_of, why, lineage, ingest, export, stats, evaluate, bench, reembed, upkeep,
    version, completion,
):  # fmt: skip
    cli.add_command(command)


def main() -> NoReturn:
    """Run the command line: the entry point of the package."""
    cli.main(prog_name="remanence")
