"""From one id to trust: witnesses and admissions, steps 8 and 9 of `verify`.

They are described in FORMAT.md 8 and docs/design.md 'Verification'.

Trust is the id of the authority's entry 0. Its chain says which sites belong to the programme, and
which witnesses count.

8. Every chain has a checkpoint that is signed by its log and cosigned by witnesses enough for the
   policy: without one, whoever hands the chain over could hand another to somebody else. Entries
   after the last such checkpoint are not witnessed yet.
9. The authority's chain is here and is an authority's; every other chain says that it is of this
   programme, and was admitted, under the origin that it gives itself; no entry is one from which on
   the authority accepts nothing. What entries cite is here.

Nothing fails open: what is not there makes it 'cannot tell'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainlog.errors import Keyed
from chainlog.events.programme import Programme
from chainlog.format.note import text_holds
from chainlog.format.policy import Policy, any_of
from chainlog.verifier import checkpoints as heads
from chainlog.verifier.report import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from chainlog.events.programme import Admission
    from chainlog.format.cosignature import Cosignature
    from chainlog.format.note import VerifierKey
    from chainlog.verifier.checkpoints import StandingCheckpoint
    from chainlog.verifier.read_chain import ReadChain
    from chainlog.verifier.report import Report


@dataclass(frozen=True, slots=True)
class Trust:
    """What an auditor trusts.

    It is the id of the authority's chain, and the witnesses asked for (None: any that the authority
    admitted).

    `witnessed_only`: entries that no checkpoint covers yet are counted, and say nothing for or
    against.
    """

    authority: bytes
    policy: Policy | None = None
    witnessed_only: bool = False


def programme_of(head: ReadChain | None, covered: int | None = None) -> Programme:
    """The fold of an authority's chain; an empty one where there is none.

    `covered`: entries from there on admit nobody.
    """
    programme = Programme()
    if head is not None and head.programme is None:
        for index, detail in head.governed:
            programme.take(index, detail, admits=covered is None or index < covered)
    return programme


def covering(cosigned: Iterable[Cosignature], policy: Policy) -> tuple[int, int] | None:
    """When a checkpoint was cosigned by enough.

    From when on that was so, and the latest time that enough of them vouch for (seconds).

    None where they are not enough. The first bounds from above when the entries were made; the
    second is what 'as of' means.
    """
    times = sorted({one.time for one in cosigned})
    by = [
        time
        for time in times
        if policy.is_met({one.witness for one in cosigned if one.time <= time})
    ]
    of = [
        time
        for time in times
        if policy.is_met({one.witness for one in cosigned if one.time >= time})
    ]
    return (by[0], of[-1]) if by and of else None


def judge(found: Sequence[ReadChain], trust: Trust | None, report: Report) -> None:
    """Steps 7 and 8 for each chain and, where somebody is trusted, 8 and 9 for all of them.

    Adds to the report.
    """
    if trust is None:
        for head in found:
            heads.judge(head, None, report)
        return
    report.trust = trust.authority
    authority = next((head for head in found if head.chain == trust.authority), None)
    # What stands in the way of all else is said first.
    _judge_authority(authority, trust, report)
    programme = _judge_all_witnesses(found, authority, trust, report)
    if authority is not None and authority.programme is None:
        for head in found:
            if head is not authority and head.told.size:
                _judge_admission(head, trust, programme, report)
    known = [head.told.witnessed_at for head in found if head.told.witnessed_at is not None]
    report.as_of = min(known) if len(known) == len(found) and found else None


def _judge_authority(authority: ReadChain | None, trust: Trust, report: Report) -> None:
    """Step 9 of the authority's chain: it is here, and is one."""
    if authority is None:
        message = Keyed("fault.authority-absent", authority=trust.authority.hex())
        report.add_missing(Fault(trust.authority.hex(), None, 9, "authority-absent", message))
    elif authority.programme is not None:
        report.add_missing(not_authority(trust.authority, authority.programme))


def not_authority(chain: bytes, programme: bytes) -> Fault:
    """Step 9: what is trusted is the chain of a site.

    What that site names is its own word: nobody is told to trust it.
    """
    message = Keyed("fault.not-authority", chain=chain.hex(), programme=programme.hex())
    return Fault(chain.hex(), None, 9, "not-authority", message)


def _judge_all_witnesses(
    found: Sequence[ReadChain], authority: ReadChain | None, trust: Trust, report: Report
) -> Programme:
    """Step 8 for each chain, the authority's first.

    Returns who belongs to the programme, as far as that counts.
    """
    programme = programme_of(authority)
    policy = trust.policy or any_of(programme.witnesses)
    if authority is not None:
        _judge_witnesses(authority, trust, policy, report)
        if trust.witnessed_only:
            # What no witness saw yet takes away, and admits nobody.
            programme = programme_of(authority, authority.told.witnessed)
            policy = trust.policy or any_of(programme.witnesses)
    for head in found:
        if head is not authority:
            _judge_witnesses(head, trust, policy, report)
    return programme


def _judge_witnesses(head: ReadChain, trust: Trust, policy: Policy, report: Report) -> None:
    """Step 8: the last checkpoint that enough witnesses cosigned."""
    label = head.label
    standing = [
        one
        for one in heads.judge(head, policy, report)
        if not policy.logs or _by_a_log(one, policy.logs)
    ]
    # Those that stand at one size have one text, wherever they are held: who cosigned one of them
    # cosigned all.
    by_size: dict[int, list[Cosignature]] = {}
    for one in standing:
        by_size.setdefault(one.checkpoint.size, []).extend(one.cosigned)
    witnessed = 0
    for size, cosigned in by_size.items():
        told = covering(cosigned, policy) if policy.quorum is not None else (0, 0)
        if told is not None:
            witnessed = size
            head.told.witnessed_at = told[1] or None
            head.told.cosigners = tuple(
                sorted({cosignature.witness.name for cosignature in cosigned})
            )
    head.told.witnessed = witnessed
    if not witnessed:
        key = "fault.not-witnessed" if trust.policy is None else "fault.not-witnessed.policy"
        says = Keyed(key, origin=head.origin or label[:16])
        report.add_missing(Fault(label, None, 8, "not-witnessed", says))
    elif witnessed < head.size and not trust.witnessed_only:
        says = Keyed(
            "fault.unwitnessed", n=head.size - witnessed, origin=head.origin, witnessed=witnessed
        )
        report.add_missing(Fault(label, witnessed, 8, "unwitnessed", says))


def _by_a_log(standing: StandingCheckpoint, logs: Collection[VerifierKey]) -> bool:
    """Whether one of the logs that the policy names signed.

    Its key is named after its origin: for another's checkpoint it says nothing.
    """
    named = [key for key in logs if key.name == standing.checkpoint.origin]
    return any(
        text_holds(key, standing.note.text, one.value)
        for key in named
        for one in standing.note.by(key)
    )


def _judge_admission(head: ReadChain, trust: Trust, programme: Programme, report: Report) -> None:
    """Step 9 for a site's chain."""
    label, standing = head.label, programme.standing(head.chain)
    for code, says in (
        *doubts_of_programme(head.programme, trust.authority),
        *doubts_of_admission(standing, head.origin),
    ):
        at = Keyed("fault.at", where=head.origin or label[:16], why=says)
        report.add_missing(Fault(label, None, 9, code, at))
    head.told.accepted = standing.accepted
    head.told.admitted = standing.admitted_at is not None and standing.origin == head.origin
    if standing.accepted is not None and head.size > standing.accepted:
        says = not_accepted(head.origin or label[:16], standing)
        report.add_fault(Fault(label, standing.accepted, 9, "site-suspended", says))


def not_accepted(origin: str, standing: Admission) -> Keyed:
    """Step 9: from which entry on, by which of its own and why the authority accepts no entries."""
    return Keyed(
        "fault.site-suspended",
        origin=origin,
        accepted=standing.accepted,
        suspended_at=standing.suspended_at,
        reason=standing.reason,
    )


def doubts_of_programme(programme: bytes | None, authority: bytes) -> Iterator[tuple[str, Keyed]]:
    """Step 9: why a chain that names this programme does not belong to the authority's.

    Each reason is given as code and words.
    """
    if programme is None:
        yield ("other-programme", Keyed("fault.other-programme.authority"))
    elif programme != authority:
        yield ("other-programme", Keyed("fault.other-programme", programme=programme.hex()))


def doubts_of_admission(standing: Admission, origin: str | None) -> Iterator[tuple[str, Keyed]]:
    """Step 9: why a chain does not count as admitted, as code and words.

    `origin`: what it calls itself, None where that is not known.
    """
    if standing.admitted_at is None:
        yield ("not-admitted", Keyed("fault.not-admitted"))
    elif origin is not None and standing.origin != origin:
        yield ("admission-origin", (Keyed("fault.admission-origin", origin=standing.origin)))


def judge_citations(found: Sequence[ReadChain], trust: Trust, unknown: int, report: Report) -> None:
    """Step 9: what entries cite is here.

    `unknown`: how many ids are cited that stand in no chain that was read.
    """
    report.cited_elsewhere = unknown
    if not unknown:
        return
    authority = next((head for head in found if head.chain == trust.authority), None)
    absent = set(programme_of(authority).sites) - {head.chain for head in found}
    why = Keyed("fault.chains-absent", n=len(absent)) if absent else Keyed("fault.chains-here")
    says = Keyed("fault.cited-absent", n=unknown, why=why)
    report.add_missing(Fault(trust.authority.hex(), None, 9, "cited-absent", says))


def judge_absent(
    found: Sequence[ReadChain],
    trust: Trust | None,
    was_seen: Callable[[bytes], bool],
    report: Report,
) -> None:
    """Step 9: chains of a programme that are not here are named, whether anybody is trusted or not.

    Those that an authority admitted, and that of an authority which a site names. One that whoever
    verifies saw before was taken away.
    """
    here = {head.chain for head in found}
    for head in found:
        if head.programme is None and (trust is None or head.chain == trust.authority):
            _judge_admitted(head, here, was_seen, report)
    named = {head.programme: head.origin for head in found if head.programme is not None}
    for chain, origin in sorted(named.items()):
        if trust is None and chain not in here:
            message = Keyed("fault.authority-absent.named", origin=origin, authority=chain.hex())
            report.add_without(Fault(chain.hex(), None, 9, "authority-absent", message))


def _judge_admitted(
    authority: ReadChain,
    here: Collection[bytes],
    was_seen: Callable[[bytes], bool],
    report: Report,
) -> None:
    for chain, standing in sorted(programme_of(authority).sites.items()):
        if chain in here or standing.admitted_at is None or standing.accepted == 0:
            continue
        report.admitted_elsewhere += 1
        if was_seen(chain):
            message = Keyed("fault.chain-absent.seen", origin=standing.origin)
            report.add_missing(Fault(chain.hex(), None, 8, "chain-absent", message))
        else:
            message = Keyed("fault.chain-absent.admitted", origin=standing.origin)
            report.add_without(Fault(chain.hex(), None, 9, "chain-absent", message))
