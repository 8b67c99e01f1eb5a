"""Events as people and programs pass them.

Plain JSON, ids as hex, keys as `clk1:` text (FORMAT.md 8).

`to_plain` and `from_plain` undo each other for every event that fits the vocabulary. At the door,
`from_plain` also makes canonical what people type: `10.50` becomes `10.5`, a number becomes a
decimal, spaces around a party go.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from chainlog.errors import CanonicalError, EventError, KeyFormError
from chainlog.events import terms
from chainlog.events.door.numbers import is_decimal, read_number
from chainlog.events.event import Event, is_governing
from chainlog.events.kinds import names_of
from chainlog.events.terms import Id, KeyId, Party
from chainlog.format import canonical
from chainlog.format.entry import is_id
from chainlog.format.keys import format_key_id, parse_key_text

# The names, at any depth of an event, whose values have a form of their own.
ID_NAMES: Final = frozenset(names_of(Id))
KEY_NAMES: Final = frozenset(names_of(KeyId))
DECIMAL_NAMES: Final = frozenset(names_of(terms.Decimal))
PARTY_NAMES: Final = frozenset(names_of(Party))


def to_plain(fields: Any) -> Any:  # noqa: ANN401  (JSON has no better type)
    """An event's fields, or any value within, as plain JSON."""
    if isinstance(fields, dict):
        return {
            name: format_key_id(value) if name in KEY_NAMES and _is_key(value) else to_plain(value)
            for name, value in fields.items()
        }
    if isinstance(fields, list):
        return [to_plain(value) for value in fields]
    return fields.hex() if isinstance(fields, bytes) else fields


def from_plain(kind: str, fields: dict[str, Any]) -> Event:
    """The event of `kind` with plain JSON `fields`, made canonical, which can be committed to.

    Raises EventError, which names the field.
    """
    own = not is_governing(kind)
    try:
        read = {
            name: value if own and name.startswith("x_") else _from_plain(name, value, name)
            for name, value in fields.items()
        }
    except RecursionError:
        raise EventError("too many arrays or objects in each other") from None
    event = Event.parse(kind, read)
    for name, value in event.fields.items():
        _check_canonical(name, value)
    return event


def canonical_decimal(text: str) -> str:
    """`text` as a canonical decimal: what is one stays, all else is read as people write numbers.

    Raises EventError.
    """
    return text if is_decimal(text) else read_number(text)


def _check_canonical(name: str, value: Any) -> None:  # noqa: ANN401
    """Raise EventError unless a value is one of FORMAT.md 1.

    This is for what the vocabulary leaves open: fields of one's own, replacements and text.
    """
    try:
        for slot in value if isinstance(value, list) else [value]:
            canonical.encode(slot)
    except CanonicalError as error:
        told = 'a number with a fraction is written as text, "1.5", and null is left out'
        raise EventError(
            "it holds what cannot be recorded: {why}; {told}",
            why=error.message,
            told=told,
            field=name,
        ) from None


def _is_key(value: object) -> bool:
    return isinstance(value, bytes) and len(value) in {33, 34}


def _write_out(number: str | int | Decimal) -> str:
    """Digits without an exponent.

    A number of a million digits is not written out only to be refused.
    """
    if isinstance(number, Decimal) and abs(number.adjusted()) <= 40:
        return f"{number:f}"
    if isinstance(number, int) and number.bit_length() > 128:
        raise EventError("a number of more than 30 digits")
    return str(number)


def _from_plain(name: str, value: Any, path: str) -> Any:  # noqa: ANN401, PLR0911  (one branch a form)
    if isinstance(value, dict):
        # A replacement is an event within an event: in it, too, fields of one's own stay as they
        # are.
        own = name == "replacement"
        return {
            inner: one
            if own and inner.startswith("x_")
            else _from_plain(inner, one, f"{path}.{inner}")
            for inner, one in value.items()
        }
    if isinstance(value, list):
        return [_from_plain(name, one, f"{path}[{number}]") for number, one in enumerate(value)]
    if name in ID_NAMES and isinstance(value, str):
        if not is_id(value):
            raise EventError("expected an id: 64 hex digits in lower case", field=path)
        return bytes.fromhex(value)
    if name in KEY_NAMES and isinstance(value, str):
        try:
            return parse_key_text(value)
        except KeyFormError as error:
            raise EventError(error.message, field=path) from None
    if (
        name in DECIMAL_NAMES
        and isinstance(value, str | int | Decimal)
        and not isinstance(value, bool)
    ):
        try:
            return canonical_decimal(_write_out(value))
        except EventError as error:
            raise EventError(error.reason, field=path, hint=error.hint) from None
    if name in PARTY_NAMES and isinstance(value, str):
        return value.strip()
    return value
