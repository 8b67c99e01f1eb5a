"""OpenSSH's own private key files (OpenSSH's PROTOCOL.key), open or under a passphrase."""

from __future__ import annotations

import base64
import importlib.util
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chainlog.errors import FormatError, KeyfileError, Sentence
from chainlog.format.keys import Ed25519Signer
from chainlog.ledger.signers.refusals import damaged, secret_of, wrong_passphrase
from chainlog.ledger.signers.ssh import Wire, parse_public

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


_BCRYPT_LIMIT: Final = 5_000
OPENSSH: Final = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_OPENSSH_BODY: Final = re.compile(
    OPENSSH + rb"([A-Za-z0-9+/=\r\n]*)-----END OPENSSH PRIVATE KEY-----"
)
_MAGIC: Final = b"openssh-key-v1\0"
# What the library can open; ssh-keygen writes the first unless it was asked otherwise.
_CIPHERS: Final = (b"aes256-ctr", b"aes256-cbc", b"aes256-gcm@openssh.com")


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
            raise damaged(where)
        cipher, kdf, options, keys = wire.string(), wire.string(), wire.string(), wire.number()
        if keys != 1:
            raise KeyfileError(
                "{where} holds {keys} keys, not one",
                where=where,
                keys=keys,
                hint="make a file for each",
            )
        key_id = parse_public(wire.string(), where)
        wire.string()
        locked = (cipher, kdf) != (b"none", b"none")
        if locked:
            _check_lock(where, cipher, kdf, options)
    except (ValueError, FormatError):
        raise damaged(where) from None
    return OpensshFile(key_id, locked)


def _check_lock(where: str, cipher: bytes, kdf: bytes, options: bytes) -> None:
    """Raise KeyfileError where no passphrase opens the file, FormatError where it is damaged."""
    again = Sentence(
        "lock it anew: ssh-keygen -p -Z aes256-ctr -f {where}; or give it to an ssh-agent: "
        "ssh-add {where}",
        where=shlex.quote(where),
    )
    if kdf != b"bcrypt" or cipher not in _CIPHERS:
        shown = cipher[:40].decode("ascii", "backslashreplace")
        raise KeyfileError(
            "{where} is locked with {shown}, which chainlog cannot open",
            where=where,
            shown=shown,
            hint=again,
        )
    wire = Wire(options)
    wire.string()
    rounds = wire.number()
    wire.end()
    if not 1 <= rounds <= _BCRYPT_LIMIT:
        raise KeyfileError(
            "{where} is locked with {rounds} rounds of bcrypt, which would take too long to open",
            where=where,
            rounds=rounds,
            hint=again,
        )


def open_openssh(path: Path, data: bytes, passphrase: Callable[[], bytes]) -> Ed25519Signer:
    """The signer in an OpenSSH file; `passphrase` is asked where it is locked.

    Raises KeyfileError, PassphraseError.
    """
    from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm  # noqa: PLC0415  (too slow for the command line's start)
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    told = parse_openssh(data, str(path))
    if told.locked and importlib.util.find_spec("bcrypt") is None:
        raise KeyfileError(
            "{path} is locked with bcrypt, and the package bcrypt is not installed",
            path=path,
            hint=Sentence(
                "pip install bcrypt; or give it to an ssh-agent: ssh-add {path}, and then --key "
                "{path}.pub",
                path=shlex.quote(str(path)),
            ),
        )
    secret = secret_of(path, passphrase) if told.locked else None
    try:
        private = serialization.load_ssh_private_key(data, secret)
    except InvalidTag:
        raise wrong_passphrase(path) from None
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        # Two numbers in front of the key are the same once the passphrase is right.
        if secret is not None and "checksum" in str(error):
            raise wrong_passphrase(path) from None
        raise damaged(path) from None
    signer = Ed25519Signer(private) if isinstance(private, Ed25519PrivateKey) else None
    # The half in the clear is not protected: it may be another key's.
    if signer is None or signer.key_id != told.key_id:
        raise damaged(path)
    return signer
