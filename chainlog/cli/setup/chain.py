"""`chainlog site|chain VERB`: governing events.

`govern` records each of them, and those of `chainlog key`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.cli.append import govern, governing_options
from chainlog.cli.input import read_note
from chainlog.cli.session import open_ledger
from chainlog.events.wording import SHORT_ID
from chainlog.export.words.catalogue import said
from chainlog.format.note import format_note
from chainlog.index.witnessed import witnesses_admitted
from chainlog.ledger.copies import settle
from chainlog.ledger.own_turn import check_newest, finish
from chainlog.ledger.seen import check_seen, newest_cosigned

if TYPE_CHECKING:
    from chainlog.ledger.ledger import Ledger


@click.group()
def chain() -> None:
    """Close this chain, or say what became of it."""


@chain.command("close")
@click.option("--reason", required=True, metavar="TEXT")
@governing_options
@click.pass_context
def chain_close(ctx: click.Context, /, reason: str, **how: Any) -> None:  # noqa: ANN401  (of `govern`)
    """End this chain for good."""
    govern(ctx, "chain.close", {"reason": reason}, **how)


@chain.command("fork")
@click.option(
    "--at", required=True, type=click.IntRange(min=0), help="The index at which the branches part."
)
@click.option(
    "--other",
    required=True,
    metavar="ID",
    help="Id of the last entry of the branch that is abandoned.",
)
@governing_options
@click.pass_context
def chain_fork(ctx: click.Context, /, at: int, other: str, **how: Any) -> None:  # noqa: ANN401  (of `govern`)
    """Say that another branch of this chain is abandoned."""
    govern(ctx, "chain.fork", {"at": at, "other": other}, **how)


@chain.command("seen")
@click.argument("file", metavar="[FILE|-]", required=False)
@governing_options
@click.pass_context
def chain_seen(ctx: click.Context, /, file: str | None, **how: Any) -> None:  # noqa: ANN401  (of `govern`)
    """Record the cosigned checkpoint of this chain in FILE, or the newest kept here.

    What follows is later than its cosignatures.
    """
    if file == "-" and not how["yes"]:
        raise click.UsageError(
            said("a checkpoint from stdin leaves nobody to say yes before signing: give --yes"), ctx
        )
    data = None if file is None else read_note(file)

    def fields(ledger: Ledger) -> dict[str, Any]:
        witnesses = witnesses_admitted(ledger, ledger.chain)
        note = (
            newest_cosigned(ledger, witnesses)
            if data is None
            else check_seen(ledger, data, witnesses)
        )
        return {"checkpoint": format_note(note).decode()}

    govern(ctx, "chain.seen", fields, **how)


@chain.command("only-copy")
@click.pass_context
def chain_only_copy(ctx: click.Context) -> None:
    """Say that nobody holds more of this chain than this ledger, brought back without its marks.

    It is written from here on. If somebody does hold more, the chain is forked:
    'chainlog sync PATH' compares it, and takes what is missing.
    """
    with open_ledger(ctx) as ledger:
        check_newest(ledger)
        head = ledger.head
        settle(ledger, head)
        finish(ledger)
    click.echo(
        said(
            "noted on this machine: this is the only copy, up to entry {index}, {id}",
            index=head.size - 1,
            id=head.id.hex()[:SHORT_ID],
        )
    )


PLACE: Final = 50
SUMMARY: Final = "close a chain, or say that a branch was abandoned"
COMMAND: Final[click.Command] = chain
