"""Entries: header, signature, id (FORMAT.md 3).

entry = header || signature          at most 1,024 bytes
id    = sha256(0x00 || entry)        the link, the name, and the leaf of the tree
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from chainlog.errors import CanonicalError, EntryError, VersionError
from chainlog.format import canonical

if TYPE_CHECKING:
    from chainlog.format.keys import Signer

VERSION: Final = 1
ENTRY_LIMIT: Final = 1024
SIGNATURE_BYTES: Final = 64
ID_BYTES: Final = 32
KIND_LIMIT: Final = 32
NO_ID: Final = bytes(ID_BYTES)
SIGNED_PREFIX: Final = b"chainlog/v1/entry\n"
# What every header but the first begins with, before the chain's id: after damage a reader finds
# the next record by it.
HEADER_MARK: Final = b"\x99\x01\xc4\x20"

_KIND: Final = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?", re.ASCII)

_Uint = Annotated[int, msgspec.Meta(ge=0, le=canonical.INT_LIMIT)]
_Hash = Annotated[bytes, msgspec.Meta(min_length=ID_BYTES, max_length=ID_BYTES)]


class Header(msgspec.Struct, frozen=True, array_like=True):
    """The nine fields that are signed.

    `time` is in milliseconds since the Unix epoch, a claim of the author's clock.
    """

    version: Annotated[int, msgspec.Meta(ge=VERSION, le=VERSION)]
    chain: _Hash
    prev: _Hash
    index: _Uint
    roster: _Uint
    time: _Uint
    author: bytes
    kind: Annotated[str, msgspec.Meta(max_length=KIND_LIMIT)]
    body: _Hash


class Entry(msgspec.Struct, frozen=True):
    """An entry that is well-formed; whether its signature holds is for the verifier to say."""

    raw: bytes
    header: Header
    id: bytes

    @property
    def signature(self) -> bytes:
        """64 bytes over `signed`."""
        return self.raw[-SIGNATURE_BYTES:]

    @property
    def signed(self) -> bytes:
        """The message that is signed."""
        return SIGNED_PREFIX + self.raw[:-SIGNATURE_BYTES]

    @property
    def chain(self) -> bytes:
        """The chain's id: the id of its entry 0, which cannot name itself."""
        return self.header.chain if self.header.index else self.id


_header: Final[canonical.Shape[Header]] = canonical.Shape(Header, "header")


def entry_id(raw: bytes) -> bytes:
    """The id of an entry: RFC 6962's leaf hash."""
    return sha256(b"\x00" + raw).digest()


@lru_cache(maxsize=256)
def is_kind(text: str) -> bool:
    """Whether `text` has the form of a kind; whether anybody knows the kind is another matter."""
    return _KIND.fullmatch(text) is not None and len(text) <= KIND_LIMIT


def parse_entry(raw: bytes) -> Entry:
    """The entry in `raw`.

    Raises EntryError, or VersionError for a version that this reader does not know.
    """
    if not SIGNATURE_BYTES < len(raw) <= ENTRY_LIMIT:
        raise EntryError(
            f"an entry of {len(raw)} bytes: it takes from {SIGNATURE_BYTES + 1} to {ENTRY_LIMIT}"
        )
    try:
        header = _header.decode(raw[:-SIGNATURE_BYTES])
    except CanonicalError as error:
        raise _why_not(raw, error) from None
    if not is_kind(header.kind):
        raise EntryError(f"{header.kind!r} is no kind of entry")
    return Entry(raw, header, entry_id(raw))


def seal(header: Header, signer: Signer) -> Entry:
    """Sign `header`. Raises EntryError when it is not one that a reader would take."""
    data = canonical.pack(header)
    return parse_entry(data + signer.sign(SIGNED_PREFIX + data))


def _why_not(raw: bytes, error: CanonicalError) -> EntryError:
    """A header of another version is nothing bad, only unknown.

    Its first element, a small integer, is not 1.
    """
    header = raw[:-SIGNATURE_BYTES]
    if len(header) > 1 and 0x91 <= header[0] <= 0x9F and header[1] <= 0x7F and header[1] != VERSION:
        return VersionError(
            f"an entry of version {header[1]}, which this reader does not know",
            hint="use a newer chainlog",
        )
    return EntryError(error.message)


_HEX_ID: Final = re.compile(r"[0-9a-f]{64}")


def is_id(text: str) -> bool:
    """Whether `text` is an id, or a digest, as it is written.

    It is written so in JSON, on the command line and in a ledger's folders.
    """
    return _HEX_ID.fullmatch(text) is not None
