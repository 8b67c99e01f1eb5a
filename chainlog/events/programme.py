"""Who belongs to a programme (FORMAT.md 8).

This is the fold of an authority's admissions and suspensions, of sites and of witnesses.

- A site's chain belongs from its `site.admit` on, under the origin that its own entry 0 gives.
  `site.suspend` says from which of its entries on nothing is accepted any more; a later
  `site.admit` takes that back.
- A witness counts from its `witness.admit` on, until `witness.suspend`; then none of its
  cosignatures does, whenever they were made.

All of it is a matter of index alone. What is taken in here was verified by steps 1 to 6 before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chainlog.events.kinds import SiteAdmit, SiteSuspend, WitnessAdmit, WitnessSuspend
from chainlog.format.note import VerifierKey, parse_vkey

if TYPE_CHECKING:
    from chainlog.events.terms import Detail


@dataclass(frozen=True, slots=True)
class Admission:
    """What the authority says of a site.

    Under which origin it was admitted, and by which of the authority's entries (None: never).

    Where it was suspended since: from which of its own entries on nothing is accepted, why, and by
    which entry of the authority.
    """

    origin: str = ""
    admitted_at: int | None = None
    accepted: int | None = None
    reason: str = ""
    suspended_at: int | None = None


NEVER_ADMITTED = Admission()


@dataclass(slots=True)
class Programme:
    """The fold.

    `sites`: standing by chain id; `witnesses`: verifier keys that count, with the index that
    admitted each.
    """

    sites: dict[bytes, Admission] = field(default_factory=dict)
    witnesses: dict[VerifierKey, int] = field(default_factory=dict)

    def take(self, index: int, detail: Detail, *, admits: bool = True) -> None:
        """Take in the next governing event of the authority's chain, of whatever kind.

        `admits`: whether an admission counts.
        """
        match detail:
            case SiteAdmit() | WitnessAdmit() if not admits:
                pass
            case SiteAdmit():
                self.sites[detail.chain] = Admission(detail.origin, index)
            case SiteSuspend():
                before = self.sites.get(detail.chain, NEVER_ADMITTED)
                size = detail.size if before.accepted is None else min(before.accepted, detail.size)
                self.sites[detail.chain] = Admission(
                    before.origin, before.admitted_at, size, detail.reason, index
                )
            case WitnessAdmit():
                self.witnesses.setdefault(parse_vkey(detail.vkey), index)
            case WitnessSuspend():
                self.witnesses.pop(parse_vkey(detail.vkey), None)
            case _:
                pass

    def standing(self, chain: bytes) -> Admission:
        """What the authority says of a site's chain."""
        return self.sites.get(chain, NEVER_ADMITTED)
