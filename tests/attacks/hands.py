"""What an attacker does with a chain.

Takes it apart, changes it, signs it anew with the keys that he has, and puts it back.
"""

from __future__ import annotations

from hashlib import shake_256
from typing import TYPE_CHECKING, Any

from attacks.keys import cosigned, key, sealed

from chainlog.custody.act import milliseconds
from chainlog.events.kinds import MOVES_ROSTER
from chainlog.format.body import commit, open_body
from chainlog.format.checkpoint import (
    Checkpoint,
    format_origin_line,
    parse_checkpoint,
    sign_checkpoint,
)
from chainlog.format.entry import NO_ID, Entry, Header, entry_id, parse_entry
from chainlog.format.merkle import inclusion_proof, root
from chainlog.format.note import Note, Signature, format_note, parse_note
from chainlog.format.record import Record, format_record, scan
from chainlog.store.checkpoints import checkpoint_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from chainlog.format.keys import Ed25519Signer

MORNING = milliseconds("2023-03-01T06:00:00Z")
# Small, so that a chain of some dozens of entries has more than one segment.
SEGMENT = 2048


class Chain:
    """A chain as an attacker has it: entries and bodies by index, to be changed and put back."""

    def __init__(self, path: Path, chain: bytes) -> None:
        self.path, self.id = path, chain
        data = b"".join(one.read_bytes() for one in sorted(path.glob("*.seg")))
        records = [one for group in scan([data], chain) for one in group if isinstance(one, Record)]
        self.entries = [one.entry for one in records]
        self.bodies = [one.body for one in records]

    # Looking

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self.entries)

    def entry(self, index: int) -> Entry:
        """One entry, read."""
        return parse_entry(self.entries[index])

    def header(self, index: int) -> Header:
        """What is signed of it."""
        return self.entry(index).header

    def index_of(self, kind: str) -> int:
        """The last entry of a kind."""
        return max(index for index in range(self.size) if self.header(index).kind == kind)

    @property
    def pointer(self) -> int:
        """What the `roster` field of the next entry must be."""
        return max(index for index in range(self.size) if self.header(index).kind in MOVES_ROSTER)

    @property
    def origin(self) -> str:
        """The origin line of its checkpoints, by its first entry."""
        return format_origin_line(
            open_body(self.bodies[0], self.header(0).body).fields()["origin"], self.id
        )

    # Changing

    def cut(self, size: int) -> None:
        """Take away what comes after the first `size` entries."""
        del self.entries[size:], self.bodies[size:]

    def say(self, kind: str, fields: Mapping[str, Any], who: Ed25519Signer, **wrong: Any) -> Entry:
        """Add an entry, as it should be unless `wrong` names fields of the header."""
        data, digest = commit(
            fields, shake_256(b"attacks\n" + self.id + self.size.to_bytes(8)).digest(32)
        )
        index, last = self.size, self.header(-1)
        right = Header(
            1,
            self.id,
            entry_id(self.entries[-1]),
            index,
            self.pointer,
            last.time + 60_000,
            who.key_id,
            kind,
            digest,
        )
        self.entries.append(sealed(right, who, **wrong))
        self.bodies.append(data)
        return Entry(self.entries[-1], right, entry_id(self.entries[-1]))

    def sign(self, index: int, who: Ed25519Signer, **changes: Any) -> None:
        """Sign one entry anew in its place; `changes` names fields of its header."""
        self.entries[index] = sealed(self.header(index), who, **changes)

    def sign_on(
        self, start: int, keys: Iterable[Ed25519Signer], instead: Ed25519Signer | None = None
    ) -> None:
        """Sign all from `start` on anew, linked.

        What others signed than those whose keys are had, under the key that is had `instead`.
        """
        had = {one.key_id: one for one in keys}
        for index in range(start, self.size):
            header = self.header(index)
            who = had.get(header.author) or instead
            assert who is not None, f"nobody signs entry {index}"
            self.sign(index, who, prev=entry_id(self.entries[index - 1]), author=who.key_id)

    def body(self, index: int, fields: Mapping[str, Any], salt: bytes = bytes(32)) -> bytes:
        """Give an entry another body; returns its commitment, which no header has yet."""
        self.bodies[index], digest = commit(fields, salt)
        return digest

    def put(self) -> None:
        """Write the segments as they now are; what else lies in the folder stays as it is."""
        for old in self.path.glob("*.seg"):
            old.unlink()
        for first, data in self.segments().items():
            (self.path / f"{first:020d}.seg").write_bytes(data)

    def segments(self) -> dict[int, bytes]:
        """The bytes of segments of about SEGMENT bytes, by first index."""
        found: dict[int, bytes] = {}
        first = 0
        for index, record in enumerate(map(format_record, self.entries, self.bodies)):
            if found and len(found[first]) < SEGMENT:
                found[first] += record
            else:
                first = index
                found[first] = record
        return found

    # Checkpoints

    def kept(self) -> list[Path]:
        """The files of the checkpoints, by size."""
        return sorted((self.path / "checkpoints").glob("*.checkpoint"))

    def newest(self) -> Note:
        """The largest checkpoint."""
        return parse_note(self.kept()[-1].read_bytes())

    def told(self, *, origin: str | None = None) -> Checkpoint:
        """The checkpoint of all entries as they now are, unsigned."""
        return Checkpoint(
            origin or self.origin, self.size, root([entry_id(raw) for raw in self.entries])
        )

    def checkpoint(self, who: Ed25519Signer, *witnesses: str) -> Note:
        """The same, signed and cosigned."""
        return cosigned(sign_checkpoint(self.told(), who), *witnesses)

    def part(self, shown: Iterable[int], note: Note | None = None) -> dict[str, Any]:
        """What an evidence file holds of it.

        What is shown and what that stands on, under the newest checkpoint or another.
        """
        note = note or self.newest()
        size = parse_checkpoint(note.text).size
        walk = [size - 1]
        while walk[-1]:
            walk.append(self.header(walk[-1]).roster)
        return {
            "checkpoint": format_note(note).decode(),
            "entries": [self.proven(index, size) for index in sorted({*shown, *walk})],
        }

    def proven(self, index: int, size: int) -> list[Any]:
        """An entry with its body and its proof in the tree of the first `size`."""
        return [
            self.entries[index],
            self.bodies[index],
            inclusion_proof([entry_id(raw) for raw in self.entries], index, size),
        ]

    def keep(self, note: Note) -> Path:
        """Lay a checkpoint into the folder, in place of one of that size and root."""
        path = self.path / "checkpoints" / checkpoint_name(parse_checkpoint(note.text))
        path.write_bytes(format_note(note))
        return path

    def forget(self, above: int = 0) -> None:
        """Take away the checkpoints of more than so many entries."""
        for path in self.kept():
            if int(path.name[:20]) > above:
                path.unlink()


def leave_out(part: dict[str, Any], index: int) -> None:
    """Leave one entry out of what an evidence file holds of a chain."""
    rows = [row for row in part["entries"] if parse_entry(row[0]).header.index != index]
    assert len(rows) < len(part["entries"]), "it was not there"
    part["entries"] = rows


def resigned(note: Note, *signatures: Signature) -> Note:
    """The text of a note under other signatures."""
    return Note(note.text, signatures)


def open_chain(path: Path, opening: Mapping[str, Any], who: Ed25519Signer) -> Chain:
    """A chain that begins, in a folder named after it below `path`; of one entry."""
    data, digest = commit(opening, shake_256(b"attacks\nopening\n" + who.key_id).digest(32))
    raw = sealed(Header(1, NO_ID, NO_ID, 0, 0, MORNING, who.key_id, "chain.open", digest), who)
    folder = path / entry_id(raw).hex()
    (folder / "checkpoints").mkdir(parents=True)
    chain = Chain(folder, entry_id(raw))
    chain.entries, chain.bodies = [raw], [data]
    return chain


def opening_of(site: str, **more: Any) -> dict[str, Any]:
    """The fields of a site's `chain.open` with a key of the attacker's as its owner and log."""
    keys = [{"key": key(f"false {site}").key_id, "roles": ["owner", "log", "custodian"]}]
    return {
        "origin": f"aid.example/{site}",
        "site": site,
        "keys": keys,
        "holders": [{"name": f"false {site}"}],
        **more,
    }
