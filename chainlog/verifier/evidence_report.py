"""What the check of an evidence file shows: its entries, what is said of each, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chainlog.events.plain_json import to_plain
from chainlog.format.keys import format_key_id

if TYPE_CHECKING:
    from chainlog.events.revocation import Revocation
    from chainlog.events.roster import Grant
    from chainlog.format.entry import Entry
    from chainlog.format.evidence import Evidence
    from chainlog.verifier.report import Report, Verdict


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry that holds by itself.

    `support`: it is here for what the others stand on, and is no part of the claim.

    `signer`: None where that cannot be told. `fields`: the event, None where there is no body;
    `withheld`: paths. `erased`: an entry here says so. `not_after`: when it stood there at the
    latest, by the witnesses (POSIX seconds). `accepted`: by the authority.
    `revocation`: that of its key later in the chain; where it says so, entries from an index on are
    in doubt, and hold all the same.
    """

    entry: Entry
    origin: str
    site: str
    signer: Grant | None
    support: bool
    fields: dict[str, Any] | None
    withheld: tuple[str, ...]
    erased: bool
    not_after: int | None
    accepted: bool
    revocation: Revocation | None

    @property
    def doubted(self) -> bool:
        """Whether the site itself says that this entry may not be by who held the key."""
        since = None if self.revocation is None else self.revocation.doubt_from
        return since is not None and self.entry.header.index >= since

    def plain(self) -> dict[str, Any]:
        """As JSON: an entry of FORMAT.md 9, and what the check says of it."""
        header, signer, revoked = self.entry.header, self.signer, self.revocation
        return {
            "id": self.entry.id.hex(),
            "chain": self.entry.chain.hex(),
            "index": header.index,
            "time": header.time,
            "author": format_key_id(header.author),
            "kind": header.kind,
            "event": None if self.fields is None else to_plain(self.fields),
            "withheld": list(self.withheld),
            "erased": self.erased,
            "origin": self.origin,
            "site": self.site,
            "signer": None
            if signer is None
            else {"name": signer.name, "party": signer.party, "roles": list(signer.roles)},
            "support": self.support,
            "accepted": self.accepted,
            "not_after": self.not_after,
            "revoked": None
            if revoked is None
            else {"reason": revoked.reason, "at": revoked.at, "doubted": self.doubted},
        }


@dataclass(slots=True)
class EvidenceReport:
    """What the check of a file came to. `evidence`: None where the file cannot be read.

    `entries`: those that hold by themselves. `ranged`: the chain that a range is of, by its id, and
    what it calls itself; None where no range is claimed.

    `attachments`: those in the file that match, by digest; `attachments_absent`: how many are named
    and are not in it.
    """

    report: Report
    evidence: Evidence | None = None
    entries: list[Shown] = field(default_factory=list)
    ranged: tuple[bytes, str] | None = None
    attachments: dict[bytes, bytes] = field(default_factory=dict)
    attachments_absent: int = 0

    @property
    def verdict(self) -> Verdict:
        """The worst of all that was found."""
        return self.report.verdict

    @property
    def as_of(self) -> int | None:
        """The earliest of the times that the witnesses vouch for, over all chains (POSIX seconds).

        None where one has none.
        """
        return self.report.as_of

    @property
    def shown(self) -> list[Shown]:
        """The entries that the claim is about."""
        return [one for one in self.entries if not one.support]

    @property
    def beside(self) -> list[Shown]:
        """Those of them that are shown beside a range, of another chain than it is."""
        chain = None if self.ranged is None else self.ranged[0]
        return [one for one in self.shown if chain not in {None, one.entry.chain}]

    @property
    def withheld(self) -> int:
        """How many fields are withheld, of all entries."""
        return sum(len(one.withheld) for one in self.entries)

    @property
    def withheld_shown(self) -> int:
        """How many fields are withheld, of the entries that the claim is about."""
        return sum(len(one.withheld) for one in self.shown)

    @property
    def erased(self) -> int:
        """How many bodies were erased, of all entries."""
        return sum(one.erased for one in self.entries)

    def plain(self) -> dict[str, Any]:
        """As JSON; the catalogue has the words of the messages of faults."""
        between = None if self.evidence is None else self.evidence.between
        told = self.report.plain()
        return {
            "verdict": self.verdict.value,
            "claim": None if self.evidence is None else self.evidence.claim,
            "from": None if between is None else between[0],
            "to": None if between is None else between[1],
            "chain": None if self.ranged is None else self.ranged[0].hex(),
            "origin": None if self.ranged is None else self.ranged[1],
            "entries": [one.plain() for one in self.entries],
            "withheld": self.withheld,
            "attachments": {
                "held": [digest.hex() for digest in self.attachments],
                "absent": self.attachments_absent,
            },
            **{
                name: told[name]
                for name in (
                    "trust",
                    "as_of",
                    "chains",
                    "faults",
                    "missing",
                    "without",
                    "truncated",
                    "fault_count",
                    "missing_count",
                    "without_count",
                )
            },
        }
