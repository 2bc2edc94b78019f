"""Reads conversations from files: the formats people have, and the ones memories are judged on.

`read` sniffs the format from the content. It must not change a text beyond what its format demands (a
leaked label, an image's caption), and it loses nothing silently: what cannot be read is a `Problem`
with its line.
"""

from remanence.surfaces.datasets.locomo import corrected
from remanence.surfaces.datasets.model import Conversation, Problem, Question, Reading, Turn
from remanence.surfaces.datasets.sniff import FORMATS, read, read_all
from remanence.surfaces.datasets.stable_ids import with_stable_ids

__all__ = [
    "FORMATS",
    "Conversation",
    "Problem",
    "Question",
    "Reading",
    "Turn",
    "corrected",
    "read",
    "read_all",
    "with_stable_ids",
]
