"""Lines into a budget: best first while they fit, then as they were said, a heading a day."""

from __future__ import annotations

import pytest

from remanence.core.packing import NEWLINE_TOKENS, compose, line, pack

DAY = 86_400 * 10**9
HEADING = 7


def heading(_: str) -> int:
    return HEADING


@pytest.mark.parametrize(
    ("speaker", "role", "expected"),
    [
        ("Ana", "user", "Ana: hi"),
        ("", "assistant", "assistant: hi"),
        ("", "", "- hi"),
    ],
)
def test_a_line_says_who(speaker: str, role: str, expected: str) -> None:
    assert line(speaker, role, "hi") == expected


class TestPack:
    def test_all_that_fits_is_taken_in_order_of_rank(self) -> None:
        assert pack([5, 5, 5], [0, 0, 0], 100, heading) == ([0, 1, 2], HEADING + 3 * 5 + 3 * NEWLINE_TOKENS)

    def test_the_budget_is_exact(self) -> None:
        needed = HEADING + NEWLINE_TOKENS + 5 + NEWLINE_TOKENS + 6
        assert pack([5, 6], [0, 0], needed, heading) == ([0, 1], needed)
        assert pack([5, 6], [0, 0], needed - 1, heading) == ([0], HEADING + NEWLINE_TOKENS + 5)

    def test_a_line_that_does_not_fit_is_skipped_and_the_next_one_tried(self) -> None:
        assert pack([5, 500, 6], [0, 0, 0], 40, heading)[0] == [0, 2]

    def test_a_day_costs_its_heading_once(self) -> None:
        two_days = 2 * (HEADING + NEWLINE_TOKENS) + 3 * 5 + 2 * NEWLINE_TOKENS
        assert pack([5, 5, 5], [0, DAY, 1], two_days, heading) == ([0, 1, 2], two_days)
        assert pack([5, 5, 5], [0, DAY, 1], two_days - 1, heading)[0] == [0, 1]

    def test_a_line_whose_heading_does_not_fit_leaves_its_day_unpaid(self) -> None:
        budget = HEADING + NEWLINE_TOKENS + 5 + NEWLINE_TOKENS + 6
        assert pack([5, 3, 6, 2], [0, DAY, 0, DAY], budget, heading) == ([0, 2], budget)

    def test_days_end_at_midnight_utc_before_the_epoch_too(self) -> None:
        budget = HEADING + 2 * NEWLINE_TOKENS + 2 * 5
        assert pack([5, 5], [-1, -DAY], budget, heading)[0] == [0, 1]
        assert pack([5, 5], [-1, 0], budget, heading)[0] == [0]

    @pytest.mark.parametrize("budget", [0, 1, 2, HEADING, HEADING + NEWLINE_TOKENS + 4])
    def test_nothing_fits_a_budget_too_small(self, budget: int) -> None:
        assert pack([5, 9], [0, 0], budget, heading) == ([], 0)

    def test_nothing_in_nothing_out(self) -> None:
        assert pack([], [], 100, heading) == ([], 0)


class TestCompose:
    def test_lines_stand_in_the_order_they_were_said_under_their_day(self) -> None:
        may_8 = 19_485 * DAY
        lines = [(may_8 + 2, 9, "c"), (0, 1, "a"), (may_8, 3, "b"), (may_8 + DAY, 4, "d")]
        expected = ["[Thu 1 January 1970]", "a", "[Mon 8 May 2023]", "b", "c", "[Tue 9 May 2023]", "d"]
        assert compose(lines).split("\n") == expected

    def test_what_was_said_at_once_stands_in_log_order(self) -> None:
        assert compose([(5, 12, "z"), (5, 3, "b"), (5, 4, "a")]).split("\n")[1:] == ["b", "a", "z"]

    @pytest.mark.parametrize(
        ("at_ns", "expected"),
        [
            (-1, "[Wed 31 December 1969]"),
            (-(2**63) + 10**17, "[Thu 21 November 1680]"),
            (2**63 - 1, "[Fri 11 April 2262]"),
        ],
    )
    def test_headings_of_far_away_days(self, at_ns: int, expected: str) -> None:
        assert compose([(at_ns, 1, "x")]) == f"{expected}\nx"

    def test_nothing_is_empty(self) -> None:
        assert compose([]) == ""
