"""Strings told apart by a small number: sessions and speakers."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Names:
    """Strings told apart by a small number; number 0 is the empty string."""

    def __init__(self, names: Sequence[str] = ("",), latest_unnamed: int | None = None) -> None:
        self._names = list(names)
        self._index = {name: i for i, name in enumerate(self._names) if name or i == 0}
        self.latest_unnamed = latest_unnamed

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, index: int) -> str:
        return self._names[index]

    def of(self, indexes: NDArray[np.uint32]) -> list[str]:
        """Return the names of some numbers."""
        names = self._names
        return [names[i] for i in indexes.tolist()]

    @property
    def nbytes(self) -> int:
        return (
            sys.getsizeof(self._names)
            + sys.getsizeof(self._index)
            + sum(sys.getsizeof(name) + 32 for name in self._index)
        )

    def index(self, name: str) -> int:
        """Return the number of a name, a new one if it is new."""
        found = self._index.get(name)
        if found is None:
            found = self._index[name] = len(self._names)
            self._names.append(name)
        return found

    def new_unnamed(self) -> int:
        """Return a new number for something without a name."""
        self.latest_unnamed = len(self._names)
        self._names.append("")
        return self.latest_unnamed

    def tolist(self) -> list[str]:
        return list(self._names)
