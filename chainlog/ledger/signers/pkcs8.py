"""PKCS#8 private key files (RFC 5958), open or under a passphrase by PBES2 (RFC 8018 6.2).

A file says itself how much work its passphrase costs: what would take minutes is refused.
"""

from __future__ import annotations

import base64
import os
import re
import shlex
from typing import TYPE_CHECKING, Final

from chainlog.errors import KeyfileError, Sentence
from chainlog.format.keys import Ed25519Signer
from chainlog.ledger.signers.refusals import damaged, wrong_passphrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


# OWASP's number for PBKDF2 with SHA-256 (Password Storage Cheat Sheet): some tenths of a second on
# a laptop.
PBKDF2_ROUNDS: Final = 600_000
# What opening a file may cost at most.
_PBKDF2_LIMIT: Final = 20_000_000
# Of scrypt: bytes of memory, and how often they are gone through. openssl asks for 16 MiB, once.
_SCRYPT_LIMIT: Final = 256 * 2**20
_SCRYPT_TIMES: Final = 16
LOCKED: Final = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"
_PBES2: Final = bytes.fromhex("06092a864886f70d01050d")
_PBKDF2: Final = bytes.fromhex("06092a864886f70d01050c")
_HMAC_SHA256: Final = bytes.fromhex("06082a864886f70d0209")
_AES256_CBC: Final = bytes.fromhex("060960864801650304012a")
_SCRYPT: Final = bytes.fromhex("06092b06010401da47040b")
_NULL: Final = b"\x05\x00"
_INTEGER, _OCTETS, _SEQUENCE = 0x02, 0x04, 0x30
# How a file begins that is locked by PBES2 with PBKDF2 or scrypt, up to its salt of up to 127
# bytes, which the numbers of its cost follow. Nothing else is opened: each other way has a cost of
# its own, and what looks like one of these further on may be anything.
_MORE: Final = rb"(?:[\x00-\x7f]|\x81.|\x82..)"
_SEQ: Final = rb"\x30" + _MORE
_ROUNDS: Final = re.compile(
    _SEQ
    + _SEQ
    + re.escape(_PBES2)
    + _SEQ
    + _SEQ
    + b"("
    + re.escape(_PBKDF2)
    + b"|"
    + re.escape(_SCRYPT)
    + rb")\x30[\x00-\x7f]\x04([\x00-\x7f])",
    re.DOTALL,
)


def lock_pkcs8(der: bytes, passphrase: bytes) -> bytes:
    """Return the EncryptedPrivateKeyInfo of a PrivateKeyInfo, both in DER (RFC 5958 3).

    PBES2 of PBKDF2-HMAC-SHA-256 and AES-256-CBC.

    Put together here because the library writes 2,048 rounds into PKCS#8, and lets nobody ask for
    more.
    """
    from cryptography.hazmat.primitives import hashes, padding  # noqa: PLC0415  (too slow for the command line's start)
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC  # noqa: PLC0415

    salt, start = os.urandom(16), os.urandom(16)
    secret = PBKDF2HMAC(hashes.SHA256(), 32, salt, PBKDF2_ROUNDS).derive(passphrase)
    pad, lock = (
        padding.PKCS7(128).padder(),
        Cipher(algorithms.AES(secret), modes.CBC(start)).encryptor(),
    )
    locked = lock.update(pad.update(der) + pad.finalize()) + lock.finalize()
    rounds = _der(_INTEGER, PBKDF2_ROUNDS.to_bytes(3))
    derived = _der(
        _SEQUENCE,
        _PBKDF2,
        _der(_SEQUENCE, _der(_OCTETS, salt), rounds, _der(_SEQUENCE, _HMAC_SHA256, _NULL)),
    )
    scheme = _der(_SEQUENCE, _AES256_CBC, _der(_OCTETS, start))
    return _der(
        _SEQUENCE, _der(_SEQUENCE, _PBES2, _der(_SEQUENCE, derived, scheme)), _der(_OCTETS, locked)
    )


def _der(tag: int, *parts: bytes) -> bytes:
    """One value in DER, of at most 255 bytes: an Ed25519 key makes 166."""
    body = b"".join(parts)
    return bytes([tag, len(body)] if len(body) < 0x80 else [tag, 0x81, len(body)]) + body


def format_pem(der: bytes, *, locked: bool) -> bytes:
    """A PKCS#8 file (RFC 7468 10, 11)."""
    label = "ENCRYPTED PRIVATE KEY" if locked else "PRIVATE KEY"
    text = base64.b64encode(der).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()


def open_pkcs8(path: Path, data: bytes, passphrase: bytes | None) -> Ed25519Signer:
    """The signer in a PKCS#8 file. Raises KeyfileError, PassphraseError."""
    from cryptography.exceptions import InternalError, UnsupportedAlgorithm  # noqa: PLC0415  (as above)
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    def load(secret: bytes | None) -> object:
        try:
            return serialization.load_pem_private_key(data, secret)
        except (TypeError, UnsupportedAlgorithm, InternalError, MemoryError):
            raise damaged(path) from None

    if passphrase is not None:
        _check_rounds(path, data)
    try:
        private = load(passphrase)
    except ValueError as error:
        # One wrong passphrase in 256 leaves a padding that looks right by chance, and then what it
        # opens is taken for a damaged key. A file whose lock is sound says of another passphrase
        # that it is wrong.
        if passphrase is not None and (_says_wrong(error) or _refuses(load, passphrase + b"\1")):
            raise wrong_passphrase(path) from None
        raise damaged(path) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyfileError(
            "{path} holds a key of another kind: chainlog signs with Ed25519",
            path=path,
            hint="make one: chainlog key new",
        )
    return Ed25519Signer(private)


def _says_wrong(error: ValueError) -> bool:
    return "password" in str(error).lower()


def _refuses(load: Callable[[bytes], object], passphrase: bytes) -> bool:
    try:
        load(passphrase)
    except ValueError as error:
        return _says_wrong(error)
    return False


def _check_rounds(path: Path, data: bytes) -> None:
    """Raise KeyfileError where opening the file would take minutes."""
    try:
        der = base64.b64decode(
            b"".join(data.partition(LOCKED)[2].partition(b"-----")[0].split()), validate=True
        )
    except ValueError:
        raise damaged(path) from None
    found = _ROUNDS.match(der)
    # What is not written in this way, in the shortest form, nothing that writes keys has written.
    at = found.end() + found[2][0] if found else len(der)
    cost = [*_integers(der[at : at + 64], 3 if found and found[1] == _SCRYPT else 1)]
    if (
        found
        and found[1] == _SCRYPT
        and len(cost) == 3
        and 128 * cost[0] * cost[1] <= _SCRYPT_LIMIT
        and cost[2] <= _SCRYPT_TIMES
    ):
        return
    rounds = cost[0] if found and found[1] == _PBKDF2 and cost else 0
    if not 1 <= rounds <= _PBKDF2_LIMIT:
        raise KeyfileError(
            "{path} is locked in a way that is unknown here, or would take too long to open",
            path=path,
            hint=Sentence(
                "lock it anew: openssl pkcs8 -topk8 -v2 aes256 -iter {rounds} -in {path} -out "
                "{new} && mv {new} {path}",
                rounds=PBKDF2_ROUNDS,
                path=shlex.quote(str(path)),
                new=shlex.quote(f"{path}.new"),
            ),
        )


def _integers(der: bytes, count: int) -> Iterator[int]:
    """The next numbers in DER, as far as they are there, of at most 127 bytes each."""
    for _ in range(count):
        if len(der) < 2 or der[0] != _INTEGER or der[1] > 0x7F or len(der) < 2 + der[1]:
            return
        yield int.from_bytes(der[2 : 2 + der[1]])
        der = der[2 + der[1] :]
