"""`remanence bench`: how fast, how small, how idle, on this machine."""

from __future__ import annotations

import click

from remanence.surfaces.cli.options import json_option, print_json

PARTS = ("latency", "add", "growth", "reopen", "memory", "cpu", "idle", "import", "install")


@click.command(short_help="Measure speed, size and idleness on this machine.")
@click.option(
    "--size",
    "sizes",
    type=click.IntRange(10),
    multiple=True,
    default=(1_000, 10_000, 100_000),
    show_default=True,
    help="Memories; may be repeated.",
)
@click.option("--queries", type=click.IntRange(20), default=1_000, show_default=True, help="Queries, back to back.")
@click.option("--paced", type=click.IntRange(20), default=300, show_default=True, help="Queries, one every 20 ms.")
@click.option("--texts", type=click.Path(exists=True, dir_okay=False), help="Sentences to store, one a line.")
@click.option("--only", "parts", multiple=True, type=click.Choice(PARTS), help="Only these parts.")
@click.option("--idle-seconds", type=click.FloatRange(0.5), default=5.0, show_default=True, help="How long to idle.")
@json_option
def bench(
    sizes: tuple[int, ...],
    queries: int,
    paced: int,
    texts: str | None,
    parts: tuple[str, ...],
    idle_seconds: float,
    as_json: bool,
) -> None:
    """Measure speed, size and idleness here: p50 and p99, back to back and paced as in a conversation.

    Texts are made from the vocabulary of the demonstration, or read from a file.

    \b
    Examples:
      remanence bench
      remanence bench --size 1000 --size 10000 --queries 2000
      remanence bench --texts sentences.txt --only latency --only growth --json
    """
    from remanence.surfaces import terminal
    from remanence.surfaces.bench import Plan, measure

    plan = Plan(
        sizes=tuple(sorted(sizes)),
        n_queries=queries,
        n_paced=paced,
        texts=texts,
        parts=parts or PARTS,
        idle_seconds=idle_seconds,
    )
    report = measure(plan, say=terminal.note)
    if as_json:
        print_json(report)
        return
    for name, value in report.machine.items():
        click.echo(f"{name}: {value}")
    for figures in report.figures:
        click.echo()
        terminal.heading(figures.title)
        for line in terminal.table(figures.rows, right=tuple(range(1, len(figures.rows[0])))):
            click.echo("  " + line)
