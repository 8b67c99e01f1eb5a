"""`chainlog verify`: was anything altered? Writes nothing.

Exit code 0 where all holds, 3 for tampering, 4 where it cannot be told.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.advice import as_typed
from chainlog.cli.evidence_check import check_and_tell
from chainlog.cli.exit_codes import EXIT_OF_VERDICT
from chainlog.cli.input import read_note
from chainlog.cli.options import json_flag, limit_flag, read_authority, read_policy, workers_option
from chainlog.cli.output import emit, misuse, progress_shown, say, warn
from chainlog.cli.recognise import EVIDENCE, stranger_at
from chainlog.cli.report_text import format_report
from chainlog.cli.session import find_ledger, key_path, read_signer, user_state
from chainlog.errors import ChainlogError, Keyed
from chainlog.export.words.catalogue import said
from chainlog.format.keys import format_key_id
from chainlog.ledger.at_path import blobs_beside, verify_path
from chainlog.ledger.checkpoints import remember
from chainlog.ledger.config import has_ledger_file
from chainlog.ledger.marks import Marks
from chainlog.ledger.resume import check_blobs, keep_verified, read_verified
from chainlog.verifier.report import Fault, Level, Report
from chainlog.verifier.run import FAULT_LIMIT
from chainlog.verifier.trust import Trust

if TYPE_CHECKING:
    from chainlog.cli.recognise import Recognised
    from chainlog.format.keys import Signer
    from chainlog.verifier.resume_note import Verified


# The steps that fail where bytes are not those that were written.
_OF_BYTES: Final = frozenset({1, 2, 4, 6, 10})


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
@workers_option
@limit_flag("List at most so many faults.", FAULT_LIMIT)
@json_flag("Print {verdict, level, chains, faults, missing, without, truncated}.")
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

    Otherwise the ledger found here. With --trust, a file of evidence is checked as one.

    Every checkpoint that was ever seen of a chain is compared with it: those that lie with it,
    those that you were given, and those that earlier runs of yours remembered.
    Nothing is written at PATH.
    """
    where = path or find_ledger(ctx)
    trust = read_trust(ctx, authority, policy_file, Level(level), witnessed=witnessed)
    stranger = stranger_at(where)
    if stranger is EVIDENCE and trust is not None:
        if files or resume or witnessed:
            raise misuse(ctx, "a file of evidence is checked with --trust and --policy alone")
        told = check_and_tell(
            str(where), trust.authority, trust.policy, limit=limit, as_json=as_json
        )
        return EXIT_OF_VERDICT[told.verdict.value]
    if stranger is not None:
        return _say_stranger(where, stranger, Level(level), as_json=as_json)
    marks = Marks(user_state(ctx).marks)
    signer = read_signer(key_path(ctx)) if resume else None
    before = _before(marks, signer)
    with progress_shown() as progress:
        report = verify_path(
            where,
            trust=trust,
            marks=marks,
            checkpoints=[read_note(file) for file in files],
            progress=progress,
            before=before,
            level=Level(level),
            parallel=workers,
            all_attachments=attachments,
            limit=limit,
        )
    if before:
        check_blobs(report, blobs_beside(where))
    _remember(report, marks, signer)
    if as_json:
        emit(report.plain())
    else:
        _say(report, trusted=trust is not None)
        _say_remedy(ctx, report, path, where)
    return EXIT_OF_VERDICT[report.verdict.value]


def _say_stranger(where: Path, found: Recognised, level: Level, *, as_json: bool) -> int:
    """Say of what never claimed to be a chain what it is: nobody can tell, and nothing is wrong."""
    report = Report(level, FAULT_LIMIT)
    says = Keyed("fault.not-a-chain", where=str(where), what=found.what, then=found.then)
    report.add_missing(Fault("", None, 1, "not-a-chain", says))
    if as_json:
        emit(report.plain())
    else:
        click.echo(format_report(report))
    return EXIT_OF_VERDICT[report.verdict.value]


def _before(marks: Marks, signer: Signer | None) -> dict[bytes, Verified] | None:
    """What the user verified before, and signed for; None where they do not go on."""
    if signer is None:
        return None
    before, passed = read_verified(marks, signer.key_id)
    for notice in passed:
        warn(notice)
    return before


def _remember(report: Report, marks: Marks, signer: Signer | None) -> None:
    """Keep what was seen, and what was verified under the user's signature."""
    try:
        remember(report, marks)
        if signer is not None:
            keep_verified(report, marks, signer)
    except ChainlogError as error:
        warn(
            said(
                "what was seen could not be remembered for the next time: {why}", why=error.message
            )
        )


def _say(report: Report, *, trusted: bool) -> None:
    click.echo(format_report(report))
    owners = sorted({format_key_id(owner) for chain in report.chains for owner in chain.owners})
    if owners and not trusted:
        say(
            said(
                "no --trust was given; compare these owners by another channel: {owners}",
                owners=" ".join(owners),
            )
        )


def _say_remedy(ctx: click.Context, report: Report, named: Path | None, where: Path) -> None:
    """What heals damage; of a ledger, since whoever only holds a copy writes nothing there."""
    is_writable = has_ledger_file(where) and os.access(where, os.W_OK)
    if is_writable and any(one.step in _OF_BYTES for one in report.faults):
        which = "" if named is None else f"--ledger {shlex.quote(str(named))} "
        told = said(
            "hint: where a disk did this, a copy that is whole heals it: chainlog {which}sync WHO",
            which=which,
        )
        say(as_typed(told, ctx))


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
            raise misuse(ctx, "--policy and --witnessed go with --trust")
        return None
    trusted = read_authority(ctx, authority)
    if level is Level.LINKS:
        raise misuse(ctx, "--trust needs signatures to be checked: use --level heads or full")
    return Trust(trusted, read_policy(policy_file), witnessed)


PLACE: Final = 10
SUMMARY: Final = "check that nothing was altered"
COMMAND: Final[click.Command] = verify
