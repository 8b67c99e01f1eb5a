"""Who signs in the world that the attacks are made on, and what a thief would have signed.

All keys are fixed.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256, sha512
from typing import Any

from chainlog.events.plain_json import from_plain
from chainlog.format import canonical
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.cosignature import Ed25519Cosigner
from chainlog.format.entry import SIGNED_PREFIX, Header
from chainlog.format.keys import Ed25519Signer
from chainlog.format.note import Note

# Of edwards25519: the order of its base point, and the prime of its field.
ORDER = 2**252 + 27742317777372353535851937790883648493
PRIME = 2**255 - 19


@cache
def key(name: str) -> Ed25519Signer:
    """The key of a person, a machine or a stranger; nobody's secret here."""
    return Ed25519Signer.from_seed(sha256(b"attacks\n" + name.encode()).digest())


@cache
def witness(name: str) -> Ed25519Cosigner:
    """A witness: `one` and `two` count, `three` was suspended, all others were never admitted."""
    return Ed25519Cosigner(f"{name}.witness.example/w", key(f"witness {name}"))


def item(serial: str) -> dict[str, Any]:
    """A line about one item."""
    return {"item": {"maker": "1ABC2", "part": "M777", "serial": serial}}


def transfer(serial: str = "SN-1", *, to: str = "thief") -> dict[str, Any]:
    """What an attacker would like the depot to have said: handed over in person to somebody."""
    return from_plain(
        "transfer",
        {"event_time": "2023-03-04T08:00:00Z", "lines": [item(serial)], "from": "depot", "to": to},
    ).fields


def cosigned(note: Note, *names: str, at: int = 1_678_000_000) -> Note:
    """The note with cosignatures of these witnesses besides, whatever they would say to it."""
    told = parse_checkpoint(note.text)
    return Note(note.text, (*note.signatures, *(witness(name).cosign(told, at) for name in names)))


def sealed(header: Header, who: Ed25519Signer, **changes: Any) -> bytes:
    """An entry of any header, right or wrong, signed all the same."""
    values = {name: getattr(header, name) for name in Header.__struct_fields__} | changes
    data = canonical.pack(Header(**values))
    return data + who.sign(SIGNED_PREFIX + data)


def scalar(name: str) -> int:
    """The secret number behind `key(name)` (RFC 8032 5.1.5), for signatures that no library would
    make.
    """
    hashed = sha512(sha256(b"attacks\n" + name.encode()).digest()).digest()[:32]
    return int.from_bytes(hashed, "little") & ~(128 << 248 | 7) | 64 << 248


def signed_with(raw: bytes, name: str, point: bytes, nonce: int) -> bytes:
    """The entry with a signature by `key(name)` of a chosen R, whose discrete logarithm is `nonce`
    but for a part of small order.
    """
    header = raw[:-64]
    challenge = int.from_bytes(
        sha512(point + key(name).key_id[1:] + SIGNED_PREFIX + header).digest(), "little"
    )
    return header + point + ((nonce + challenge * scalar(name)) % ORDER).to_bytes(32, "little")
