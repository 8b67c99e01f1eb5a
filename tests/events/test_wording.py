"""Instants in words: a day, a second, and what no calendar holds."""

from __future__ import annotations

import pytest

from chainlog.events.wording import day, format_time

BEYOND = 10**15  # some 31,000 years from now


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (None, ""),
        (0, "1970-01-01"),
        (-1, "1969-12-31"),
        (86_399_999, "1970-01-01"),
        (86_400_000, "1970-01-02"),
        (BEYOND, f"{BEYOND} ms"),
        (-BEYOND, f"{-BEYOND} ms"),
    ],
)
def test_the_day_of_an_instant(time, said):
    assert day(time) == said


@pytest.mark.parametrize(
    ("time", "said"),
    [(0, "1970-01-01T00:00:00Z"), (1_500, "1970-01-01T00:00:01Z"), (BEYOND, f"{BEYOND} ms")],
)
def test_an_instant(time, said):
    assert format_time(time) == said
