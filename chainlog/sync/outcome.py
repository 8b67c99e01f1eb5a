"""What became of a sync, chain by chain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from chainlog.ledger.erase import Erased
from chainlog.sync.attachments import FilesTaken

if TYPE_CHECKING:
    from chainlog.errors import StoreError
    from chainlog.ledger.checkpoints import TakenCheckpoint as Seen
    from chainlog.store.shelf import Conflict
    from chainlog.verifier.report import Fault


@dataclass(slots=True)
class TakenChain:
    """What became of one chain. `before`, `after`: how many entries we held.

    `fault`: why theirs was not taken any further, a `Missing` where it cannot be told whether it
    holds. `fork`: ours and theirs at the index where they part; `whole`: all of their branch was
    kept, not only its first 64 MiB. `problem`: why ours could not be written.
    `checkpoints`: those that are new here, and whether our chain fits them. `fuller`: of how many
    entries that were held before more is shown now; `partial`: of how many fields are withheld
    here even so. `unerased`: how many bodies were held here that the chain had erased. `healed`:
    how many entries were damaged here, and are whole again; `aside`: where what lay there is kept.
    """

    chain: bytes
    own: bool
    before: int = 0
    after: int = 0
    origin: str = ""
    fault: Fault | None = None
    fork: Conflict | None = None
    whole: bool = True
    fuller: int = 0
    partial: int = 0
    unerased: int = 0
    healed: int = 0
    aside: str = ""
    problem: StoreError | None = None
    checkpoints: list[Seen] = field(default_factory=list)

    @property
    def forked(self) -> bool:
        """Whether there are, or were, two histories of this chain."""
        return self.fork is not None or any(one.state == "forked" for one in self.checkpoints)

    @property
    def agrees(self) -> bool:
        """Whether ours, a ledger's own, was compared with theirs, and nobody is known to have more.

        Where theirs has nothing that can be read, that is a fault.
        """
        beyond = any(one.state == "ahead" for one in self.checkpoints)
        return self.own and self.state in {"taken", "up to date"} and not beyond

    @property
    def state(self) -> Literal["fork", "problem", "fault", "new", "taken", "up to date"]:
        """What there is to say of it, the worst first."""
        if self.forked:
            return "fork"
        if self.problem is not None:
            return "problem"
        if self.fault is not None:
            return "fault"
        if self.after == self.before and not self.fuller and not self.healed:
            return "up to date"
        return "taken" if self.before else "new"


@dataclass(slots=True)
class Synced:
    """What became of a sync: a line for each chain that the other has, and the attachments.

    `erased`: what was erased here because a chain says so. `given`: how many checkpoints were laid
    into this ledger that only the user remembered.
    """

    chains: list[TakenChain] = field(default_factory=list)
    erased: Erased = field(default_factory=Erased)
    given: int = 0
    attachments: FilesTaken = field(default_factory=FilesTaken)
