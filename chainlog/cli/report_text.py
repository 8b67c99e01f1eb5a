"""Reports of verification in words: of chains, and of a file of evidence; the verdict first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.cli.output import show_time
from chainlog.cli.verdict_text import format_verdict
from chainlog.events.wording import SHORT_ID, format_paths, printable
from chainlog.export.words.catalogue import said, words
from chainlog.export.words.events import choice_of, format_event, name_of, role_of
from chainlog.format.keys import format_key_id
from chainlog.verifier.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chainlog.verifier.evidence_report import EvidenceReport, Shown
    from chainlog.verifier.report import ChainReport, Fault, Report


def format_report(report: Report) -> str:
    """A report for a person: the verdict first."""
    lines = [format_verdict(report)]
    if report.trust is not None:
        lines.append(
            said("trusting {trust}", trust=report.trust.hex())
            + (
                said(", as of {time}", time=_seconds(report.as_of))
                if report.as_of is not None
                else ""
            )
        )
    if not report.chains:
        lines.append(said("no chain was found"))
    for chain in report.chains:
        lines += _format_chain(chain)
    lines += _format_faults(report, "")
    return "\n".join(lines)


def _format_chain(chain: ChainReport) -> list[str]:
    lines = [
        said("chain {chain}", chain=chain.chain),
        said("  origin  {origin}", origin=printable(chain.origin) or "?"),
        said("  size    {size}", size=chain.size),
        said("  head    {head}", head=chain.head or words().say("verify.broken")),
        said("  root    {root}", root=chain.root or words().say("verify.broken")),
        *(said("  owner   {key}", key=format_key_id(owner)) for owner in chain.owners),
    ]
    if chain.witnessed is not None:
        by = (
            said(
                ", {time}, by {cosigners}",
                time=_seconds(chain.witnessed_at),
                cosigners=printable(", ".join(chain.cosigners)),
            )
            if chain.witnessed_at is not None
            else ""
        )
        lines.append(said("  witnessed  {count} entries{by}", count=chain.witnessed, by=by))
    if chain.accepted is not None:
        lines.append(
            said("  suspended  from entry {accepted} on, by the authority", accepted=chain.accepted)
        )
    counts = {
        "absent": chain.absent,
        "erased": chain.erased,
        "withheld": chain.withheld,
        "attachments_absent": chain.attachments_absent,
        "forks": chain.forks,
        "forks_abandoned": chain.forks_abandoned,
    }
    told = ", ".join(
        words().count(f"verify.count.{name}", count) for name, count in counts.items() if count
    )
    return [*lines, said("  counts  {told}", told=told)] if told else lines


def format_evidence_report(report: EvidenceReport) -> Iterator[str]:
    """A report for a person, the verdict first.

    After it come what is claimed and as of when, the entries, and what does not hold.
    """
    told, found = report.report, report.evidence
    yield format_verdict(told, level=False)
    if found is not None:
        proven = words().say(
            "verify.proven" if report.verdict is Verdict.HOLDS else "verify.claimed"
        )
        yield f"{proven}: {_claim(report)}"
        yield from _beside(report)
        yield said(
            "trusting {trust}, {report}",
            trust=told.trust.hex() if told.trust else "",
            report=format_as_of(report),
        )
        yield from _counts(report)
        for one in report.shown:
            yield from _format_shown(one)
        yield from _format_support([one for one in report.entries if one.support])
    yield from _format_faults(told, said("the file"))


def _claim(report: EvidenceReport) -> str:
    found = report.evidence
    if found is not None and found.between is not None and report.ranged is not None:
        first, last = found.between
        chain, origin = report.ranged
        return said(
            "these are all entries from {first} to {last} of {origin}, chain {chain}",
            first=first,
            last=last,
            origin=printable(origin) or "?",
            chain=chain.hex(),
        )
    return said(
        "these {count} entries are in their chains; others may exist, so this is "
        "no complete history",
        count=len(report.shown),
    )


def _beside(report: EvidenceReport) -> Iterator[str]:
    """What a range says nothing of: entries of another chain that are shown with it."""
    if report.beside:
        yield said(
            "{count} entries of {origin} are shown besides, of which others may exist",
            count=len(report.beside),
            origin=printable(report.beside[0].origin) or "?",
        )


def format_as_of(report: EvidenceReport) -> str:
    """As of when evidence holds, by its witnesses."""
    if report.as_of is None:
        return said("as of no time that enough witnesses vouch for")
    return said("as of {time}; nothing is said of later", time=_seconds(report.as_of))


def _counts(report: EvidenceReport) -> Iterator[str]:
    shown = report.withheld_shown
    yield (
        said(
            "{shown} fields withheld of what is shown, {withheld} of what it stands on, {erased}",
            shown=shown,
            withheld=report.withheld - shown,
            erased=words().count("verify.count.erased", report.erased),
        )
    )
    if report.attachments or report.attachments_absent:
        yield (
            said(
                "attachments: {count} in the file, {attachments_absent} not in it",
                count=len(report.attachments),
                attachments_absent=report.attachments_absent,
            )
        )
    for chain in report.report.chains:
        by = (
            (
                said(
                    ", cosigned up to {time} by {cosigners}",
                    time=_seconds(chain.witnessed_at),
                    cosigners=printable(", ".join(chain.cosigners)),
                )
            )
            if chain.witnessed_at
            else ""
        )
        yield (
            said(
                "chain {chain} {origin}: checkpoint of {size} entries{by}",
                chain=chain.chain[:16],
                origin=printable(chain.origin) or "?",
                size=chain.size,
                by=by,
            )
        )


def _format_shown(one: Shown) -> Iterator[str]:
    header, signer = one.entry.header, one.signer
    yield ""
    yield (
        said(
            "entry {index} of {origin} ({site}), chain {chain}",
            index=header.index,
            origin=printable(one.origin) or "?",
            site=printable(one.site) or "?",
            chain=one.entry.chain.hex()[:16],
        )
    )
    if one.fields is None:
        yield said(
            "{kind} — what it says {which}",
            kind=name_of(header.kind),
            which=said("was erased") if one.erased else said("is not here"),
        )
    else:
        yield format_event(header.kind, one.fields)
    if one.withheld:
        yield said(
            "  withheld: {count}: {withheld}",
            count=len(one.withheld),
            withheld=format_paths(one.withheld),
        )
    if signer is None:
        yield said("signed by: (cannot be told)")
    else:
        yield (
            said(
                "signed by: {name}, for {party}, as {roles}",
                name=printable(signer.name),
                party=printable(signer.party),
                roles=", ".join(map(role_of, signer.roles)),
            )
        )
    if one.revocation is not None:
        doubt = said(", and this entry is IN DOUBT") if one.doubted else ""
        yield (
            said(
                "its key was revoked since, by entry {at}: {reason}{doubt}",
                at=one.revocation.at,
                reason=choice_of(one.revocation.reason),
                doubt=doubt,
            )
        )
    if not one.accepted:
        yield said("NOT ACCEPTED by the authority")
    yield said("key: {key}", key=format_key_id(header.author))
    yield said("clock: {time} (claimed)", time=show_time(header.time))
    yield (
        said("not after: {time}, by the witnesses", time=_seconds(one.not_after))
        if one.not_after is not None
        else said("not after: (no witness says)")
    )
    yield said("id: {id}", id=one.entry.id.hex())


def _format_support(support: Sequence[Shown]) -> Iterator[str]:
    if support:
        yield ""
        yield said("these stand on:")
    for one in support:
        by = (
            said(", signed by {name}", name=printable(one.signer.name))
            if one.signer is not None
            else ""
        )
        refused = "" if one.accepted else said(", NOT ACCEPTED by the authority")
        hidden = said(", {count} fields withheld", count=len(one.withheld)) if one.withheld else ""
        where = said(
            "entry {index} of {origin}",
            index=one.entry.header.index,
            origin=printable(one.origin) or "?",
        )
        yield (
            f"  {name_of(one.entry.header.kind)}, {where}{by}{hidden}{refused}, "
            f"{one.entry.id.hex()[:SHORT_ID]}"
        )


def _format_faults(report: Report, nowhere: str) -> Iterator[str]:
    """Faults, what is missing, what is not here; `nowhere`: where one is that is in no chain."""
    for title, listed, count in (
        ("fault", report.faults, report.fault_count),
        ("missing", report.missing, report.missing_count),
        ("without", report.without, report.without_count),
    ):
        yield from (_format_fault(title, one, nowhere) for one in listed)
        if count > len(listed):
            yield said("and {count} more", count=count - len(listed))


def _format_fault(title: str, fault: Fault, nowhere: str) -> str:
    chain = fault.chain[:16] or nowhere
    where = (
        chain
        if fault.index is None
        else said("{chain} entry {index}", chain=chain, index=fault.index)
    )
    spoken = words()
    return said(
        "{title}: {where}: step {step} ({what}): {code}: {message}",
        title=spoken.say(f"verify.title.{title}"),
        where=where,
        step=fault.step,
        what=spoken.say(f"verify.step.{fault.step}"),
        code=fault.code,
        message=printable(spoken.tell(fault.says)),
    )


def _seconds(time: int) -> str:
    return show_time(time * 1000)
