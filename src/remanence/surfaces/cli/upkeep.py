"""`remanence upkeep`: the slow work of a store: facts found by a language model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from remanence.surfaces import settings
from remanence.surfaces.cli.options import (
    EMPTY,
    all_namespaces_option,
    holding,
    json_option,
    opened,
    print_json,
    store_option,
)

if TYPE_CHECKING:
    from remanence.engine.store import Store


_NO_LIMIT = 2**31


class _Done:
    """What was read so far.

    Attributes:
        calls, turns, facts: as in `Upkeep.batches`, `turns` and `facts`.
        waiting: turns still to be read.
        failure: why it stopped before that; empty where it did not.
    """

    def __init__(self) -> None:
        self.calls = self.turns = self.facts = self.waiting = 0
        self.failure = ""

    def sentence(self) -> str:
        from remanence.surfaces.terminal import counted

        calls, facts = counted(self.calls, "call"), counted(self.facts, "new fact")
        left = f"; {counted(self.waiting, 'turn')} still to be read" if self.waiting else ""
        return f"{counted(self.turns, 'turn')} read in {calls}, {facts}{left}"


@click.command(short_help="Let a language model find facts in what was said.")
@store_option
@all_namespaces_option
@click.option("--llm", metavar="URL", required=True, help="OpenAI-compatible server, as http://localhost:11434/v1.")
@click.option("--model", required=True, help="Name of its model.")
@click.option("--input-tokens", type=int, default=1024, show_default=True, help="Tokens sent in one call at most.")
@click.option("--output-tokens", type=int, default=256, show_default=True, help="Tokens answered with at most.")
@click.option("--timeout", type=float, default=20.0, show_default=True, help="Seconds one call may take.")
@click.option("--max-calls", type=click.IntRange(0), help="Calls at most; as many as it takes by default.")
@json_option
def upkeep(
    store_path: str,
    namespaces: tuple[str, ...],
    llm: str,
    model: str,
    input_tokens: int,
    output_tokens: int,
    timeout: float,
    max_calls: int | None,
    as_json: bool,
) -> None:
    """Let a language model read what was said since it last did, and keep the facts it finds.

    Each fact cites the turn that states it. The store may be in use meanwhile. It may be stopped and
    run again: it goes on where it stopped, and another model begins anew. The key of the server is in
    the environment's OPENAI_API_KEY.

    \b
    Examples:
      remanence upkeep --llm http://localhost:11434/v1 --model llama3.2
      remanence upkeep --llm https://api.openai.com/v1 --model gpt-4o-mini --max-calls 100
      remanence upkeep -n acme/user/4321 --llm http://localhost:8080 --model any --json
    """
    from remanence.extract.llm import LLMExtractor

    extractor = LLMExtractor(
        llm,
        model,
        api_key=settings.from_environment().api_key or None,
        max_input_tokens=input_tokens,
        max_output_tokens=output_tokens,
        timeout_s=timeout,
    )
    done = _Done()
    with opened(store_path, must_exist=True, background_extractor=extractor) as store:
        if not store.namespaces():
            raise click.ClickException(EMPTY)
        for name in holding(store, namespaces) if namespaces else store.namespaces():
            _read(store, name, done, max_calls)
    if as_json:
        print_json(vars(done))
    else:
        click.echo(done.sentence())
    if done.failure:
        raise click.ClickException(f"{done.failure}; run the same command again to go on")


def _read(store: Store, name: str, done: _Done, max_calls: int | None) -> None:
    """Read a namespace to its end, or as far as calls and the model go."""
    from remanence.surfaces import terminal

    waiting = store.upkeep(namespace=name, max_batches=0).waiting
    left = _NO_LIMIT if max_calls is None else max_calls - done.calls
    if not waiting or not left or done.failure:
        done.waiting += waiting
        return
    n_shown = 0
    with terminal.progress(f"Reading {name}", waiting) as advance:

        def show(read: int, total: int) -> None:
            nonlocal n_shown
            advance(read - n_shown)
            n_shown = read

        report = store.upkeep(namespace=name, max_batches=left, progress=show)
    done.calls += report.batches
    done.turns += report.turns
    done.facts += report.facts
    done.waiting += report.waiting
    if report.failures:
        done.failure = report.failures[0]
    elif report.waiting and report.batches < left:
        done.failure = "another process lets the same model read"
