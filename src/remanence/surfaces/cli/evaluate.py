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
@click.option("--among", metavar="N", multiple=True, help="Among N other sentences; may be repeated: 1000,10000.")
@click.option("--others", type=click.Path(exists=True, dir_okay=False), help="Text the sentences are taken from.")
@click.option("--abstention", is_flag=True, help="Confidence, evidence in against left out: AUC and risk.")
@click.option("--updates", is_flag=True, help="Of what changed: is the new value in the context, the old one not?")
@click.option("--without-facts", is_flag=True, help="Also with the rules for facts off.")
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
    among: tuple[str, ...],
    others: str | None,
    abstention: bool,
    updates: bool,
    without_facts: bool,
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

    With --among, each conversation shares its namespace with N sentences that have nothing to do with it.

    With --abstention, each question is asked once with its evidence and once with it left out. The most
    confident are answered: coverage is how many of all, risk the share of those that had no evidence, threshold
    the least confidence among them; AURC is the mean risk over all coverages, 0.5 where confidence says nothing.

    With --updates, only questions whose data names the turns before and after a change (BEAM): of those whose update
    is in the context, how many show nothing of before, or mark it as past.

    \b
    Examples:
      remanence eval locomo_dev.json
      remanence eval beam/ --pooled --json
      remanence eval mine.jsonl --small 20
      remanence eval locomo_dev.json --among 1000,10000 --others sentences.txt
      remanence eval locomo_dev.json --abstention --questions 200
      remanence eval beam/ --updates --without-facts
    """
    from remanence.surfaces import evaluation, terminal
    from remanence.surfaces.evaluation.product import Product

    modes = _modes(pooled, single_session, small, _sizes(among), others, abstention, updates)
    systems: dict[str, Callable[[], System]] = {
        name: make
        for name, make in (("remanence", Product), ("bm25", evaluation.Bm25), ("random", evaluation.Chance))
        if not only or name in only
    }
    if without_facts:
        systems |= {"remanence, facts off": _without_facts}
    found = evaluation.subjects(files, Path(corrections) if corrections else None)
    if questions is not None:
        found = [evaluation.sampled(subject, questions) for subject in found]
    tables: list[object] = []
    for subject in found:
        n_asked = sum(bool(q.gold) for c in subject.conversations for q in c.questions)
        if not as_json and subject.n_problems:
            problems = terminal.counted(subject.n_problems, "problem")
            terminal.note(f"{problems} in the labels of {subject.format}; unknown ids left out")
        shown: list[str]
        for mode_name, mode in modes.items():
            with terminal.progress(f"{subject.format} ({subject.labels})", n_asked * len(systems)) as advance:
                if abstention:
                    told = evaluation.abstention(subject, systems, advance)
                    tables.append(told)
                    shown = [f"{subject.format}, {subject.labels} labels", *evaluation.abstention_lines(told)]
                elif updates:
                    changed = evaluation.updates(subject, systems, advance)
                    tables.append(changed)
                    shown = [f"{subject.format}, {subject.labels} labels", *evaluation.update_lines(changed)]
                else:
                    table = evaluation.evaluate(
                        subject, systems, mode, mode_name=mode_name, budgets=budgets, progress=advance
                    )
                    tables.append(table)
                    shown = evaluation.lines(table, f"B@{(budgets or subject.budgets)[-1]}")
            if not as_json:
                click.echo("\n".join([*shown, ""]))
    if as_json:
        print_json(tables)


def _without_facts() -> System:
    import remanence
    from remanence.surfaces.evaluation.product import Product

    return Product(lambda: remanence.open(config=remanence.Config(facts=False)))


def _sizes(among: Sequence[str]) -> list[int]:
    given = [size.strip() for sizes in among for size in sizes.split(",")]
    if not all(size.isdecimal() for size in given):
        raise click.BadParameter("a number, or several with commas between them", param_hint="--among")
    return [int(size) for size in given]


def _modes(
    pooled: bool,
    single_session: bool,
    small: int | None,
    among: list[int],
    others: str | None,
    abstention: bool,
    updates: bool,
) -> dict[str, Mode]:
    """Return what is asked for, by name."""
    from remanence.surfaces import evaluation

    if sum((pooled, single_session, small is not None, bool(among), abstention, updates)) > 1:
        raise click.UsageError(
            "--pooled, --single-session, --small, --among, --abstention and --updates exclude each other."
        )
    if bool(among) != bool(others):
        raise click.UsageError("--among and --others go together.")
    if others:
        sentences = evaluation.sentences(Path(others).read_text(encoding="utf-8", errors="replace"))
        return {f"among {n:,} others": evaluation.among(n, sentences) for n in among}
    if pooled:
        return {"pooled": evaluation.pooled}
    if single_session:
        return {"single session": evaluation.single_session}
    if small is not None:
        return {f"{small} memories": evaluation.small(small)}
    return {"own conversation": evaluation.own}
