"""What an auditor verified, as a signed note of his own (FORMAT.md 6, 9).

With it the next run does only what is new.

    chainlog/v1/verified
    example.org/depot/<chain id, 64 hex>          of which chain, as its checkpoints name it
    1200                                          its first entries, all of which held by steps
                                                  1 to 7 and 10, at level full
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=  the root over them
    hI2DJw…                                       SHA-256 over their records: lengths of entry
                                                  (2 bytes) and body (4 bytes), then both
    4a1f…9c                                       the authority that was trusted,
                                                  64 zeros where nobody was
    3 0 12 1                                      fields withheld, bodies erased,
                                                  attachments held and absent

The next run reads and hashes all of it again and compares: where one byte of an entry or of a body
has changed, it verifies everything anew. The second line is no decimal, so it is never a
checkpoint; only a note by the auditor's own key is believed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from chainlog.errors import NoteError
from chainlog.format.checkpoint import parse_origin_line, parse_root, parse_size
from chainlog.format.keys import ED25519
from chainlog.format.note import (
    ED25519_NOTE,
    Note,
    VerifierKey,
    encode_base64,
    sign_note,
    signed_by,
)

if TYPE_CHECKING:
    from chainlog.format.keys import Signer

MAGIC: Final = "chainlog/v1/verified"
# The name under which an auditor's key signs such notes; nobody else reads them.
NAME: Final = MAGIC
_ID: Final = re.compile(r"[0-9a-f]{64}")
NOBODY: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class Verified:
    """How far a chain was verified.

    `origin`: its origin line; `records`: the digest over its records; `trust`: NOBODY or an
    authority.

    `counts`: fields withheld, bodies erased, attachments held, attachments absent.
    """

    origin: str
    size: int
    root: bytes
    records: bytes
    trust: bytes = NOBODY
    counts: tuple[int, int, int, int] = (0, 0, 0, 0)

    @property
    def chain(self) -> bytes:
        """The chain's id."""
        return parse_origin_line(self.origin)[1]

    @property
    def text(self) -> str:
        """The text that is signed."""
        hashes = f"{encode_base64(self.root)}\n{encode_base64(self.records)}\n{self.trust.hex()}\n"
        return f"{MAGIC}\n{self.origin}\n{self.size}\n{hashes}{' '.join(map(str, self.counts))}\n"


def parse_verified(text: str) -> Verified:
    """What was verified, from a note's text. Raises NoteError for any other text."""
    lines = text.split("\n")
    if len(lines) != 8 or lines[0] != MAGIC or lines[7]:
        raise NoteError("not a note of what was verified")
    _, origin, size, root, records, trust, counts, _ = lines
    parse_origin_line(origin)
    if _ID.fullmatch(trust) is None:
        raise NoteError("{trust!r} is no id of a chain", trust=trust[:80])
    numbers = [parse_size(one) for one in counts.split(" ")]
    if len(numbers) != 4:
        raise NoteError("{counts!r} are not four counts", counts=counts[:80])
    withheld, erased, held, absent = numbers
    told = (withheld, erased, held, absent)
    return Verified(
        origin, parse_size(size), parse_root(root), parse_root(records), bytes.fromhex(trust), told
    )


def sign_verified(told: Verified, signer: Signer) -> Note:
    """The auditor's note."""
    return Note(told.text, (sign_note(told.text, NAME, signer),))


def open_verified(note: Note, key_id: bytes) -> Verified:
    """What the auditor with this key verified.

    Raises NoteError where the note is another's, or does not hold.
    """
    if key_id[:1] != bytes([ED25519]) or not signed_by(
        note, [VerifierKey(NAME, ED25519_NOTE, key_id[1:])]
    ):
        raise NoteError("the note of what was verified is not signed by your key")
    return parse_verified(note.text)


class Records:
    """The digest over the records of a chain as they are read.

    It also tells how it compares with what was verified before.
    """

    count: int
    fits: bool

    def __init__(self, expected: Verified | None = None) -> None:
        self.expected = expected
        self.count = 0
        self.fits = expected is None
        self._hash = sha256()

    def take(self, entry: bytes, body: bytes) -> bool:
        """Take in the next record, and return whether it is one of those verified before.

        That holds if all of them fit in the end.
        """
        self._hash.update(len(entry).to_bytes(2) + len(body).to_bytes(4))
        self._hash.update(entry)
        self._hash.update(body)
        self.count += 1
        if self.expected is None or self.count > self.expected.size:
            return False
        if self.count == self.expected.size:
            self.fits = self.digest() == self.expected.records
        return True

    def digest(self) -> bytes:
        """The digest over the records so far."""
        return self._hash.digest()
