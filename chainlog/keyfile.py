"""Key files: PKCS#8 in PEM, encrypted with a passphrase unless it was asked otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.errors import KeyfileError, PassphraseError
from chainlog.keys import Ed25519Signer
from chainlog.store import durable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_FILE_LIMIT = 64 * 1024


def write_key(path: Path, signer: Ed25519Signer, passphrase: bytes | None) -> None:
    """Write a private key to a new file that only its owner may read. Raises KeyfileError; never writes over a file."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  (too slow for the command line's start)

    if path.exists():
        raise KeyfileError(f"{path} is there already", hint="choose another name: a key that is written over is lost for ever")
    locked = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    data = signer.private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)
    try:
        durable.make_folder(path.parent)
        durable.replace(path, data, 0o600)
    except OSError as error:
        raise KeyfileError(f"{path} cannot be written: {error.strerror}") from None


def read_key(path: Path, passphrase: Callable[[], bytes]) -> Ed25519Signer:
    """The signer whose private key is in a file. `passphrase` is asked only where it is needed. Raises KeyfileError, PassphraseError."""
    data = _read(path)
    if b"BEGIN ENCRYPTED PRIVATE KEY" in data:
        secret = passphrase()
        if not secret:
            raise PassphraseError(
                f"{path} is locked with a passphrase", hint="type it, or name a file that holds it in $CHAINLOG_PASSPHRASE_FILE"
            )
        return _load(path, data, secret)
    return _load(path, data, None)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_FILE_LIMIT + 1)
    except FileNotFoundError:
        raise KeyfileError(f"no key at {path}", hint=f"make one: chainlog key new {path}") from None
    except (OSError, ValueError) as error:
        raise KeyfileError(f"{path!s:.200} cannot be read: {error}") from None
    if len(data) > _FILE_LIMIT:
        raise KeyfileError(f"{path} is too large to be a key file")
    return data


def _load(path: Path, data: bytes, passphrase: bytes | None) -> Ed25519Signer:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  (as above)
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    try:
        private = serialization.load_pem_private_key(data, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if passphrase is not None and b"END ENCRYPTED PRIVATE KEY" in data and "password" in str(error).lower():
            raise PassphraseError(f"the passphrase does not open {path}", hint="try again; caps lock and keyboard layout matter") from None
        raise KeyfileError(f"{path} is no key file, or was cut off", hint="bring back the copy that you keep elsewhere") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyfileError(f"{path} holds a key of another kind: chainlog signs with Ed25519")
    return Ed25519Signer(private)
