"""Whether an update counts: of questions about something that changed, what a context shows of the old and the new.

A context that holds the turn with the new value is right only if the turn with the old one is absent, or says itself
that it is past. Both are turns named by the data set, never values guessed from its answers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from remanence.surfaces import terminal
from remanence.surfaces.evaluation import trials
from remanence.surfaces.evaluation.harness import Subject
from remanence.surfaces.evaluation.metrics import collapsed
from remanence.surfaces.evaluation.scoring import Progress
from remanence.surfaces.evaluation.systems import System
from remanence.surfaces.evaluation.trials import Trial

_MARKS = ("(later: ", "(no longer: ")


class Update(msgspec.Struct, frozen=True):
    """What contexts show of things that changed; counts of questions.

    Attributes:
        recalled: with the turn that tells the update in the context; all below are of these.
        absent: with no turn in it that tells what was so before.
        marked: with each such turn marked as past.
        share: of those recalled, absent or marked.
    """

    system: str
    budget: int
    n_questions: int
    recalled: int
    absent: int
    marked: int
    share: float


def updates(
    subject: Subject, systems: Mapping[str, Callable[[], System]], progress: Progress = lambda n: None
) -> list[Update]:
    """Return, for each system and budget, how it did on the questions whose data names what an update replaced."""
    asked = [
        msgspec.structs.replace(c, questions=tuple(q for q in c.questions if q.replaced)) for c in subject.conversations
    ]
    return [
        _counted(name, make(), trials.own(asked), budget, progress)
        for name, make in systems.items()
        for budget in subject.budgets
    ]


def _counted(name: str, system: System, asked: Iterable[Trial], budget: int, progress: Progress) -> Update:
    questions = recalled = absent = marked = 0
    for trial in asked:
        system.index(trial.turns)
        said = {turn.id: collapsed(turn.text) for turn in trial.turns}
        for _, question in trial.asked:
            text = collapsed(system.context(question.text, budget, own_counter=False).text)
            told = any(said[id] in text for id in question.gold if id not in question.replaced)
            before = [said[id] for id in question.replaced if said[id] in text]
            questions += 1
            recalled += told
            absent += told and not before
            marked += told and bool(before) and all(_is_marked(text, old) for old in before)
            progress(1)
    system.close()
    share = (absent + marked) / recalled if recalled else math.nan
    return Update(name, budget, questions, recalled, absent, marked, share)


def _is_marked(text: str, said: str) -> bool:
    """Return whether what stands behind a turn in a context says that it is past."""
    return text.partition(said)[2].lstrip().startswith(_MARKS)


def update_lines(found: Sequence[Update]) -> list[str]:
    """Return what was found as text."""
    rows: list[tuple[str, ...]] = [("updates", "budget", "questions", "recalled", "old absent", "old marked", "share")]
    for each in found:
        counts = (each.budget, each.n_questions, each.recalled, each.absent, each.marked)
        rows.append((each.system, *map(str, counts), f"{each.share:.2f}"))
    return terminal.table(rows, right=range(1, len(rows[0])))
