"""What an exporter is given: a chain as it stood, with all that the ledger knows of it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chainlog.audit.run import audit
from chainlog.audit.settings import Settings
from chainlog.export.evidence import make_evidence
from chainlog.index.index import Items
from chainlog.index.inquiry import Inquiry
from chainlog.ledger.checkpoints import standing_checkpoints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chainlog.audit.family import GrantFacts
    from chainlog.audit.finding import Finding
    from chainlog.custody.act import Act
    from chainlog.custody.state import ItemState
    from chainlog.export.disclosure import Making
    from chainlog.format.note import Note
    from chainlog.format.opened import Logged
    from chainlog.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries are meant: of these kinds, any where none is named, and these claimed times.

    `since`, `until`: in ms, both included.
    """

    kinds: frozenset[str] = frozenset()
    since: int | None = None
    until: int | None = None

    def means(self, kind: str, time: int) -> bool:
        """Whether an entry of a kind, and of a clock, is meant."""
        return (
            (not self.kinds or kind in self.kinds)
            and (self.since is None or time >= self.since)
            and (self.until is None or time <= self.until)
        )


@dataclass(frozen=True, slots=True)
class Subject:
    """What is exported: a chain of a ledger, as it stood when the export began.

    All is given one by one, from the first on, as often as it is asked for. Entries come with the
    marks of what is withheld (`Logged.body.withheld`). What is more than entries rests on the
    ledger's derived index, which is opened while it is asked, with the audit's `settings`.
    `damaged`: the indexes of those given whose bodies are not what was committed to.
    """

    ledger: Ledger
    chain: bytes
    size: int
    selection: Selection = field(default_factory=Selection)
    settings: Callable[[], Settings] = Settings
    damaged: set[int] = field(default_factory=set)

    def entries(self) -> Iterator[Logged]:
        """The entries that are meant, by index."""
        for logged in self.ledger.read_linked(0, self.size, self.chain):
            if self.selection.means(logged.entry.header.kind, logged.entry.header.time):
                if logged.problem is not None:
                    self.damaged.add(logged.entry.header.index)
                yield logged

    def acts(self) -> Iterator[Act]:
        """What these entries say of custody, as it counts: corrected, and answered."""
        with self._inquiry() as inquiry:
            for act in inquiry.book().acts():
                if (
                    act.chain == self.chain
                    and act.index < self.size
                    and self.selection.means(act.kind, act.time)
                ):
                    yield act

    def items(self) -> Iterator[ItemState]:
        """Every item of all chains held, as of `until`."""
        with self._inquiry() as inquiry:
            yield from inquiry.states()

    def parties(self) -> Iterator[GrantFacts]:
        """Who signs for which party, as the rosters of all chains held name them."""
        with self._inquiry() as inquiry:
            for chain in inquiry.source().chains:
                yield from chain.grants

    def findings(self) -> Iterator[Finding]:
        """What does not add up in all chains held, as of `until`, the worst first."""
        with self._inquiry() as inquiry:
            yield from audit(inquiry.source(), inquiry.settings)

    def checkpoint(self) -> Note | None:
        """The newest checkpoint of the chain that stands, on which all rests; None without any."""
        notes = standing_checkpoints(self.ledger, self.chain)
        return notes[-1] if notes else None

    def evidence(self, making: Making, *indexes: int) -> bytes:
        """An evidence file for entries of the chain. Raises what `make_evidence` does."""
        with self._inquiry() as inquiry:
            places = [(self.chain, index) for index in indexes]
            return make_evidence(inquiry.items, places, making).data

    @contextmanager
    def _inquiry(self) -> Iterator[Inquiry]:
        with Items.of(self.ledger) as items:
            yield Inquiry(self.ledger, items, self.selection.until, self.settings())
