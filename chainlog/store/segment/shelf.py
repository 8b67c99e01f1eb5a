"""The segment engine's shelf: files beside a chain's segments, attachments (FORMAT.md 5, 9).

    chains/<id>/checkpoints/  conflicts/  tree
    blobs/<first 2 hex>/<sha256 hex>

The folder may be anybody's: this alone, without the engine, is what reads it as it lies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.errors import StoreError
from chainlog.store import checkpoints as kept
from chainlog.store.checkpoints import AHEAD, FOLDER
from chainlog.store.segment import blobs, conflicts, raw
from chainlog.store.segment.cells import NAME as TREE
from chainlog.store.segment.cells import FileCells
from chainlog.store.segment.mend import mend

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from chainlog.format.note import Note
    from chainlog.format.record import Record
    from chainlog.store.cells import Cells
    from chainlog.store.raw import RawChain
    from chainlog.store.shelf import Conflict, Shelf


class SegmentShelf:
    """What lies below one folder beside the records; and the records themselves, as they lie."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def place(self) -> str:
        """The folder's path."""
        return str(self._folder)

    def folder_of(self, chain: bytes) -> Path:
        """The folder of one chain."""
        return self._folder / raw.CHAINS / chain.hex()

    def is_same(self, other: Shelf) -> bool:
        """Whether both are one folder, by whatever links."""
        try:
            return self._folder.exists() and self._folder.samefile(other.place)
        except OSError:
            return False

    # As it lies

    def shelved(self) -> list[bytes]:
        """The chains here, by the names of their folders."""
        return raw.names_in(self._folder)

    def raw(self, chain: bytes) -> RawChain:
        """What lies in one chain's folder."""
        folder = self.folder_of(chain)
        with StoreError.from_os("{folder} cannot be read: {why}", folder=folder):
            return raw.raw_folder(folder, named=True)

    def raw_chains(self, own: bytes | None = None) -> list[RawChain]:
        """What lies in the folders of all chains."""
        with StoreError.from_os("{folder} cannot be read: {why}", folder=self._folder):
            return raw.raw_folders(self._folder, own)

    def mend(self, chain: bytes, first: int, records: Iterable[tuple[bytes, bytes]]) -> str:
        """Put a whole segment in the place of a damaged one."""
        folder = self.folder_of(chain)
        with StoreError.from_os("{folder} cannot be written: {why}", folder=folder):
            return mend(folder, first, records)

    # Checkpoints

    def _checkpoints(self, chain: bytes, *, ahead: bool) -> Path:
        folder = self.folder_of(chain) / FOLDER
        return folder / AHEAD if ahead else folder

    def checkpoints(self, chain: bytes, *, ahead: bool = False) -> list[Note]:
        """The checkpoints kept of a chain."""
        return kept.checkpoints_in(self._checkpoints(chain, ahead=ahead))

    def keep_checkpoint(
        self, chain: bytes, note: Note, *, first: bool = False, ahead: bool = False
    ) -> Note:
        """Keep a checkpoint."""
        return kept.keep_checkpoint(self._checkpoints(chain, ahead=ahead), note, first=first)

    def put_checkpoint(self, chain: bytes, note: Note) -> None:
        """Put these signatures in the place of those that are kept."""
        kept.put_checkpoint(self._checkpoints(chain, ahead=False), note)

    # Forks

    def conflicts(self, chain: bytes) -> list[Conflict]:
        """The forks of a chain that are kept."""
        return conflicts.conflicts_in(self.folder_of(chain), chain)

    def keep_conflict(self, conflict: Conflict, ours: Record, theirs: Iterable[Record]) -> bool:
        """Keep both sides of a fork."""
        return conflicts.keep_conflict(self.folder_of(conflict.chain), conflict, ours, theirs)

    def conflict_place(self, conflict: Conflict) -> str:
        """The path of the file that both sides of a fork are kept in."""
        return str(conflicts.conflict_path(self.folder_of(conflict.chain), conflict))

    def cut_conflicts(
        self, chain: bytes, entries: Sequence[bytes], *, remove: bool
    ) -> list[Conflict]:
        """The forks that hold a body of one of these entries."""
        return conflicts.cut_conflicts(self.folder_of(chain), chain, entries, remove=remove)

    # The tree

    def cells(self, chain: bytes) -> Cells:
        """The file of a chain's stored tree."""
        return FileCells(self.folder_of(chain) / TREE)

    # Attachments

    @property
    def _blobs(self) -> Path:
        return self._folder / blobs.FOLDER

    def put_blob(self, chunks: Iterable[bytes]) -> tuple[bytes, int]:
        """Keep an attachment."""
        return blobs.put_blob(self._blobs, chunks)

    def blob(self, digest: bytes) -> Iterator[bytes]:
        """An attachment."""
        return blobs.read_blob(self._blobs, digest)

    def drop_blob(self, digest: bytes) -> None:
        """Let go of an attachment, durably."""
        blobs.drop_blob(self._blobs, digest)

    def holds_blob(self, digest: bytes) -> bool:
        """Whether there is a file of this name. Raises StoreError."""
        path = blobs.blob_path(self._blobs, digest)
        with StoreError.from_os("{path} cannot be read: {why}", path=path):
            return path.is_file()

    def blobs(self) -> Iterator[bytes]:
        """The digests that files are named after."""
        return blobs.blobs_in(self._blobs)
