"""Things and events in words: an item as text, a line, an event in a sentence.

Text that a person reads, or types.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from chainlog.errors import EventError
from chainlog.events.kinds import KINDS
from chainlog.events.plain_json import to_plain
from chainlog.events.things import format_item
from chainlog.format.keys import format_key_id
from chainlog.format.opened import Logged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chainlog.format.opened import Logged

SHORT_ID: Final = 12
# The order in which a person checks an event; what is not named here follows, in the order of the
# event.
_FIRST: Final = (
    "event_time",
    "step",
    "from",
    "to",
    "holder",
    "owner",
    "counter",
    "document",
    "place",
    "item",
    "was",
    "now",
    "container",
)
_WITHHELD: Final = "(withheld)"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def format_time(time: int) -> str:
    """Milliseconds since the Unix epoch as `2023-03-01T08:00:00Z`.

    What no calendar holds stays a number.
    """
    try:
        return (_EPOCH + timedelta(milliseconds=time)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return f"{time} ms"


def printable(text: str) -> str:
    """Text of a stranger, safe to show.

    Control characters, and those that turn the direction of text, are written out.
    """
    return "".join(
        f"\\u{ord(char):04x}"
        if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        else char
        for char in text
    )


def format_event(kind: str, fields: dict[str, Any]) -> str:
    """An event in short plain lines, for a person to check.

    What it is, then one field a line, unknown ones too.
    """
    shape = KINDS.get(kind)
    title = (
        f"{kind} — {shape.__doc__}"
        if shape is not None and shape.__doc__
        else f"{kind} — a kind that this version does not know"
    )
    names = [
        *(name for name in _FIRST if name in fields),
        *(name for name in fields if name not in _FIRST),
    ]
    return "\n".join(
        [printable(title), *(line for name in names for line in _format_field(name, fields[name]))]
    )


def _format_field(name: str, value: Any) -> list[str]:  # noqa: ANN401  (JSON has no better type)
    label = printable(
        name
        if name.startswith("x_")
        else "when"
        if name == "event_time"
        else name.replace("_", " ")
    )
    if name == "replacement" and isinstance(value, dict):
        inner = {part: one for part, one in value.items() if part != "kind"}
        text = (
            format_event(str(value.get("kind", "the same kind")), inner)
            if "kind" in value
            else format_event("replacement", inner)
        )
        return [
            f"  {label}:",
            *(f"    {line}" for line in text.splitlines()[0 if "kind" in value else 1 :]),
        ]
    if name == "checkpoint" and isinstance(value, str):
        return [f"  {label}:", *(f"    {printable(line)}" for line in value.splitlines())]
    if isinstance(value, list):
        return [
            f"  {label}: {len(value)}",
            *(f"    - {line}" for line in _format_elements(name, value)),
        ]
    return [f"  {label}: {printable(_format_value(name, value))}"]


def _format_elements(name: str, elements: list[Any]) -> Iterator[str]:
    """The elements of an array, a line each.

    Those that are withheld are counted where several stand together.
    """
    for hidden, some in groupby(elements, key=lambda one: one is None):
        if hidden:
            count = len(list(some))
            yield _WITHHELD if count == 1 else f"({count} withheld)"
        else:
            yield from (printable(_format_value(name, one)) for one in some)


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


def _format_value(name: str, value: Any) -> str:  # noqa: ANN401, PLR0911  (one branch a form)
    if value is None:
        return _WITHHELD
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, bytes):
        # What is trusted, or admitted, is named whole: a beginning can be made to fit.
        return (
            format_key_id(value)
            if name == "key"
            else value.hex()
            if name in {"chain", "programme"}
            else value.hex()[:SHORT_ID]
        )
    if isinstance(value, dict):
        if name in {"item", "items", "container"}:
            return format_item(value)
        if name == "lines":
            return format_line(value) or str(to_plain(value))
        if name == "attachments":
            return (
                f"{value.get('type')}, {value.get('size')} bytes, sha256 "
                f"{_format_value('sha256', value.get('sha256'))}"
            )
        return ", ".join(f"{inner} {_format_value(inner, one)}" for inner, one in value.items())
    if isinstance(value, list):
        return ", ".join(_format_value(name, one) for one in value)
    return str(value)


def parse_lot(text: str) -> dict[str, Any]:
    """So much of a lot: `NSN/NUMBER:QUANTITY:UNIT`.

    The first two are percent-encoded where they must be. Raises EventError.
    """
    parts = text.rsplit(":", 2)
    names = parts[0].split("/")
    if len(parts) != 3 or len(names) != 2 or not all((*parts, *names)):
        raise EventError(
            f"{text!r} is no part of a lot",
            hint="it is NSN/NUMBER:QUANTITY:UNIT; write a / within a part as %2F",
        )
    return {
        "lot": {"nsn": unquote(names[0]), "number": unquote(names[1])},
        "quantity": parts[1],
        "unit": unquote(parts[2]),
    }


def parse_money(text: str) -> dict[str, Any]:
    """Money: `AMOUNT:CURRENCY`. Raises EventError."""
    amount, _, currency = text.partition(":")
    if not amount or not currency:
        raise EventError(f"{text!r} is no money", hint="it is AMOUNT:CURRENCY, such as 10.50:USD")
    return {"amount": amount, "currency": currency}


def parse_worth(text: str) -> dict[str, Any]:
    """What something is worth: `AMOUNT:CURRENCY:BASIS`. Raises EventError."""
    parts = text.split(":", 2)
    if len(parts) != 3 or not all(parts):
        raise EventError(
            f"{text!r} is no value", hint="it is AMOUNT:CURRENCY:BASIS, such as 1000:USD:book"
        )
    return dict(zip(("amount", "currency", "basis"), parts, strict=True))


def format_line(line: dict[str, Any]) -> str:
    """A line of an event in words: nothing that it holds is left out, whatever its shape."""
    parts, left = [], dict(line)
    if isinstance(line.get("item"), dict):
        parts.append(format_item(left.pop("item")))
    if isinstance(line.get("lot"), dict):
        lot = left.pop("lot")
        quantity, unit = left.pop("quantity", "?"), left.pop("unit", "")
        parts.append(f"{quantity} {unit} of lot {lot.get('number')} (NSN {lot.get('nsn')})")
    if "amount" in line:
        parts.append(f"{left.pop('amount')} {left.pop('currency', '')}")
    worth = left.pop("value") if isinstance(line.get("value"), dict) else None
    parts += [
        f"{name} {_format_value(name, left[name])}"
        for name in sorted(left, key=("type", "nsn", "condition", *sorted(left)).index)
    ]
    if worth is not None:
        parts.append(f"worth {worth.get('amount')} {worth.get('currency')} ({worth.get('basis')})")
    return ", ".join(parts)


def summary(logged: Logged) -> str:
    """What an event is about, in one line."""
    fields: dict[str, Any] | None = logged.fields
    if fields is None:
        return "(body not held)" if logged.problem is None else "(body does not match)"
    parts = [
        f"{name} {fields[name]}"
        for name in ("from", "to", "holder", "document")
        if isinstance(fields.get(name), str)
    ]
    lines = fields.get("lines")
    if isinstance(lines, list) and lines:
        first = format_line(lines[0]) if isinstance(lines[0], dict) else "(withheld)"
        parts.append(first if len(lines) == 1 else f"{first} and {len(lines) - 1} more")
    if isinstance(fields.get("item"), dict):
        parts.append(format_item(fields["item"]))
    return printable(", ".join(parts))
