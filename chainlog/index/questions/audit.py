"""What does not add up in the chains held, the worst first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chainlog.audit.finding import SEVERITIES
from chainlog.audit.rulebook import WEIGHTS
from chainlog.audit.run import audit
from chainlog.index.questions.reply import JsonRow, for_people

if TYPE_CHECKING:
    from collections.abc import Collection

    from chainlog.audit.finding import Finding, Untold
    from chainlog.audit.settings import Settings
    from chainlog.errors import Sentence
    from chainlog.index.inquiry import Inquiry
    from chainlog.index.names import Unmet


# What says that the chains are not all here, stand against themselves, or are none of these.
NOT_WHOLE: Final = frozenset(
    {
        *("CHAIN-GAP", "CHAIN-FORK", "CHAIN-ROLLBACK", "CHAIN-FOREIGN"),
        *("BODY-WITHHELD", "EVID-MISSING"),
    }
)
# Of these, what leaves out nothing by which another finding could be made.
_HIDES_NONE: Final = frozenset({"BODY-WITHHELD.notes"})


@dataclass(frozen=True, slots=True)
class AuditedChain(JsonRow):
    """A chain that was audited; `problem`: why it counts up to `size` only."""

    chain: bytes
    origin: str
    size: int
    problem: Sentence | None


@dataclass(frozen=True, slots=True)
class AuditTotals(JsonRow):
    """How many findings there are, of each code and severity. `entries`: those that it rests on."""

    findings: int
    by_code: dict[str, int]
    by_severity: dict[str, int]
    entries: int = for_people()


@dataclass(frozen=True, slots=True)
class Audited(JsonRow):
    """The findings as of an instant in ms, and what they are a function of.

    `not_whole`: those that say that the chains are not all here, whatever findings were meant.
    `untold`: what is no finding, since it hangs on what is not shown, of the codes and item meant.
    """

    as_of: int
    settings: Settings
    chains: tuple[AuditedChain, ...]
    findings: tuple[Finding, ...]
    totals: AuditTotals
    unmet: tuple[Unmet, ...] = ()
    not_whole: tuple[Finding, ...] = ()
    untold: tuple[Untold, ...] = ()

    @property
    def lacking(self) -> tuple[Unmet, ...]:
        """What was named and occurs nowhere, so that nothing was looked at under it."""
        return tuple(one for one in self.unmet if not one.occurs)

    @property
    def unlooked(self) -> tuple[Finding, ...]:
        """What says that something was not looked at by which any other finding could be made.

        Of whatever party, and not answered by the authority.
        """
        return tuple(
            one
            for one in self.not_whole
            if not (one.cleared or one.code == "EVID-MISSING" or one.key in _HIDES_NONE)
        )

    def open_at(self, severity: str) -> bool:
        """Whether a finding of this severity, or worse, is not answered by the authority."""
        return any(_as_bad(one, severity) and not one.cleared for one in self.findings)


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Which findings are meant; `open`: only those that the authority has not answered."""

    codes: Collection[str] = ()
    severity: str | None = None
    party: str | None = None
    item: str | None = None
    open: bool = False

    def may_meet(self, severity: str) -> bool:
        """Whether all findings of this severity, or worse, may be among them, of the codes meant.

        Nobody asks to fail on what was left out.
        """
        codes = {code.upper() for code in self.codes}
        weights = [
            weight for key, weight in WEIGHTS.items() if not codes or key.partition(".")[0] in codes
        ]
        worst = SEVERITIES.index(severity)
        least = len(SEVERITIES) if self.severity is None else SEVERITIES.index(self.severity)
        return worst <= least and any(SEVERITIES.index(one) <= worst for one in weights)


def audited(inquiry: Inquiry, only: FindingFilter) -> Audited:
    """The findings of some codes, a severity or worse, a party, an item. Raises NoEntryError."""
    codes = {code.upper() for code in only.codes}
    key = None if only.item is None else inquiry.items.thing(only.item)
    source = inquiry.source()
    found = audit(source, inquiry.settings, codes | NOT_WHOLE if codes else None)
    findings = tuple(
        one
        for one in found
        if (not codes or one.code in codes)
        and (only.severity is None or _as_bad(one, only.severity))
        and (only.party is None or one.party == only.party)
        and (key is None or key in one.items)
        and not (only.open and one.cleared)
    )
    chains = tuple(
        AuditedChain(one.id, one.origin, one.size, one.ends) for one in inquiry.items.chains()
    )
    return Audited(
        inquiry.instant,
        inquiry.settings,
        chains,
        findings,
        AuditTotals(
            len(findings),
            dict(Counter(one.code for one in findings)),
            dict(Counter(one.severity for one in findings)),
            sum(one.size for one in chains),
        ),
        inquiry.unmet,
        tuple(one for one in found if one.code in NOT_WHOLE),
        tuple(
            one
            for one in source.untold
            if (not codes or one.code in codes) and (key is None or key in one.items)
        ),
    )


def _as_bad(finding: Finding, severity: str) -> bool:
    return SEVERITIES.index(finding.severity) <= SEVERITIES.index(severity)
