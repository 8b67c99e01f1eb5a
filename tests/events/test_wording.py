"""Text that people type or read: instants, paths of fields, lots, money; a stranger's too."""

from __future__ import annotations

import pytest

from chainlog.errors import EventError
from chainlog.events.wording import (
    day,
    format_paths,
    format_time,
    parse_lot,
    parse_money,
    parse_worth,
    printable,
)

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


def test_a_strangers_text_is_safe_to_show():
    assert printable("a\x1b[2J\u202eb\n") == r"a\u001b[2J\u202eb\u000a"
    assert printable("Склад 7 «Рівне»") == "Склад 7 «Рівне»"


def test_paths_in_few_words():
    paths = ["lines/0", "lines/1", "lines/2", "lines/5", "note", "place", "x_tags/10"]
    assert format_paths(paths) == "lines/0-2,5, note, place, x_tags/10"
    assert format_paths([]) == ""


def test_lots_are_read_as_they_are_written():
    assert parse_lot("1/2%3A:3:EA") == {
        "lot": {"nsn": "1", "number": "2:"},
        "quantity": "3",
        "unit": "EA",
    }
    for bad in ("", "1:2:3", "1/2:3", "1/2::EA", "/2:3:EA"):
        with pytest.raises(EventError):
            parse_lot(bad)


def test_money_is_read_as_it_is_written():
    assert parse_money("10.50:USD") == {"amount": "10.5", "currency": "USD"}
    for bad in ("", "10.50", "10.50:", ":USD"):
        with pytest.raises(EventError, match="is no money"):
            parse_money(bad)


def test_worth_is_read_as_it_is_written():
    assert parse_worth("1000:USD:book") == {"amount": "1000", "currency": "USD", "basis": "book"}
    for bad in ("", "1000:USD", "1000::book", ":USD:book", "1000:USD:"):
        with pytest.raises(EventError, match="is no value"):
            parse_worth(bad)
