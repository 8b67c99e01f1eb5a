"""Dates and times in the forms that people write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from chainlog.errors import EventError
from chainlog.events.door.moments import read_moment

KYIV = ZoneInfo("Europe/Kyiv")
NOW = datetime(2026, 11, 29, 12, 30, 15, tzinfo=KYIV)


def there(typed):
    """What the system's clock says of a local time: one that was left out is moved."""
    return typed.replace(tzinfo=KYIV).astimezone(UTC).astimezone(KYIV)


def read(text, form):
    return read_moment(text, NOW, form, there)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("today", "2026-11-29"),
        ("Сьогодні", "2026-11-29"),
        ("now", "2026-11-29"),
        ("вчора", "2026-11-28"),
        ("yesterday", "2026-11-28"),
        ("позавчора", "2026-11-27"),
        ("tomorrow", "2026-11-30"),
        ("-14d", "2026-11-15"),
        ("-1д", "2026-11-28"),
        ("28.11", "2026-11-28"),
        ("28.11.", "2026-11-28"),
        ("30.12", "2026-12-30"),
        ("28.11.26", "2026-11-28"),
        ("1.3.2023", "2023-03-01"),
        ("2026-11-28", "2026-11-28"),
        ("2026-1-2", "2026-01-02"),
    ],
)
def test_days(typed, day):
    assert read(typed, "date") == day
    if typed != "now":
        assert read(typed, "moment") == day


@pytest.mark.parametrize(
    ("typed", "instant"),
    [
        ("now", "2026-11-29T12:30:15+02:00"),
        ("10:30", "2026-11-29T10:30:00+02:00"),
        ("вчора 9:05", "2026-11-28T09:05:00+02:00"),
        ("28.11.26 10:30", "2026-11-28T10:30:00+02:00"),
        ("28.7.26  10:30:20", "2026-07-28T10:30:20+03:00"),
        ("30.12", "2025-12-30T00:00:00+02:00"),
        ("2026-11-27T10:00Z", "2026-11-27T10:00:00Z"),
        ("2026-11-27T10:00", "2026-11-27T10:00:00+02:00"),
        ("2026-11-27 10:00+01:00", "2026-11-27T10:00:00+01:00"),
    ],
)
def test_times(typed, instant):
    assert read(typed, "time") == instant


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "soon",
        "24:00",
        "11/12/26",
        "31.11",
        "2026-13-01",
        "0000-01-01",
        "1 10:30",
        "вчора опівдні",
    ],
)
def test_what_is_no_time_is_refused(typed):
    for form in ("time", "date", "moment"):
        with pytest.raises(EventError, match="such as 2023-03-01") as caught:
            read(typed, form)
        assert "yesterday" in (caught.value.hint or "")


def test_a_day_is_no_time():
    for typed in ("10:30", "28.11 10:30", "2026-11-27T10:00Z", "-9999d 1:00"):
        with pytest.raises(EventError, match="is no date"):
            read(typed, "date")


def test_an_hour_that_was_left_out_or_was_there_twice_is_said():
    with pytest.raises(EventError, match="there was no 2026-03-29 03:30") as caught:
        read("29.3.26 3:30", "time")
    assert "offset" in (caught.value.hint or "")
    with pytest.raises(EventError, match="2026-10-25 03:30 was there twice") as caught:
        read("25.10.26 3:30", "moment")
    assert caught.value.hint == "write 2026-10-25T03:30:00+03:00 or 2026-10-25T03:30:00+02:00"
    assert read("2026-10-25T03:30:00+02:00", "time") == "2026-10-25T03:30:00+02:00"
