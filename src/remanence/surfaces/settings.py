"""The environment, read here and nowhere else. Everything below `surfaces` takes values.

REMANENCE_STORE   path of the store the command line works on; ./memory.db without it
OPENAI_API_KEY    key for the language model that `remanence chat --llm` and `remanence upkeep` talk to
NO_COLOR          set to anything: no colours (https://no-color.org)
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import msgspec

DEFAULT_STORE = "memory.db"
VARIABLES = ("REMANENCE_STORE", "OPENAI_API_KEY", "NO_COLOR")


class Settings(msgspec.Struct, frozen=True):
    """What the environment says.

    Attributes:
        store: path of the store to work on.
        api_key: key for a language model, empty when there is none.
        no_color: whether colours are unwanted.
    """

    store: str = DEFAULT_STORE
    api_key: str = ""
    no_color: bool = False


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of a process environment; this process's own by default."""
    variables = os.environ if environment is None else environment
    return Settings(
        store=variables.get("REMANENCE_STORE") or DEFAULT_STORE,
        api_key=variables.get("OPENAI_API_KEY", ""),
        no_color=bool(variables.get("NO_COLOR")),
    )
