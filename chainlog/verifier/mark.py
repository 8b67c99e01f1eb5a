"""The head that whoever verifies was told of a chain before (step 8), their mark.

Nobody signed a mark, so it accuses nobody: a copy that is shorter, or another one, is not the chain
as it was last known here, and what it came to since cannot be told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chainlog.errors import Keyed

if TYPE_CHECKING:
    from chainlog.format.entry import Entry
    from chainlog.verifier.place import Sequence


class KnownHead(NamedTuple):
    """How many entries were acknowledged, and the id of the last."""

    size: int
    id: bytes


class MarkCheck:
    """A mark, and the entry that the chain has where it stands. `known`: None where there is none.

    An entry that is missing or damaged there has been said already.
    """

    known: KnownHead | None

    def __init__(self, known: KnownHead | None) -> None:
        self.known = known
        self._differs = False

    def watch(self, entry: Entry) -> None:
        """The next entry."""
        if self.known is not None and entry.header.index == self.known.size - 1:
            self._differs = entry.id != self.known.id

    def judge(self, place: Sequence, size: int) -> None:
        """8. No shorter than it was, and with the same entry there; `size`: what is here."""
        if self.known is None or place.lost:
            return
        if size < self.known.size:
            says = Keyed("fault.mark-ahead", n=self.known.size, held=size)
            place.missing(None, 8, "mark-ahead", says)
        elif self._differs and place.told.damaged_at is None:
            at = self.known.size - 1
            place.missing(at, 8, "mark-other", Keyed("fault.mark-other", index=at))
