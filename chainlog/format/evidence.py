"""Evidence files: entries of some chains, to be checked offline (FORMAT.md 7).

They come with all that it takes to check them.

    evidence = canonical map
      version      1
      claim        "shown": these entries are in their chains, and others may exist
                   "range": every entry from index `from` to index `to`, both included, is here
      from, to     with "range" only
      chains       array of {checkpoint: str,
                             entries: array of [entry, body, [proof hashes]], in order of index}
      attachments  array of bin

A range is of one chain: that of the site, or that of the authority where no other is here. Beside
what it shows, each chain holds what the rest stands on: the last entry of its checkpoint, and every
entry on the way from there to entry 0 along the `roster` pointers; the authority's chain also the
admissions. A proof is 32 bytes a level of the tree.

Here is the form alone. Whether anything of it is true is for `verifier/evidence.py` to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from chainlog.errors import CanonicalError, EvidenceError, NoteError, UncertainError
from chainlog.format import canonical
from chainlog.format.body import PARTIAL_LIMIT
from chainlog.format.canonical import INT_LIMIT
from chainlog.format.checkpoint import Checkpoint, parse_checkpoint
from chainlog.format.entry import ENTRY_LIMIT, SIGNATURE_BYTES
from chainlog.format.note import NOTE_LIMIT, Note, format_note, parse_note
from chainlog.format.proof import HASH_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION: Final = 1
# A map, and a name in it, or nothing.
_BEGINS: Final = re.compile(
    rb"(?:[\x80-\x8f]|\xde..|\xdf....)(?:[\xa0-\xbf\xd9-\xdb]|\Z)", re.DOTALL
)
# All but the attachments; the attachments; and both, since whoever checks holds all of it in
# memory.
EVIDENCE_LIMIT: Final = 64 * 2**20
ATTACHMENTS_LIMIT: Final = 192 * 2**20
FILE_LIMIT: Final = EVIDENCE_LIMIT + ATTACHMENTS_LIMIT
# Of chains and of attachments, so that a file of nothing but small ones does not fill the memory.
CHAINS_LIMIT: Final = 4096
FILES_LIMIT: Final = 4096
_COPY: Final = "is this the file, and all of it? ask for it again, and compare its length"
_LESS: Final = "show fewer entries, or fewer attachments, in one file"


_Entry: TypeAlias = tuple[
    Annotated[bytes, msgspec.Meta(min_length=SIGNATURE_BYTES + 1, max_length=ENTRY_LIMIT)],
    Annotated[bytes, msgspec.Meta(max_length=PARTIAL_LIMIT)],
    Annotated[
        list[Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]],
        msgspec.Meta(max_length=HASH_LIMIT),
    ],
]


class _Chain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A chain as it is written; fields in the order of their names."""

    checkpoint: Annotated[str, msgspec.Meta(max_length=NOTE_LIMIT)]
    entries: list[_Entry]


class _File(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}
):
    """The map as it is written.

    Bounded as it is read: nothing is made of what cannot be part of it.
    """

    attachments: Annotated[list[bytes], msgspec.Meta(max_length=FILES_LIMIT)]
    chains: Annotated[list[_Chain], msgspec.Meta(max_length=CHAINS_LIMIT)]
    claim: Literal["shown", "range"]
    from_: int | UnsetType = UNSET
    to: int | UnsetType = UNSET
    version: Annotated[int, msgspec.Meta(ge=VERSION, le=VERSION)]


class _Version(msgspec.Struct):
    """What any version begins with."""

    version: int


_file: Final[canonical.Shape[_File]] = canonical.Shape(_File, "evidence")
_version: Final = msgspec.msgpack.Decoder(_Version).decode


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry as it stands in the file.

    Header and signature, a body full, partial or empty, and the siblings' hashes, upwards.
    """

    entry: bytes
    body: bytes
    proof: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not SIGNATURE_BYTES < len(self.entry) <= ENTRY_LIMIT or len(self.body) > PARTIAL_LIMIT:
            raise EvidenceError(
                f"an entry of {len(self.entry)} bytes with a body of {len(self.body)}: "
                "that is not within the limits"
            )
        if len(self.proof) > HASH_LIMIT or not {32}.issuperset(map(len, self.proof)):
            raise EvidenceError(
                f"no proof: it has {len(self.proof)} hashes, and takes at most "
                f"{HASH_LIMIT} of 32 bytes"
            )


@dataclass(frozen=True, slots=True)
class Part:
    """What the file holds of one chain: a checkpoint with its signatures, and entries."""

    note: Note
    entries: tuple[Proven, ...]

    def __post_init__(self) -> None:
        try:
            told = parse_checkpoint(self.note.text)
            _ = told.chain
        except NoteError as error:
            raise EvidenceError(error.message, hint=error.hint) from None
        if told.size == 0:
            raise EvidenceError(
                f"the checkpoint of {told.origin} is of no entries: nothing is in it"
            )

    @property
    def checkpoint(self) -> Checkpoint:
        """What the checkpoint says; whose it is, its signatures tell."""
        return parse_checkpoint(self.note.text)


@dataclass(frozen=True, slots=True)
class Evidence:
    """An evidence file.

    `between`: the first and the last index of a range, None where entries are only shown.
    """

    chains: tuple[Part, ...]
    attachments: tuple[bytes, ...] = ()
    between: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        named = [part.checkpoint.chain for part in self.chains]
        if len(set(named)) != len(named):
            raise EvidenceError("one chain stands in it twice")
        if len({sha256(one).digest() for one in self.attachments}) != len(self.attachments):
            raise EvidenceError("one attachment stands in it twice")
        if self.between is not None:
            first, last = self.between
            if not 0 <= first <= last <= INT_LIMIT:
                raise EvidenceError(f"no range from entry {first} to {last}")
            if len(self.chains) > 2:
                raise EvidenceError(
                    "a range is of one chain, and beside it only the authority's is here"
                )

    @property
    def claim(self) -> Literal["shown", "range"]:
        """What it claims."""
        return "shown" if self.between is None else "range"


def format_evidence(evidence: Evidence) -> bytes:
    """The bytes of an evidence file.

    Raises EvidenceError over the limits, NoteError where a checkpoint has no signatures, or too
    many.
    """
    if len(evidence.chains) > CHAINS_LIMIT or len(evidence.attachments) > FILES_LIMIT:
        raise EvidenceError(
            f"more than {CHAINS_LIMIT} chains or {FILES_LIMIT} attachments in one file", hint=_LESS
        )
    chains = [
        _Chain(
            format_note(part.note).decode(),
            [(one.entry, one.body, list(one.proof)) for one in part.entries],
        )
        for part in evidence.chains
    ]
    first, last = (UNSET, UNSET) if evidence.between is None else evidence.between
    data = canonical.pack(
        _File(
            attachments=list(evidence.attachments),
            chains=chains,
            claim=evidence.claim,
            from_=first,
            to=last,
            version=VERSION,
        )
    )
    _check_sizes(len(data), evidence.attachments)
    return data


def parse_evidence(data: bytes) -> Evidence:
    """The evidence that is exactly these bytes.

    Raises EvidenceError; UncertainError for a version that this reader does not know.
    """
    if len(data) > FILE_LIMIT:
        raise EvidenceError(f"a file of {len(data)} bytes: the limit is {FILE_LIMIT}")
    try:
        value = _file.decode(data)
    except CanonicalError as error:
        raise _why_not(data, error) from None
    ends = [one for one in (value.from_, value.to) if isinstance(one, int)]
    if len(ends) != (2 if value.claim == "range" else 0):
        raise EvidenceError("a range has both its ends, and what is only shown has none")
    _check_sizes(len(data), value.attachments)
    return Evidence(
        tuple(_read_part(one) for one in value.chains),
        tuple(value.attachments),
        (ends[0], ends[1]) if ends else None,
    )


def _read_part(value: _Chain) -> Part:
    try:
        note = parse_note(value.checkpoint.encode())
    except NoteError as error:
        raise EvidenceError(
            f"a checkpoint that is no note: {error.message}", hint=error.hint
        ) from None
    return Part(
        note, tuple(Proven(entry, body, tuple(proof)) for entry, body, proof in value.entries)
    )


def _why_not(data: bytes, error: CanonicalError) -> EvidenceError | UncertainError:
    """A file of another version is nothing bad, only unknown.

    So is one that is no evidence at all, or not all of it.
    """
    foreign = _BEGINS.match(data) is None
    try:
        version = _version(data).version
    except (msgspec.MsgspecError, ValueError, RecursionError, MemoryError) as why:
        version = VERSION
        foreign = foreign or "truncated" in str(why)
    if foreign:
        return UncertainError(
            "this is no evidence file, or not all of it", fault="not-evidence", hint=_COPY
        )
    if version != VERSION:
        message = f"evidence of version {version}, which this reader does not know"
        return UncertainError(message, fault="version", hint="use a newer chainlog")
    return EvidenceError(f"no evidence, or not all of it: {error.message}", hint=_COPY)


def _check_sizes(whole: int, attachments: Sequence[bytes]) -> None:
    files = sum(map(len, attachments))
    if files > ATTACHMENTS_LIMIT or whole - files > EVIDENCE_LIMIT:
        raise EvidenceError(
            f"evidence of {whole - files} bytes with attachments of {files}: the limits "
            f"are {EVIDENCE_LIMIT} and {ATTACHMENTS_LIMIT}",
            hint=_LESS,
        )
