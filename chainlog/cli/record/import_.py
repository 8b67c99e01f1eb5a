"""`chainlog import FILE|-`: events from JSON lines or CSV.

All of the file is checked before the first is appended.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import click

from chainlog.cli.append import check_somebody, unlock
from chainlog.cli.confirm import confirm
from chainlog.cli.input import warn_some
from chainlog.cli.options import json_flag
from chainlog.cli.output import emit, misuse, say, warn
from chainlog.cli.recognise import OF_JSON, TABLE, expecting
from chainlog.cli.session import open_ledger, warn_beside
from chainlog.errors import ChainlogError, IntakeError, Sentence
from chainlog.export.exporter import exporters, guess_format
from chainlog.export.intake import Intake, Plan, carry_out, make_plan
from chainlog.export.words.catalogue import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chainlog.export.intake import Reader
    from chainlog.ledger.ledger import Ledger

_READERS: Final = {name: one.read for name, one in exporters().items() if one.read is not None}
_STEP: Final = 1000


@click.command("import")
@click.argument("name", metavar="FILE|-")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(_READERS)),
    help="What the file is; guessed unless said.",
)
@click.option("--dry-run", is_flag=True, help="Check the file and say what would be appended.")
@click.option("--yes", is_flag=True, help="Do not ask before signing.")
@json_flag("Say what was done as one JSON object: {read, skipped, known, appended, dry_run}.")
@click.pass_context
def import_(
    ctx: click.Context, name: str, form: str | None, *, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Append the events of a file of JSON lines or CSV.

    Entries that govern a chain are passed over. What this chain holds already is left out, so a
    file can be imported again.
    """
    if not dry_run:
        if name == "-" and not yes:
            raise misuse(
                ctx, "events from stdin leave nobody to say yes before signing: give --yes"
            )
        check_somebody(ctx, yes=yes)
    about = expecting(name, Path(name), OF_JSON, TABLE)
    with _opened(name) as file, about, open_ledger(ctx) as ledger:
        read = _READERS[form or _guess(name, file)]
        reader: Reader = lambda: read(file)  # noqa: E731  (typed, which a def here would not be)
        with _progress("checked") as count:
            plan = make_plan(ledger, reader, count)
        warn_some(plan.remarks)
        done = Intake(plan.read, plan.skipped_governing, plan.already_there, 0)
        if plan.new and not dry_run:
            done = _append(ctx, ledger, reader, plan, yes=yes)
    if as_json:
        told = {
            "read": done.read,
            "skipped": done.skipped_governing,
            "known": done.already_there,
            "appended": done.appended,
        }
        emit({**told, "dry_run": dry_run})
    else:
        click.echo(
            f"{_counts(plan)}; "
            + (
                said("{new} would be appended", new=plan.new)
                if dry_run
                else said("{appended} appended", appended=done.appended)
            )
        )


def _append(ctx: click.Context, ledger: Ledger, reader: Reader, plan: Plan, *, yes: bool) -> Intake:
    warn_beside(ledger)
    if not yes:
        say(_counts(plan))
        confirm(said("sign and append {new} events?", new=plan.new), Sentence("not recorded"))
    unlock(ctx, ledger)
    before = ledger.head.size
    try:
        with _progress("appended") as count:
            return carry_out(ledger, reader, plan, count)
    except ChainlogError:
        if ledger.head.size > before:
            warn(
                said(
                    "{size} events were appended before this error; importing the file again "
                    "adds the rest",
                    size=ledger.head.size - before,
                )
            )
        raise
    finally:
        for notice in ledger.notices:
            warn(notice)


def _counts(plan: Plan) -> str:
    passed = (
        said(
            ", {skipped_governing} that govern a chain passed over",
            skipped_governing=plan.skipped_governing,
        )
        if plan.skipped_governing
        else ""
    )
    known = (
        said(", {already_there} here already", already_there=plan.already_there)
        if plan.already_there
        else ""
    )
    return said("{read} read{passed}{known}", read=plan.read, passed=passed, known=known)


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    """The file, which is read twice; what can be read only once is copied first.

    Raises IntakeError.
    """
    with ExitStack() as held:
        with IntakeError.from_os("{name} cannot be read: {why}", name=name):
            source = sys.stdin.buffer if name == "-" else held.enter_context(Path(name).open("rb"))
            if name == "-" or not source.seekable():
                copy = held.enter_context(tempfile.TemporaryFile())
                shutil.copyfileobj(source, copy)
                copy.seek(0)
                source = copy
        yield source


def _guess(name: str, file: IO[bytes]) -> str:
    """The format by the name's suffix, or by how the file begins."""
    start = file.read(4096)
    file.seek(0)
    return guess_format(name, start).name


@contextmanager
def _progress(word: str) -> Iterator[Callable[[int], None]]:
    """A count on stderr, while somebody is there to see it."""
    total = 0
    seen = sys.stderr.isatty()

    def count(more: int) -> None:
        nonlocal total
        before, total = total, total + more
        if seen and before // _STEP != total // _STEP:
            click.echo(f"\r{word} {total:,}", err=True, nl=False)

    try:
        yield count
    finally:
        if seen and total >= _STEP:
            click.echo("\r\x1b[K", err=True, nl=False)


PLACE: Final = 40
SUMMARY: Final = "append events from a file of JSON lines or CSV"
COMMAND: Final[click.Command] = import_
