"""Every `where` operator against what it means, value by value."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from remanence.engine import metadata as metadata_file
from remanence.engine.metadata import MetadataColumns
from remanence.errors import InvalidFilter
from remanence.records import Scalar

MISSING: Any = object()
VALUES: list[Any] = [MISSING, None, True, False, 0, 1, 2, -1, 1.0, 0.5, -0.5, 2**62, "", "a", "b", "1", "True", "é"]
ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}


def columns_of(values: list[Any]) -> MetadataColumns:
    columns = MetadataColumns()
    for row, value in enumerate(values):
        columns.put(row, {} if value is MISSING else {"key": value})
    return columns


def passing(where: dict[str, Any], values: list[Any] = VALUES) -> list[Any]:
    columns = columns_of(values)
    mask = columns.mask(where, len(values))
    assert mask.shape == (len(values),)
    assert mask.dtype == np.bool_
    return [value for value, passed in zip(values, mask.tolist(), strict=True) if passed]


def kind(value: Any) -> str:
    """Values are compared within a kind only: a flag is not a number, and a number not its text."""
    if value is MISSING or value is None:
        return "none"
    return "flag" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"


def equal(value: Any, wanted: Scalar) -> bool:
    return kind(value) == kind(wanted) and (kind(wanted) == "none" or value == wanted)


@pytest.mark.parametrize("wanted", [value for value in VALUES if value is not MISSING], ids=repr)
class TestEquality:
    def test_a_value(self, wanted: Scalar) -> None:
        expected = [value for value in VALUES if equal(value, wanted)]
        assert passing({"key": wanted}) == passing({"key": {"$eq": wanted}}) == expected

    def test_not_a_value(self, wanted: Scalar) -> None:
        expected = [value for value in VALUES if not equal(value, wanted)]
        assert passing({"key": {"$ne": wanted}}) == expected

    def test_one_of(self, wanted: Scalar) -> None:
        expected = [value for value in VALUES if equal(value, wanted) or equal(value, "b")]
        for several in ([wanted, "b"], (wanted, "b"), {wanted, "b"}, frozenset({wanted, "b"})):
            assert passing({"key": {"$in": several}}) == expected
        others = [value for value in VALUES if not equal(value, wanted) and not equal(value, "b")]
        assert passing({"key": {"$nin": [wanted, "b"]}}) == others


@pytest.mark.parametrize("name", ORDER)
@pytest.mark.parametrize("limit", [0, 1, 0.5, -0.5, 2**62, float("inf"), float("-inf"), "", "a", "b", "z"], ids=repr)
def test_order(name: str, limit: Any) -> None:
    same_kind = [value for value in VALUES if kind(value) == kind(limit)]
    assert passing({"key": {name: limit}}) == [value for value in same_kind if ORDER[name](value, limit)]


def test_true_is_not_one_and_one_is_one() -> None:
    values = [True, 1, 1.0, False, 0, 0.0]
    assert [type(value) for value in passing({"key": True}, values)] == [bool]
    assert [type(value) for value in passing({"key": 1}, values)] == [int, float]
    assert [type(value) for value in passing({"key": {"$in": [False]}}, values)] == [bool]
    assert [type(value) for value in passing({"key": {"$gte": 0}}, values)] == [int, float, int, float]


def test_nan_equals_nothing() -> None:
    assert passing({"key": float("nan")}) == []
    assert passing({"key": {"$lt": float("nan")}}) == []


def test_in_nothing_and_not_in_nothing() -> None:
    assert passing({"key": {"$in": []}}) == []
    assert passing({"key": {"$nin": []}}) == VALUES


def test_operators_of_one_key_and_several_keys_must_all_hold() -> None:
    columns = MetadataColumns()
    for row, (a, b) in enumerate(itertools.product(range(5), "xyz")):
        columns.put(row, {"a": a, "b": b})
    mask = columns.mask({"a": {"$gt": 0, "$lt": 4, "$ne": 2}, "b": {"$in": ["x", "z"]}}, 15)
    assert [columns.get(row) for row in mask.nonzero()[0].tolist()] == [
        {"a": 1, "b": "x"},
        {"a": 1, "b": "z"},
        {"a": 3, "b": "x"},
        {"a": 3, "b": "z"},
    ]


class TestMissingKeys:
    """A row without the key: because it came before the key, after its last use, or between."""

    @pytest.fixture
    def columns(self) -> MetadataColumns:
        columns = MetadataColumns()
        columns.put(3, {"late": 1})
        columns.put(4, {})
        columns.put(40, {"late": 2})
        return columns

    @pytest.mark.parametrize(
        ("condition", "passes"),
        [
            (1, False),
            (None, True),
            ({"$ne": 1}, True),
            ({"$ne": None}, False),
            ({"$in": [1, 2]}, False),
            ({"$in": [None]}, True),
            ({"$nin": [1, 2]}, True),
            ({"$nin": [None]}, False),
            ({"$lt": 9}, False),
            ({"$gte": ""}, False),
        ],
        ids=repr,
    )
    def test_rows_without_the_key(self, columns: MetadataColumns, condition: Any, passes: bool) -> None:
        mask = columns.mask({"late": condition}, 1000)
        without = [row for row in range(1000) if row not in (3, 40)]
        assert {bool(mask[row]) for row in without} == {passes}
        nobody_has = columns.mask({"never": condition}, 1000)
        assert {bool(each) for each in nobody_has} == {passes}

    def test_rows_beyond_the_first_n_are_not_asked(self, columns: MetadataColumns) -> None:
        assert columns.mask({"late": 2}, 40).sum() == 0
        assert columns.mask({"late": 2}, 41).nonzero()[0].tolist() == [40]
        assert columns.mask({"late": 1}, 0).shape == (0,)


@pytest.mark.parametrize(
    "condition",
    [
        {"$regex": "a"},
        {"$GT": 1},
        {"gt": 1},
        {"$and": []},
        {},
        {"$in": "abc"},
        {"$in": 5},
        {"$in": {"a": 1}},
        {"$nin": None},
        {"$in": [[1]]},
        {"$in": [{}]},
        {"$eq": [1]},
        {"$ne": {}},
        {"$gt": True},
        {"$gt": None},
        {"$lt": [1]},
        {"$gt": 1, "$oops": 2},
        [1, 2],
        (1,),
        {1, 2},
        b"bytes",
        object,
        1j,
        {None: 1},
        {5: 1},
    ],
    ids=repr,
)
def test_what_cannot_be_evaluated_is_refused_by_name(condition: Any) -> None:
    for columns in (columns_of(VALUES), MetadataColumns()):  # whether or not there is anything to compare with
        with pytest.raises(InvalidFilter, match="key"):
            columns.mask({"key": condition}, 3)


def test_an_unknown_operator_is_named_with_the_known_ones() -> None:
    with pytest.raises(InvalidFilter, match=r"\$regex.*\$eq.*\$lte"):
        columns_of([1]).mask({"key": {"$regex": 1}}, 1)


@pytest.mark.parametrize("key", [1, None, b"key", ("key",), 1.5, True], ids=repr)
def test_a_key_that_is_no_string_is_refused(key: Any) -> None:
    for columns in (columns_of(VALUES), MetadataColumns()):
        with pytest.raises(InvalidFilter, match="keys are strings"):
            columns.mask({key: 1}, 3)


class TestRepeatedFilters:
    """What was decided once is not decided again, and nothing stale is given."""

    CONDITIONS: tuple[Any, ...] = (
        1, 1.0, True, None, "1", {"$ne": 1}, {"$ne": True}, {"$in": [1, "a"]}, {"$in": [True, "a"]},
        {"$nin": [1, "a"]}, {"$gt": 0}, {"$gt": 0, "$lt": 2}, {"$gte": "a"}, {"$in": []},
    )  # fmt: skip

    def test_as_if_asked_for_the_first_time_while_values_come(self) -> None:
        columns = MetadataColumns()
        for row, value in enumerate(VALUES):
            for condition in self.CONDITIONS:
                columns.mask({"key": condition}, row)
            columns.put(row, {} if value is MISSING else {"key": value})
            for condition in self.CONDITIONS * 2:
                expected = columns_of(VALUES[: row + 1]).mask({"key": condition}, row + 1)
                np.testing.assert_array_equal(columns.mask({"key": condition}, row + 1), expected)

    def test_only_new_values_are_decided(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[Any] = []

        def greater(value: Any, limit: Any) -> bool:
            asked.append(value)
            return value > limit

        monkeypatch.setitem(metadata_file._ORDERED, "$gt", greater)
        columns = columns_of(list(range(100)))
        for _ in range(3):
            assert columns.mask({"key": {"$gt": 97}}, 100).nonzero()[0].tolist() == [98, 99]
        assert asked == list(range(100))
        columns.put(100, {"key": 5})
        columns.put(101, {"key": 1000})
        assert columns.mask({"key": {"$gt": 97}}, 102).nonzero()[0].tolist() == [98, 99, 101]
        assert asked == [*range(100), 1000]

    def test_a_condition_changed_in_place_is_another_one(self) -> None:
        columns, condition = columns_of([1, 2, 3]), {"$in": [1]}
        assert columns.mask({"key": condition}, 3).tolist() == [True, False, False]
        condition["$in"].append(3)
        assert columns.mask({"key": condition}, 3).tolist() == [True, False, True]

    def test_keys_do_not_share(self) -> None:
        columns = MetadataColumns()
        columns.put(0, {"a": 1, "b": 2})
        columns.put(1, {"a": 2, "b": 1})
        assert columns.mask({"a": 1}, 2).tolist() == [True, False]
        assert columns.mask({"b": 1}, 2).tolist() == [False, True]

    def test_what_is_kept_is_bounded_and_counted(self) -> None:
        columns = columns_of(list(range(1000)))
        before = columns.nbytes
        for wanted in range(500):
            assert columns.mask({"key": wanted}, 1000).nonzero()[0].tolist() == [wanted]
        assert before < columns.nbytes <= before + 64 * 1001
        for i in range(200):
            columns.mask({f"never {i}": 1}, 1000)
        assert columns.nbytes <= before + 64 * 1001

    def test_restored_columns_forget_what_was_decided(self) -> None:
        columns, others = columns_of(["a", "b"]), columns_of(["b", "a"])
        assert columns.mask({"key": "a"}, 2).tolist() == [True, False]
        columns.restore(others.codes, others.values)
        assert columns.mask({"key": "a"}, 2).tolist() == [False, True]


class TestColumns:
    ROWS: tuple[dict[str, Scalar], ...] = (
        {"a": 1, "b": "x"},
        {},
        {"a": True, "c": None},
        {"a": 1.0, "": ""},
        {"b": "x", "a": False},
        {"a": 0},
        {"é\U0001f642": "\U0001f642"},
    )

    def test_what_was_put_is_what_one_gets_types_included(self) -> None:
        columns = MetadataColumns()
        for row, metadata in enumerate(self.ROWS):
            columns.put(row, metadata)
        for row, metadata in enumerate(self.ROWS):
            found = columns.get(row)
            assert found == metadata
            assert {key: type(value) for key, value in found.items()} == {
                key: type(value) for key, value in metadata.items()
            }
        assert columns.get(1000) == {}

    def test_restored_columns_go_on_as_if_never_stopped(self) -> None:
        whole, before, after = MetadataColumns(), MetadataColumns(), MetadataColumns()
        for row, metadata in enumerate(self.ROWS):
            whole.put(row, metadata)
        for row, metadata in enumerate(self.ROWS[:4]):
            before.put(row, metadata)
        after.restore(
            {key: codes.copy() for key, codes in before.codes.items()},
            {key: list(values) for key, values in before.values.items()},
        )
        for row, metadata in enumerate(self.ROWS[4:], 4):
            after.put(row, metadata)
        n = len(self.ROWS)
        assert [after.get(row) for row in range(n)] == [whole.get(row) for row in range(n)]
        assert after.values == whole.values
        for key in whole.codes:
            assert (after.mask({key: {"$ne": None}}, n) == whole.mask({key: {"$ne": None}}, n)).all()

    def test_many_values_of_many_rows(self) -> None:
        columns = MetadataColumns()
        for row in range(3000):
            columns.put(row, {"n": row % 700, "s": str(row % 11)})
        mask = columns.mask({"n": {"$gte": 690}, "s": {"$in": ["3", "5"]}}, 3000)
        expected = [row for row in range(3000) if row % 700 >= 690 and row % 11 in (3, 5)]
        assert mask.nonzero()[0].tolist() == expected
        assert columns.nbytes > 3000 * 8
