"""The entries that a chain cites, and those that it holds: what citations are followed by."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Citations:
    """The ids that are cited, and those that are here.

    Each by the hash that this process makes of it, which nobody can foresee: whoever cites chooses
    what he cites, and would copy the beginning of another id.
    """

    cited: set[int]
    here: array[int]

    def __init__(self) -> None:
        self.cited = set()
        self.here = array("q")

    def cite(self, entry_ids: Iterable[bytes]) -> None:
        """Entries that the chain cites."""
        self.cited.update(map(hash, entry_ids))

    def hold(self, entry_id: bytes) -> None:
        """The next entry of the chain."""
        self.here.append(hash(entry_id))
