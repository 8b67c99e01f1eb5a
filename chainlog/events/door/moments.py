"""Dates and times in the forms that people write them.

    today · yesterday · вчора 10:30 · -14d      counted from now
    28.11 · 28.11.26 10:30 · 2026-11-28         day.month, or year-month-day
    2026-11-27T10:00Z                           as it stands

A day without a year is this year's, or of what happened the last one. An hour that the clocks left
out, or went through twice, is refused: only its offset says which is meant. Where day and month
may be exchanged (`11/12/26`), nothing is guessed.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, Literal

from chainlog.errors import EventError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

# What is asked for: an instant, a day, or either. A day alone is the beginning of it as an instant.
Form: TypeAlias = 'Literal["time", "date", "moment"]'

_DAYS_AGO: Final = {
    **dict.fromkeys(("today", "сьогодні"), 0),
    **dict.fromkeys(("yesterday", "вчора", "учора"), 1),
    **dict.fromkeys(("позавчора",), 2),
    **dict.fromkeys(("tomorrow", "завтра"), -1),
}
_NOW: Final = frozenset({"now", "зараз"})
_AGO: Final = re.compile(r"-(\d{1,4}) ?[dд]", re.ASCII)
_ISO: Final = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)", re.ASCII)
_DOTTED: Final = re.compile(r"(\d\d?)\.(\d\d?)(?:\.(\d{4}|\d\d)?)?", re.ASCII)
_CLOCK: Final = re.compile(r"(\d\d?):(\d\d)(?::(\d\d))?", re.ASCII)
_CENTURY: Final = 2000


def read_moment(
    text: str,
    now: datetime,
    form: Form,
    place: Callable[[datetime], datetime] = datetime.astimezone,
) -> str:
    """An instant or a date as an event holds it. Raises EventError.

    `now` has the offset of whoever types; `place` puts a time without one where they are.
    """
    plain = " ".join(text.casefold().split())
    if plain in _NOW:
        return now.date().isoformat() if form == "date" else format_instant(now)
    try:
        on, at = _parts(plain, now.date(), form)
        if at is None and form != "time":
            return on.isoformat()
        if form != "date":
            typed = datetime.combine(on, time(*(at or (0, 0, 0))))
            return format_instant(_placed(typed, place))
    except (ValueError, OverflowError):
        whole = _whole(text)
        if whole is not None and form != "date":
            return format_instant(whole)
    raise EventError(
        "{text!r} is no date such as 2023-03-01"
        if form == "date"
        else "{text!r} is no time such as 2023-03-01 10:30",
        text=text[:40],
        hint="write year-month-day or day.month.year: 2023-03-01, 1.3.2023, yesterday, -14d",
    )


def format_instant(at: datetime) -> str:
    """An instant as an event holds it."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _parts(text: str, today: date, form: Form) -> tuple[date, tuple[int, int, int] | None]:
    """The day and the clock that a text names. Raises ValueError, OverflowError."""
    first, _, rest = text.partition(" ")
    if _ISO.match(first) and "t" in first and not rest:
        first, _, rest = first.partition("t")
    if not rest and _CLOCK.fullmatch(first):
        return today, _clock(first)
    return _day(first, today, form), _clock(rest) if rest else None


def _clock(text: str) -> tuple[int, int, int]:
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return int(match[1]), int(match[2]), int(match[3] or 0)


def _day(text: str, today: date, form: Form) -> date:
    if text in _DAYS_AGO:
        return today - timedelta(days=_DAYS_AGO[text])
    if ago := _AGO.fullmatch(text):
        return today - timedelta(days=int(ago[1]))
    if iso := _ISO.fullmatch(text):
        return date(int(iso[1]), int(iso[2]), int(iso[3]))
    dotted = _DOTTED.fullmatch(text)
    if dotted is None:
        raise ValueError(text)
    day, month = int(dotted[1]), int(dotted[2])
    if dotted[3]:
        year = int(dotted[3])
        return date(year if len(dotted[3]) > 2 else _CENTURY + year, month, day)
    this = date(today.year, month, day)
    return this if this <= today or form != "time" else date(today.year - 1, month, day)


def _whole(text: str) -> datetime | None:
    """An instant in a form of ISO 8601 that says its offset."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _placed(typed: datetime, place: Callable[[datetime], datetime]) -> datetime:
    """A time where whoever typed it is, which is there once. Raises EventError."""
    first, second = place(typed), place(typed.replace(fold=1))
    shown = typed.isoformat(sep=" ", timespec="minutes")
    if first.replace(tzinfo=None, fold=0) != typed:
        raise EventError(
            "there was no {shown}: the clocks went forward",
            shown=shown,
            hint="look at the paper again, or write the time with its offset",
        )
    if first.utcoffset() != second.utcoffset():
        raise EventError(
            "{shown} was there twice: the clocks went back",
            shown=shown,
            first=format_instant(first),
            second=format_instant(second),
            hint="write {first} or {second}",
        )
    return first
