"""What an utterance states, by an extractor that is told what was said before in the same conversation.

Nothing is lost to it: an extractor that fails costs its facts, never the utterance.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import msgspec

from remanence.engine.telling import can_be
from remanence.ports import Extractor
from remanence.records import Stated, Utterance

_LOGGER = logging.getLogger("remanence")
_CONVERSATIONS = 64  # followed at once; of an older one, "she" is nobody
TELLING_ROLES = ("", "user")  # an assistant's words are no facts about anybody


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


class Listener:
    """Follows the conversations of one namespace."""

    def __init__(self, extractor: Extractor | None) -> None:
        self._extractor = extractor
        self._carried: OrderedDict[tuple[str, str], Any] = OrderedDict()  # by session and speaker

    def ready(self) -> None:
        """Load what the first turn would wait for."""
        if isinstance(self._extractor, ShippedRules):
            self._extractor.ready()

    def heard(self, said: Utterance, at_ns: int) -> Utterance:
        """Return an utterance with what it states. Cost: the extractor's; with the shipped one some 100 µs."""
        if self._extractor is None or said.role not in TELLING_ROLES:
            return said
        speaker = "user" if said.role == "user" or not said.speaker else said.speaker
        conversation = (said.session, speaker)
        try:
            facts, carried = self._extractor.extract(
                said.text, at_ns=at_ns, speaker=speaker, carried=self._carried.pop(conversation, None)
            )
            told = list(facts)
        except Exception as error:
            _LOGGER.warning("the extractor %s failed; a text is kept without facts: %r", self._extractor.name, error)
            return said
        if not all(map(can_be, told)):
            _LOGGER.warning("the extractor %s gave facts that cannot be; they are dropped", self._extractor.name)
            told = [fact for fact in told if can_be(fact)]
        self._carried[conversation] = carried
        if len(self._carried) > _CONVERSATIONS:
            self._carried.popitem(last=False)
        return msgspec.structs.replace(said, facts=told) if told else said
