"""`chainlog verify`: was anything altered? Writes nothing. Exit code 0 where all holds, 3 for tampering, 4 where it cannot be told."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.session import emit, find_ledger, say
from chainlog.keys import format_key_id
from chainlog.ledger import verify_path
from chainlog.report import STEPS, Level, Verdict
from chainlog.verify import FAULT_LIMIT
from chainlog.wording import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chainlog.report import ChainReport, Fault, Report

EXIT_OF_VERDICT: Final = {Verdict.HOLDS: 0, Verdict.TAMPERED: 3, Verdict.CANNOT_TELL: 4}


@contextmanager
def progress_shown() -> Iterator[Callable[[int], None] | None]:
    """A count of entries on stderr, where stderr is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415  (slow, and only for a terminal)
    from rich.progress import Progress, SpinnerColumn, TextColumn  # noqa: PLC0415

    with Progress(SpinnerColumn(), TextColumn("{task.completed:,} entries read"), console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=None)
        yield lambda more: shown.advance(task, more)


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--level", type=click.Choice([level.value for level in Level]), default="full", show_default=True, help="How much to check.")
@click.option("--attachments", is_flag=True, help="Attachments that are not held here are missing, not only counted.")
@click.option("--workers", type=click.IntRange(min=1), help="Threads; all cores unless said.")
@click.option("--limit", type=click.IntRange(min=1), default=FAULT_LIMIT, show_default=True, help="List at most so many faults.")
@click.option("--json", "as_json", is_flag=True, help="Print {verdict, level, chains, faults, missing, truncated}.")
@click.pass_context
def verify(ctx: click.Context, path: Path | None, level: str, workers: int | None, limit: int, *, attachments: bool, as_json: bool) -> int:
    """Check that nothing was altered in PATH: a ledger, a chain's folder or a segment; otherwise the ledger found here."""
    where = path or find_ledger(ctx)
    with progress_shown() as progress:
        report = verify_path(where, level=Level(level), parallel=workers, all_attachments=attachments, limit=limit, progress=progress)
    if as_json:
        emit(report.plain())
    else:
        click.echo(format_report(report))
        owners = sorted({format_key_id(owner) for chain in report.chains for owner in chain.owners})
        if owners:
            say(f"compare these owners by another channel: {' '.join(owners)}")
    return EXIT_OF_VERDICT[report.verdict]


def format_report(report: Report) -> str:
    """A report for a person: the verdict first."""
    lines = [f"{report.verdict.value} ({report.level.value})"]
    if not report.chains:
        lines.append("no chain was found")
    for chain in report.chains:
        lines += _format_chain(chain)
    for title, listed, count in (("fault", report.faults, report.fault_count), ("missing", report.missing, report.missing_count)):
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
    counts = {
        "bodies absent": chain.absent,
        "bodies erased": chain.erased,
        "fields withheld": chain.withheld,
        "attachments not held": chain.attachments_absent,
    }
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return [*lines, f"  counts  {told}"] if told else lines


def _format_fault(title: str, fault: Fault) -> str:
    where = fault.chain[:16] if fault.index is None else f"{fault.chain[:16]} entry {fault.index}"
    return f"{title}: {where}: step {fault.step} ({STEPS[fault.step]}): {fault.code}: {printable(fault.message)}"


COMMANDS: Final[dict[str, click.Command]] = {"verify": verify}
