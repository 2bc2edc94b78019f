"""`remanence eval`: evidence recall on conversations with questions, beside plain BM25 and chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from remanence.surfaces.cli.options import json_option, print_json

if TYPE_CHECKING:
    from remanence.surfaces.evaluation import Mode, System


@click.command("eval", short_help="Measure evidence recall beside BM25 and chance.")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True))
@click.option("--pooled", is_flag=True, help="All conversations in one namespace, speakers renamed alike.")
@click.option("--single-session", is_flag=True, help="Only the sessions that hold the evidence.")
@click.option("--small", type=click.IntRange(1), metavar="N", help="Only N memories: the evidence and others.")
@click.option("--abstention", is_flag=True, help="AUC of confidence, evidence in against left out.")
@click.option("--questions", type=click.IntRange(1), metavar="N", help="About N of the questions, taken evenly.")
@click.option("--budget", "budgets", type=click.IntRange(1), multiple=True, help="Token budget; may be repeated.")
@click.option("--corrections", type=click.Path(exists=True, dir_okay=False), help="Corrected labels (LoCoMo).")
@click.option("--system", "only", multiple=True, type=click.Choice(["remanence", "bm25", "random"]), help="Only these.")
@json_option
def evaluate(
    files: tuple[str, ...],
    pooled: bool,
    single_session: bool,
    small: int | None,
    abstention: bool,
    questions: int | None,
    budgets: tuple[int, ...],
    corrections: str | None,
    only: tuple[str, ...],
    as_json: bool,
) -> None:
    """Measure how much of the evidence comes back, on the questions in FILES.

    FILES are LoCoMo, BEAM or FriendsQA data, or JSONL of your own with lines such as
    {"question": "...", "gold": ["<turn id>"], "category": "..."}. Every figure stands beside plain BM25
    and chance, with a bootstrap interval by conversation. R@k: share of the evidence in the top k; B@T:
    in what fits T tokens; C@T: in the text of `context`, by the same token counter, and by its own.

    \b
    Examples:
      remanence eval locomo_dev.json
      remanence eval beam/ --pooled --json
      remanence eval mine.jsonl --small 20
      remanence eval locomo_dev.json --abstention --questions 200
    """
    from remanence.surfaces import evaluation, terminal
    from remanence.surfaces.evaluation.product import Product

    mode, mode_name = _mode(pooled, single_session, small, abstention)
    systems: dict[str, Callable[[], System]] = {
        name: make
        for name, make in (("remanence", Product), ("bm25", evaluation.Bm25), ("random", evaluation.Chance))
        if not only or name in only
    }
    found = evaluation.subjects(files, Path(corrections) if corrections else None)
    if questions is not None:
        found = [evaluation.sampled(subject, questions) for subject in found]
    tables: list[object] = []
    for subject in found:
        n_asked = sum(bool(q.gold) for c in subject.conversations for q in c.questions)
        if not as_json and subject.n_problems:
            problems = terminal.counted(subject.n_problems, "problem")
            terminal.note(f"{problems} in the labels of {subject.format}; unknown ids left out")
        with terminal.progress(f"{subject.format} ({subject.labels})", n_asked * len(systems)) as advance:
            if abstention:
                results = evaluation.abstention(subject, systems, advance)
            else:
                results = evaluation.evaluate(
                    subject, systems, mode, mode_name=mode_name, budgets=budgets, progress=advance
                )
        tables.append(results)
        if as_json:
            continue
        if isinstance(results, list):
            _print_abstention(subject.format, subject.labels, results)
        else:
            headline = f"B@{(budgets or subject.budgets)[-1]}"
            click.echo("\n".join(evaluation.lines(results, headline)))
        click.echo()
    if as_json:
        print_json(tables)


def _mode(pooled: bool, single_session: bool, small: int | None, abstention: bool) -> tuple[Mode, str]:
    from remanence.surfaces import evaluation

    if sum((pooled, single_session, small is not None, abstention)) > 1:
        raise click.UsageError("--pooled, --single-session, --small and --abstention exclude each other.")
    if pooled:
        return evaluation.pooled, "pooled"
    if single_session:
        return evaluation.single_session, "single session"
    if small is not None:
        return evaluation.small(small), f"{small} memories"
    return evaluation.own, "own conversation"


def _print_abstention(format_: str, labels: str, results: Sequence[object]) -> None:
    from remanence.surfaces import terminal
    from remanence.surfaces.evaluation import Abstention

    rows = [("abstention", "questions", "AUC", "confidence with", "without")]
    rows += [
        (r.system, str(r.n_questions), f"{r.auc:.3f}", f"{r.with_evidence:.2f}", f"{r.without_evidence:.2f}")
        for r in results
        if isinstance(r, Abstention)
    ]
    click.echo(f"{format_}, {labels} labels")
    for line in terminal.table(rows, right=(1, 2, 3, 4)):
        click.echo(line)
