"""A writer of chainlog chains from FORMAT.md alone.

Plain events in, a chain folder out, every byte fixed by seeds, salts and times.

It shares no line with the implementation, nor with independent_reader.py, so that no mistake is
made twice in the same place. It checks nothing: with `header`, `body` and `withheld` it writes
wrong chains as readily as right ones.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgpack  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

Event = dict[str, Any]
GOVERNING_STARRED = {  # §8, marked *: these move the roster pointer
    *(
        "chain.open",
        "chain.fork",
        "chain.close",
        "key.grant",
        "key.revoke",
        "key.recover",
        "site.suspend",
        "witness.suspend",
    ),
}


@dataclass(frozen=True)
class Draft:
    """One entry to be written. `event` may be a function of the ids before it, for checkpoints and
    citations.
    """

    seed: bytes  # 32 bytes: the author's Ed25519 secret
    kind: str
    event: Event | Callable[[list[bytes]], Event]
    time: int = 1_700_000_000_000
    salt: bytes = bytes(range(32))
    withheld: frozenset[str] | None = (
        None  # paths; None: a full body; an empty set: a partial body that shows all
    )
    body: bytes | None = None  # stored in place of the body; b"" is an absent one
    header: dict[int, Any] = field(
        default_factory=dict
    )  # header fields to overwrite before signing, by number


@dataclass(frozen=True)
class Written:
    folder: Path
    chain: bytes
    origin: str
    ids: list[bytes]
    entries: list[bytes]
    bodies: list[bytes]
    root: bytes


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: in_order(value[name]) for name in sorted(value, key=lambda name: name.encode())
        }
    return [in_order(item) for item in value] if isinstance(value, list | tuple) else value


def encode(value: Any) -> bytes:
    """§1: msgpack-python already takes the shortest forms, and the unsigned ones for what is not
    negative.
    """
    packed: bytes = msgpack.packb(in_order(value), use_bin_type=True)
    return packed


def key_id(seed: bytes) -> bytes:
    return b"\x01" + Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def commitment_to_key(key: bytes) -> bytes:
    """The `next` of chain.open and key.recover (§8)."""
    return sha256(b"\x04" + key)


def slots_of(event: Event) -> list[tuple[str, bytes]]:
    slots = []
    for name in sorted(event, key=lambda name: name.encode()):
        if isinstance(event[name], list | tuple):
            slots += [(f"{name}/{n}", encode(item)) for n, item in enumerate(event[name])]
        else:
            slots.append((name, encode(event[name])))
    return slots


def body_of(
    event: Event, salt: bytes, withheld: frozenset[str] | None = None
) -> tuple[bytes, bytes]:
    """§4: the commitment and the body, full or with these paths withheld."""
    slots = slots_of(event)
    stream = hashlib.shake_256(salt).digest(16 * len(slots))
    salts = [stream[at : at + 16] for at in range(0, len(stream), 16)]
    digests = [sha256(b"\x02" + one + value) for one, (_, value) in zip(salts, slots, strict=True)]
    commitment = sha256(
        b"\x03" + encode([[path, digest] for (path, _), digest in zip(slots, digests, strict=True)])
    )
    if withheld is None:
        return commitment, encode([salt, slots])
    rows = zip(slots, salts, digests, strict=True)
    return commitment, encode(
        [
            [path, digest] if path in withheld else [path, one, value]
            for (path, value), one, digest in rows
        ]
    )


def root_of(ids: Sequence[bytes]) -> bytes:
    """RFC 6962 from below: a stack of perfect subtrees, then the ragged right edge."""
    stack: list[bytes] = []
    for number, leaf in enumerate(ids):
        node, bits = leaf, number
        while bits & 1:
            node, bits = sha256(b"\x01" + stack.pop() + node), bits >> 1
        stack.append(node)
    if not stack:
        return sha256(b"")
    node = stack.pop()
    while stack:
        node = sha256(b"\x01" + stack.pop() + node)
    return node


def checkpoint(seed: bytes, origin: str, ids: Sequence[bytes], chain: bytes | None = None) -> str:
    """§6: the note of a tree of these ids, signed (type 0x01), not cosigned."""
    name = f"{origin}/{(chain or ids[0]).hex()}"
    text = f"{name}\n{len(ids)}\n{base64.b64encode(root_of(ids)).decode()}\n"
    mark = sha256(name.encode() + b"\n" + key_id(seed))[:4]
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(text.encode())
    return f"{text}\n— {name} {base64.b64encode(mark + signature).decode()}\n"


def vkey(seed: bytes, name: str) -> str:
    """A witness's key (type 0x04) as C2SP writes it."""
    material = b"\x04" + key_id(seed)[1:]
    mark = sha256(name.encode() + b"\n" + material)[:4].hex()
    return f"{name}+{mark}+{base64.b64encode(material).decode()}"


def opening(origin: str, keys: Sequence[tuple[bytes, list[str]]], **more: Any) -> Event:
    """The event of chain.open: `keys` are (seed, roles).

    `more` is programme, next, continues, note, or takes a field's place.
    """
    named = [{"key": key_id(seed), "roles": roles} for seed, roles in keys]
    holders = [{"name": f"holder {n}"} for n in range(len(named))]
    return {
        "origin": origin,
        "site": origin.rpartition("/")[2],
        "keys": named,
        "holders": holders,
        **more,
    }


def write_entry(draft: Draft, ids: list[bytes], pointer: int) -> tuple[bytes, bytes]:
    event = draft.event(ids) if callable(draft.event) else draft.event
    commitment, body = body_of(event, draft.salt, draft.withheld)
    chain, prev = (ids[0], ids[-1]) if ids else (bytes(32), bytes(32))
    fields = [
        1,
        chain,
        prev,
        len(ids),
        pointer,
        draft.time,
        key_id(draft.seed),
        draft.kind,
        commitment,
    ]
    for number, value in draft.header.items():
        fields[number] = value
    header = encode(fields)
    signature = Ed25519PrivateKey.from_private_bytes(draft.seed).sign(
        b"chainlog/v1/entry\n" + header
    )
    return header + signature, body if draft.body is None else draft.body


def write_segments(folder: Path, records: Sequence[bytes], per_segment: int) -> None:
    folder.mkdir(parents=True)
    for first in range(0, len(records), per_segment):
        (folder / f"{first:020}.seg").write_bytes(b"".join(records[first : first + per_segment]))


def build_chain(ledger: Path, drafts: Sequence[Draft], *, per_segment: int = 1_000_000) -> Written:
    """Writes LEDGER/chains/<id>/*.seg and nothing else.

    `ledger.toml` is not in FORMAT.md's first version.
    """
    ids: list[bytes] = []
    entries: list[bytes] = []
    bodies: list[bytes] = []
    pointer = 0
    for index, draft in enumerate(drafts):
        entry, body = write_entry(draft, ids, pointer)
        entries.append(entry)
        bodies.append(body)
        ids.append(sha256(b"\x00" + entry))
        pointer = index if draft.kind in GOVERNING_STARRED else pointer
    folder = ledger / "chains" / ids[0].hex()
    write_segments(
        folder,
        [encode([entry, body]) for entry, body in zip(entries, bodies, strict=True)],
        per_segment,
    )
    first = drafts[0].event
    origin = "" if callable(first) else str(first.get("origin", ""))
    return Written(folder, ids[0], origin, ids, entries, bodies, root_of(ids))
