"""A reader of chainlog chains written from FORMAT.md alone.

It shares no line with the implementation.

    python independent_reader.py LEDGER [LEDGER…]

Section numbers (§) are FORMAT.md's. It counts steps without listing them; here they are
1 segments, 2 header, 3 links, 4 signature, 5 authority, 6 body.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import json
import re
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import msgpack  # type: ignore[import-untyped]
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Event = dict[str, Any]
Keys = dict[bytes, frozenset[str]]
Slot = tuple[Any, bytes, bytes | None]  # path, digest, value (None: withheld)
Record = tuple[bytes, bytes]

SEGMENTS, HEADER, LINKS, SIGNATURE, AUTHORITY, BODY = range(1, 7)
ZERO, MAX_INT, MAX_DEPTH, MAX_BODY, MAX_SLOTS, SLOT_SURPLUS = (
    bytes(32),
    2**53 - 1,
    8,
    4 << 20,
    20_000,
    64,
)
PRIME, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
EDWARDS_D = -121665 * pow(121666, -1, PRIME) % PRIME

GOVERNING = ("chain.", "key.", "site.", "witness.")
POWER = {
    "chain.open",
    "key.grant",
    "key.revoke",
    "key.recover",
}  # without these bodies nobody knows who is in force
MOVES_POINTER = POWER | {
    "chain.fork",
    "chain.close",
    "site.suspend",
    "witness.suspend",
}  # marked * in §8
FIELDS = {  # §8: required, optional; every kind may have `note`
    "chain.open": ("origin site keys holders", "programme next continues"),
    "key.grant": ("key roles holder", "until"),
    "key.revoke": ("key reason", "since"),
    "key.recover": ("key", "next"),
    "chain.seen": ("checkpoint", ""),
    "chain.fork": ("at other", ""),
    "chain.erase": ("entries reason", ""),
    "chain.close": ("reason", ""),
    "site.admit": ("chain origin", "scope"),
    "site.suspend": ("chain reason size", ""),
    "witness.admit": ("vkey", ""),
    "witness.suspend": ("vkey", ""),
}
NO_ARRAYS: Event = {
    "keys": [],
    "holders": [],
    "roles": [],
    "entries": [],
}  # §4: an absent array reads as empty
NESTED = {"keys": {"key", "roles"}, "holders": {"name", "party"}, "holder": {"name", "party"}}
WITHHOLDABLE = {"holder", "holders", "site", "scope", "note"}  # §4, last line


class Malformed(ValueError):  # noqa: N818
    """These bytes break a rule of FORMAT.md."""


class CannotTell(Malformed):
    """These bytes may be good, but not for this reader."""

    def __init__(self, message: str) -> None:
        super().__init__(f"cannot tell: {message}")


class Fault(NamedTuple):
    at: int  # the index of the entry, or where it should stand; -1 for the folder
    step: int
    message: str


class Header(NamedTuple):
    version: int
    chain: bytes
    prev: bytes
    position: int  # `index` is a method of every tuple
    roster: int
    time: int
    author: bytes
    kind: str
    body: bytes


@dataclass(frozen=True)
class Withheld:
    """Stands in an event for a value of which only the digest is shown."""

    digest: bytes


@dataclass
class Reading:
    chain: bytes = b""
    origin: str = ""
    size: int = 0
    head: bytes = b""
    root: bytes = b""
    ids: list[bytes] = field(default_factory=list)
    keys: Keys = field(default_factory=dict)  # all keys in force, with their roles
    owners: list[bytes] = field(default_factory=list)  # key ids of the owners among them
    headers: list[Header | None] = field(default_factory=list)
    events: list[Event | None] = field(default_factory=list)
    absent: list[int] = field(default_factory=list)  # bodies not held
    erased: list[int] = field(default_factory=list)  # those of them that a chain.erase names
    faults: list[Fault] = field(default_factory=list)

    @contextlib.contextmanager
    def collect(self, at: int, step: int) -> Iterator[None]:
        try:
            yield
        except Malformed as error:
            self.faults.append(Fault(at, step, str(error)))


def require(holds: bool, message: str) -> None:
    if not holds:
        raise Malformed(message)


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def canonical(value: Any, room: int = MAX_DEPTH) -> Any:
    """The same value with its maps in order; what §1 refuses raises."""
    if type(value) in (bool, str, bytes) or (type(value) is int and -MAX_INT <= value <= MAX_INT):
        return value
    require(
        type(value) in (list, dict) and room > 0,
        f"{type(value).__name__} is refused, or nested too deep",
    )
    if type(value) is list:
        return [canonical(item, room - 1) for item in value]
    require(all(type(key) is str for key in value), "a map key that is no text")
    return {key: canonical(value[key], room - 1) for key in sorted(value, key=str.encode)}


def decode(data: bytes) -> Any:
    # unpackb bounds every length by len(data): nothing large is allocated for a false header.
    try:
        value = msgpack.unpackb(data, raw=False, strict_map_key=True, use_list=True)
    except (ValueError, TypeError, OverflowError, msgpack.UnpackException) as error:
        raise Malformed(f"not MessagePack: {error}") from None
    # §1: a doubled key, a long form, a wrong order: each encodes to other bytes
    require(msgpack.packb(canonical(value)) == data, "not canonical MessagePack")
    return value


def inverse(number: int) -> int:
    """Zero, which has none, stays zero."""
    return pow(number, -1, PRIME) if number % PRIME else 0


def x_squared(y: int) -> int:
    return (y * y - 1) * inverse(EDWARDS_D * y * y + 1) % PRIME


@lru_cache(maxsize=4096)
def sound_y(encoding: bytes) -> int:
    """y of a point's encoding, which §2 wants canonical and not of small order, whatever the sign
    bit.
    """
    y = int.from_bytes(encoding, "little") & (2**255 - 1)
    multiple = y
    for _ in range(
        3
    ):  # a point is of small order when eight times it is the neutral one, whose y is 1
        xx, yy = x_squared(multiple), multiple * multiple
        multiple = (yy + xx) * inverse(2 + xx - yy) % PRIME
    require(y < PRIME and multiple != 1, "a point that is not canonical, or of small order")
    return y


@lru_cache(maxsize=4096)
def check_point(encoding: bytes) -> None:
    # RFC 8032 5.1.3: x must exist. Its other rule, on the sign of x = 0, is about points of small
    # order.
    require(
        pow(x_squared(sound_y(encoding)), (PRIME - 1) // 2, PRIME) == 1,
        "a key that is no point of the curve",
    )


def check_key(value: Any) -> None:
    require(
        type(value) is bytes and len(value) == 33 and value[0] == 1,
        "no Ed25519 key id (§2 reserves 0x02)",
    )
    check_point(value[1:])


def check_signature(key_id: bytes, signature: bytes, message: bytes) -> None:
    check_key(key_id)
    require(
        len(signature) == 64 and int.from_bytes(signature[32:], "little") < ORDER,
        "signature with S not below L",
    )
    sound_y(signature[:32])
    try:  # OpenSSL's equation is the cofactorless one that §2 asks for
        Ed25519PublicKey.from_public_bytes(key_id[1:]).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Malformed("signature does not hold") from None


def parse_header(entry: bytes) -> Header:
    require(64 < len(entry) <= 1024, f"an entry of {len(entry)} bytes")
    fields = decode(entry[:-64])
    require(
        type(fields) is list and len(fields) > 0 and is_uint(fields[0]),
        "header is no array with a version",
    )
    if fields[0] != 1:
        raise CannotTell(f"header version {fields[0]}")
    require(len(fields) == 9, f"a header of {len(fields)} fields")
    header = Header(*fields)
    require(
        all(map(is_hash, (header.chain, header.prev, header.body))),
        "chain, prev or body is not bin 32",
    )
    require(
        all(map(is_uint, (header.position, header.roster, header.time))),
        "index, roster or time is no uint",
    )
    spelt = is_text(header.kind) and re.fullmatch(
        r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?", header.kind
    )
    require(bool(spelt) and len(header.kind) <= 32, "kind is misspelt")
    return header


def full_slots(salt: bytes, pairs: Any) -> list[Slot]:
    well = (
        type(pairs) is list
        and len(pairs) <= MAX_SLOTS
        and all(type(pair) is list and len(pair) == 2 for pair in pairs)
    )
    require(well and len(salt) == 32, "a full body is a salt of 32 bytes and pairs")
    salts = hashlib.shake_256(salt).digest(16 * len(pairs))
    return [
        read_slot([path, salts[16 * n : 16 * n + 16], value])
        for n, (path, value) in enumerate(pairs)
    ]


def read_slot(slot: Any) -> Slot:
    if type(slot) is list and len(slot) == 2 and is_hash(slot[1]):
        return slot[0], slot[1], None
    well = (
        type(slot) is list
        and len(slot) == 3
        and type(slot[1]) is type(slot[2]) is bytes
        and len(slot[1]) == 16
    )
    require(well, "slot is neither [path, 16 bytes, value] nor [path, digest]")
    return slot[0], sha256(b"\x02", slot[1], slot[2]), slot[2]


def read_slots(body: bytes) -> list[Slot]:
    require(len(body) <= MAX_BODY + SLOT_SURPLUS * MAX_SLOTS, "body too large")
    value = decode(body)
    require(type(value) is list and len(value) > 0, "body is no array")
    full = type(value[0]) is bytes  # §4: the first element tells
    require(not full or len(value) == 2, "a full body has two elements")
    slots = full_slots(*value) if full else [read_slot(slot) for slot in value]
    require(0 < len(slots) <= MAX_SLOTS, "no slots, or too many")
    require(len(body) <= MAX_BODY + (0 if full else SLOT_SURPLUS * len(slots)), "body too large")
    return slots


def assemble(slots: list[Slot]) -> Event:
    """The event of these slots. §4: one event has one list of slots, so order, gaps and repeats are
    checked.
    """
    event: Event = {}
    last, count = "", 0  # the name before, and how many elements of it
    for path, digest, encoded in slots:
        # five digits are enough: more would be a gap, with 20,000 slots
        match = (
            re.fullmatch(r"([a-z][a-z0-9_]{0,31})(?:/(0|[1-9][0-9]{0,4}))?", path)
            if is_text(path)
            else None
        )
        require(match is not None, "slot path is misspelt")
        name, number = match.groups() if match else ("", None)
        value = Withheld(digest) if encoded is None else decode(encoded)
        count = count if name == last else 0
        follows = name > last or (name == last and number is not None and count > 0)
        require(
            follows and number in (None, str(count)),
            f"slot {path} out of order, repeated, or after a gap",
        )
        require(number is not None or type(value) is not list, f"slot {path} holds an array whole")
        if number is None:
            event[name] = value
        else:
            event.setdefault(name, []).append(value)
            count += 1
        last = name
    return event


def read_body(body: bytes, commitment: bytes) -> Event:
    slots = read_slots(body)
    event = assemble(slots)
    require(
        sha256(b"\x03", msgpack.packb([slot[:2] for slot in slots])) == commitment,
        "body is not the one committed to",
    )
    return event


def read_records(data: bytes, records: list[Record]) -> None:
    """Appends every whole record of a segment, then raises if bytes remain."""
    limit = MAX_BODY + SLOT_SURPLUS * MAX_SLOTS
    unpacker = msgpack.Unpacker(
        max_buffer_size=len(data),
        max_bin_len=limit,
        max_array_len=2,
        max_map_len=0,
        max_str_len=0,
        max_ext_len=0,
    )
    unpacker.feed(data)
    start = 0
    while start < len(data):
        try:
            record = unpacker.unpack()
        except (ValueError, TypeError, OverflowError, msgpack.UnpackException) as error:
            raise Malformed(
                f"no whole record at byte {start}: {error or type(error).__name__}"
            ) from None
        end = unpacker.tell()
        well = (
            type(record) is list
            and len(record) == 2
            and type(record[0]) is type(record[1]) is bytes
        )
        require(
            well and msgpack.packb(record) == data[start:end],
            f"no canonical record at byte {start}",
        )
        records.append((record[0], record[1]))
        start = end


def read_segments(folder: Path, reading: Reading) -> list[Record]:
    records: list[Record] = []
    paths = sorted(folder.glob("*.seg"))
    for path in paths:
        with reading.collect(len(records), SEGMENTS):
            require(
                path.name == f"{len(records):020}.seg",
                f"segment {path.name} where index {len(records)} begins",
            )
        try:
            read_records(path.read_bytes(), records)
        except (
            Malformed
        ) as error:  # §5: this reader takes no lock, so a torn tail is never passed over
            verdict = (
                "cannot tell: torn tail" if path == paths[-1] else "tampering: not the last segment"
            )
            reading.faults.append(Fault(len(records), SEGMENTS, f"{verdict}: {path.name}: {error}"))
            break
    return records


def tree_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 over ids, which are leaf hashes already (§3)."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01", tree_root(leaves[:split]), tree_root(leaves[split:]))


def base64_bytes(text: str) -> bytes:
    try:
        data = base64.b64decode(text.encode(), validate=True)
    except ValueError:
        raise Malformed("not base64") from None
    require(base64.b64encode(data).decode() == text, "base64 with surplus bits")
    return data


def check_vkey(vkey: Any) -> None:
    """C2SP signed-note: name+hash+base64(type || key), hash over name, newline, type and key."""
    name, mark, text = vkey.split("+", 2) if is_text(vkey) and vkey.count("+") > 1 else ("", "", "")
    material = base64_bytes(text)
    well = (
        name != ""
        and not re.search(r"\s", name)
        and sha256(name.encode(), b"\n", material)[:4].hex() == mark
    )
    require(
        well and (material[:1] == b"\x04" or (material[:1] == b"\x06" and len(material) == 1313)),
        "no vkey of type 0x04 or 0x06",
    )
    if material[:1] == b"\x04":
        check_key(b"\x01" + material[1:])


def parse_checkpoint(note: str) -> tuple[str, int, bytes, bytes, list[str]]:
    """C2SP tlog-checkpoint: origin, size, root; the signed text; signature lines."""
    text, _, tail = note.rpartition("\n\n")
    lines = text.split("\n")
    require(len(lines) >= 3 and all(lines) and tail.endswith("\n"), "no checkpoint")
    require(
        re.fullmatch(r"0|[1-9][0-9]{0,15}", lines[1]) is not None, "checkpoint size is no decimal"
    )
    signatures = tail[:-1].split("\n")
    require(
        all(re.fullmatch(r"— \S+ \S+", line) for line in signatures),
        "checkpoint with a bad signature line",
    )
    return lines[0], int(lines[1]), base64_bytes(lines[2]), f"{text}\n".encode(), signatures


def is_signed(origin: str, text: bytes, signatures: list[str], key_id: bytes) -> bool:
    mark = sha256(origin.encode(), b"\n", key_id)[
        :4
    ]  # an Ed25519 key id is 0x01 || key, just what C2SP hashes
    for name, blob in (
        (line.split(" ")[1], base64_bytes(line.split(" ")[2])) for line in signatures
    ):
        if name == origin and blob[:4] == mark:
            with contextlib.suppress(Malformed):
                check_signature(key_id, blob[4:], text)
                return True
    return False


def is_uint(value: Any) -> bool:
    return type(value) is int and value >= 0


def is_hash(value: Any) -> bool:
    return type(value) is bytes and len(value) == 32


def is_text(value: Any) -> bool:
    return type(value) is str


def check_each(values: Any, check: Callable[[Any], Any]) -> bool:
    return type(values) is list and all(
        isinstance(value, Withheld) or check(value) in (None, True) for value in values
    )


def is_named_key(value: Any) -> bool:
    if type(value) is not dict or not {"key", "roles"} <= value.keys():
        return False
    check_key(value["key"])
    return check_each(value["roles"], is_text)


def is_holder(value: Any) -> bool:
    return type(value) is dict and is_text(value.get("name")) and is_text(value.get("party", ""))


def is_origin(value: Any) -> bool:
    return (
        is_text(value)
        and len(value) <= 128
        and re.fullmatch(r"[a-z0-9.-]+(/[a-z0-9._-]+)+", value) is not None
    )


CHECKS: dict[
    str, Callable[[Any], Any]
] = {  # false, or raising, is malformed; `until` has no type in §8
    **dict.fromkeys(("programme", "next", "continues", "other", "chain"), is_hash),
    **dict.fromkeys(("since", "at", "size"), is_uint),
    **dict.fromkeys(("site", "reason", "checkpoint", "scope", "note"), is_text),
    **dict.fromkeys(("key",), check_key),
    **dict.fromkeys(("vkey",), check_vkey),
    **dict.fromkeys(("origin",), is_origin),
    **dict.fromkeys(("holder",), is_holder),
    **dict.fromkeys(("roles",), lambda value: check_each(value, is_text)),
    **dict.fromkeys(("keys",), lambda value: check_each(value, is_named_key)),
    **dict.fromkeys(("holders",), lambda value: check_each(value, is_holder)),
    **dict.fromkeys(("entries",), lambda value: check_each(value, is_hash)),
}


def check_shape(kind: str, event: Event) -> Event:
    """The event with its absent arrays. Unknown fields wait until the signer is judged (§8)."""
    required, optional = (names.split() for names in FIELDS[kind])
    whole = {name: value for name, value in NO_ARRAYS.items() if name in required} | event
    require(whole.keys() >= set(required), f"{kind} wants {required}")
    for name, value in whole.items():
        withheld = any(
            isinstance(item, Withheld) for item in (value if type(value) is list else [value])
        )
        require(name in WITHHOLDABLE or not withheld, f"{name} may not be withheld")
        if name in {*required, *optional, "note"} & CHECKS.keys() and not isinstance(
            value, Withheld
        ):
            require(CHECKS[name](value) in (None, True), f"{kind}: {name} is malformed")
    require(
        kind != "key.revoke" or event["reason"] in ("retired", "lost", "compromised"),
        "key.revoke for an unknown reason",
    )
    return whole


def unknown_fields(kind: str, event: Event) -> set[str]:
    found = event.keys() - set(" ".join(FIELDS[kind]).split()) - {"note"}
    for name in NESTED.keys() & event.keys() - found:
        for item in event[name] if type(event[name]) is list else [event[name]]:
            found |= item.keys() - NESTED[name] if type(item) is dict else set()
    return found


@dataclass
class Roster:
    """Who is in force, folded over the governing entries by the rules of step 5 (§8)."""

    ids: list[bytes]
    keys: Keys = field(default_factory=dict)
    history: list[Keys] = field(default_factory=list)  # in force at each index
    revoked: set[bytes] = field(default_factory=set)
    erased: set[bytes] = field(default_factory=set)
    successor: bytes | None = None
    origin: str = ""
    is_authority: bool = False
    closed: bool = False
    blind: bool = False  # after a "cannot tell", from there on

    def judge(self, index: int, header: Header, event: Event | None) -> None:
        kind, author = header.kind, header.author
        if self.blind:
            return
        require((index == 0) == (kind == "chain.open"), "entry 0, and no other, is chain.open")
        require(not self.closed or kind == "chain.erase", "only chain.erase may follow chain.close")
        if not kind.startswith(GOVERNING):
            require(author in self.keys, "author is not in force")
            return
        require(
            self.is_authority or not kind.startswith(("site.", "witness.")),
            f"{kind} in a chain with programme",
        )
        if event is None and kind in POWER:
            self.give_up(f"the body of {kind} is absent")
        whole = check_shape(kind, event) if event is not None and kind in FIELDS else {}
        self.check_signer(kind, author, whole)
        self.closed |= kind == "chain.close"
        if kind not in FIELDS or unknown_fields(kind, whole):
            self.give_up(f"{kind} is unknown or has unknown fields")
        if event is None:
            raise CannotTell(f"the body of {kind} is absent")
        self.apply(kind, author, whole, index)

    def check_signer(self, kind: str, author: bytes, event: Event) -> None:
        if kind == "chain.open":
            opener = any(
                named["key"] == author and "owner" in named["roles"] for named in event["keys"]
            )
            require(opener, "not opened by an owner of its own")
        elif kind == "key.recover":
            committed = event["key"] == author and self.successor == sha256(b"\x04", author)
            require(
                committed and author not in self.revoked,
                "key.recover by no pre-committed key, or by a revoked one",
            )
        elif kind in ("chain.seen", "chain.fork") or (
            kind == "key.revoke" and event["key"] == author
        ):
            require(author in self.keys, "author is not in force")
        else:
            require("owner" in self.keys.get(author, ()), "author is no owner in force")

    def give_up(self, message: str) -> NoReturn:
        self.blind = True
        raise CannotTell(f"{message}, from here on")

    def apply(self, kind: str, author: bytes, event: Event, index: int) -> None:
        if kind == "chain.open":
            self.open(event)
        elif kind == "key.grant":
            require(event["key"] not in self.revoked, "a revoked key never returns")
            self.change(self.keys | {event["key"]: frozenset(event["roles"])})
        elif kind == "key.revoke":
            self.change({key: roles for key, roles in self.keys.items() if key != event["key"]})
            self.revoked.add(event["key"])
        elif kind == "key.recover":
            owners = {key for key, roles in self.keys.items() if "owner" in roles} - {author}
            self.revoked |= owners
            self.change(
                {key: roles for key, roles in self.keys.items() if key not in owners}
                | {author: frozenset({"owner"})}
            )
            self.successor = event.get("next")
        elif kind == "chain.seen":
            self.check_seen(event["checkpoint"], index)
        elif kind == "chain.erase":
            self.erased.update(event["entries"])

    def change(self, keys: Keys) -> None:
        require(any("owner" in roles for roles in keys.values()), "this would leave no owner")
        self.keys = keys  # a new map each time: `history` keeps the old ones

    def open(self, event: Event) -> None:
        named = {item["key"]: frozenset(item["roles"]) for item in event["keys"]}
        require(
            len(named) == len(event["keys"]) == len(event["holders"]),
            "chain.open names a key twice, or not one holder a key",
        )
        self.change(named)
        self.origin, self.successor, self.is_authority = (
            event["origin"],
            event.get("next"),
            "programme" not in event,
        )

    def check_seen(self, note: str, index: int) -> None:
        origin, size, root, text, signatures = parse_checkpoint(note)
        require(
            origin == f"{self.origin}/{self.ids[0].hex()}" and size <= index,
            "chain.seen of another chain, or of the future",
        )
        require(root == tree_root(self.ids[:size]), "chain.seen has another root")
        signers = [
            key for key, roles in self.history[size].items() if roles & {"log", "owner"}
        ]  # §6
        require(
            any(is_signed(origin, text, signatures, key) for key in signers),
            "chain.seen is not signed by this log",
        )


def check_links(header: Header, index: int, ids: list[bytes], pointer: int) -> None:
    require(header.position == index, f"index {header.position} stands at {index}")
    require(header.chain == (ids[0] if index else ZERO), "entry of another chain")
    require(header.prev == (ids[index - 1] if index else ZERO), "prev is not the entry before")
    require(header.roster == pointer, f"roster points to {header.roster}, not {pointer}")


def read_entry(
    reading: Reading, roster: Roster, pointer: int, entry: bytes, body: bytes
) -> Header | None:
    index, before = len(reading.ids), len(reading.faults)
    header: Header | None = None
    event: Event | None = None
    reading.ids.append(sha256(b"\x00", entry))
    roster.history.append(roster.keys)
    with reading.collect(index, HEADER):
        header = parse_header(entry)
    if header is not None:
        with reading.collect(index, LINKS):
            check_links(header, index, reading.ids, pointer)
        with reading.collect(index, SIGNATURE):
            check_signature(header.author, entry[-64:], b"chainlog/v1/entry\n" + entry[:-64])
        with reading.collect(index, BODY):
            event = read_body(body, header.body) if body else None
        if len(reading.faults) == before:  # what was not signed so has no power
            with reading.collect(index, AUTHORITY):
                roster.judge(index, header, event)
    if len(reading.faults) > before and (header is None or header.kind in POWER):
        # Nobody knows what it changed: one fault here rather than one for every entry after it.
        roster.blind = True
    reading.headers.append(header)
    reading.events.append(event)
    return header


def list_absent(reading: Reading, records: list[Record], erased: set[bytes], *, full: bool) -> None:
    reading.absent = [index for index, (_, body) in enumerate(records) if not body]
    reading.erased = [index for index in reading.absent if reading.ids[index] in erased]
    for index in set(reading.absent) - set(reading.erased) if full else ():
        header = reading.headers[index]
        if header is not None and not header.kind.startswith(
            GOVERNING
        ):  # of those step 5 has spoken
            reading.faults.append(
                Fault(index, BODY, "cannot tell: the body is absent and no chain.erase names it")
            )


def read_chain(folder: Path, *, full: bool = True) -> Reading:
    """All that stands in a chain's folder, with every fault. `full`: an absent body that was not
    erased is a fault, too.
    """
    reading, pointer = Reading(), 0
    require(folder.is_dir(), f"{folder} is no folder")
    try:
        records = read_segments(folder, reading)
    except OSError as error:
        raise Malformed(f"{folder}: {error}") from None
    roster = Roster(reading.ids)
    for index, (entry, body) in enumerate(records):
        header = read_entry(reading, roster, pointer, entry, body)
        pointer = index if header is not None and header.kind in MOVES_POINTER else pointer
    list_absent(reading, records, roster.erased, full=full)
    reading.size, reading.root = len(reading.ids), tree_root(reading.ids)
    reading.chain, reading.head = (reading.ids[0], reading.ids[-1]) if reading.ids else (b"", b"")
    reading.origin, reading.keys = roster.origin, roster.keys
    reading.owners = sorted(key for key, roles in roster.keys.items() if "owner" in roles)
    with reading.collect(-1, SEGMENTS):
        require(
            folder.name == reading.chain.hex(),
            "no entries, or a folder not named by the id of entry 0",
        )
    reading.faults.sort(key=lambda fault: fault[:2])
    return reading


def as_json(reading: Reading) -> str:
    owners = [
        "clk1:" + base64.urlsafe_b64encode(key).decode().rstrip("=") for key in reading.owners
    ]  # §8: ids in hex, key ids so
    names = {
        "chain": reading.chain.hex(),
        "head": reading.head.hex(),
        "root": reading.root.hex(),
        "origin": reading.origin,
    }
    lists = {
        "ids": [name.hex() for name in reading.ids],
        "absent": reading.absent,
        "erased": reading.erased,
        "faults": reading.faults,
    }
    return json.dumps(
        {**names, "size": reading.size, "owners": owners, **lists}, ensure_ascii=False
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Read every chain of these ledgers by FORMAT.md alone."
    )
    parser.add_argument("ledgers", metavar="LEDGER", nargs="+", type=Path)
    faulty = False
    for ledger in parser.parse_args().ledgers:
        folders = sorted((ledger / "chains").glob("*"))
        faulty |= not folders
        for folder in folders:
            reading = Reading()
            with reading.collect(-1, SEGMENTS):
                reading = read_chain(folder)
            print(as_json(reading))
            faulty |= bool(reading.faults)
    return int(faulty)


if __name__ == "__main__":
    sys.exit(main())
