"""The `roster` pointers of the entries of one chain of an evidence file (step 2).

They say that no entry is left out that changed who may sign.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.errors import Keyed
from chainlog.events.event import is_governing
from chainlog.events.kinds import KINDS, MOVES_ROSTER

if TYPE_CHECKING:
    from collections.abc import Callable

    from chainlog.verifier.evidence_entry import HeldEntry

    # Index, step, code and words of what is found.
    Say = Callable[[int | None, int, str, Keyed], None]


class Pointers:
    """The pointers of the entries in `held`, of a chain of `size` entries.

    `unsound`: indexes at which something stands that does not hold. `fault`, `missing`: take what
    is found. `hidden_from`: the least index at which an entry that changed who may sign is not
    here, or does not hold.
    """

    hidden_from: int | None

    def __init__(
        self, held: dict[int, HeldEntry], unsound: set[int], size: int, fault: Say, missing: Say
    ) -> None:
        self._held, self._unsound, self._size = held, unsound, size
        self._fault, self._missing = fault, missing
        # Indexes that pointers lead to and that are not here.
        self._gaps: set[int] = set()
        self.hidden_from = None

    def check(self) -> None:
        """2.

        Pointers lead to the latest entry before that changed who may sign: what contradicts one is
        a lie, what is not here a gap.
        """
        # The least that any later entry points at: between there and that entry nothing changed who
        # may sign.
        least_after, least = {}, self._size
        for index in reversed(self._held):
            least_after[index] = least
            least = min(least, self._held[index].entry.header.roster) if index else least
        latest = -1
        for index, held in self._held.items():
            kind = held.entry.header.kind
            if index:
                self._check(held, latest, least_after[index])
            if kind in MOVES_ROSTER:
                latest = index

    def _check(self, held: HeldEntry, latest: int, least_after: int) -> None:
        index, pointer = held.index, held.entry.header.roster
        if pointer >= index:
            self._lie(index, "fault.roster-pointer.later", pointer=pointer)
        elif pointer < latest:
            self._lie(index, "fault.roster-pointer.passed", pointer=pointer, latest=latest)
        elif pointer in self._held:
            if not _may_move(self._held[pointer].entry.header.kind):
                self._lie(index, "fault.roster-pointer.idle", pointer=pointer)
        elif pointer in self._unsound:
            self.hide(pointer)
        elif least_after < pointer:
            self._lie(index, "fault.roster-pointer.denied", pointer=pointer)
        else:
            if pointer not in self._gaps:
                self._gaps.add(pointer)
                message = Keyed("fault.roster-gap.shown", pointer=pointer)
                self._missing(pointer, 5, "roster-gap", message)
            self.hide(pointer)

    def _lie(self, index: int, key: str, **params: object) -> None:
        says = Keyed(key, index=index, **params)
        self._fault(index, 2, "roster-pointer", says)

    def walk(self) -> None:
        """Take note of the entries that the pointers lead to from the last one."""
        at = self._held.get(self._size - 1)
        while at is not None and not at.walked:
            at.walked = True
            at = self._held.get(at.entry.header.roster)

    def hide(self, index: int) -> None:
        """From `index` on an entry that changed who may sign is not known."""
        self.hidden_from = index if self.hidden_from is None else min(index, self.hidden_from)


def _may_move(kind: str) -> bool:
    """Whether an entry of this kind may change who may sign.

    The kind is one that does, or one that governs and that only a newer version knows.
    """
    return kind in MOVES_ROSTER or (kind not in KINDS and is_governing(kind))
