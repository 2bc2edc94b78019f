"""The rules for facts that every store has unless it is given others, loaded by whoever needs them first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from remanence.ports import Extractor
from remanence.records import Stated


class ShippedRules:
    """The rules for casual English, loaded when the first turn is heard: whoever only reads never pays for them."""

    name = "english-rules"

    def __init__(self) -> None:
        self._rules: Extractor | None = None

    def ready(self) -> None:
        """Load them now. Cost: 60 ms, once a process."""
        if self._rules is None:
            from remanence.extract.extractor import RuleExtractor

            self._rules = RuleExtractor()

    def extract(self, text: str, *, at_ns: int, speaker: str, carried: Any) -> tuple[Sequence[Stated], Any]:
        """Return what a text states; see `RuleExtractor`."""
        self.ready()
        assert self._rules is not None
        return self._rules.extract(text, at_ns=at_ns, speaker=speaker, carried=carried)
