"""Keys by their path: PKCS#8 and OpenSSH private key files, and keys that an ssh-agent holds.

What is told apart, by what is in the file and never by its name::

    -----BEGIN PRIVATE KEY-----              PKCS#8, open to whoever can read it
    -----BEGIN ENCRYPTED PRIVATE KEY-----    PKCS#8 under a passphrase (RFC 8018 6.2), as
                                             `write_key` makes it
    -----BEGIN OPENSSH PRIVATE KEY-----      ssh-keygen's own form (OpenSSH's PROTOCOL.key), open or
                                             under a passphrase
    ssh-ed25519 AAAAC3…                      a public key, for the private key that an agent holds
                                             (agent.py)

and the path `agent:…` is no file at all, but a key that an agent holds.
"""

from __future__ import annotations

import base64
import importlib.util
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chainlog.errors import FormatError, KeyfileError, PassphraseError
from chainlog.format.keys import Ed25519Signer
from chainlog.ledger.signers.agent import (
    Wire,
    find_held,
    find_signer,
    parse_public,
    parse_public_file,
    wanted_of,
)
from chainlog.store import durable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from chainlog.format.keys import Signer

# OWASP's number for PBKDF2 with SHA-256 (Password Storage Cheat Sheet): some tenths of a second on
# a laptop.
PBKDF2_ROUNDS: Final = 600_000
# Files are read for their passphrase's sake with work that they ask for themselves: what would take
# minutes is refused.
_PBKDF2_LIMIT: Final = 20_000_000
_BCRYPT_LIMIT: Final = 5_000
# Of scrypt: bytes of memory, and how often they are gone through. openssl asks for 16 MiB, once.
_SCRYPT_LIMIT: Final = 256 * 2**20
_SCRYPT_TIMES: Final = 16
_FILE_LIMIT: Final = 64 * 1024

_LOCKED: Final = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"
_OPENSSH: Final = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_OPENSSH_BODY: Final = re.compile(
    _OPENSSH + rb"([A-Za-z0-9+/=\r\n]*)-----END OPENSSH PRIVATE KEY-----"
)
_MAGIC: Final = b"openssh-key-v1\0"
# What the library can open; ssh-keygen writes the first unless it was asked otherwise.
_CIPHERS: Final = (b"aes256-ctr", b"aes256-cbc", b"aes256-gcm@openssh.com")
_PUBLIC: Final = (b"ssh-", b"sk-", b"ecdsa-")
_DAMAGED_HINT: Final = "bring back the copy that you keep elsewhere"


@dataclass(frozen=True, slots=True)
class Seen:
    """What can be told of a key without its passphrase: its id, and `state`.

    Empty, or why it would not sign as it is.
    """

    key_id: bytes | None
    state: str = ""


# Reading


def read_key(path: Path, passphrase: Callable[[], bytes]) -> Signer:
    """The signer of a key by its path. `passphrase` is asked only where it is needed.

    Raises KeyfileError, PassphraseError.
    """
    wanted = wanted_of(path)
    if wanted is not None:
        return find_signer(wanted)
    data = _read(path)
    if data is None:
        raise KeyfileError(f"no key at {path}", hint=f"make one: chainlog key new {path}")
    if data.startswith(_PUBLIC):
        return find_held(parse_public_file(data, str(path)), str(path))
    if _OPENSSH in data:
        return _open_openssh(path, data, passphrase)
    return _open_pkcs8(path, data, _secret(path, passphrase) if _LOCKED in data else None)


def look_at_key(path: Path) -> Seen | None:
    """What can be told of a key without its passphrase or a signature, None where there is no file.

    Raises KeyfileError.

    An agent is asked for its list. The id of an OpenSSH file under a passphrase is what the file
    says of itself.
    """
    wanted = wanted_of(path)
    if wanted is not None:
        return Seen(find_signer(wanted).key_id)
    data = _read(path)
    if data is None:
        return None
    if data.startswith(_PUBLIC):
        key_id = parse_public_file(data, str(path))
        try:
            return Seen(find_held(key_id, str(path)).key_id)
        except KeyfileError as error:
            return Seen(key_id, error.message)
    if _OPENSSH in data:
        told = parse_openssh(data, str(path))
        if told.locked:
            return Seen(told.key_id, "locked")
    return Seen(None, "locked") if _LOCKED in data else Seen(read_key(path, bytes).key_id)


def _read(path: Path) -> bytes | None:
    """What is in the file, None where there is none."""
    try:
        with path.open("rb") as file:
            data = file.read(_FILE_LIMIT + 1)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise KeyfileError(f"{path!s:.200} cannot be read: {error}") from None
    if len(data) > _FILE_LIMIT:
        raise KeyfileError(f"{path} is too large to be a key file")
    return data


def _secret(path: Path, passphrase: Callable[[], bytes]) -> bytes:
    secret = passphrase()
    if not secret:
        raise PassphraseError(
            f"{path} is locked with a passphrase",
            hint="type it, or name a file that holds it in $CHAINLOG_PASSPHRASE_FILE",
        )
    return secret


def _damaged(where: object) -> KeyfileError:
    return KeyfileError(f"{where} is no key file, or was cut off", hint=_DAMAGED_HINT)


def _wrong(path: Path) -> PassphraseError:
    return PassphraseError(
        f"the passphrase does not open {path}",
        hint="try again; caps lock and keyboard layout matter",
    )


# PKCS#8

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


def write_key(path: Path, signer: Ed25519Signer, passphrase: bytes | None) -> None:
    """Write a private key to a new file that only its owner may read.

    Raises KeyfileError; never writes over a file.
    """
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  (too slow for the command line's start)

    if path.exists():
        raise KeyfileError(
            f"{path} is there already",
            hint="choose another name: a key that is written over is lost for ever",
        )
    form = serialization.PrivateFormat.PKCS8
    der = signer.private.private_bytes(
        serialization.Encoding.DER, form, serialization.NoEncryption()
    )
    data = (
        _pem("ENCRYPTED PRIVATE KEY", lock_pkcs8(der, passphrase))
        if passphrase
        else _pem("PRIVATE KEY", der)
    )
    try:
        durable.make_folder(path.parent)
        durable.replace(path, data, 0o600)
    except OSError as error:
        raise KeyfileError(f"{path} cannot be written: {error.strerror}") from None


def lock_pkcs8(der: bytes, passphrase: bytes) -> bytes:
    """Return the EncryptedPrivateKeyInfo of a PrivateKeyInfo, both in DER (RFC 5958 3).

    PBES2 of PBKDF2-HMAC-SHA-256 and AES-256-CBC.

    Put together here because the library writes 2,048 rounds into PKCS#8, and lets nobody ask for
    more.
    """
    from cryptography.hazmat.primitives import hashes, padding  # noqa: PLC0415  (as above)
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


def _pem(label: str, der: bytes) -> bytes:
    text = base64.b64encode(der).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()


def _open_pkcs8(path: Path, data: bytes, passphrase: bytes | None) -> Ed25519Signer:
    from cryptography.exceptions import InternalError, UnsupportedAlgorithm  # noqa: PLC0415  (as above)
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    def load(secret: bytes | None) -> object:
        try:
            return serialization.load_pem_private_key(data, secret)
        except (TypeError, UnsupportedAlgorithm, InternalError, MemoryError):
            raise _damaged(path) from None

    if passphrase is not None:
        _check_rounds(path, data)
    try:
        private = load(passphrase)
    except ValueError as error:
        # One wrong passphrase in 256 leaves a padding that looks right by chance, and then what it
        # opens is taken for a damaged key. A file whose lock is sound says of another passphrase
        # that it is wrong.
        if passphrase is not None and (_says_wrong(error) or _refuses(load, passphrase + b"\1")):
            raise _wrong(path) from None
        raise _damaged(path) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyfileError(
            f"{path} holds a key of another kind: chainlog signs with Ed25519",
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
            b"".join(data.partition(_LOCKED)[2].partition(b"-----")[0].split()), validate=True
        )
    except ValueError:
        raise _damaged(path) from None
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
        hint = f"lock it anew: openssl pkcs8 -topk8 -v2 aes256 -iter {PBKDF2_ROUNDS} -in {path}"
        raise KeyfileError(
            f"{path} is locked in a way that is unknown here, or would take too long to open",
            hint=hint,
        )


def _integers(der: bytes, count: int) -> Iterator[int]:
    """The next numbers in DER, as far as they are there, of at most 127 bytes each."""
    for _ in range(count):
        if len(der) < 2 or der[0] != _INTEGER or der[1] > 0x7F or len(der) < 2 + der[1]:
            return
        yield int.from_bytes(der[2 : 2 + der[1]])
        der = der[2 + der[1] :]


# OpenSSH's private key files


@dataclass(frozen=True, slots=True)
class OpensshFile:
    """What an OpenSSH private key file says of itself in the clear."""

    key_id: bytes
    locked: bool


def parse_openssh(data: bytes, where: str) -> OpensshFile:
    """What an OpenSSH private key file says in the clear (OpenSSH's PROTOCOL.key 1).

    Raises KeyfileError.

    "openssh-key-v1" NUL || string cipher || string kdf || string kdf options || uint32 1 || string
    public key || string private part; the kdf options of bcrypt are string salt || uint32 rounds. A
    tag may follow the private part.
    """
    match = _OPENSSH_BODY.search(data)
    try:
        wire = Wire(base64.b64decode(match[1] if match else b""))
        if wire.take(len(_MAGIC)) != _MAGIC:
            raise _damaged(where)
        cipher, kdf, options, keys = wire.string(), wire.string(), wire.string(), wire.number()
        if keys != 1:
            raise KeyfileError(f"{where} holds {keys} keys, not one", hint="make a file for each")
        key_id = parse_public(wire.string(), where)
        wire.string()
        locked = (cipher, kdf) != (b"none", b"none")
        if locked:
            _check_lock(where, cipher, kdf, options)
    except (ValueError, FormatError):
        raise _damaged(where) from None
    return OpensshFile(key_id, locked)


def _check_lock(where: str, cipher: bytes, kdf: bytes, options: bytes) -> None:
    """Raise KeyfileError where no passphrase opens the file, FormatError where it is damaged."""
    again = (
        f"let ssh-keygen lock it anew: ssh-keygen -p -Z aes256-ctr -f {where}; or give it to "
        f"an ssh-agent: ssh-add {where}"
    )
    if kdf != b"bcrypt" or cipher not in _CIPHERS:
        shown = cipher[:40].decode("ascii", "backslashreplace")
        raise KeyfileError(
            f"{where} is locked with {shown}, which chainlog cannot open", hint=again
        )
    wire = Wire(options)
    wire.string()
    rounds = wire.number()
    wire.end()
    if not 1 <= rounds <= _BCRYPT_LIMIT:
        raise KeyfileError(
            f"{where} is locked with {rounds} rounds of bcrypt, which would take too long to open",
            hint=again,
        )


def _open_openssh(path: Path, data: bytes, passphrase: Callable[[], bytes]) -> Ed25519Signer:
    from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm  # noqa: PLC0415  (as above)
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    told = parse_openssh(data, str(path))
    if told.locked and importlib.util.find_spec("bcrypt") is None:
        hint = (
            f"pip install bcrypt; or give it to an ssh-agent: ssh-add {path}, and then --key "
            f"{path}.pub"
        )
        raise KeyfileError(
            f"{path} is locked with bcrypt, and the package bcrypt is not installed", hint=hint
        )
    secret = _secret(path, passphrase) if told.locked else None
    try:
        private = serialization.load_ssh_private_key(data, secret)
    except InvalidTag:
        raise _wrong(path) from None
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        # Two numbers in front of the key are the same once the passphrase is right.
        if secret is not None and "checksum" in str(error):
            raise _wrong(path) from None
        raise _damaged(path) from None
    signer = Ed25519Signer(private) if isinstance(private, Ed25519PrivateKey) else None
    # The half in the clear is not protected: it may be another key's.
    if signer is None or signer.key_id != told.key_id:
        raise _damaged(path)
    return signer
