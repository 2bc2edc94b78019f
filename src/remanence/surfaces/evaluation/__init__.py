"""Measures memories by whether the evidence comes back: no language model, no judge.

The product is asked through its public calls alone, in the same loop as what it is compared with.
"""

from remanence.surfaces.evaluation.abstaining import Abstention, abstention, abstention_lines
from remanence.surfaces.evaluation.baselines import Bm25, Chance
from remanence.surfaces.evaluation.harness import Subject, evaluate, sampled, subjects
from remanence.surfaces.evaluation.report import Gain, Row, Table, lines, tabulate
from remanence.surfaces.evaluation.scoring import Answer, score
from remanence.surfaces.evaluation.systems import Passage, Ranking, System
from remanence.surfaces.evaluation.trials import (
    Mode,
    Trial,
    among,
    left_out,
    own,
    pooled,
    sentences,
    single_session,
    small,
)
from remanence.surfaces.evaluation.updating import Update, update_lines, updates

__all__ = [
    "Abstention",
    "Answer",
    "Bm25",
    "Chance",
    "Gain",
    "Mode",
    "Passage",
    "Ranking",
    "Row",
    "Subject",
    "System",
    "Table",
    "Trial",
    "Update",
    "abstention",
    "abstention_lines",
    "among",
    "evaluate",
    "left_out",
    "lines",
    "own",
    "pooled",
    "sampled",
    "score",
    "sentences",
    "single_session",
    "small",
    "subjects",
    "tabulate",
    "update_lines",
    "updates",
]
