"""Reports of verification in words: of chains, and of a file of evidence; the verdict first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.events.wording import SHORT_ID, format_paths, format_time, printable
from chainlog.export.words.events import format_event
from chainlog.format.keys import format_key_id
from chainlog.verifier.report import STEPS, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chainlog.verifier.evidence import EvidenceReport, Shown
    from chainlog.verifier.report import ChainReport, Fault, Report


def format_report(report: Report) -> str:
    """A report for a person: the verdict first."""
    lines = [f"{report.verdict.value} ({report.level.value})"]
    if report.trust is not None:
        lines.append(
            f"trusting {report.trust.hex()}"
            + (f", as of {_seconds(report.as_of)}" if report.as_of is not None else "")
        )
    elif any(chain.forks for chain in report.chains):
        lines.append(
            "note: two entries at one index are kept beside a chain, both signed: --trust "
            "judges them"
        )
    if not report.chains:
        lines.append("no chain was found")
    for chain in report.chains:
        lines += _format_chain(chain)
    if report.admitted_elsewhere:
        lines.append(
            f"not here: {report.admitted_elsewhere} chains that the authority admitted; "
            "nothing is said of them"
        )
    lines += _format_faults(report, "")
    return "\n".join(lines)


def _format_chain(chain: ChainReport) -> list[str]:
    lines = [
        f"chain {chain.chain}",
        f"  origin  {printable(chain.origin) or '?'}",
        f"  size    {chain.size}",
        f"  head    {chain.head or 'broken'}",
        f"  root    {chain.root or 'broken'}",
        *(f"  owner   {format_key_id(owner)}" for owner in chain.owners),
    ]
    if chain.witnessed is not None:
        by = (
            f", {_seconds(chain.witnessed_at)}, by {printable(', '.join(chain.cosigners))}"
            if chain.witnessed_at is not None
            else ""
        )
        lines.append(f"  witnessed  {chain.witnessed} entries{by}")
    if chain.accepted is not None:
        lines.append(f"  suspended  from entry {chain.accepted} on, by the authority")
    counts = {
        "bodies absent": chain.absent,
        "bodies erased": chain.erased,
        "fields withheld": chain.withheld,
        "attachments not held": chain.attachments_absent,
        "forks met and kept": chain.forks,
        "forks abandoned by their owner": chain.forks_abandoned,
    }
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return [*lines, f"  counts  {told}"] if told else lines


def format_evidence_report(report: EvidenceReport) -> Iterator[str]:
    """A report for a person, the verdict first.

    After it come what is claimed and as of when, the entries, and what does not hold.
    """
    told, found = report.report, report.evidence
    yield report.verdict.value
    if found is not None:
        proven = "proven" if report.verdict is Verdict.HOLDS else "claimed, and NOT proven"
        yield f"{proven}: {_claim(report)}"
        yield f"trusting {told.trust.hex() if told.trust else ''}, {format_as_of(report)}"
        yield from _counts(report)
        for one in report.shown:
            yield from _format_shown(one)
        yield from _format_support([one for one in report.entries if one.support])
    yield from _format_faults(told, "the file")


def _claim(report: EvidenceReport) -> str:
    found = report.evidence
    if found is not None and found.between is not None:
        first, last = found.between
        return f"these are all entries from {first} to {last} of {_named(report.shown)}"
    return (
        f"these {len(report.shown)} entries are in their chains; others may exist, so this is "
        "no complete history"
    )


def _named(shown: Sequence[Shown]) -> str:
    return (
        f"{printable(shown[0].origin)}, chain {shown[0].entry.chain.hex()}" if shown else "a chain"
    )


def format_as_of(report: EvidenceReport) -> str:
    """As of when evidence holds, by its witnesses."""
    if report.as_of is None:
        return "as of no time that enough witnesses vouch for"
    return f"as of {_seconds(report.as_of)}; nothing is said of later"


def _counts(report: EvidenceReport) -> Iterator[str]:
    shown = report.withheld_shown
    yield (
        f"{shown} fields withheld of what is shown, {report.withheld - shown} of what "
        f"it stands on, {report.erased} bodies erased"
    )
    if report.attachments or report.attachments_absent:
        yield (
            f"attachments: {len(report.attachments)} in the file, {report.attachments_absent} "
            "not in it"
        )
    for chain in report.report.chains:
        by = (
            (
                f", cosigned up to {_seconds(chain.witnessed_at)} by "
                f"{printable(', '.join(chain.cosigners))}"
            )
            if chain.witnessed_at
            else ""
        )
        yield (
            f"chain {chain.chain[:16]} {printable(chain.origin) or '?'}: checkpoint of "
            f"{chain.size} entries{by}"
        )


def _format_shown(one: Shown) -> Iterator[str]:
    header, signer = one.entry.header, one.signer
    yield ""
    yield (
        f"entry {header.index} of {printable(one.origin) or '?'} "
        f"({printable(one.site) or '?'}), chain {one.entry.chain.hex()[:16]}"
    )
    if one.fields is None:
        yield f"{header.kind} — what it says {'was erased' if one.erased else 'is not here'}"
    else:
        yield format_event(header.kind, one.fields)
    if one.withheld:
        yield f"  withheld: {len(one.withheld)}: {format_paths(one.withheld)}"
    if signer is None:
        yield "signed by: (cannot be told)"
    else:
        yield (
            f"signed by: {printable(signer.name)}, for {printable(signer.party)}, as "
            f"{', '.join(signer.roles)}"
        )
    if one.revocation is not None:
        doubt = ", and this entry is IN DOUBT" if one.doubted else ""
        yield (
            f"its key was revoked since, by entry {one.revocation.at}: "
            f"{one.revocation.reason}{doubt}"
        )
    if not one.accepted:
        yield "NOT ACCEPTED by the authority"
    yield f"key: {format_key_id(header.author)}"
    yield f"clock: {format_time(header.time)} (claimed)"
    yield (
        f"not after: {_seconds(one.not_after)}, by the witnesses"
        if one.not_after is not None
        else "not after: (no witness says)"
    )
    yield f"id: {one.entry.id.hex()}"


def _format_support(support: Sequence[Shown]) -> Iterator[str]:
    if support:
        yield ""
        yield "these stand on:"
    for one in support:
        by = f", signed by {printable(one.signer.name)}" if one.signer is not None else ""
        refused = "" if one.accepted else ", NOT ACCEPTED by the authority"
        hidden = f", {len(one.withheld)} fields withheld" if one.withheld else ""
        where = f"entry {one.entry.header.index} of {printable(one.origin) or '?'}"
        yield (
            f"  {one.entry.header.kind}, {where}{by}{hidden}{refused}, "
            f"{one.entry.id.hex()[:SHORT_ID]}"
        )


def _format_faults(report: Report, nowhere: str) -> Iterator[str]:
    """Faults, then what is missing; `nowhere`: where one is that is in no chain."""
    for title, listed, count in (
        ("fault", report.faults, report.fault_count),
        ("missing", report.missing, report.missing_count),
    ):
        yield from (_format_fault(title, one, nowhere) for one in listed)
        if count > len(listed):
            yield f"and {count - len(listed)} more"


def _format_fault(title: str, fault: Fault, nowhere: str) -> str:
    chain = fault.chain[:16] or nowhere
    where = chain if fault.index is None else f"{chain} entry {fault.index}"
    return (
        f"{title}: {where}: step {fault.step} ({STEPS[fault.step]}): {fault.code}: "
        f"{printable(fault.message)}"
    )


def _seconds(time: int) -> str:
    return format_time(time * 1000)
