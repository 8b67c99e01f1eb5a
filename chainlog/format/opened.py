"""An entry with its body opened, as far as it is held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chainlog.errors import BodyError
from chainlog.format.body import Body, open_body

if TYPE_CHECKING:
    from chainlog.format.entry import Entry
    from chainlog.format.record import Record


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry as it is held.

    `body` is None where it is absent, or where `problem` says what is wrong with it.
    """

    entry: Entry
    body: Body | None
    problem: str | None = None

    @property
    def fields(self) -> dict[str, Any] | None:
        """What the event says, None where its body is not held."""
        return None if self.body is None else self.body.fields()


def read_logged(record: Record) -> Logged:
    """What a record holds, its body opened where it is held. Raises EntryError."""
    entry = record.parsed
    if not record.body:
        return Logged(entry, None)
    try:
        return Logged(entry, open_body(record.body, entry.header.body))
    except BodyError as error:
        return Logged(entry, None, error.message)
