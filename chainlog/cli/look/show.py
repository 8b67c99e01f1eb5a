"""`chainlog show REF`: one entry, in words or as JSON, or its raw bytes.

Who signed is looked up along the roster pointers.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.entry_text import describe
from chainlog.cli.options import json_flag
from chainlog.cli.output import emit, speak, warn
from chainlog.cli.session import open_ledger
from chainlog.errors import StoreError
from chainlog.events.wording import printable
from chainlog.export.jsonl import plain_entry
from chainlog.index.index import Items, find_entry
from chainlog.index.witnessed import bounds_of
from chainlog.ledger.holders import holders_of

if TYPE_CHECKING:
    from chainlog.format.opened import Logged
    from chainlog.ledger.ledger import Ledger


@click.command()
@click.argument("ref")
@click.option(
    "--entry",
    "raw_to",
    metavar="FILE|-",
    help="Write the entry's raw bytes (header and signature) to a new FILE.",
)
@json_flag("Print {id, chain, index, time, author, kind, event}.")
@click.pass_context
def show(ctx: click.Context, ref: str, raw_to: str | None, *, as_json: bool) -> None:
    """Show the entry that REF names.

    REF is its number (9, or depot:9 of another site), a document number, or its id, of which the
    first 8 characters are enough.
    """
    with open_ledger(ctx) as ledger:
        chain, index = find_entry(ledger, ref, heard=warn)
        logged = ledger.entry(index, chain)
        if raw_to is not None:
            _write_raw(logged.entry.raw, raw_to)
        elif as_json:
            emit({**plain_entry(logged), **bounds_of(ledger, chain, index).plain()})
        else:
            click.echo(
                describe(logged, holders_of(ledger, chain, index), bounds_of(ledger, chain, index))
            )
            if logged.body is None and not logged.problem:
                _say_erasure(ledger, chain, logged)


def _say_erasure(ledger: Ledger, chain: bytes, logged: Logged) -> None:
    """Say by which entry a body was erased, and for what reason, if the chain says so."""
    with Items.of(ledger) as items:
        for index, reason in items.erasures(chain, logged.entry.id):
            speak("erased: by entry {index}: {reason}", index=index, reason=printable(reason))


def _write_raw(raw: bytes, target: str) -> None:
    if target == "-":
        if sys.stdout.isatty():
            raise StoreError(
                "an entry's bytes are not written to a terminal",
                hint="name a file, such as --entry entry.bin",
            )
        sys.stdout.buffer.write(raw)
        sys.stdout.buffer.flush()
        return
    try:
        with Path(target).open("xb") as file:
            file.write(raw)
    except FileExistsError:
        raise StoreError(
            "{target} is there already", target=target, hint="name another file"
        ) from None
    except OSError as error:
        raise StoreError(
            "{target} cannot be written: {why}", target=target, why=error.strerror
        ) from None


PLACE: Final = 30
SUMMARY: Final = "show one entry"
COMMAND: Final[click.Command] = show
