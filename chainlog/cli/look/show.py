"""`chainlog show REF`: one entry, in words or as JSON, or its raw bytes.

Who signed is looked up along the roster pointers.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.cli.output import emit
from chainlog.cli.session import open_ledger
from chainlog.errors import StoreError
from chainlog.events.kinds import ChainErase
from chainlog.events.wording import format_paths, format_time, printable
from chainlog.export.jsonl import plain_entry
from chainlog.export.words.catalogue import said, words
from chainlog.export.words.events import format_event, name_of, role_of
from chainlog.format.keys import format_key_id
from chainlog.index.governing import governing
from chainlog.index.index import Items, find_entry
from chainlog.index.witnessed import Bounds, Witnessed
from chainlog.ledger.checkpoints import checkpoints_of
from chainlog.ledger.holders import holders_of

if TYPE_CHECKING:
    from chainlog.format.cosignature import Cosignature
    from chainlog.format.opened import Logged
    from chainlog.ledger.ledger import Ledger


def describe(
    logged: Logged, held: dict[bytes, dict[str, str]], bounds: Bounds | None = None
) -> str:
    """An entry in words.

    It says the event, who signed it, what it claims, where it stands, and between which times, by
    witnesses.
    """
    header = logged.entry.header
    lines = []
    if logged.fields is not None:
        lines.append(format_event(header.kind, logged.fields))
    else:
        why = (
            said("does not hold: {why}", why=words().tell(logged.problem))
            if logged.problem
            else said("is not held here")
        )
        lines.append(said("{kind} — its body {why}", kind=name_of(header.kind), why=why))
    if logged.body is not None and logged.body.withheld:
        lines.append(said("  withheld: {withheld}", withheld=format_paths(logged.body.withheld)))
    signer = held.get(header.author)
    lines.append(
        said(
            "signed by: {name}",
            name=printable(signer["name"]) if signer else said("(nobody that this chain names)"),
        )
    )
    if signer and signer["party"]:
        lines.append(said("for: {party}", party=printable(signer["party"])))
    if signer and signer["roles"]:
        lines.append(
            said(
                "roles: {roles}",
                roles=", ".join(map(role_of, printable(signer["roles"]).split(", "))),
            )
        )
    lines += [
        said("key: {key}", key=format_key_id(header.author)),
        said("clock: {time} (claimed)", time=format_time(header.time)),
        *(_say_bounds(bounds) if bounds is not None else ()),
        said("id: {id}", id=logged.entry.id.hex()),
        said("entry: {index} of chain {chain}", index=header.index, chain=logged.entry.chain.hex()),
    ]
    return "\n".join(lines)


def _say_bounds(bounds: Bounds) -> list[str]:
    below, above = bounds.not_before, bounds.not_after
    after = (
        said(
            "{below}, in the checkpoint that entry {seen} names",
            below=_said(below),
            seen=bounds.seen,
        )
        if below is not None
        else said("(no witness says)")
    )
    before = (
        said("{above}, over {size} entries", above=_said(above), size=bounds.size)
        if above is not None
        else said("(no witness says)")
    )
    return [said("not before: {after}", after=after), said("not after: {before}", before=before)]


def _said(one: Cosignature) -> str:
    return said(
        "{time}, by {name}", time=format_time(one.time * 1000), name=printable(one.witness.name)
    )


def bounds_of(ledger: Ledger, chain: bytes, index: int) -> Bounds:
    """The times between which witnesses place an entry.

    Where no checkpoint is kept, the index is not opened for it.
    """
    if not checkpoints_of(ledger, chain):
        return Bounds()
    with Items.of(ledger) as items:
        return Witnessed(items, chain).bounds(index)


def _plain_bounds(bounds: Bounds) -> dict[str, Any]:
    """As JSON, where a witness says: closest cosigned times (POSIX seconds) and who cosigned."""
    told: dict[str, Any] = {}
    if bounds.not_before is not None:
        told["not_before"] = {
            "time": bounds.not_before.time,
            "witness": bounds.not_before.witness.name,
            "entry": bounds.seen,
        }
    if bounds.not_after is not None:
        told["not_after"] = {
            "time": bounds.not_after.time,
            "witness": bounds.not_after.witness.name,
            "size": bounds.size,
        }
    return told


@click.command()
@click.argument("ref")
@click.option(
    "--entry",
    "raw_to",
    metavar="FILE|-",
    help="Write the entry's raw bytes (header and signature) to a new FILE.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print {id, chain, index, time, author, kind, event}."
)
@click.pass_context
def show(ctx: click.Context, ref: str, raw_to: str | None, *, as_json: bool) -> None:
    """Show the entry that REF names.

    REF is an id, the first 8 characters or more of one, or a document number.
    """
    with open_ledger(ctx) as ledger:
        chain, index = find_entry(ledger, ref)
        logged = ledger.entry(index, chain)
        if raw_to is not None:
            _write_raw(logged.entry.raw, raw_to)
        elif as_json:
            emit({**plain_entry(logged), **_plain_bounds(bounds_of(ledger, chain, index))})
        else:
            click.echo(
                describe(logged, holders_of(ledger, chain, index), bounds_of(ledger, chain, index))
            )
            if logged.body is None and not logged.problem:
                _say_erasure(ledger, chain, logged)


def _say_erasure(ledger: Ledger, chain: bytes, logged: Logged) -> None:
    """Say by which entry a body was erased, and for what reason, if the chain says so."""
    with Items.of(ledger) as items:
        for entry, event in governing(items.db, chain):
            told = event.detail
            if isinstance(told, ChainErase) and logged.entry.id in told.entries:
                click.echo(
                    said(
                        "erased: by entry {index}: {reason}",
                        index=entry.header.index,
                        reason=printable(told.reason),
                    )
                )


def _write_raw(raw: bytes, target: str) -> None:
    if target == "-":
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


COMMAND: Final[click.Command] = show
