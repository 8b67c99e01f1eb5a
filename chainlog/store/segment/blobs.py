"""Attachments by content: `blobs/<first 2 hex>/<sha256 hex>` (FORMAT.md 5)."""

from __future__ import annotations

import os
import re
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from chainlog.errors import NoBlobError, StoreError
from chainlog.format.entry import is_id
from chainlog.store import durable
from chainlog.store.segment.files import chunks_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FOLDER: Final = "blobs"
_SHARD: Final = re.compile(r"[0-9a-f]{2}")


def blob_path(folder: Path, digest: bytes) -> Path:
    """Where the attachment with this SHA-256 stands below a ledger's `blobs`."""
    name = digest.hex()
    return folder / name[:2] / name


def put_blob(folder: Path, chunks: Iterable[bytes]) -> tuple[bytes, int]:
    """Write an attachment and return its SHA-256 and size.

    Raises StoreError, having left nothing behind.
    """
    hasher, size = sha256(), 0
    with StoreError.from_os("the attachment could not be kept in {folder}: {why}", folder=folder):
        durable.make_folder(folder)
        with durable.Beside(folder / f".{os.getpid()}-{secrets.token_hex(4)}.new") as new:
            for chunk in chunks:
                hasher.update(chunk)
                size += len(chunk)
                new.write(chunk)
            path = blob_path(folder, hasher.digest())
            durable.make_folder(path.parent)
            new.put(path)
        durable.sync_folder(path.parent)
        # The folder may stand from an attempt that ended before its own name was durable.
        durable.sync_folder(folder)
        durable.sync_folder(folder.parent)
        new.check()
    return hasher.digest(), size


def read_blob(folder: Path, digest: bytes) -> Iterator[bytes]:
    """The bytes of an attachment, in chunks. Raises NoBlobError, StoreError."""
    path = blob_path(folder, digest)
    with StoreError.from_os("attachment {digest} cannot be read: {why}", digest=digest.hex()):
        held = path.exists()
    if not held:
        raise _not_held(digest)
    yield from chunks_of(path)


def drop_blob(folder: Path, digest: bytes) -> None:
    """Remove an attachment, durably. Raises NoBlobError, StoreError."""
    path = blob_path(folder, digest)
    try:
        path.unlink()
        durable.sync_folder(path.parent)
    except FileNotFoundError:
        raise _not_held(digest) from None
    except OSError as error:
        raise StoreError(
            "attachment {digest} cannot be removed: {why}", digest=digest.hex(), why=error.strerror
        ) from None


def blobs_in(folder: Path) -> Iterator[bytes]:
    """The digests that files below a ledger's `blobs` are named after.

    Raises StoreError where that cannot be read: only where there is no such folder, nothing lies.
    """
    for shard in _names_in(folder):
        if _SHARD.fullmatch(shard):
            yield from (
                bytes.fromhex(name)
                for name in _names_in(folder / shard)
                if is_id(name) and name[:2] == shard
            )


def _names_in(folder: Path) -> list[str]:
    with StoreError.from_os("the attachments in {folder} cannot be read: {why}", folder=folder):
        try:
            return sorted(os.listdir(folder))  # noqa: PTH208  (names are all that is asked for)
        except FileNotFoundError:
            return []


def _not_held(digest: bytes) -> NoBlobError:
    return NoBlobError("attachment {digest} is not held", digest=digest.hex())
