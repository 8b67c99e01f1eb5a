"""Cells of a table of events: what a column is declared to hold, as text and read back."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from chainlog.errors import EventError, FormatError
from chainlog.events.door.numbers import is_decimal
from chainlog.events.strict_json import parse_json
from chainlog.format.body import lay_out

# What begins a formula: a sign, or another form of one, which spreadsheets fold into it.
_SIGNS: Final = (
    "=+\\-@\uff1d\uff0b\uff0d\uff20"  # of full width
    "\ufe62\ufe63\ufe66\ufe6b\u207a-\u207c\u208a-\u208c\u2212\ufb29\u2a75\u2a76"  # small, raised, …
)
# What they pass over before it: blanks, quotes, and characters that nobody sees.
_PASSED: Final = (
    '\x00-\x08\x0b\x0c\x0e-\x20"\x7f-\xa0\xad\u1680\u180e\u2000-\u200f'
    "\u2028-\u202f\u205f-\u206f\u3000\ufeff\uff02"
)
_FIRST: Final = rf"[{_PASSED}]*[{_SIGNS}\t\r\n']"
_LATER: Final = rf"'*[{_PASSED}]*[{_SIGNS}]"
_FORMULA: Final = re.compile(rf"\A(?={_FIRST})|(?<=[;\t\r\n])(?={_LATER})")
_DEFUSED: Final = re.compile(rf"\A'(?={_FIRST})|(?<=[;\t\r\n])'(?={_LATER})")


def format_cell(value: Any, form: str | None) -> str:  # noqa: ANN401  (JSON has no better type)
    """The cell of a plain `value` in a column of this form, None where it is not declared."""
    if form == "text" and isinstance(value, str):
        # A NUL is JSON's to write: no text file has one.
        plain = value != "" and value[0] != '"' and "\0" not in value
    else:
        plain = (
            form is None
            and isinstance(value, str)
            and value != ""
            and "\0" not in value
            and _parse_own(value) == value
        )
    return defuse(value if plain else json.dumps(value, ensure_ascii=False))


def parse_cell(cell: str, form: str | None) -> Any:  # noqa: ANN401  (JSON has no better type)
    """The plain value of a cell that is not empty. Raises EventError."""
    cell = _DEFUSED.sub("", cell)
    if form is None:
        return _parse_own(cell)
    if form == "text" and cell[0] != '"':
        return cell
    value = parse_json(cell)
    if form == "text" and not isinstance(value, str):
        raise EventError("expected text; a text that begins with a double quote is written as JSON")
    return value


def defuse(cell: str) -> str:
    """The cell with a `'` wherever a spreadsheet would begin a formula.

    That is at its beginning, and after what another separator than the comma would end a cell at.
    """
    return cell if is_decimal(cell) else _FORMULA.sub("'", cell)


def _parse_own(text: str) -> Any:  # noqa: ANN401  (JSON has no better type)
    """A cell that is not declared: JSON where it is JSON that an event can hold, otherwise text.

    007 and 1.50 are text.
    """
    if text.lstrip(" \t\r\n")[:1] not in set('"[{-0123456789tf'):
        return text
    try:
        value = parse_json(text)
        # Beside another field, since no body is empty.
        lay_out({"kind": "", "x_": value})
    except (EventError, FormatError):
        return text
    return value
