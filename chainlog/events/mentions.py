"""What a body names: other entries, files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chainlog.errors import BodyError
from chainlog.events.kinds import CITES, names_of
from chainlog.events.terms import Ids
from chainlog.format import canonical
from chainlog.format.body import open_body

if TYPE_CHECKING:
    from chainlog.format.body import Body
    from chainlog.format.record import Record

# How a value of 32 bytes begins in canonical MessagePack.
_BIN_32: Final = b"\xc4\x20"
# The fields that name another entry by its id (docs/field.md), and those whose elements do.
_MANY: Final = CITES & {*names_of(Ids)}
_ONE: Final = CITES - _MANY


def citations_in(body: Body) -> list[bytes]:
    """The ids of other entries that a body shows, whatever else its fields say."""
    return [
        value[2:]
        for path, value in zip(body.paths, body.values, strict=True)
        if value is not None
        and len(value) == 34
        and value[:2] == _BIN_32
        and (path in _ONE or ("/" in path and path.partition("/")[0] in _MANY))
    ]


def files_in(body: Body) -> dict[bytes, int | None]:
    """The files that a body shows, as `files_named` gives them."""
    shown = (data for data in body.values if data is not None and b"sha256" in data)
    return files_named([canonical.decode(data) for data in shown])


def files_of(record: Record) -> dict[bytes, int | None]:
    """The files that a record's body shows; none where it is absent or cannot be opened."""
    if b"sha256" not in record.body:
        return {}
    try:
        return files_in(open_body(record.body, record.parsed.header.body))
    except BodyError:
        return {}


def files_named(told: object) -> dict[bytes, int | None]:
    """The files that what an event says names: digests, each with its size where one is said.

    Every map with a `sha256` names one, at any depth: `attachments` do, and those of the event in
    a `replacement` too, however deep it stands in others.
    """
    found: dict[bytes, int | None] = {}
    pending = [told]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            digest, size = value.get("sha256"), value.get("size")
            if isinstance(digest, bytes):
                found.setdefault(digest, size if type(size) is int else None)
            pending += reversed(value.values())
        elif isinstance(value, list):
            pending += reversed(value)
    return found
