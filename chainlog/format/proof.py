"""Proofs of single entries, to be checked without the log (C2SP tlog-proof).

    c2sp.org/tlog-proof@v1
    extra <base64>                                whatever the maker adds; nothing vouches for it;
                                                  left out where there is nothing
    index 5
    gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=      the sibling's hash, and so on
                                                  up to the root's child
    …

    example.org/depot/4a1f…9c                     the checkpoint, as it is
    …

The leaf is the entry's id: sha256(0x00 || entry). A proof is 32 bytes a level of the tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chainlog.errors import NoteError, ProofError
from chainlog.format.canonical import INT_LIMIT
from chainlog.format.checkpoint import Checkpoint, parse_checkpoint, parse_root, parse_size
from chainlog.format.merkle import verify_inclusion
from chainlog.format.note import (
    NOTE_LIMIT,
    Note,
    decode_base64,
    encode_base64,
    format_note,
    parse_note,
)

if TYPE_CHECKING:
    from typing import Self

MAGIC: Final = "c2sp.org/tlog-proof@v1"
# More than a tree of 2^53 entries has levels.
HASH_LIMIT: Final = 63
EXTRA_LIMIT: Final = 64 * 1024
PROOF_LIMIT: Final = NOTE_LIMIT + 2 * EXTRA_LIMIT + HASH_LIMIT * 45 + 256


@dataclass(frozen=True, slots=True)
class EntryProof:
    """That an entry stands at `index` of the log of the checkpoint in `note`.

    `hashes`: from the leaf's sibling upwards.
    """

    index: int
    hashes: tuple[bytes, ...]
    note: Note
    extra: bytes = b""

    def __post_init__(self) -> None:
        if not 0 <= self.index <= INT_LIMIT or not {32}.issuperset(map(len, self.hashes)):
            raise ProofError(
                f"no proof of entry {self.index}: an index is at most {INT_LIMIT}, and "
                "each hash 32 bytes"
            )
        if len(self.hashes) > HASH_LIMIT or len(self.extra) > EXTRA_LIMIT:
            over = f"a proof of {len(self.hashes)} hashes and {len(self.extra)} bytes of extra data"
            raise ProofError(f"{over} is over the limits of {HASH_LIMIT} and {EXTRA_LIMIT}")
        try:
            parse_checkpoint(self.note.text)
        except NoteError as error:
            raise ProofError(error.message, hint=error.hint) from None

    @property
    def checkpoint(self) -> Checkpoint:
        """What the checkpoint says; whose it is, its signatures tell."""
        return parse_checkpoint(self.note.text)

    def check(self, leaf: bytes) -> Self:
        """Return when the entry with this id stands there. Raises ProofError otherwise.

        Signatures are for the caller to verify.
        """
        told = self.checkpoint
        verify_inclusion(leaf, self.index, told.size, self.hashes, told.root)
        return self


def format_proof(proof: EntryProof) -> bytes:
    """A proof as text. Raises NoteError where its checkpoint has no signatures, or too many."""
    lines = [
        MAGIC,
        *([f"extra {encode_base64(proof.extra)}"] if proof.extra else []),
        f"index {proof.index}",
    ]
    lines += [encode_base64(one) for one in proof.hashes]
    return "".join(f"{line}\n" for line in [*lines, ""]).encode() + format_note(proof.note)


def parse_proof(data: bytes) -> EntryProof:
    """The proof that is exactly these bytes.

    Raises ProofError for text of another form, also within its checkpoint.
    """
    if len(data) > PROOF_LIMIT:
        raise ProofError(f"a proof of {len(data)} bytes: the limit is {PROOF_LIMIT}")
    # An empty line ends the hashes; those within the checkpoint come after it.
    head, _, rest = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
        magic = lines.pop(0)
        if magic != MAGIC:
            raise ProofError(
                f"a proof begins with the line {MAGIC}",
                hint="is this another file, or a newer version?",
            )
        extra = (
            decode_base64(lines.pop(0).removeprefix("extra "))
            if lines and lines[0].startswith("extra ")
            else b""
        )
        if not lines or not lines[0].startswith("index "):
            raise ProofError("a proof has an index line")
        index = parse_size(lines.pop(0).removeprefix("index "))
        proof = EntryProof(
            index, tuple(parse_root(line) for line in lines), parse_note(rest), extra
        )
    except UnicodeDecodeError:
        raise ProofError("the lines of a proof are ASCII") from None
    except NoteError as error:
        raise ProofError(error.message, hint=error.hint) from None
    if format_proof(proof) != data:
        raise ProofError(
            "a proof is written in one form only",
            hint="a line for extra data is left out where there is none",
        )
    return proof
