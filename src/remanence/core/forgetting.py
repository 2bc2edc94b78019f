"""How much a memory is worth keeping, as a function of time, use and salience.

Nothing is swept: a curve is evaluated over columns when something has to go. Curves share one signature, and a store is
given one.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

import msgspec
import numpy as np
from numpy.typing import NDArray

from remanence.errors import InvalidInput

_SOONEST = 1 / 24  # days; nothing counts as younger than an hour


class Lives(NamedTuple):
    """What is known of some memories. All arrays have shape (n,), float64.

    Attributes:
        age: days since each was written.
        idle: days since it was written or last of use.
        uses: how often it was of use.
        answered: in how many of those the agent said so of an answer it had made.
        salience: as the caller gave it; 1 is ordinary.
    """

    age: NDArray[np.float64]
    idle: NDArray[np.float64]
    uses: NDArray[np.float64]
    answered: NDArray[np.float64]
    salience: NDArray[np.float64]


@runtime_checkable
class Curve(Protocol):
    """Memories to what each is worth.

    Attributes:
        name: what it is called where it is told of.
    """

    @property
    def name(self) -> str: ...

    def worth(self, lives: Lives) -> NDArray[np.float64]:
        """Return the worth of each memory: shape (n,), float64, higher is better, on any scale."""
        ...


class Activation(msgspec.Struct, frozen=True, kw_only=True):
    """Expected use over the days to come, by ACT-R's base-level activation with decay ½, in closed form.

    Attributes:
        horizon_days: how far ahead; a memory that will only be asked for later than that is worth nothing.

    Source: Petrov, "Computationally efficient approximation of the base-level learning equation in ACT-R" (2006).
    """

    horizon_days: float = 30.0
    name: str = "activation"

    def __post_init__(self) -> None:
        _check("horizon_days", self.horizon_days, positive=True)

    def worth(self, lives: Lives) -> NDArray[np.float64]:
        """Return salience times the mean activation over the horizon. Cost: about 50 ns a memory."""
        horizon = self.horizon_days
        idle, age = np.maximum(lives.idle, _SOONEST), np.maximum(lives.age, _SOONEST)
        last = (2 / horizon) * (np.sqrt(idle + horizon) - np.sqrt(idle))
        others = lives.uses * 2 / (np.sqrt(age + horizon) + np.sqrt(idle + horizon))
        return lives.salience * (last + others)


class Weighted(msgspec.Struct, frozen=True, kw_only=True):
    """`recency·r + frequency·f + salience·s + answered·u`, each of r, f, s, u in [0, 1].

    r halves every `half_life_days` since the last use; f and u are shares of the most used memory's, on a logarithmic
    scale; s is salience over that of the most salient.
    """

    recency: float = 0.5
    frequency: float = 0.3
    salience: float = 0.2
    answered: float = 0.0
    half_life_days: float = 7.0
    name: str = "weighted"

    def __post_init__(self) -> None:
        for part in ("recency", "frequency", "salience", "answered"):
            _check(part, getattr(self, part), positive=False)
        _check("half_life_days", self.half_life_days, positive=True)

    def worth(self, lives: Lives) -> NDArray[np.float64]:
        """Return the weighted sum. Cost: about 50 ns a memory."""
        return (
            self.recency * 0.5 ** (lives.idle / self.half_life_days)
            + self.frequency * _share(np.log1p(lives.uses))
            + self.salience * _share(lives.salience)
            + self.answered * _share(np.log1p(lives.answered))
        )


def _share(values: NDArray[np.float64]) -> NDArray[np.float64]:
    most = float(values.max(initial=0.0))
    return values / most if most else values


def _check(name: str, value: float, *, positive: bool) -> None:
    right = isinstance(value, (int, float)) and 0 <= value < float("inf") and not (positive and value == 0)
    if not right:
        raise InvalidInput(f"{name} is {value!r}; use a number {'above 0' if positive else 'of 0 or more'}")
