"""A chain as it lies in a store, for whoever verifies it or takes from it: bytes, no more.

It may be anybody's. Nothing that is derived is asked for it, and nothing in it is believed: names
only say where to look first.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from chainlog.errors import Keyed
from chainlog.format.record import Record, format_record, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

CHUNK: Final = 2**20
# Enough for a common record in one read; more is read where it does not do.
PEEK: Final = 4096


@dataclass(frozen=True, slots=True)
class RawSegment:
    """A stream of records. `first`: the index of its first entry, where its name says one.

    `where`: its name with all that leads to it. `chunks(start, size)`: its bytes from offset
    `start` on, about `size` at a time; raises StoreError where they cannot be read. `state()`: what
    changes when they do, as a file system has it; empty where there is none.
    """

    name: str
    where: str
    first: int | None
    chunks: Callable[[int, int], Iterable[bytes]]
    state: Callable[[], tuple[int, ...]] = tuple

    def record_at(self, offset: int, chain: bytes) -> Record | None:
        """The record that begins at an offset, if there is one. Raises StoreError."""
        return first_record(self.chunks(offset, PEEK), offset, chain)


@dataclass(frozen=True, slots=True)
class RawCheckpoint:
    """A checkpoint as it is kept: the size and the root (hex) that its name says, and its bytes.

    `ahead`: it was kept as one that went beyond what was held. One that cannot be read has no
    bytes: what it said is not known.
    """

    size: int
    root: str
    data: bytes
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class RawFork:
    """Both sides of a fork as they are kept: a stream of records, ours first, then the branch."""

    name: str
    index: int
    chunks: Callable[[], Iterable[bytes]]


class Stray(NamedTuple):
    """A file or folder that may be part of a chain, and is not named as one; nothing reads it.

    `name`: within the chain's folder; `where`: with all that leads to it. `of`: the name that it
    is a copy of, and `by` who gives such names to copies: both empty where it is just misnamed.
    `unfinished`: it is being copied still, or was never finished.
    """

    name: str
    where: str
    of: str
    by: str
    unfinished: bool = False

    @property
    def code(self) -> str:
        """Under which it is told."""
        return "conflict-copy" if self.by else "segment-name"

    @property
    def variant(self) -> str:
        """Which sentence tells of it."""
        if not self.by:
            return "fault.segment-name.there"
        if self.unfinished:
            return "fault.conflict-copy.unfinished"
        ending = self.of.rpartition(".")[2]
        return (
            f"fault.conflict-copy.{ending}"
            if ending in {"checkpoint", "fork"}
            else "fault.conflict-copy"
        )


def told_of(strays: Iterable[Stray]) -> list[tuple[str, Keyed]]:
    """What a verification says of these: a code and a sentence for each sort, accusing nobody."""
    told = []
    for (code, variant, by), some in groupby(
        sorted(strays, key=lambda one: (one.code, one.variant, one.by)),
        lambda one: (one.code, one.variant, one.by),
    ):
        found = list(some)
        names = ascii(", ".join(one.name for one in found)[:200])[1:-1]
        where = found[0].where
        more = {"by": by, "where": shlex.quote(where)} if by else {}
        if variant.endswith(".checkpoint"):
            # In the chain's folder, which it is compared with.
            more["chain"] = shlex.quote(where.removesuffix(f"/{found[0].name}"))
        told.append((code, Keyed(variant, names=names, **more)))
    return told


@dataclass(frozen=True, slots=True)
class RawChain:
    """One chain as it lies. `where`: in words. `chain`: its id, where it is kept under one.

    `writing`: whether somebody writes it at this moment. `whole`: it is meant to begin with entry
    0. `astray`: what may be part of it, and is not named as it is. `checkpoints`,
    `forks`: looked for when they are asked for; they raise StoreError where they cannot be read, or
    are more than anybody made.
    """

    where: str
    chain: bytes | None
    segments: tuple[RawSegment, ...]
    writing: Callable[[], bool] = lambda: False
    whole: bool = True
    checkpoints: Callable[[], list[RawCheckpoint]] = list
    forks: Callable[[], list[RawFork]] = list
    astray: tuple[Stray, ...] = ()


def first_record(chunks: Iterable[bytes], offset: int, chain: bytes) -> Record | None:
    """The record with which these bytes begin, which stand at an offset of their stream."""
    for found in scan(chunks, chain, offset):
        if isinstance(found[0], Record) and found[0].start == offset:
            return found[0]
        return None
    return None


def framed(where: str, records: Callable[[], Iterator[Record]]) -> RawSegment:
    """All records of a chain as one stream, of an engine that keeps them in another way."""

    def chunks(start: int, _size: int) -> Iterator[bytes]:
        skipped = 0
        for record in records():
            data = format_record(record.entry, record.body)
            if skipped + len(data) > start:
                yield data[max(start - skipped, 0) :]
            skipped += len(data)

    return RawSegment("records", f"{where}/records", 0, chunks)
