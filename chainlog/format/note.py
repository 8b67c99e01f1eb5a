"""Signed notes and the keys that verify them (C2SP signed-note).

    note  = text, ends in a newline || an empty line || one or more signature lines
    line  = "— " key name " " base64(key hash, 4 bytes || signature) newline
    vkey  = key name "+" key hash in hex "+" base64(type || public key)

    example.org/depot/4a1f…9c
    7
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — example.org/depot/4a1f…9c Az3grlgtzPICa5OS8npVmf1Myq/5IZni…

The key hash is the first four bytes of SHA-256(name || newline || type || public key): it finds a
key, it proves nothing. Types: 0x01 Ed25519 over the text; 0x04 and 0x06 are cosignatures (see
`cosignature`). Text is taken only as `format_note` writes it.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final, TypeAlias

from chainlog.errors import KeyFormError, NoteError
from chainlog.format.keys import ED25519, parse_key_id, signature_holds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from chainlog.format.keys import Signer

ED25519_NOTE: Final = 0x01
ED25519_COSIGNATURE: Final = 0x04
ML_DSA_COSIGNATURE: Final = 0x06
# Room for more than SIGNATURE_LIMIT of the longest signatures, those of ML-DSA-44.
NOTE_LIMIT: Final = 256 * 1024
# C2SP asks for 16 at least.
SIGNATURE_LIMIT: Final = 64
# What a cosignature of ML-DSA-44 has room for.
NAME_LIMIT: Final = 255
# More than the longest name and key take.
VKEY_LIMIT: Final = 2048
_PUBLIC_BYTES: Final = {ED25519_NOTE: 32, ED25519_COSIGNATURE: 32, ML_DSA_COSIGNATURE: 1312}
_SIGNATURE: Final = re.compile(r"— ([^ ]+) ([A-Za-z0-9+/]+={0,2})")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_KEY_HASH: Final = re.compile(r"[0-9a-f]{8}")
_COPY: Final = "copy the whole of it, with nothing around it"

# (verifier key, text, signature) -> whether the signature holds, by the rule of the key's type.
Rule: TypeAlias = "Callable[[VerifierKey, str, bytes], bool]"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A key that verifies signatures of notes.

    Its name, its type, and the public key of that type.
    """

    name: str
    type: int
    public: bytes

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise NoteError(
                f"{self.name[:80]!r} is no name of a key",
                hint="a name has no spaces and no plus sign",
            )
        if len(self.public) != _PUBLIC_BYTES.get(self.type):
            raise NoteError(
                f"a verifier key of type {self.type} with {len(self.public)} bytes is "
                "none that this version knows"
            )
        if self.type != ML_DSA_COSIGNATURE:
            try:
                parse_key_id(bytes([ED25519]) + self.public)
            except KeyFormError as error:
                raise NoteError(error.message, hint=error.hint) from None

    @property
    def key_hash(self) -> bytes:
        """The 4 bytes by which signature lines name the key, together with its name."""
        return sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line. `value`: what follows the key hash, in the form of the key's type."""

    name: str
    key_hash: bytes
    value: bytes

    def __post_init__(self) -> None:
        if not is_name(self.name) or len(self.key_hash) != 4 or not self.value:
            raise NoteError(
                f"no signature by {self.name[:80]!r}: a name of a key, 4 bytes of its "
                "hash, and what it signed"
            )


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it stands.

    Nothing of the text is to be believed before a signature of a key that is trusted was verified.

    It may be made without signatures, for those to come, and cannot be written without.
    """

    text: str
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        if (
            not self.text.endswith("\n")
            or _CONTROL.search(self.text)
            or _SURROGATE.search(self.text)
        ):
            raise NoteError(
                "the text of a note is lines of Unicode, each with its newline, without "
                "other control characters"
            )

    def by(self, key: VerifierKey) -> tuple[Signature, ...]:
        """The signature lines that name this key; whether they hold is another matter."""
        return tuple(
            one for one in self.signatures if one.name == key.name and one.key_hash == key.key_hash
        )


def is_name(text: str) -> bool:
    """Whether `text` may be the name of a key.

    1 to 255 bytes, no Unicode space, no plus sign, no control character of ASCII.
    """
    return 0 < len(text.encode("utf-8", "surrogatepass")) <= NAME_LIMIT and not any(
        character.isspace()
        or character == "+"
        or "\ud800" <= character <= "\udfff"
        or character < " "
        for character in text
    )


# Verifier keys


def format_vkey(key: VerifierKey) -> str:
    """A verifier key as one line of text."""
    return f"{key.name}+{key.key_hash.hex()}+{encode_base64(bytes([key.type]) + key.public)}"


def parse_vkey(text: str) -> VerifierKey:
    """The verifier key that `format_vkey` writes as exactly this text.

    Raises NoteError for any other.
    """
    name, _, rest = text[: VKEY_LIMIT + 1].partition("+")
    key_hash, _, data = rest.partition("+")
    if len(text) > VKEY_LIMIT or _KEY_HASH.fullmatch(key_hash) is None:
        raise NoteError("a verifier key is written as name+hash+base64", hint=_COPY)
    raw = decode_base64(data)
    if not raw:
        raise NoteError("a verifier key without a key", hint=_COPY)
    key = VerifierKey(name, raw[0], raw[1:])
    if format_vkey(key) != text:
        raise NoteError(
            f"the verifier key of {name[:80]!r} names itself {key_hash}, and is "
            f"{key.key_hash.hex()}",
            hint=_COPY,
        )
    return key


# Notes


def format_note(note: Note) -> bytes:
    """A note as it is written.

    Raises NoteError where `parse_note` would not take it: without signatures, or over the limits.
    """
    data = _write(note).encode()
    parse_note(data)
    return data


def format_signature(one: Signature) -> str:
    """A signature line, with its newline."""
    return f"— {one.name} {encode_base64(one.key_hash + one.value)}\n"


def parse_note(data: bytes) -> Note:
    """The note in `data`.

    Raises NoteError unless it is UTF-8 without control characters, with 1 to 64 signature lines,
    all in form.
    """
    if len(data) > NOTE_LIMIT:
        raise NoteError(f"a note of {len(data)} bytes: the limit is {NOTE_LIMIT}")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise NoteError("a note is UTF-8") from None
    if _CONTROL.search(whole):
        raise NoteError(
            "a note has no control characters",
            hint="keep its lines as they were: newlines alone, no carriage returns",
        )
    text, blank, lines = whole.rpartition("\n\n")
    if not blank:
        raise NoteError("a note is a text, an empty line and signatures", hint=_COPY)
    note = Note(text + "\n", tuple(parse_signatures(lines)))
    if _write(note) != whole:
        raise NoteError(
            "a note whose lines are not in form"
        )  # pragma: no cover  (what is left of it, whatever that may be)
    return note


def parse_signatures(lines: str) -> list[Signature]:
    """The signatures in 1 to 64 lines, each with its newline. Raises NoteError."""
    if not lines.endswith("\n"):
        raise NoteError("the last line of a note is cut off, or there is none", hint=_COPY)
    count = lines.count("\n")
    if count > SIGNATURE_LIMIT or len(lines) > NOTE_LIMIT:
        raise NoteError(
            f"a note with {count} signatures in {len(lines)} characters: the limits are "
            f"{SIGNATURE_LIMIT} and {NOTE_LIMIT}"
        )
    return [_parse_signature(line) for line in lines[:-1].split("\n")]


def _parse_signature(line: str) -> Signature:
    match = _SIGNATURE.fullmatch(line)
    if match is None:
        raise NoteError(f"no signature line: {line[:80]!r}")
    raw = decode_base64(match[2])
    return Signature(match[1], raw[:4], raw[4:])


def _write(note: Note) -> str:
    return note.text + "\n" + "".join(map(format_signature, note.signatures))


# Signing and verifying


def sign_note(text: str, name: str, signer: Signer) -> Signature:
    """The signature of a text by an Ed25519 key under this name (type 0x01).

    Raises NoteError for what cannot be one's text or name.
    """
    key = VerifierKey(name, ED25519_NOTE, signer.key_id[1:])
    return Signature(name, key.key_hash, signer.sign(Note(text, ()).text.encode()))


def signed_by(
    note: Note, keys: Iterable[VerifierKey], holds: Rule | None = None
) -> list[tuple[VerifierKey, Signature]]:
    """The signatures by these keys, all of which hold.

    Raises NoteError where one that names such a key does not hold.

    `holds`: the rule of the keys' type, that of 0x01 unless it is said. Signatures by other keys
    are passed over, as the specification asks; where two keys share name and hash, each line is of
    the one under which it holds.
    """
    rule = holds or text_holds
    named: dict[tuple[str, bytes], list[VerifierKey]] = {}
    for key in dict.fromkeys(keys):
        named.setdefault((key.name, key.key_hash), []).append(key)
    found = []
    for one in note.signatures:
        candidates = named.get((one.name, one.key_hash), [])
        holding = [(key, one) for key in candidates if rule(key, note.text, one.value)]
        if candidates and not holding:
            raise NoteError(f"the signature of {one.name[:80]!r} does not hold")
        found += holding
    return found


def text_holds(key: VerifierKey, text: str, signature: bytes) -> bool:
    """The rule of type 0x01: Ed25519 over the text, as FORMAT.md 2 has it."""
    return key.type == ED25519_NOTE and signature_holds(
        bytes([ED25519]) + key.public, signature, text.encode()
    )


def merge(notes: Sequence[Note]) -> Note:
    """One note with the signatures of all these, which have one text; each line once, in order.

    Raises NoteError for other texts.
    """
    if len({note.text for note in notes}) != 1:
        raise NoteError("notes of different texts cannot be one")
    return Note(
        notes[0].text, tuple(dict.fromkeys(one for note in notes for one in note.signatures))
    )


# base64


def encode_base64(raw: bytes) -> str:
    """Standard base64 (RFC 4648 4), with padding."""
    return base64.b64encode(raw).decode("ascii")


def decode_base64(text: str) -> bytes:
    """What `encode_base64` writes as exactly this text.

    Raises NoteError for any other: stray low bits, other alphabets, spaces.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if encode_base64(raw) != text:
        raise NoteError(f"{text[:80]!r} is not base64 in its one form", hint=_COPY)
    return raw
