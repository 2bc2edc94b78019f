"""What an utterance states, by an extractor that is told what was said before in the same conversation.

Nothing is lost to it: an extractor that fails costs its facts, never the utterance.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from typing import Any

import msgspec

from remanence.engine.shipped_rules import ShippedRules
from remanence.engine.telling import can_be
from remanence.ports import Extractor
from remanence.records import Utterance

_LOGGER = logging.getLogger("remanence")
_CONVERSATIONS = 64  # followed at once; of an older one, "she" is nobody
TELLING_ROLES = ("", "user")  # an assistant's words are no facts about anybody


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
