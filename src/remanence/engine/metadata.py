"""The caller's metadata in columns, and the `where` filters over it.

A column holds, for each row, the number of its value; a filter is decided once a distinct value and then
looked up for all rows at once.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remanence.core.text import plain
from remanence.engine.columns import grown
from remanence.errors import InvalidFilter
from remanence.records import Metadata, Scalar

Where = Mapping[str, Any]
# A condition checked and made plain: operators, each with the types and values it compares with.
_Condition = tuple[tuple[str, tuple[tuple[type, Scalar], ...]], ...]

_ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "$gt": lambda value, limit: value > limit,
    "$gte": lambda value, limit: value >= limit,
    "$lt": lambda value, limit: value < limit,
    "$lte": lambda value, limit: value <= limit,
}
_TABLES = 64  # conditions whose decisions are kept
_OPERATORS = ("$eq", "$ne", "$in", "$nin", *_ORDERED)


class MetadataColumns:
    """Values by key and row; a row without a key has number 0 there."""

    def __init__(self) -> None:
        self.codes: dict[str, NDArray[np.uint32]] = {}
        self.values: dict[str, list[Scalar]] = {}
        self._numbers: dict[str, dict[tuple[type, Scalar], int]] = {}
        # What passes a condition, by value number, least recently used first; `values` only grow.
        self._tables: OrderedDict[tuple[str, _Condition], NDArray[np.bool_]] = OrderedDict()

    @property
    def nbytes(self) -> int:
        objects = sum(
            sys.getsizeof(values) + sys.getsizeof(self._numbers[key]) + sum(sys.getsizeof(v) + 88 for v in values)
            for key, values in self.values.items()
        )
        tables = sum(table.nbytes for table in self._tables.values())
        return objects + tables + sum(array.nbytes for array in self.codes.values())

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
            InvalidFilter: a key that is no string, an unknown operator, or a value of a kind it cannot take.

        Cost: a look-up a row; a condition not among the last 64 is decided anew, about 0.2 µs a distinct value.
        """
        passed = np.ones(n, np.bool_)
        for key, condition in where.items():
            if not isinstance(key, str):
                raise InvalidFilter(f"where has the key {key!r}; metadata keys are strings")
            checked = _checked(key, condition)
            key = plain(key)
            table = self._table(key, checked)
            codes = self.codes.get(key, np.zeros(0, np.uint32))[:n]
            passed[: len(codes)] &= table[codes]
            if not table[0]:
                passed[len(codes) :] = False
        return passed

    def _table(self, key: str, condition: _Condition) -> NDArray[np.bool_]:
        """Return whether each value of a key passes a condition, by number; number 0 is a missing key."""
        table = self._tables.pop((key, condition), None)
        values = self.values.get(key, [])
        known = 0 if table is None else len(table)
        if table is None or known <= len(values):
            test = _test_of(condition)
            fresh = [test(value, True) for value in values[max(known - 1, 0) :]]
            if table is None:
                table = np.array([test(None, False), *fresh], np.bool_)
            else:
                table = np.concatenate((table, np.array(fresh, np.bool_)))
        self._tables[key, condition] = table
        if len(self._tables) > _TABLES:
            self._tables.popitem(last=False)
        return table

    def restore(self, codes: dict[str, NDArray[np.uint32]], values: dict[str, list[Scalar]]) -> None:
        """Take over columns as `codes` and `values` gave them."""
        self.codes = codes
        self.values = values
        self._tables.clear()
        self._numbers = {key: {(type(v), v): i for i, v in enumerate(column, 1)} for key, column in values.items()}


def _checked(key: str, condition: Any) -> _Condition:
    """Return what a caller gave as a condition, plain and hashable."""
    if not isinstance(condition, Mapping):
        return (("$eq", (_scalar(key, condition),)),)
    if not condition:
        raise InvalidFilter(f"where[{key!r}] is an empty mapping; give a value or one of {', '.join(_OPERATORS)}")
    return tuple((operator, _operands(key, operator, operand)) for operator, operand in condition.items())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _operands(key: str, operator: Any, operand: Any) -> tuple[tuple[type, Scalar], ...]:
    if not isinstance(operator, str) or operator not in _OPERATORS:
        raise InvalidFilter(f"where[{key!r}] has the unknown operator {operator!r}; known: {', '.join(_OPERATORS)}")
    if operator in ("$in", "$nin"):
        if not isinstance(operand, (list, tuple, set, frozenset)):
            raise InvalidFilter(f"where[{key!r}][{operator!r}] takes a list, got {operand!r}")
        return tuple(_scalar(key, each) for each in operand)  # pyright: ignore[reportUnknownVariableType]
    limit = _scalar(key, operand)
    if operator in _ORDERED and (limit[1] is None or isinstance(limit[1], bool)):
        raise InvalidFilter(f"where[{key!r}][{operator!r}] takes a number or a string, got {operand!r}")
    return (limit,)


def _scalar(key: str, value: Any) -> tuple[type, Scalar]:
    """Return a value and its type, which tells True from 1 and 1 from 1.0."""
    if isinstance(value, str):
        return str, plain(value)
    if value is None or isinstance(value, bool):
        return type(value), value
    if isinstance(value, (int, float)):
        kind = int if isinstance(value, int) else float
        return kind, kind(value)
    raise InvalidFilter(f"where[{key!r}] compares with {value!r}; use a string, number, bool or None")


def _test_of(condition: _Condition) -> Callable[[Scalar, bool], bool]:
    """Return the test of one key's value; its second argument tells whether the row has the key."""
    tests = [_operator(operator, [value for _, value in operands]) for operator, operands in condition]
    if len(tests) == 1:
        return tests[0]
    return lambda value, present: all(test(value, present) for test in tests)


def _operator(operator: str, operands: list[Scalar]) -> Callable[[Scalar, bool], bool]:
    compare = _ORDERED.get(operator)
    if compare is not None:
        limit = operands[0]
        if isinstance(limit, str):
            return lambda value, present: isinstance(value, str) and compare(value, limit)
        return lambda value, present: (
            isinstance(value, (int, float)) and not isinstance(value, bool) and compare(value, limit)
        )
    tests = [_equals(operand) for operand in operands]
    if operator == "$eq":
        return tests[0]
    if operator == "$in":
        return lambda value, present: any(test(value, present) for test in tests)
    return lambda value, present: not any(test(value, present) for test in tests)


def _equals(wanted: Scalar) -> Callable[[Scalar, bool], bool]:
    """A missing key equals None only; True is not 1."""
    if wanted is None:
        return lambda value, present: value is None
    if isinstance(wanted, bool):
        return lambda value, present: value is wanted
    return lambda value, present: present and not isinstance(value, bool) and value == wanted
