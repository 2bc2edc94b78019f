"""The caller's metadata in columns, and the `where` filters over it.

A column holds, for each row, the number of its value; a filter is decided once a distinct value and then
looked up for all rows at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.core.text import plain
from remanence.engine.columns import grown
from remanence.errors import InvalidFilter
from remanence.types import Metadata, Scalar

Where = Mapping[str, Any]

_ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "$gt": lambda value, limit: value > limit,
    "$gte": lambda value, limit: value >= limit,
    "$lt": lambda value, limit: value < limit,
    "$lte": lambda value, limit: value <= limit,
}
_OPERATORS = ("$eq", "$ne", "$in", "$nin", *_ORDERED)


class MetadataColumns:
    """Values by key and row; a row without a key has number 0 there."""

    def __init__(self) -> None:
        self.codes: dict[str, NDArray[np.uint32]] = {}
        self.values: dict[str, list[Scalar]] = {}
        self._numbers: dict[str, dict[tuple[type, Scalar], int]] = {}

    @property
    def nbytes(self) -> int:
        objects = sum(
            sys.getsizeof(values) + sys.getsizeof(self._numbers[key]) + sum(sys.getsizeof(v) + 88 for v in values)
            for key, values in self.values.items()
        )
        return objects + sum(array.nbytes for array in self.codes.values())

    def put(self, row: int, metadata: Metadata) -> None:
        """Set the metadata of a row."""
        for key, value in metadata.items():
            codes = self.codes.get(key)
            if codes is None:
                codes = np.zeros(grown(row + 1), np.uint32)
                self.values[key], self._numbers[key] = [], {}
            elif row >= len(codes):
                codes = np.concatenate((codes, np.zeros(grown(row + 1) - len(codes), np.uint32)))
            self.codes[key] = codes
            numbers = self._numbers[key]
            number = numbers.setdefault((type(value), value), len(numbers) + 1)
            if number > len(self.values[key]):
                self.values[key].append(value)
            codes[row] = number

    def get(self, row: int) -> Metadata:
        """Return the metadata of a row."""
        found: Metadata = {}
        for key, codes in self.codes.items():
            if row < len(codes) and codes[row]:
                found[key] = self.values[key][codes[row] - 1]
        return found

    def mask(self, where: Where, n: int) -> NDArray[np.bool_]:
        """Return which of the first `n` rows pass a filter, (n,) bool.

        Raises:
            InvalidFilter: an unknown operator, or a value of a kind it cannot take.
        """
        passed = np.ones(n, np.bool_)
        for key, condition in where.items():
            test = _test_of(key, condition)
            key = plain(key) if isinstance(key, str) else key
            values = self.values.get(key, [])
            table = np.array([test(None, False), *(test(value, True) for value in values)], np.bool_)
            codes = self.codes.get(key, np.zeros(0, np.uint32))[:n]
            passed[: len(codes)] &= table[codes]
            if not table[0]:
                passed[len(codes) :] = False
        return passed

    def restore(self, codes: dict[str, NDArray[np.uint32]], values: dict[str, list[Scalar]]) -> None:
        """Take over columns as `codes` and `values` gave them."""
        self.codes = codes
        self.values = values
        self._numbers = {key: {(type(v), v): i for i, v in enumerate(column, 1)} for key, column in values.items()}


def _test_of(key: str, condition: Any) -> Callable[[Scalar, bool], bool]:
    """Return the test of one key's value; its second argument tells whether the row has the key."""
    if not isinstance(condition, Mapping):
        return _equals(_scalar(key, condition))
    if not condition:
        raise InvalidFilter(f"where[{key!r}] is an empty mapping; give a value or one of {', '.join(_OPERATORS)}")
    tests: list[Callable[[Scalar, bool], bool]] = []
    for operator, operand in condition.items():  # pyright: ignore[reportUnknownVariableType]
        tests.append(_operator(key, operator, operand))
    return lambda value, present: all(test(value, present) for test in tests)


def _operator(key: str, operator: Any, operand: Any) -> Callable[[Scalar, bool], bool]:
    if operator in ("$in", "$nin"):
        if not isinstance(operand, (list, tuple, set, frozenset)):
            raise InvalidFilter(f"where[{key!r}][{operator!r}] takes a list, got {operand!r}")
        tests = [_equals(_scalar(key, each)) for each in operand]  # pyright: ignore[reportUnknownVariableType]
        if operator == "$in":
            return lambda value, present: any(test(value, present) for test in tests)
        return lambda value, present: not any(test(value, present) for test in tests)
    if operator == "$eq":
        return _equals(_scalar(key, operand))
    if operator == "$ne":
        equal = _equals(_scalar(key, operand))
        return lambda value, present: not equal(value, present)
    if operator in _ORDERED:
        limit = _scalar(key, operand)
        if limit is None or isinstance(limit, bool):
            raise InvalidFilter(f"where[{key!r}][{operator!r}] takes a number or a string, got {operand!r}")
        compare = _ORDERED[operator]
        if isinstance(limit, str):
            return lambda value, present: isinstance(value, str) and compare(value, limit)
        return lambda value, present: (
            isinstance(value, (int, float)) and not isinstance(value, bool) and compare(value, limit)
        )
    raise InvalidFilter(f"where[{key!r}] has the unknown operator {operator!r}; known: {', '.join(_OPERATORS)}")


def _scalar(key: str, value: Any) -> Scalar:
    if isinstance(value, str):
        return plain(value)
    if value is None or isinstance(value, (int, float, bool)):
        return value
    raise InvalidFilter(f"where[{key!r}] compares with {value!r}; use a string, number, bool or None")


def _equals(wanted: Scalar) -> Callable[[Scalar, bool], bool]:
    """A missing key equals None only; True is not 1."""
    if wanted is None:
        return lambda value, present: value is None
    if isinstance(wanted, bool):
        return lambda value, present: value is wanted
    return lambda value, present: present and not isinstance(value, bool) and value == wanted
