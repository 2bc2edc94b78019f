"""`remanence demo`: a conversation, questions about it, and what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from remanence.surfaces.demo import Recalled

_N_LINES = 3


@click.command(short_help="See it work: a household's nine months, and questions.")
@click.option("--keep", type=click.Path(dir_okay=False), help="Keep the memories in this store; in RAM by default.")
@click.option("--budget", type=click.IntRange(16), default=256, show_default=True, help="Tokens of each context.")
def demo(keep: str | None, budget: int) -> None:
    """Store nine months of a household's talk, ask about them, and show what is recalled.

    \b
    Examples:
      remanence demo
      remanence demo --budget 128
      remanence demo --keep demo.db
    """
    import remanence
    from remanence.surfaces import terminal
    from remanence.surfaces.demo import ask, fill, household, latencies, quantile

    conversation = household()
    turns = conversation.turns
    n_sessions = len({turn.session for turn in turns})
    with remanence.open(keep) as store:
        memory = store.memory("demo")
        memory.preload()
        terminal.heading("Remanence: nine months of a household and its voice assistant")
        click.echo(
            f"{len(turns)} turns in {n_sessions} conversations, {len(conversation.questions)} questions. "
            "Lines with * hold the evidence.\n"
        )
        took_us = 0.0
        with terminal.progress("Remembering", len(turns)) as advance:
            for turn_us in fill(memory, conversation):
                took_us += turn_us
                advance(1)
        click.echo(
            f"Stored in {terminal.micros(took_us)}, {terminal.micros(took_us / len(turns))} a turn: "
            "embedded, indexed and in the log.\n"
        )
        memory.warm(conversation.questions[0].text)
        answers = list(ask(memory, conversation, budget))
        for number, recalled in enumerate(answers, 1):
            _show(number, recalled, terminal.width())
        times = latencies(memory, conversation, budget_tokens=budget)
        held = memory.stats()
    n_complete = sum(recalled.complete for recalled in answers)
    n_tokens = sum(recalled.context.tokens for recalled in answers) / len(answers)
    everything = sum(-(-len(turn.labelled) // 4) for turn in turns)
    terminal.heading("Summary")
    rows = [
        ("evidence found", f"{n_complete} of {len(answers)} questions, all of it in the context"),
        ("prompt", f"{n_tokens:.0f} tokens a question, where the whole conversation is {everything:,}"),
        (
            "time to context",
            f"p50 {terminal.micros(quantile(times, 0.5))}, p99 {terminal.micros(quantile(times, 0.99))} "
            f"over {len(times)} calls, no network and no model",
        ),
        ("memory", f"{terminal.size(held.hot_bytes)}, {held.hot_bytes // max(held.items, 1)} bytes a memory"),
        ("log", f"{terminal.size(held.log_bytes)} encrypted" + (f", in {keep}" if keep else ", in RAM")),
    ]
    for line in terminal.table(rows):
        click.echo("  " + line)
    click.echo()
    terminal.heading("Next")
    kept = keep or "demo.db"
    for command, what in (
        *(() if keep else ((f"remanence demo --keep {kept}", "the same, kept in a file"),)),
        (f'remanence ask "who has the spare key?" -s {kept} -n demo', "a context for your prompt"),
        (f"remanence chat -s {kept} -n demo", "talk, and see what is recalled"),
        ("remanence import calls/*.txt", "your own transcripts"),
    ):
        click.echo(f"  {command}\n      {click.style(what, dim=True)}")


def _show(number: int, recalled: Recalled, columns: int) -> None:
    """Print a question, the best lines with the evidence among them marked, and whether all of it came."""
    from remanence.surfaces import terminal

    n_gold, n_found = len(recalled.question.gold), len(recalled.found)
    if recalled.complete:
        verdict = click.style("found", fg="green")
    else:
        verdict = click.style(f"{n_found} of {n_gold} found" if n_found else "missed", fg="yellow")
    size = f"{recalled.context.tokens} tokens, {terminal.micros(recalled.micros)}"
    click.echo(f"{number:>2}. {click.style(recalled.question.text, bold=True)}")
    hits = recalled.context.hits
    best = [hit for rank, hit in enumerate(hits) if rank < _N_LINES or hit.id in recalled.found]
    for hit in best[: _N_LINES + n_gold]:
        click.echo("  " + terminal.hit_line(hit, columns - 2, marked=hit.id in recalled.found))
    click.echo(f"    {verdict}, {click.style(size, dim=True)}\n")
