"""Attachments that another store has and this one lacks.

Those that our entries name, each compared with its digest.

A file that both have is read here, since one that was damaged is lacking too. Our own entries are
read only where something is lacking: first those that were just taken, and the rest only if
something still is, such as after a sync that was interrupted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain as joined
from typing import TYPE_CHECKING

from chainlog.errors import DamagedError, NoBlobError, StoreError, UnreadableError
from chainlog.events.mentions import files_of
from chainlog.ledger.sources import attachment_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chainlog.format.record import Record
    from chainlog.ledger.ledger import Ledger
    from chainlog.store.shelf import Shelf

    # A chain, and a range of its entries: the first index, and the one after the last.
    Range = tuple[bytes, int, int]


@dataclass(slots=True)
class FilesTaken:
    """What became of attachments.

    `mismatched`: digests of those that are no file there, or have other content, and were not kept.

    `problem`: why theirs could not be listed or read, or ours not read or written; those that could
    are kept.
    """

    taken: int = 0
    mismatched: list[bytes] = field(default_factory=list)
    problem: StoreError | None = None


def take_attachments(
    ledger: Ledger, other: Shelf, fresh: Iterable[Range], earlier: Iterable[Range]
) -> FilesTaken:
    """Take what the entries in these ranges name.

    The `earlier` ones are read only where something is lacking after the others.
    """
    told = FilesTaken()
    try:
        lacking = {
            digest for digest in other.blobs() if attachment_state(ledger.engine, digest) != "held"
        }
        for chain, start, stop in joined(fresh, earlier):
            if not lacking:
                break
            _take_named(ledger, other, ledger.engine.read(chain, start, stop), lacking, told)
    except StoreError as error:
        told.problem = error
    return told


def _take_named(
    ledger: Ledger, other: Shelf, records: Iterable[Record], lacking: set[bytes], told: FilesTaken
) -> None:
    """Take of the files that are `lacking` those that these records name, and strike them off."""
    for record in records:
        for digest, size in files_of(record).items():
            if digest in lacking:
                lacking.discard(digest)
                _take(ledger, other, digest, size, told)


def _take(ledger: Ledger, other: Shelf, digest: bytes, size: int | None, told: FilesTaken) -> None:
    try:
        ledger.engine.put_blob(_matching(other, digest, size))
    except UnreadableError as error:
        told.problem = error
    except DamagedError:
        told.mismatched.append(digest)
    else:
        told.taken += 1


def _matching(other: Shelf, digest: bytes, size: int | None) -> Iterator[bytes]:
    """The chunks of an attachment.

    Raises DamagedError, before what was written counts, unless they are what the digest and the
    size say; UnreadableError where that cannot be told.
    """
    hasher, read = sha256(), 0
    try:
        for chunk in other.blob(digest):
            hasher.update(chunk)
            read += len(chunk)
            if size is not None and read > size:
                break  # it may be of any length, and the disk is not
            yield chunk
    except (DamagedError, NoBlobError) as error:
        raise DamagedError(error.message) from None
    except StoreError as error:
        # A stick that was pulled out accuses nobody.
        raise UnreadableError(error.message) from None
    if hasher.digest() != digest:
        raise DamagedError(
            "attachment {digest} has other content than its name says", digest=digest.hex()
        )
