"""An event taken through the door: its names and units made canonical, and what was changed said.

`from_plain` has read its numbers and moments before, without which it fits no vocabulary. Only
events of custody are changed: what governs a chain is spelt as its owners spell it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chainlog.errors import EventError, Sentence
from chainlog.events import terms
from chainlog.events.door.identifiers import read_identifier, trim
from chainlog.events.door.units import read_unit
from chainlog.events.event import Event, Fields, is_governing
from chainlog.events.kinds import names_of

if TYPE_CHECKING:
    from collections.abc import Callable

_READ: Final[dict[str, Callable[[str], str]]] = {
    **{
        name: lambda text, name=name: read_identifier(text, name)  # type: ignore[misc]
        for name in names_of(terms.Code, terms.Mark, terms.Party)
    },
    **dict.fromkeys(names_of(terms.Unit), read_unit),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """An event as it is signed, and what was taken for what: sentences, each once."""

    event: Event
    remarks: tuple[Sentence, ...] = ()


def read_event(event: Event) -> Reading:
    """The event with its identifiers and units as the door has them.

    Raises EventError, which names the field.
    """
    if is_governing(event.kind):
        return Reading(event)
    fields, remarks = read_fields(event.fields)
    return Reading(event if fields == event.fields else Event.parse(event.kind, fields), remarks)


def read_fields(fields: Fields) -> tuple[Fields, tuple[Sentence, ...]]:
    """Fields of an event of custody, whatever it still lacks, and what was taken for what.

    Raises EventError, which names the field.
    """
    changed: dict[tuple[str, str], Sentence] = {}
    read = {
        name: value if name.startswith("x_") else _read(name, value, name, changed)
        for name, value in fields.items()
    }
    return read, tuple(changed.values())


def _read(name: str, value: Any, path: str, changed: dict[tuple[str, str], Sentence]) -> Any:  # noqa: ANN401  (a field has no better type)
    if isinstance(value, dict):
        return {
            inner: one
            if name == "replacement" and inner.startswith("x_")
            else _read(inner, one, f"{path}.{inner}", changed)
            for inner, one in value.items()
        }
    if isinstance(value, list):
        return [_read(name, one, f"{path}[{number}]", changed) for number, one in enumerate(value)]
    if name not in _READ or not isinstance(value, str):
        return value
    try:
        read = _READ[name](value)
    except EventError as error:
        raise EventError(error.reason, field=path, hint=error.hint) from None
    if read != trim(value):
        changed[value, read] = Sentence("{typed!r} is taken as {read!r}", typed=value, read=read)
    return read
