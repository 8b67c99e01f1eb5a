"""Key ids, the one signature rule, and who can sign (FORMAT.md 2).

A key id is an algorithm byte and the public key, as text `clk1:` and base64url without padding::

    01 || 32-byte Ed25519 key                    33 bytes
    02 || 33-byte compressed P-256 point         34 bytes, reserved: well formed, never judged by
                                                 this version

    013d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c
    clk1:AT1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM

Libraries differ on strange keys and signatures: OpenSSL lets points of small order pass, libsodium
refuses them, and its development branch has gone over to the cofactored equation. So what can be
told from the bytes is told here, before any library is asked, and a library is asked only after it
has shown that its equation is the cofactorless one.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from chainlog.errors import ChainlogError, KeyFormError
from chainlog.format.curves import GROUP_ORDER, REFUSED_POINTS, on_edwards25519, on_p256

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519: Final = 0x01
P256: Final = 0x02

_LENGTHS: Final = {ED25519: 33, P256: 34}
_TEXT_PREFIX: Final = "clk1:"
# Bounds what a flood of strangers' keys can hold in memory; a deployment has some thousands of keys
# in use at most.
_KEYS_CACHED: Final = 8192


# Key ids


def parse_key_id(raw: bytes) -> bytes:
    """Return `raw`, which is then a well-formed key id.

    33 bytes (Ed25519) or 34 (P-256, see `is_reserved`).

    An Ed25519 key decodes by RFC 8032 5.1.3, canonically, to a point not of small order; a P-256
    key is a compressed point by SEC 1 2.3.4. Raises KeyFormError for all else (FORMAT.md 2).
    """
    # The length comes first so that no stranger's megabyte is ever held by the cache.
    fault = (
        _key_fault(raw) if len(raw) in _LENGTHS.values() else f"{len(raw)} bytes long, not 33 or 34"
    )
    if fault:
        raise KeyFormError(
            f"key id {raw[:9].hex()}… is {fault}",
            hint="ask for the key again: a well-formed one is never refused",
        )
    return raw


def is_reserved(key_id: bytes) -> bool:
    """Tell whether the key is of an algorithm that this version cannot judge.

    Its signatures are neither good nor bad.
    """
    return key_id[:1] == bytes([P256])


def format_key_id(raw: bytes) -> str:
    """Return a key id as text, `clk1:` and base64url without padding."""
    return _TEXT_PREFIX + base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def parse_key_text(text: str) -> bytes:
    """Return the key id that `format_key_id` writes as exactly this text.

    Raises KeyFormError for any other text.
    """
    body = text.removeprefix(_TEXT_PREFIX)
    if len(body) not in (44, 46):
        raise KeyFormError(
            "a key is written as clk1: and 44 or 46 characters",
            hint="copy the whole of it, with nothing around it",
        )
    try:
        raw = base64.urlsafe_b64decode(body + "==")
    except ValueError:
        raw = b""
    # base64 decoders pass over what they do not know and over stray low bits: only writing it again
    # tells.
    if format_key_id(raw) != text:
        raise KeyFormError(
            "a key is written as clk1: and base64url without padding",
            hint="copy the whole of it, with nothing around it",
        )
    return parse_key_id(raw)


def commitment_to_next(key_id: bytes) -> bytes:
    """Return 32 bytes that commit to the key that may replace lost owners.

    `next` of FORMAT.md 8.
    """
    return sha256(b"\x04" + key_id).digest()


# What is wrong with a key


@lru_cache(_KEYS_CACHED)
def _key_fault(raw: bytes) -> str:
    """Return what is wrong with 33 or 34 bytes as a key id, empty if nothing is."""
    if len(raw) != _LENGTHS.get(raw[0]):
        return "of no known algorithm and length"
    if raw[0] == P256:
        return (
            ""
            if on_p256(raw[1], int.from_bytes(raw[2:], "big"))
            else "not a compressed point of P-256"
        )
    if raw[1:] in REFUSED_POINTS:
        return "of small order, or not in canonical form"
    return (
        ""
        if on_edwards25519(int.from_bytes(raw[1:], "little") & 2**255 - 1)
        else "not a point of edwards25519"
    )


# The signature rule

# (key id, signature, message) -> whether the signature holds: the whole rule.
Holds: TypeAlias = Callable[[bytes, bytes, bytes], bool]
# (signature, message) -> whether the bare cofactorless equation holds under one key.
Equation: TypeAlias = Callable[[bytes, bytes], bool]
# Loads a library and returns what makes a 32-byte public key, already found well formed, into its
# Equation. Raises ImportError where the library is not installed.
Backend: TypeAlias = Callable[[], Callable[[bytes], Equation]]


def signature_holds(key_id: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether the signature holds, by the fastest backend installed.

    Never raises, whatever the bytes.

    FORMAT.md 2, in this order:

    1. The signature is 64 bytes: R, 32 bytes, and S, 32 bytes little-endian.
    2. R is canonical (y < p) and not of small order, whatever its sign bit.
    3. S < L.
    4. The key is a well-formed Ed25519 key (`parse_key_id`). For a reserved key this answers False,
       and that is no verdict: ask `is_reserved` first.
    5. One cofactorless verification, [S]B = R + [k]A, passes. Never in batches: those are
       cofactored.
    """
    return backend()(key_id, signature, message)


@cache
def backend(name: str | None = None) -> Holds:
    """Return `signature_holds` over the library of this name in BACKENDS.

    Without a name, it is over the first library that is usable here. Raises ChainlogError where
    that library is unknown, not installed, or verifies by another equation.
    """
    if name is None:
        return backend(default_backend())
    hint = f"the libraries are {', '.join(BACKENDS)}; a missing one is installed with pip"
    try:
        holds = _strict(BACKENDS[name]())
    except (KeyError, ImportError) as error:
        raise ChainlogError(f"no library {name!r} to verify signatures with", hint=hint) from error
    if holds(*_COFACTORED_ONLY) or not holds(*_GENUINE):
        raise ChainlogError(
            f"the library {name!r} installed here does not verify cofactorless signatures",
            hint=hint,
        )
    return holds


@cache
def default_backend() -> str:
    """Return the name of the first of BACKENDS that is usable here.

    Raises ChainlogError where none is.
    """
    *optional, required = BACKENDS
    for name in optional:
        try:
            backend(name)
        except ChainlogError:
            continue
        return name
    backend(required)
    return required


def _strict(library: Callable[[bytes], Equation]) -> Holds:
    """Return the rule of `signature_holds` over one library."""

    # The test of a key costs as much as a verification, and a library's key object a microsecond:
    # once a key is enough. The cache is the interpreter's own, safe between threads, and no lock of
    # ours is on the way.
    @lru_cache(_KEYS_CACHED)
    def equation_of(key_id: bytes) -> Equation:
        # Of 33 bytes, only an Ed25519 key is without fault.
        return _never if _key_fault(key_id) else library(key_id[1:])

    def holds(key_id: bytes, signature: bytes, message: bytes) -> bool:
        # Steps 1 to 3, and of 4 the length, so that the cache holds nothing longer than a key.
        if len(signature) != 64 or len(key_id) != 33 or signature[:32] in REFUSED_POINTS:
            return False
        # L is little more than 2^252: nearly every S that is below it shows so in its last byte.
        if signature[63] >= 0x10 and int.from_bytes(signature[32:], "little") >= GROUP_ORDER:
            return False
        # Steps 4 and 5.
        return equation_of(key_id)(signature, message)

    return holds


def _never(_signature: bytes, _message: bytes) -> bool:
    return False


def _nacl() -> Callable[[bytes], Equation]:
    # Optional, and too slow for the command line's start. The raw binding, because the public one
    # copies each message back.
    from nacl._sodium import ffi, lib  # type: ignore[import-not-found]  # noqa: PLC0415

    crypto_sign_open, null = lib.crypto_sign_open, ffi.NULL

    def library(public: bytes) -> Equation:
        def equation(signature: bytes, message: bytes) -> bool:
            signed = signature + message
            status: int = crypto_sign_open(null, null, signed, len(signed), public)
            return status == 0

        return equation

    return library


def _cryptography() -> Callable[[bytes], Equation]:
    # Imported here because it is too slow for the command line's start.
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    def library(public: bytes) -> Equation:
        verify = Ed25519PublicKey.from_public_bytes(public).verify

        def equation(signature: bytes, message: bytes) -> bool:
            try:
                verify(signature, message)
            except InvalidSignature:
                return False
            return True

        return equation

    return library


# The preferred first, the one that is always installed last.
BACKENDS: Final[Mapping[str, Backend]] = MappingProxyType(
    {"nacl": _nacl, "cryptography": _cryptography}
)

# What a library must get right before it is used: RFC 8032 7.1, test 2, holds; C2SP CCTV ed25519
# number 51, whose key and R are good but whose equation leaves a remainder of small order, does
# not. Cofactored verifiers let the second pass.
_GENUINE: Final = (
    bytes.fromhex("013d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
    bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    b"\x72",
)
_COFACTORED_ONLY: Final = (
    bytes.fromhex("0110eb7c3acfb2bed3e0d6ab89bf5a3d6afddd1176ce4812e38d9fd485058fdb1f"),
    bytes.fromhex(
        "b62cf890de42c413b11b1411c9f01f1c4d77aa87ef182258d1251f69af2a3506030b03796b78f7afeadfccaedc9d09ce6d487d1ece1f16b1ae2b59b7e5c40603",
    ),
    b"ed25519vectors 3",
)


# Who signs


class Signer(Protocol):
    """Whoever holds a key: in memory, in an agent, on a card."""

    @property
    def key_id(self) -> bytes:
        """The key id under which the signatures hold."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return 64 bytes for which `signature_holds`.

        The message carries its own context (FORMAT.md 3, 6).
        """
        ...


@dataclass(frozen=True, slots=True)
class Ed25519Signer:
    """A Signer whose private key lies in this process.

    Two are equal when their key ids are; neither shows its secret.
    """

    private: Ed25519PrivateKey = field(repr=False, compare=False)
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        key_id = bytes([ED25519]) + self.private.public_key().public_bytes_raw()
        object.__setattr__(self, "key_id", parse_key_id(key_id))

    @classmethod
    def from_seed(cls, seed: bytes) -> Ed25519Signer:
        """Return the signer of a 32-byte seed (RFC 8032 5.1.5).

        Raises KeyFormError for any other length.
        """
        # Imported here because it is too slow for the command line's start.
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

        if len(seed) != 32:
            raise KeyFormError(f"an Ed25519 seed is 32 bytes, not {len(seed)}")
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of the message, the same each time (RFC 8032 5.1.6)."""
        return self.private.sign(message)
