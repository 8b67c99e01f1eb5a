"""The check of an evidence file: from its bytes and one trusted id to a report.

Needs no ledger (FORMAT.md 7, docs/design.md).

1 to 7. each chain by itself (`evidence_chain.py`): framing, position, key form, signature,
authority, body, proof
8.  the checkpoint is of the chain as entry 0 names itself, signed by a key that is in force at
    index `size` as `log` or `owner`, and cosigned as the policy asks: otherwise by one witness, at
    least, that the authority's chain in the file admits and does not suspend
9.  every site's chain is of the programme that is trusted, and the authority's chain in the file
    admits it under its own origin; no suspension refuses what is shown of it; of a range every
    entry is here
10. every attachment in the file is one that a shown field names, by its digest

'Holds' means: as of `as_of` these entries stood in these chains, signed by keys that were in force,
under sites that were admitted. What the entries say, and what happened later, is not vouched for;
under `shown` there may always be other entries.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from chainlog.errors import EvidenceError, Keyed, NoteError, UncertainError
from chainlog.events.event import is_governing
from chainlog.events.kinds import MOVES_ROSTER
from chainlog.events.programme import Programme
from chainlog.format.checkpoint import format_origin_line, log_keys_of
from chainlog.format.cosignature import cosignatures_of
from chainlog.format.evidence import Evidence, parse_evidence
from chainlog.format.note import signed_by
from chainlog.format.policy import Policy, any_of
from chainlog.verifier.evidence_chain import ChainEvidence
from chainlog.verifier.evidence_report import EvidenceReport, Shown
from chainlog.verifier.report import Fault, Level, Report, because
from chainlog.verifier.run import FAULT_LIMIT
from chainlog.verifier.trust import (
    covering,
    doubts_of_admission,
    doubts_of_programme,
    not_accepted,
    not_authority,
)

if TYPE_CHECKING:
    from chainlog.events.programme import Admission
    from chainlog.verifier.evidence_entry import HeldEntry

_ADMISSIONS: Final = frozenset({"site.admit", "witness.admit"})


def check(
    data: bytes, trust: bytes, policy: Policy | None = None, *, limit: int = FAULT_LIMIT
) -> EvidenceReport:
    """Check the evidence in `data`.

    `trust`: the id of the authority's chain; `policy`: otherwise one witness that it admitted.

    Never raises, whatever the bytes. At most `limit` faults and as many things that are missing are
    listed.
    """
    report = Report(Level.FULL, limit, trust=trust)
    told = EvidenceReport(report)
    try:
        told.evidence = parse_evidence(data)
    except UncertainError as error:
        report.add_missing(Fault("", None, 1, error.fault, because(error.message)))
    except EvidenceError as error:
        report.add_fault(Fault("", None, 1, error.code, because(error.message)))
    else:
        _Checking(told, told.evidence, trust, policy).check()
    return told


class _Checking:
    """The check of one file that can be read."""

    def __init__(
        self, told: EvidenceReport, evidence: Evidence, trust: bytes, policy: Policy | None
    ) -> None:
        self.told, self.report = told, told.report
        self.evidence, self.trust = evidence, trust
        self.chains = [ChainEvidence(told.report, part) for part in evidence.chains]
        self.policy = policy
        self.programme = Programme()
        self.times: dict[bytes, tuple[int, int] | None] = {}
        self.standings: dict[bytes, Admission] = {}

    def check(self) -> None:
        # 1 to 7. each chain by itself
        for chain in self.chains:
            chain.check()
            self.report.chains.append(chain.told)
        self._fold_programme()
        policy = self.policy or any_of(self.programme.witnesses)
        for chain in self.chains:
            # 8. checkpoint signed and witnessed
            self._check_signed(chain, policy)
            self.times[chain.chain] = self._check_witnessed(chain, policy)
            # 9. admissions
            self._check_admission(chain)
            self._check_range(chain)
        known = [times[1] for times in self.times.values() if times is not None]
        self.report.as_of = min(known) if known and len(known) == len(self.chains) else None
        for chain in self.chains:
            self._tell(chain)
        # 10. attachments
        self._check_attachments()

    def _fold_programme(self) -> None:
        """9.

        The authority's chain is here, is an authority's, and says who belongs to its programme.
        """
        authority = next((chain for chain in self.chains if chain.chain == self.trust), None)
        label = self.trust.hex()
        if authority is None:
            message = Keyed("fault.authority-absent.shown", label=label)
            self.report.add_missing(Fault(label, None, 9, "authority-absent", message))
        elif authority.roster.programme is not None:
            self.report.add_missing(not_authority(self.trust, authority.roster.programme))
        else:
            for index, held in authority.held.items():
                if held.detail is not None:
                    self.programme.take(index, held.detail)

    def _check_signed(self, chain: ChainEvidence, policy: Policy) -> None:
        if not chain.complete:
            return  # who might sign is not known, which has been said
        note, told, roster = chain.part.note, chain.checkpoint, chain.roster
        line = format_origin_line(roster.origin, chain.chain)
        if told.origin != line:
            chain.fault(
                None,
                8,
                "checkpoint-foreign",
                Keyed("fault.checkpoint-foreign.shown", origin=told.origin, line=line),
            )
            return
        try:
            if not log_keys_of(note, line, roster.log_signers):
                message = Keyed("fault.checkpoint-unsigned.shown", n=told.size, origin=told.origin)
                chain.missing(None, 8, "checkpoint-unsigned", message)
            if policy.logs and not signed_by(
                note, [key for key in policy.logs if key.name == line]
            ):
                chain.missing(
                    None,
                    8,
                    "checkpoint-unsigned",
                    Keyed("fault.checkpoint-unsigned.policy", origin=told.origin),
                )
        except NoteError as error:
            chain.fault(
                None,
                8,
                "checkpoint-signature",
                Keyed("fault.of_checkpoint", origin=told.origin, why=error.message),
            )

    def _check_witnessed(self, chain: ChainEvidence, policy: Policy) -> tuple[int, int] | None:
        """When enough witnesses had cosigned, and up to when enough of them vouch for it.

        None where none are known, or none are asked.
        """
        origin = chain.checkpoint.origin
        try:
            cosigned = cosignatures_of(chain.part.note, policy.keys)
        except NoteError as error:
            chain.fault(
                None,
                8,
                "cosignature",
                Keyed("fault.of_checkpoint", origin=origin, why=error.message),
            )
            return None
        chain.told.cosigners = tuple(sorted({one.witness.name for one in cosigned}))
        if policy.quorum is None:
            return None
        times = covering(cosigned, policy)
        if times is None:
            chain.missing(
                None, 8, "not-witnessed", Keyed("fault.not-witnessed.shown", origin=origin)
            )
            return None
        chain.told.witnessed, chain.told.witnessed_at = chain.checkpoint.size, times[1]
        return times

    # 9. Admissions

    def _check_admission(self, chain: ChainEvidence) -> None:
        if chain.chain == self.trust:
            return
        origin, standing = (
            chain.roster.origin or chain.checkpoint.origin,
            self.programme.standing(chain.chain),
        )
        doubts = list(
            doubts_of_admission(standing, chain.roster.origin if chain.roster.opened else None)
        )
        if chain.roster.opened:  # else what it calls itself is not known, which has been said
            doubts = [*doubts_of_programme(chain.roster.programme, self.trust), *doubts]
        for code, says in doubts:
            chain.missing(None, 9, code, Keyed("fault.at", where=origin, why=says))
        chain.told.admitted = (
            standing.admitted_at is not None and standing.origin == chain.roster.origin
        )
        self.standings[chain.chain] = standing
        for held in chain.held.values():
            if not self._accepts(held) and not self._is_support(held):
                chain.fault(held.index, 9, "site-suspended", not_accepted(origin, standing))

    def _accepts(self, held: HeldEntry) -> bool:
        standing = self.standings.get(held.entry.chain)
        return standing is None or standing.accepted is None or held.index < standing.accepted

    def _is_support(self, held: HeldEntry) -> bool:
        """Whether an entry is here for what the others stand on.

        Who may sign, who is admitted, where the chain ends.
        """
        if self._is_ranged(held.entry.chain) and self._within(held.index):
            return False
        kind = held.entry.header.kind
        if kind in MOVES_ROSTER or (held.entry.chain == self.trust and kind in _ADMISSIONS):
            return True
        return held.walked and (is_governing(kind) or not held.says)

    # Ranges

    def _is_ranged(self, chain: bytes) -> bool:
        """Whether the range is of this chain.

        The site's, or the authority's where no other is here.
        """
        return self.evidence.between is not None and (chain != self.trust or len(self.chains) == 1)

    def _within(self, index: int) -> bool:
        first, last = self.evidence.between or (0, -1)
        return first <= index <= last

    def _check_range(self, chain: ChainEvidence) -> None:
        if self.evidence.between is None or not self._is_ranged(chain.chain):
            return
        self.told.ranged = chain.chain, chain.roster.origin
        first, last = self.evidence.between
        here = sum(self._within(index) for index in chain.held)
        if here < last - first + 1:
            absent = next(index for index in range(first, last + 1) if index not in chain.held)
            says = Keyed(
                "fault.range-gap", first=first, last=last, n=last - first + 1 - here, absent=absent
            )
            chain.missing(absent, 2, "range-gap", says)

    # What is told

    def _tell(self, chain: ChainEvidence) -> None:
        times = self.times[chain.chain]
        for held in chain.held.values():
            body = held.body
            self.told.entries.append(
                Shown(
                    held.entry,
                    chain.roster.origin,
                    chain.roster.site,
                    held.signer if held.authorised else None,
                    self._is_support(held),
                    None if body is None else body.fields(),
                    () if body is None else body.withheld,
                    body is None and held.entry.id in chain.erased,
                    None if times is None else times[0],
                    self._accepts(held),
                    chain.roster.revoked.get(held.entry.header.author),
                )
            )

    def _check_attachments(self) -> None:
        named = {
            digest: (chain, held.index)
            for chain in self.chains
            for held in chain.held.values()
            for digest in held.attachments
        }
        for one in self.evidence.attachments:
            digest = sha256(one).digest()
            if digest in named:
                self.told.attachments[digest] = one
                named[digest][0].told.attachments_held += 1
            else:
                says = Keyed("fault.attachment.shown", n=len(one))
                self.report.add_fault(Fault("", None, 10, "attachment", says))
        for digest, (chain, index) in named.items():
            if digest not in self.told.attachments:
                self.told.attachments_absent += 1
                chain.told.attachments_absent += 1
                says = Keyed("fault.attachment-absent.shown", index=index, digest=digest.hex())
                chain.without(index, 10, "attachment-absent", says)
