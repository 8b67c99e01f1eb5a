"""SSH's own encoding, and public keys in it.

A string is its length and that many bytes; numbers have the highest byte first (RFC 4251 5)::

    string      uint32 length || that many bytes
    key         string "ssh-ed25519" || string public key of 32 bytes             (RFC 8709 4)
    key file    ssh-ed25519 <base64 of a key> [comment]                       one line, `.pub`
"""

from __future__ import annotations

import base64
from typing import Final

from chainlog.errors import FormatError, KeyfileError
from chainlog.format.keys import ED25519, parse_key_id

KIND: Final = b"ssh-ed25519"
_FIDO: Final = b"sk-"
_MAKE_HINT: Final = "make one: ssh-keygen -t ed25519, then ssh-add"


def put_string(data: bytes) -> bytes:
    """Return a string as SSH writes it (RFC 4251 5)."""
    return len(data).to_bytes(4) + data


class Wire:
    """Bytes in SSH's encoding, read from the front. Whatever is not there raises FormatError."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        left = len(self._data) - self._at
        if size > left:
            raise FormatError(
                "cut off: {size} bytes are said to follow, and {left} do", size=size, left=left
            )
        self._at += size
        return self._data[self._at - size : self._at]

    def number(self) -> int:
        """A uint32."""
        return int.from_bytes(self.take(4))

    def string(self) -> bytes:
        """A string: its length, and that many bytes."""
        return self.take(self.number())

    def end(self) -> None:
        """Nothing may be left."""
        if self._at < len(self._data):
            raise FormatError("bytes too many: {count}", count=len(self._data) - self._at)


def format_public(key_id: bytes) -> bytes:
    """Return a key id as SSH writes the key (RFC 8709 4), 51 bytes."""
    return put_string(KIND) + put_string(key_id[1:])


def parse_public(blob: bytes, where: str) -> bytes:
    """Return the key id of a key as SSH writes it.

    Raises KeyfileError for other kinds, FormatError for what is no key.
    """
    wire = Wire(blob)
    check_kind(wire.string(), where)
    key_id = parse_key_id(bytes([ED25519]) + wire.string())
    wire.end()
    return key_id


def check_kind(kind: bytes, where: str) -> None:
    """Raise KeyfileError where a key is not of the one kind that signs here, and say why not."""
    if kind == KIND:
        return
    if kind.startswith(_FIDO):
        raise KeyfileError(
            "{where} is a FIDO key: it signs another message than the one it is given, so it "
            "cannot sign entries",
            where=where,
            hint=_MAKE_HINT,
        )
    shown = kind[:40].decode("ascii", "backslashreplace")
    raise KeyfileError(
        "{where} is a key of another kind, {shown}: chainlog signs with ssh-ed25519",
        where=where,
        shown=shown,
        hint=_MAKE_HINT,
    )


def parse_public_file(data: bytes, where: str) -> bytes:
    """Return the key id in a public key file: one line, `ssh-ed25519 <base64> [comment]`.

    Raises KeyfileError.
    """
    line = data.strip()
    kind, _, rest = line.partition(b" ")
    check_kind(kind, where)
    text = rest.split(b" ", 1)[0]
    damaged = KeyfileError(
        "{where} is no public key file, or was cut off",
        where=where,
        hint="make it again: ssh-add -L prints it",
    )
    try:
        blob = base64.b64decode(text, validate=True)
        key_id = parse_public(blob, where)
    except (ValueError, FormatError):
        raise damaged from None
    if base64.b64encode(blob) != text or b"\n" in line:
        raise damaged
    return key_id
