"""Whether a file is still the one that was opened here: asked before anything is acknowledged.

Others move and replace files as they like: `rsync`, a service that synchronises folders, whoever
restores a backup. An open file goes on taking what is written to it, and nobody finds that again.
So it counts only while the file lies at its path, and is as long as what was written.
"""

from __future__ import annotations

import errno
import stat
from typing import TYPE_CHECKING

from chainlog.errors import Sentence

if TYPE_CHECKING:
    import os
    from pathlib import Path


class Own:
    """A file as it was opened or found, and must lie at its path: that inode, `size` bytes long.

    `size` is None where the length says nothing. A link that leads to the very file is as good.
    `closed`: nobody has it open. Some file systems, such as FAT, then give it another number when
    it is looked up again, so its length and time do as well.
    """

    path: Path
    size: int | None

    def __init__(
        self, path: Path, told: os.stat_result, size: int | None = None, *, closed: bool = False
    ) -> None:
        """`told`: what the system says of the file."""
        self.path, self.size = path, size
        self._alike = (told.st_size, told.st_mtime_ns) if closed else None
        self._file = told.st_dev, told.st_ino

    def check(self) -> None:
        """One system call. Raises OSError (ESTALE) that says what lies there instead."""
        try:
            found: os.stat_result | None = self.path.stat()
        except FileNotFoundError:
            found = None
        if (why := self._differs(found)) is not None:
            raise OSError(errno.ESTALE, why, str(self.path))

    def is_there(self) -> bool:
        """Whether the file still lies at its path, however long it is."""
        try:
            found = self.path.stat()
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == self._file

    def _differs(self, found: os.stat_result | None) -> Sentence | None:
        if found is None:
            return Sentence("it does not lie there any more")
        if (found.st_size, found.st_mtime_ns) == self._alike and stat.S_ISREG(found.st_mode):
            return None
        if (found.st_dev, found.st_ino) != self._file:
            return (
                Sentence("another file was put in its place")
                if stat.S_ISREG(found.st_mode)
                else Sentence("something that is no file was put in its place")
            )
        if self.size is None or found.st_size == self.size:
            return None
        return Sentence(
            "another program wrote in it, or cut it: it ends at byte {found}, and not at {size}",
            found=found.st_size,
            size=self.size,
        )
