"""`chainlog verify`: was anything altered? Writes nothing.

Exit code 0 where all holds, 3 for tampering, 4 where it cannot be told.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.cli.exit_codes import EXIT_OF_VERDICT
from chainlog.cli.input import read_input
from chainlog.cli.output import emit, progress_shown, say, warn
from chainlog.cli.session import find_ledger, key_path, marks_folder, read_signer
from chainlog.errors import ChainlogError
from chainlog.events.wording import format_time, printable
from chainlog.format.entry import is_id
from chainlog.format.keys import format_key_id
from chainlog.format.policy import parse_policy
from chainlog.ledger.at_path import blobs_beside, verify_path
from chainlog.ledger.checkpoints import remember
from chainlog.ledger.ledger import default_home
from chainlog.ledger.marks import Marks
from chainlog.ledger.resume import check_blobs, keep_verified, read_verified
from chainlog.verifier.report import STEPS, Level
from chainlog.verifier.run import FAULT_LIMIT
from chainlog.verifier.trust import Trust

if TYPE_CHECKING:
    from chainlog.verifier.report import ChainReport, Fault, Report


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--level",
    type=click.Choice([level.value for level in Level]),
    default="full",
    show_default=True,
    help="How much to check.",
)
@click.option(
    "--attachments",
    is_flag=True,
    help="Attachments that are not held here are missing, not only counted.",
)
@click.option(
    "--trust", "authority", metavar="CHAINID", help="Trust the authority whose chain has this id."
)
@click.option(
    "--policy",
    "policy_file",
    metavar="FILE",
    help="With --trust: which witnesses must have cosigned; otherwise one admitted.",
)
@click.option(
    "--witnessed",
    is_flag=True,
    help="With --trust: judge what is witnessed, and only count what is newer.",
)
@click.option(
    "--checkpoint",
    "files",
    metavar="FILE",
    multiple=True,
    help="A checkpoint that you were given; may be given again.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on from what you verified before, and sign with your key how far you came.",
)
@click.option("--workers", type=click.IntRange(min=1), help="Threads; all cores unless said.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=FAULT_LIMIT,
    show_default=True,
    help="List at most so many faults.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print {verdict, level, chains, faults, missing, truncated}.",
)
@click.pass_context
def verify(
    ctx: click.Context,
    path: Path | None,
    level: str,
    authority: str | None,
    policy_file: str | None,
    files: tuple[str, ...],
    workers: int | None,
    limit: int,
    *,
    witnessed: bool,
    resume: bool,
    attachments: bool,
    as_json: bool,
) -> int:
    """Check that nothing was altered in PATH: a ledger, a chain's folder or a segment.

    Otherwise the ledger found here.

    Every checkpoint that was ever seen of a chain is compared with it: those that lie with it,
    those that you were given, and those that were remembered beside your key by earlier runs.
    Nothing is written at PATH.
    """
    where = path or find_ledger(ctx)
    trust = read_trust(ctx, authority, policy_file, Level(level), witnessed=witnessed)
    # A ledger's own word on where its key is came with the ledger: what is kept there counts, and
    # is not all that does.
    own = key_path(ctx)
    marks, beside = (
        Marks(marks_folder(own)),
        [] if path is not None else [Marks(marks_folder(_key_path(ctx)))],
    )
    options: dict[str, Any] = {
        "level": Level(level),
        "parallel": workers,
        "all_attachments": attachments,
        "limit": limit,
    }
    signer = read_signer(own) if resume else None
    if signer is not None:
        options["before"], passed = read_verified(marks, signer.key_id)
        for notice in passed:
            warn(notice)
    with progress_shown() as progress:
        given = [read_input(file) for file in files]
        report = verify_path(
            where,
            trust=trust,
            marks=marks,
            beside=beside,
            checkpoints=given,
            progress=progress,
            **options,
        )
    if signer is not None and options["before"]:
        check_blobs(report, blobs_beside(where))
    try:
        remember(report, marks)
        if signer is not None:
            keep_verified(report, marks, signer)
    except ChainlogError as error:
        warn(f"what was seen could not be remembered for the next time: {error.message}")
    if as_json:
        emit(report.plain())
    else:
        click.echo(format_report(report))
        owners = sorted({format_key_id(owner) for chain in report.chains for owner in chain.owners})
        if owners and trust is None:
            say(
                f"no --trust was given; compare these owners by another channel: {' '.join(owners)}"
            )
    return EXIT_OF_VERDICT[report.verdict.value]


def read_trust(
    ctx: click.Context,
    authority: str | None,
    policy_file: str | None,
    level: Level,
    *,
    witnessed: bool,
) -> Trust | None:
    """Whom to trust, from the options `--trust`, `--policy` and `--witnessed`."""
    if authority is None:
        if policy_file is not None or witnessed:
            raise click.UsageError("--policy and --witnessed go with --trust", ctx)
        return None
    if not is_id(authority):
        raise click.UsageError(
            "--trust takes the whole id of the authority's chain: 64 hex digits", ctx
        )
    if level is Level.LINKS:
        raise click.UsageError(
            "--trust needs signatures to be checked: use --level heads or full", ctx
        )
    policy = None if policy_file is None else parse_policy(read_input(policy_file))
    return Trust(bytes.fromhex(authority), policy, witnessed)


def _key_path(ctx: click.Context) -> Path:
    """The key that the ledger found here names, beside which its writer keeps marks."""
    try:
        return key_path(ctx, find_ledger(ctx))
    except ChainlogError:
        return default_home() / "key.pem"


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
    for title, listed, count in (
        ("fault", report.faults, report.fault_count),
        ("missing", report.missing, report.missing_count),
    ):
        lines += [_format_fault(title, one) for one in listed]
        if count > len(listed):
            lines.append(f"and {count - len(listed)} more")
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


def _seconds(time: int) -> str:
    return format_time(time * 1000)


def _format_fault(title: str, fault: Fault) -> str:
    where = fault.chain[:16] if fault.index is None else f"{fault.chain[:16]} entry {fault.index}"
    return (
        f"{title}: {where}: step {fault.step} ({STEPS[fault.step]}): {fault.code}: "
        f"{printable(fault.message)}"
    )


PLACE: Final = 10
SUMMARY: Final = "check that nothing was altered"
COMMAND: Final[click.Command] = verify
