"""`remanence chat`: talk in the terminal and see what is recalled on each turn.

With a language model it answers; without one the recalled evidence is the answer.
"""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from remanence.surfaces import settings
from remanence.surfaces.cli.options import namespace_option, opened, store_option

if TYPE_CHECKING:
    from remanence.engine.memory import Memory
    from remanence.types import Context

_HISTORY_MESSAGES = 12
_SHOWN_LINES = 5
_SYSTEM = (
    "You are a helpful assistant with a long-term memory. What you remember that may matter now, oldest "
    "first:\n\n{context}\n\nUse it where it helps. If it does not hold what is asked, say so."
)
_HELP = "/why parts of the last hits   /stats what is held   /quit or Ctrl-D leave"


@click.command(short_help="Talk, and see what is recalled on each turn.")
@store_option
@namespace_option
@click.option("--speaker", default="You", show_default=True, help="Your name.")
@click.option("--budget", type=click.IntRange(0), default=512, show_default=True, help="Tokens of each context.")
@click.option("--llm", metavar="URL", help="OpenAI-compatible server that answers, such as http://localhost:11434/v1.")
@click.option("--model", help="Name of its model.")
@click.option("--api-key", help="Its key; $OPENAI_API_KEY by default.")
@click.option("--no-save", is_flag=True, help="Do not remember this conversation.")
def chat(
    store_path: str,
    namespace: str,
    speaker: str,
    budget: int,
    llm: str | None,
    model: str | None,
    api_key: str | None,
    no_save: bool,
) -> None:
    """Talk; each turn shows what is recalled, its tokens and its time.

    \b
    Examples:
      remanence chat
      remanence chat -s demo.db -n demo --no-save
      remanence chat --llm http://localhost:11434/v1 --model llama3.2
    """
    from remanence.extract.endpoint import endpoint
    from remanence.surfaces import terminal

    if llm is not None:
        endpoint(llm)
        if not model:
            raise click.UsageError("--llm needs --model NAME too.")
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  # pyright: ignore[reportUnusedImport] - gives input() its line editing
    key = api_key or settings.from_environment().api_key
    session = time.strftime("chat-%Y-%m-%dT%H:%M:%S", time.gmtime())
    in_ram = no_save and not Path(store_path).exists()
    with opened(None if in_ram else store_path, traced=not no_save) as store:
        memory = store.memory(namespace)
        memory.preload()
        names = [namespace, *(store.namespaces(namespace.rstrip("/") + "/") if not memory else ())]
        held = sum(len(store.memory(name)) for name in names)
        below = f" and the {len(names) - 1} below it" if len(names) > 1 else ""
        place = f"a store in RAM, as there is none at {Path(store_path).absolute()}" if in_ram else store_path
        terminal.note(f"{terminal.counted(held, 'memory')} in {namespace!r}{below} of {place}. {_HELP}")
        history: list[dict[str, str]] = []
        last: Context | None = None
        while (said := _next_line(speaker)) is not None:
            if said.startswith("/"):
                if said in {"/quit", "/exit", "/q"}:
                    break
                _obey(said, memory, last)
                continue
            last = store.context(said, namespaces=names, budget_tokens=budget)
            _show(last, budget)
            answer = ""
            if llm is not None and model is not None:
                answer = _answer(llm, model, key, last, history, said)
                if answer:
                    history += [{"role": "user", "content": said}, {"role": "assistant", "content": answer}]
                    del history[:-_HISTORY_MESSAGES]
            if not no_save:
                memory.add_turn(
                    user=said,
                    assistant=answer or None,
                    speaker=speaker if speaker != "You" else None,
                    trace_id=last.trace_id,
                    session=session,
                )


def _next_line(speaker: str) -> str | None:
    """Return the next line that says something, None at the end of input or after Ctrl-C."""
    while True:
        try:
            line = input(f"{speaker}> " if sys.stdin.isatty() else "").strip()
        except (EOFError, KeyboardInterrupt):
            click.echo()
            return None
        if line:
            return line


def _show(context: Context, budget: int) -> None:
    from remanence.surfaces import terminal

    took = terminal.micros(context.timings.get("total", 0.0))
    click.secho(
        f"  recalled {terminal.counted(len(context.hits), 'memory')}, {context.tokens} of {budget} tokens, {took}, "
        f"confidence {context.confidence:.2f}",
        dim=True,
    )
    for hit in context.hits[:_SHOWN_LINES]:
        click.echo("  " + terminal.hit_line(hit, terminal.width() - 2))


def _answer(url: str, model: str, key: str, context: Context, history: list[dict[str, str]], said: str) -> str:
    """Print the model's answer as it comes and return it; an error is told, and the chat goes on."""
    from remanence.surfaces.completions import CompletionFailed, stream

    messages = [
        {"role": "system", "content": _SYSTEM.format(context=context.text or "(nothing)")},
        *history,
        {"role": "user", "content": said},
    ]
    pieces: list[str] = []
    try:
        for piece in stream(url, model, messages, api_key=key):
            pieces.append(piece)
            click.echo(piece, nl=False)
    except CompletionFailed as error:
        click.secho(f"  {error}", fg="yellow", err=True)
    except KeyboardInterrupt:
        pieces.append(" ...")
    if pieces:
        click.echo()
    return "".join(pieces)


def _obey(command: str, memory: Memory, last: Context | None) -> None:
    from remanence.surfaces import terminal

    if command == "/stats":
        held = memory.stats()
        click.echo(
            f"  {terminal.counted(held.items, 'memory')}, {terminal.size(held.hot_bytes)} in memory, "
            f"{terminal.size(held.log_bytes)} in the log, position {held.position.seq}"
        )
    elif command == "/why":
        if last is None or not last.hits:
            click.echo("  nothing was recalled yet")
        for hit in last.hits[:_SHOWN_LINES] if last else ():
            click.echo(f"  {hit.score:.2f}{terminal.hit_line(hit, terminal.width() - 8)}")
            click.secho("        " + terminal.parts(hit), dim=True)
    else:
        click.echo(f"  {_HELP}")
