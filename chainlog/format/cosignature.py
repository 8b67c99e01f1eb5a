r"""Cosignatures: what a witness says of a checkpoint (C2SP tlog-cosignature).

It says that, at a time, the checkpoint was the largest it had seen of a log that only grows.

    line      = "— " witness name " "
                base64(key hash, 4 bytes || POSIX seconds, 8 bytes big-endian || signature)

    type 0x04, Ed25519, 64 bytes over      "cosignature/v1\n" "time <seconds>\n" ||
                                           the checkpoint's text
    type 0x06, ML-DSA-44, 2420 bytes over  "subtree/v1\n\0" || name with its length || seconds ||
                                           origin with its length || start, which is 0 ||
                                           size || root

A time of 0 says that the witness does not state that this was the largest: such a cosignature is
verified, and counts for nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol

from chainlog.errors import NoteError
from chainlog.format.checkpoint import Checkpoint, parse_checkpoint
from chainlog.format.keys import ED25519, signature_holds
from chainlog.format.note import (
    ED25519_COSIGNATURE,
    ML_DSA_COSIGNATURE,
    Note,
    Signature,
    VerifierKey,
    signed_by,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

    from chainlog.format.keys import Signer

TYPES: Final = (ED25519_COSIGNATURE, ML_DSA_COSIGNATURE)
_TIME_LIMIT: Final = 2**63 - 1
_SIGNATURE_BYTES: Final = {ED25519_COSIGNATURE: 64, ML_DSA_COSIGNATURE: 2420}
_LABEL: Final = b"subtree/v1\n\x00"


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A cosignature that holds.

    It says whose it is, and when it was made by the witness's clock (POSIX seconds).
    """

    witness: VerifierKey
    time: int


class Cosigner(Protocol):
    """Who cosigns for a witness."""

    @property
    def vkey(self) -> VerifierKey:
        """The verifier key, of a type in TYPES; its name is the witness's."""
        ...

    def cosign(self, checkpoint: Checkpoint, time: int) -> Signature:
        """The signature line of a checkpoint at a time (POSIX seconds, not 0)."""
        ...


def cosignatures_of(note: Note, witnesses: Iterable[VerifierKey]) -> list[Cosignature]:
    """The cosignatures by these witnesses, all of which hold, earliest first.

    Those by others are passed over; so are those of a type that the library installed here cannot
    verify. Raises NoteError where one that names a witness does not hold, or the note is no
    checkpoint.
    """
    known = [
        key
        for key in witnesses
        if key.type == ED25519_COSIGNATURE or (key.type == ML_DSA_COSIGNATURE and ml_dsa_is_here())
    ]
    parse_checkpoint(note.text)
    found = [
        Cosignature(key, int.from_bytes(one.value[:8]))
        for key, one in signed_by(note, known, _cosignature_holds)
    ]
    return sorted(
        (one for one in found if one.time),
        key=lambda one: (one.time, one.witness.name, one.witness.public),
    )


def cosignatures_each(note: Note, witnesses: Iterable[VerifierKey]) -> list[Cosignature]:
    """The same of a note that was put together from many hands.

    Each line by itself, and those that do not hold passed over.
    """
    known, found = tuple(witnesses), list[Cosignature]()
    for one in dict.fromkeys(note.signatures):
        try:
            found += cosignatures_of(Note(note.text, (one,)), known)
        except NoteError:
            continue
    return sorted(found, key=lambda one: (one.time, one.witness.name, one.witness.public))


def message(witness: VerifierKey, checkpoint: Checkpoint, time: int) -> bytes:
    """What a witness signs at a time, 0 for none.

    Raises NoteError for a time that the form has no room for.
    """
    if not 0 <= time <= _TIME_LIMIT:
        raise NoteError(f"{time} is no time of a cosignature")
    if witness.type == ED25519_COSIGNATURE:
        return f"cosignature/v1\ntime {time}\n{checkpoint.text}".encode()
    # A checkpoint's origin and a key's name are 1 to 255 bytes.
    name, origin = witness.name.encode(), checkpoint.origin.encode()
    named = bytes([len(name)]) + name + time.to_bytes(8)
    return (
        _LABEL
        + named
        + bytes([len(origin)])
        + origin
        + bytes(8)
        + checkpoint.size.to_bytes(8)
        + checkpoint.root
    )


def _cosignature_holds(key: VerifierKey, text: str, value: bytes) -> bool:
    if len(value) != 8 + _SIGNATURE_BYTES[key.type]:
        return False
    time, signature = int.from_bytes(value[:8]), value[8:]
    if time > _TIME_LIMIT:
        return False
    signed = message(key, parse_checkpoint(text), time)
    if key.type == ED25519_COSIGNATURE:
        return signature_holds(bytes([ED25519]) + key.public, signature, signed)
    return _ml_dsa_holds(key.public, signature, signed)


# Who cosigns


@dataclass(frozen=True, slots=True)
class Ed25519Cosigner:
    """A witness that cosigns with an Ed25519 key (type 0x04), which is used for nothing else."""

    name: str
    signer: Signer

    @property
    def vkey(self) -> VerifierKey:
        """The verifier key."""
        return VerifierKey(self.name, ED25519_COSIGNATURE, self.signer.key_id[1:])

    def cosign(self, checkpoint: Checkpoint, time: int) -> Signature:
        """The signature line. Raises NoteError for a time that is none."""
        return _cosign(self.vkey, checkpoint, time, self.signer.sign)


@dataclass(frozen=True, slots=True)
class MLDSACosigner:
    """A witness that cosigns with an ML-DSA-44 key (type 0x06).

    Quantum computers cannot forge its cosignatures.
    """

    name: str
    private: MLDSA44PrivateKey

    @property
    def vkey(self) -> VerifierKey:
        """The verifier key."""
        return VerifierKey(
            self.name, ML_DSA_COSIGNATURE, self.private.public_key().public_bytes_raw()
        )

    def cosign(self, checkpoint: Checkpoint, time: int) -> Signature:
        """The signature line. Raises NoteError for a time that is none."""
        return _cosign(self.vkey, checkpoint, time, self.private.sign)


def _cosign(
    key: VerifierKey, checkpoint: Checkpoint, time: int, sign: Callable[[bytes], bytes]
) -> Signature:
    if time == 0:
        raise NoteError("0 is no time of a cosignature")
    signature = sign(message(key, checkpoint, time))
    return Signature(key.name, key.key_hash, time.to_bytes(8) + signature)


@cache
def ml_dsa_is_here() -> bool:
    """Whether the crypto library installed here has ML-DSA-44."""
    try:
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey  # noqa: PLC0415  (too slow for the start)

        MLDSA44PrivateKey.generate()
    except Exception:  # noqa: BLE001  (an older library has not the module, one with an older OpenSSL not the algorithm)
        return False
    return True


def _ml_dsa_holds(public: bytes, signature: bytes, signed: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  (as above)
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey  # noqa: PLC0415

    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True
