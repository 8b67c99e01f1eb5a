"""Checkpoints: a chain's size and root, as a note that its log key signs.

The form is that of C2SP tlog-checkpoint (FORMAT.md 6).

    example.org/depot/<chain id, 64 hex>          the origin line, also the name of the log's key
    7                                             entries
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=  the root over their ids

The chain's id in the origin line makes it unique without a registry. A checkpoint of a chain has no
extension lines: nobody could audit them, and ML-DSA cosignatures do not cover them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chainlog.errors import NoteError
from chainlog.format.canonical import INT_LIMIT
from chainlog.format.keys import ED25519
from chainlog.format.note import (
    ED25519_NOTE,
    Note,
    VerifierKey,
    decode_base64,
    encode_base64,
    is_name,
    sign_note,
    signed_by,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chainlog.format.keys import Signer

ORIGIN_LINE_LIMIT: Final = 128 + 1 + 64
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,15}")
_ORIGIN_LINE: Final = re.compile(r"([a-z0-9.-]+(?:/[a-z0-9._-]+)+)/([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint says.

    It says the origin line of the log, how many entries, and the root over them (32 bytes).
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not is_name(self.origin):
            raise NoteError(f"{self.origin[:80]!r} is no origin of a log")
        if not 0 <= self.size <= INT_LIMIT or len(self.root) != 32:
            raise NoteError(
                f"no checkpoint of {self.size} entries with a root of {len(self.root)} bytes"
            )

    @property
    def text(self) -> str:
        """The text that is signed: three lines."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"

    @property
    def chain(self) -> bytes:
        """The chain's id, from the origin line.

        Raises NoteError where that is not one of a chain.
        """
        return parse_origin_line(self.origin)[1]


def parse_size(text: str) -> int:
    """A number of entries or an index: decimal, without leading zeros, at most 2^53 - 1.

    Raises NoteError.
    """
    if _SIZE.fullmatch(text) is None or int(text) > INT_LIMIT:
        raise NoteError(
            f"{text[:40]!r} is no size: a decimal without leading zeros, at most {INT_LIMIT}"
        )
    return int(text)


def parse_root(text: str) -> bytes:
    """A hash of a tree in base64: 32 bytes. Raises NoteError."""
    if len(text) != 44 or len(raw := decode_base64(text)) != 32:
        raise NoteError(f"{text[:80]!r} is no hash of 32 bytes")
    return raw


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint that a note's text is. Raises NoteError for any other text."""
    if text.count("\n") != 3 or not text.endswith("\n"):
        raise NoteError("a chain's checkpoint has three lines: origin, size, root")
    origin, size, root, _ = text.split("\n")
    return Checkpoint(origin, parse_size(size), parse_root(root))


# The origin line


def format_origin_line(origin: str, chain: bytes) -> str:
    """The origin line of a chain's checkpoints, which is also the name of its log keys."""
    return f"{origin}/{chain.hex()}"


def parse_origin_line(line: str) -> tuple[str, bytes]:
    """The origin and the id of a chain.

    Raises NoteError for the origin line of another kind of log.
    """
    match = _ORIGIN_LINE.fullmatch(line[: ORIGIN_LINE_LIMIT + 1])
    if match is None or len(line) > ORIGIN_LINE_LIMIT:
        raise NoteError(
            f"{line[:200]!r} is not the origin line of a chain",
            hint="it ends in the chain's id: 64 hex digits",
        )
    return match[1], bytes.fromhex(match[2])


# Signatures of the log


def log_vkey(origin_line: str, key_id: bytes) -> VerifierKey:
    """The verifier key under which a key of the chain signs its checkpoints.

    Raises NoteError for keys of other kinds.
    """
    if key_id[:1] != bytes([ED25519]):
        raise NoteError("a checkpoint is signed with an Ed25519 key")
    return VerifierKey(origin_line, ED25519_NOTE, key_id[1:])


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> Note:
    """A checkpoint signed by a log key of its chain.

    The caller has seen to it that nothing else was ever signed at its size.
    """
    return Note(checkpoint.text, (sign_note(checkpoint.text, checkpoint.origin, signer),))


def log_keys_of(note: Note, origin_line: str, key_ids: Iterable[bytes]) -> list[bytes]:
    """Which of a chain's keys signed this note as its log, each once.

    Raises NoteError where a signature that names one does not hold, and where the note is no
    checkpoint with this origin line: a key may serve two chains, and its signature says nothing of
    the name that stands before it.
    """
    if (origin := parse_checkpoint(note.text).origin) != origin_line:
        raise NoteError(f"a checkpoint of {origin!r}, not of {origin_line[:200]!r}")
    keys = {
        log_vkey(origin_line, key_id): key_id
        for key_id in key_ids
        if key_id[:1] == bytes([ED25519])
    }
    return list(dict.fromkeys(keys[key] for key, _ in signed_by(note, keys)))
