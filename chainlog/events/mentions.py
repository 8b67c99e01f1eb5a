"""What a body names: other entries, attachments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chainlog.events.kinds import CITES, names_of
from chainlog.events.terms import Ids
from chainlog.format import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.format.body import Body

# How a value of 32 bytes begins in canonical MessagePack.
_BIN_32: Final = b"\xc4\x20"
# The fields that name another entry by its id (docs/field.md), and those whose elements do.
_MANY: Final = CITES & {*names_of(Ids)}
_ONE: Final = CITES - _MANY


def attachments_in(body: Body) -> list[bytes]:
    """The digests of the attachments that a body shows, whatever else their fields say."""
    digests = []
    for path, value in zip(body.paths, body.values, strict=True):
        if value is not None and path.startswith("attachments/"):
            attachment = canonical.decode(value)
            digest = attachment.get("sha256") if isinstance(attachment, dict) else None
            if isinstance(digest, bytes):
                digests.append(digest)
    return digests


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


def files_in(body: Body) -> Iterator[bytes]:
    """The digests of the files that a body shows, at any depth: those of a replacement too."""
    pending: list[Any] = [
        canonical.decode(data) for data in body.values if data is not None and b"sha256" in data
    ]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            digest = value.get("sha256")
            if isinstance(digest, bytes):
                yield digest
            pending += value.values()
        elif isinstance(value, list):
            pending += value
