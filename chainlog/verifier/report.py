"""What a verification found: verdicts, faults, what is missing, and their plain form.

docs/design.md describes it in 'Verification'.

{verdict, level, chains: [{chain, origin, size, head, root, owners, …}], faults: [{chain, index,
step, code, key, params, message}], missing, without, truncated}
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from chainlog.errors import Keyed
from chainlog.format.keys import format_key_id

if TYPE_CHECKING:
    from chainlog.format.note import Note, VerifierKey
    from chainlog.verifier.resume_note import Verified

STEPS: Final = {
    1: "framing and canonical form",
    2: "position and link",
    3: "key form",
    4: "signature",
    5: "authority",
    6: "body matches its commitment",
    7: "root equals the checkpoint's",
    8: "checkpoint signed and witnessed",
    9: "citations between chains, admissions",
    10: "attachments",
}


class Verdict(StrEnum):
    """Three answers that never share an exit code. The worst of all that was found wins."""

    HOLDS = "holds"
    CANNOT_TELL = "cannot tell"
    TAMPERED = "tampered"


class Level(StrEnum):
    """How much was checked: links only; all that fixes the rest; everything."""

    LINKS = "links"
    HEADS = "heads"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold, or that is missing.

    Where, at which step, a stable code, and what the catalogue has the words of.
    """

    chain: str
    index: int | None
    step: int
    code: str
    says: Keyed

    def plain(self) -> dict[str, Any]:
        """As JSON; the catalogue has the words of the message."""
        return {
            "chain": self.chain,
            "index": self.index,
            "step": self.step,
            "code": self.code,
            **self.says.parts(),
            "message": self.says,
        }


def because(why: str) -> Keyed:
    """What a fault says that is the message of an error, and nothing else."""
    return Keyed("fault.because", why=why)


@dataclass(slots=True)
class ChainReport:
    """One chain as it was read.

    `head` and `root` are None where the sequence is broken; counts are of entries, fields, files.
    """

    chain: str
    source: str
    origin: str = ""
    size: int = 0
    head: str | None = None
    root: str | None = None
    owners: tuple[bytes, ...] = ()
    checked: int = 0
    absent: int = 0
    erased: int = 0
    withheld: int = 0
    attachments_held: int = 0
    attachments_absent: int = 0
    # Forks that are kept beside the chain and proven: those that stand against it, and those that
    # its owner said are abandoned.
    forks: int = 0
    forks_abandoned: int = 0
    # Where somebody is trusted: entries covered by the last checkpoint that enough witnesses
    # cosigned, when (POSIX seconds), by whom; and whether the authority admitted the chain, None
    # for its own.
    witnessed: int | None = None
    witnessed_at: int | None = None
    cosigners: tuple[str, ...] = ()
    admitted: bool | None = None
    # From which of its entries on the authority accepts nothing, None where it did not suspend the
    # site.
    accepted: int | None = None
    # The largest checkpoint that is signed and fits, and those that tell against the chain: what is
    # to be remembered of it.
    latest: Note | None = None
    against: list[Note] = field(default_factory=list)
    # Those of more entries than are here, signed by a key that was in force at their end: entries
    # to come may say that it was not.
    ahead: list[Note] = field(default_factory=list)
    # The keys of the log and of witnesses under which these hold.
    vouchers: list[VerifierKey] = field(default_factory=list)
    # The first of its entries that does not hold by steps 1 to 4, None where all do: from there on
    # another root is this copy's doing, and accuses nobody.
    damaged_at: int | None = None
    # Whether it is the chain that it is named after, by steps 1 to 6: of another one nothing is
    # remembered under its name.
    sound: bool = True
    # How far the chain was read at level full, for the auditor's own note; whether it holds so far,
    # the report says.
    verified: Verified | None = None

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Fields withheld, bodies erased, attachments held, attachments absent."""
        return self.withheld, self.erased, self.attachments_held, self.attachments_absent

    def add(self, counts: tuple[int, int, int, int]) -> None:
        """Add what was counted in earlier runs."""
        withheld, erased, held, absent = counts
        self.withheld, self.erased = self.withheld + withheld, self.erased + erased
        self.attachments_held += held
        self.attachments_absent += absent

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "chain": self.chain,
            "source": self.source,
            "origin": self.origin,
            "size": self.size,
            "head": self.head,
            "root": self.root,
            "owners": [format_key_id(key) for key in self.owners],
            "checked": self.checked,
            "absent": self.absent,
            "erased": self.erased,
            "withheld": self.withheld,
            "attachments": {"held": self.attachments_held, "absent": self.attachments_absent},
            "forks": self.forks,
            "forks_abandoned": self.forks_abandoned,
            "witnessed": self.witnessed,
            "witnessed_at": self.witnessed_at,
            "cosigners": list(self.cosigners),
            "admitted": self.admitted,
            "accepted": self.accepted,
        }


@dataclass(slots=True)
class Report:
    """What a verification found.

    `without`: what is not here, though the verdict does not hang on it: admitted chains,
    attachments, withheld fields, erased bodies. `faults`, `missing` and `without` list at most
    `limit` each; the counts are of all.

    `trust`: the authority that was trusted, None where nobody was. `as_of`: the earliest of the
    times up to which the chains are witnessed (POSIX seconds): nothing is said of later.
    """

    level: Level
    limit: int
    chains: list[ChainReport] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    missing: list[Fault] = field(default_factory=list)
    without: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    missing_count: int = 0
    without_count: int = 0
    trust: bytes | None = None
    as_of: int | None = None
    # Entries that are cited and stand in no chain that was read.
    cited_elsewhere: int = 0
    # Chains that the authority admitted and that are not here.
    admitted_elsewhere: int = 0

    def add_fault(self, fault: Fault) -> None:
        """Something does not hold."""
        self.fault_count += 1
        if len(self.faults) < self.limit:
            self.faults.append(fault)

    def add_missing(self, missing: Fault) -> None:
        """Something is not there, so it cannot be told whether it holds."""
        self.missing_count += 1
        if len(self.missing) < self.limit:
            self.missing.append(missing)

    def add_without(self, absent: Fault) -> None:
        """Something is not here, and the verdict is given without it."""
        self.without_count += 1
        if len(self.without) < self.limit:
            self.without.append(absent)

    def mark(self) -> tuple[int, ...]:
        """What was found so far, for `back_to`."""
        return (
            *(len(self.chains), len(self.faults), len(self.missing), len(self.without)),
            *(self.fault_count, self.missing_count, self.without_count),
        )

    def back_to(self, mark: tuple[int, ...]) -> None:
        """Forget what was found since: it is looked for again."""
        del self.chains[mark[0] :], self.faults[mark[1] :]
        del self.missing[mark[2] :], self.without[mark[3] :]
        self.fault_count, self.missing_count, self.without_count = mark[4:]

    def holds_by_itself(self, chain: str) -> bool:
        """Whether nothing was found against a chain, and nothing is missing of the chain itself.

        What a witness or another chain would bring may be missing.
        """
        against = any(one.chain == chain for one in self.faults)
        lacking = any(one.chain == chain and one.step not in {8, 9} for one in self.missing)
        return not (self.truncated or against or lacking)

    @property
    def verdict(self) -> Verdict:
        """The worst of all that was found."""
        if self.fault_count:
            return Verdict.TAMPERED
        return Verdict.CANNOT_TELL if self.missing_count or not self.chains else Verdict.HOLDS

    @property
    def truncated(self) -> bool:
        """Whether more was found than is listed."""
        return self.fault_count > len(self.faults) or self.missing_count > len(self.missing)

    def plain(self) -> dict[str, Any]:
        """As JSON; the catalogue has the words of the messages of faults."""
        return {
            "verdict": self.verdict.value,
            "level": self.level.value,
            "chains": [chain.plain() for chain in self.chains],
            "faults": [fault.plain() for fault in self.faults],
            "missing": [missing.plain() for missing in self.missing],
            "without": [absent.plain() for absent in self.without],
            "truncated": self.truncated,
            "trust": None if self.trust is None else self.trust.hex(),
            "as_of": self.as_of,
            "cited_elsewhere": self.cited_elsewhere,
            "admitted_elsewhere": self.admitted_elsewhere,
            "fault_count": self.fault_count,
            "missing_count": self.missing_count,
            "without_count": self.without_count,
        }
