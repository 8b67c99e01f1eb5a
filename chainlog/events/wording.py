"""Text that a person types, or reads in any language: lots, money, times, paths of fields."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from chainlog.errors import EventError
from chainlog.events.door.numbers import read_number

if TYPE_CHECKING:
    from collections.abc import Iterable


SHORT_ID: Final = 12
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def format_time(time: int) -> str:
    """Milliseconds since the Unix epoch as `2023-03-01T08:00:00Z`.

    What no calendar holds stays a number.
    """
    try:
        return (_EPOCH + timedelta(milliseconds=time)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return f"{time} ms"


def day(time: int | None) -> str:
    """The day of an instant in ms, UTC; a time that no calendar holds stays a number."""
    if time is None:
        return ""
    try:
        return (_EPOCH + timedelta(milliseconds=time)).strftime("%Y-%m-%d")
    except OverflowError:
        return f"{time} ms"


def printable(text: str) -> str:
    """Text of a stranger, safe to show.

    Control characters, and those that turn the direction of text, are written out as JSON does.
    """
    return text if text.isprintable() else "".join(map(_write_out, text))


def _write_out(char: str) -> str:
    if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return char
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def format_paths(paths: Iterable[str]) -> str:
    """Paths of fields in few words: those of one array together, as `lines/0-3,5`."""
    words = []
    for name, some in groupby(paths, key=lambda path: path.partition("/")[0]):
        numbers = [int(path.partition("/")[2] or -1) for path in some]
        runs = [
            list(run) for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])
        ]
        told = [str(run[0][1]) if len(run) == 1 else f"{run[0][1]}-{run[-1][1]}" for run in runs]
        words.append(name if numbers == [-1] else f"{name}/{','.join(told)}")
    return ", ".join(words)


def parse_lot(text: str) -> dict[str, Any]:
    """So much of a lot: `NSN/NUMBER:QUANTITY:UNIT`.

    The first two are percent-encoded where they must be. Raises EventError.
    """
    parts = text.rsplit(":", 2)
    names = parts[0].split("/")
    if len(parts) != 3 or len(names) != 2 or not all((*parts, *names)):
        raise EventError(
            "{text!r} is no part of a lot",
            text=text,
            hint="it is NSN/NUMBER:QUANTITY:UNIT; write a / within a part as %2F",
        )
    return {
        "lot": {"nsn": unquote(names[0]), "number": unquote(names[1])},
        "quantity": read_number(parts[1]),
        "unit": unquote(parts[2]),
    }


def parse_money(text: str) -> dict[str, Any]:
    """Money: `AMOUNT:CURRENCY`. Raises EventError."""
    amount, _, currency = text.partition(":")
    if not amount or not currency:
        raise EventError(
            "{text!r} is no money", text=text, hint="it is AMOUNT:CURRENCY, such as 10.50:USD"
        )
    return {"amount": read_number(amount), "currency": currency}


def parse_worth(text: str) -> dict[str, Any]:
    """What something is worth: `AMOUNT:CURRENCY:BASIS`. Raises EventError."""
    parts = text.split(":", 2)
    if len(parts) != 3 or not all(parts):
        raise EventError(
            "{text!r} is no value",
            text=text,
            hint="it is AMOUNT:CURRENCY:BASIS, such as 1000:USD:book",
        )
    amount, currency, basis = parts
    return {"amount": read_number(amount), "currency": currency, "basis": basis}
