"""Keys of witnesses: PKCS#8 files, and keys that an ssh-agent holds.

The files are as `ledger/signers/files.py` writes and reads them, of Ed25519 or ML-DSA-44.

A witness's folder is named after its key: `witness/<first 16 hex digits of the SHA-256 of type and
public key>` in its user's own state. So what was cosigned with a key is found by it, wherever its
file lies, and two keys never share it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from chainlog.errors import KeyfileError, PassphraseError
from chainlog.format.cosignature import Ed25519Cosigner, MLDSACosigner, ml_dsa_is_here
from chainlog.ledger.signers.agent import wanted_of
from chainlog.ledger.signers.files import read_file, read_key, write_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

    from chainlog.format.cosignature import Cosigner
    from chainlog.format.keys import Ed25519Signer, Signer
    from chainlog.ledger.state import State

    WitnessKey: TypeAlias = Signer | MLDSA44PrivateKey


def new_ml_dsa() -> MLDSA44PrivateKey:
    """A new ML-DSA-44 key. Raises KeyfileError where the crypto library has none."""
    if not ml_dsa_is_here():
        raise KeyfileError(
            "the crypto library installed here has no ML-DSA-44",
            hint="pip install --upgrade cryptography",
        )
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey  # noqa: PLC0415  (too slow for the start)

    return MLDSA44PrivateKey.generate()


def cosigner_of(key: WitnessKey, name: str) -> Cosigner:
    """Who cosigns with a key under a name.

    Raises NoteError, once its verifier key is asked for, where that is no name.
    """
    if hasattr(key, "key_id"):
        return Ed25519Cosigner(name, key)
    return MLDSACosigner(name, key)


def write_witness_key(
    path: Path, key: Ed25519Signer | MLDSA44PrivateKey, passphrase: bytes | None
) -> None:
    """Write a witness's key to a new file that only its owner may read. Raises KeyfileError."""
    # What is written of a signer is its private key, of whatever kind.
    write_key(
        path, cast("Any", key if hasattr(key, "key_id") else MLDSACosigner("-", key)), passphrase
    )


def read_witness_key(path: Path, passphrase: Callable[[], bytes]) -> WitnessKey:
    """The key of a witness by its path. `passphrase` is asked at most once.

    Raises KeyfileError, PassphraseError.
    """
    typed: list[bytes] = []

    def once() -> bytes:
        if not typed:
            typed.append(passphrase())
        return typed[0]

    try:
        return read_key(path, once)
    except PassphraseError:
        raise
    except KeyfileError:
        found = (
            None if wanted_of(path) is not None else _ml_dsa_in(path, typed[0] if typed else None)
        )
        if found is None:
            raise
        return found


def _ml_dsa_in(path: Path, passphrase: bytes | None) -> MLDSA44PrivateKey | None:
    """The ML-DSA-44 key in a file that holds no Ed25519 key, None where it holds none either."""
    if not ml_dsa_is_here():
        return None
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  (as above)
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        private = load_pem_private_key(read_file(path) or b"", passphrase)
    except (KeyfileError, ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return private if isinstance(private, MLDSA44PrivateKey) else None


def witness_folder(state: State, key: WitnessKey) -> Path:
    """Where a witness keeps its name and what it cosigned last: in its user's own state."""
    vkey = cosigner_of(key, "-").vkey
    return state.witness / sha256(bytes([vkey.type]) + vkey.public).hexdigest()[:16]
