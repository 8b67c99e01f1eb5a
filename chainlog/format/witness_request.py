"""What a log asks of a witness: the body of `add-checkpoint` (C2SP tlog-witness).

old 20852014                                   size that the witness cosigned last, 0 for none
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=   the proof from there to the checkpoint:
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=   at most 63 hashes
                                               an empty line
example.org/depot/4a1f…9c                      the checkpoint, a signed note
…
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chainlog.errors import NoteError
from chainlog.format.canonical import INT_LIMIT
from chainlog.format.checkpoint import parse_root, parse_size
from chainlog.format.note import NOTE_LIMIT, Note, encode_base64, format_note, parse_note

PROOF_LIMIT: Final = 63
REQUEST_LIMIT: Final = len("old \n\n") + len(str(INT_LIMIT)) + PROOF_LIMIT * 45 + NOTE_LIMIT
# The media type of the answer that names the size that was cosigned last (status 409).
SIZE_TYPE: Final = "text/x.tlog.size"


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request to cosign a checkpoint.

    It has the size that was cosigned last, the proof of consistency from there (32 bytes a hash),
    and the checkpoint's note.
    """

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def __post_init__(self) -> None:
        if not 0 <= self.old <= INT_LIMIT:
            raise NoteError(f"{self.old} is no size")
        if len(self.proof) > PROOF_LIMIT or any(len(one) != 32 for one in self.proof):
            raise NoteError(f"no proof of consistency: at most {PROOF_LIMIT} hashes of 32 bytes")


def format_request(request: AddCheckpoint) -> bytes:
    """A request as it is sent. Raises NoteError where its note cannot be written."""
    lines = [f"old {request.old}\n", *(f"{encode_base64(one)}\n" for one in request.proof), "\n"]
    return "".join(lines).encode() + format_note(request.note)


def parse_request(data: bytes) -> AddCheckpoint:
    """The request that `format_request` writes as exactly these bytes.

    Raises NoteError for any other.

    Whether the note's text is a checkpoint is not looked at here: a witness says first of an origin
    that it does not know it.
    """
    if len(data) > REQUEST_LIMIT:
        raise NoteError(f"a request of {len(data)} bytes: the limit is {REQUEST_LIMIT}")
    head, blank, note = data.partition(b"\n\n")
    if not blank or not head.startswith(b"old ") or not head.isascii():
        raise NoteError("a request is a line 'old <size>', a proof, an empty line and a checkpoint")
    old, *proof = head.decode("ascii").split("\n")
    if len(proof) > PROOF_LIMIT:
        raise NoteError(f"a proof of {len(proof)} hashes: the limit is {PROOF_LIMIT}")
    return AddCheckpoint(
        parse_size(old.removeprefix("old ")), tuple(map(parse_root, proof)), parse_note(note)
    )
