"""Keys by their path: PKCS#8 and OpenSSH private key files, and keys that an ssh-agent holds.

What is told apart, by what is in the file and never by its name::

    -----BEGIN PRIVATE KEY-----              PKCS#8, open to whoever can read it (pkcs8.py)
    -----BEGIN ENCRYPTED PRIVATE KEY-----    PKCS#8 under a passphrase, as `write_key` makes it
    -----BEGIN OPENSSH PRIVATE KEY-----      ssh-keygen's own form, open or under a passphrase
                                             (openssh.py)
    ssh-ed25519 AAAAC3…                      a public key, for the private key that an agent holds
                                             (agent.py)

and the path `agent:…` is no file at all, but a key that an agent holds.
"""

from __future__ import annotations

import shlex
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chainlog.errors import KeyfileError, Sentence, StoreError
from chainlog.ledger.signers.agent import find_held, find_signer, wanted_of
from chainlog.ledger.signers.openssh import OPENSSH, open_openssh, parse_openssh
from chainlog.ledger.signers.pkcs8 import LOCKED, format_pem, lock_pkcs8, open_pkcs8
from chainlog.ledger.signers.refusals import secret_of
from chainlog.ledger.signers.ssh import parse_public_file
from chainlog.store import durable
from chainlog.store.segment.files import chunks_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chainlog.format.keys import Ed25519Signer, Signer

_FILE_LIMIT: Final = 64 * 1024

_PUBLIC: Final = (b"ssh-", b"sk-", b"ecdsa-")


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
    data = read_file(path)
    if data is None:
        hint = Sentence("make one: chainlog key new {path}", path=shlex.quote(str(path)))
        raise KeyfileError("no key at {path}", path=path, hint=hint)
    if data.startswith(_PUBLIC):
        return find_held(parse_public_file(data, str(path)), str(path))
    if OPENSSH in data:
        return open_openssh(path, data, passphrase)
    return open_pkcs8(path, data, secret_of(path, passphrase) if LOCKED in data else None)


def look_at_key(path: Path) -> Seen | None:
    """What can be told of a key without its passphrase or a signature, None where there is no file.

    Raises KeyfileError.

    An agent is asked for its list. The id of an OpenSSH file under a passphrase is what the file
    says of itself.
    """
    wanted = wanted_of(path)
    if wanted is not None:
        return Seen(find_signer(wanted).key_id)
    data = read_file(path)
    if data is None:
        return None
    if data.startswith(_PUBLIC):
        key_id = parse_public_file(data, str(path))
        try:
            return Seen(find_held(key_id, str(path)).key_id)
        except KeyfileError as error:
            return Seen(key_id, error.message)
    if OPENSSH in data:
        told = parse_openssh(data, str(path))
        if told.locked:
            return Seen(told.key_id, "locked")
    return Seen(None, "locked") if LOCKED in data else Seen(read_key(path, bytes).key_id)


def read_file(path: Path) -> bytes | None:
    """What is in a key's file, None where there is none.

    Raises KeyfileError, also for a pipe or a device, which would never end: it is not opened.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise KeyfileError(
                "{path} is no file", path=path, hint="a key is read from a file, not from a pipe"
            )
        data = next(chunks_of(path, size=_FILE_LIMIT + 1), b"")
    except FileNotFoundError:
        return None
    except StoreError as error:
        raise KeyfileError(error.message) from None
    except (OSError, ValueError) as error:
        raise KeyfileError(
            "{path!s:.200} cannot be read: {error}", path=path, error=error
        ) from None
    if len(data) > _FILE_LIMIT:
        raise KeyfileError("{path} is too large to be a key file", path=path)
    return data


# Writing


def write_key(path: Path, signer: Ed25519Signer, passphrase: bytes | None) -> None:
    """Write a private key to a new file that only its owner may read.

    Raises KeyfileError; never writes over a file.
    """
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  (too slow for the command line's start)

    form = serialization.PrivateFormat.PKCS8
    der = signer.private.private_bytes(
        serialization.Encoding.DER, form, serialization.NoEncryption()
    )
    data = format_pem(lock_pkcs8(der, passphrase) if passphrase else der, locked=bool(passphrase))
    with KeyfileError.from_os("{path} cannot be written: {why}", path=path):
        durable.make_folder(path.parent)
        try:
            durable.put_new(path, data, 0o600)
        except FileExistsError:
            raise there_already(path) from None


def there_already(path: Path, shows: str = "key show {file}") -> KeyfileError:
    """That a key would be written over. `shows`: the verb that says which key {file} is."""
    return KeyfileError(
        "{path} is there already",
        path=path,
        command=shows.format(file=shlex.quote(str(path))),
        hint=(
            "choose another name: a key that is written over is lost for ever; which key it is, "
            "'chainlog {command}' says"
        ),
    )
