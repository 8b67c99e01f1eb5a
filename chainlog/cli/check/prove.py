"""`chainlog prove`: that an entry is in its chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.input import read_note
from chainlog.cli.output import print_text
from chainlog.cli.session import find_ledger, key_path, open_ledger, read_signer
from chainlog.errors import ChainlogError, StoreError
from chainlog.export.words.catalogue import said
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.proof import format_proof
from chainlog.index.index import find_entry
from chainlog.ledger.checkpoints import make_checkpoint, standing_checkpoints
from chainlog.ledger.proofs import prove
from chainlog.ledger.taken import take_checkpoint

if TYPE_CHECKING:
    from chainlog.format.note import Note
    from chainlog.ledger.ledger import Ledger


@click.command("prove")
@click.argument("ref")
@click.option(
    "--checkpoint",
    "file",
    metavar="FILE|-",
    help="Prove by this checkpoint; otherwise by the newest that is kept.",
)
@click.pass_context
def prove_(ctx: click.Context, ref: str, file: str | None) -> None:
    """Print the proof that the entry that REF names is in its chain.

    A tlog-proof, to be checked with 'show REF --entry FILE'.
    """
    with open_ledger(ctx) as ledger:
        chain, index = find_entry(ledger, ref)
        notes = (
            [take_checkpoint(ledger, read_note(file)).note]
            if file is not None
            else _newest_first(ctx, ledger, chain, index)
        )
        print_text(format_proof(prove(ledger, chain, index, notes)).decode())


def _newest_first(ctx: click.Context, ledger: Ledger, chain: bytes, index: int) -> list[Note]:
    """The checkpoints that stand, most cosigned first.

    One that is made now where none covers the entry and the chain is ours.
    """
    standing = [
        note
        for note in standing_checkpoints(ledger, chain)
        if parse_checkpoint(note.text).size > index
    ]
    if not standing and chain == ledger.chain:
        try:
            ledger.signer = read_signer(key_path(ctx, find_ledger(ctx)))
            return [make_checkpoint(ledger)]
        except ChainlogError as error:
            message = said(
                "no checkpoint that is kept here covers entry {index}, and none can be made: {why}",
                index=index,
                why=error.message,
            )
            raise StoreError(message, hint=error.hint) from None
    return sorted(
        standing,
        key=lambda note: (len(note.signatures) > 1, parse_checkpoint(note.text).size),
        reverse=True,
    )


PLACE: Final = 100
SUMMARY: Final = "prove that an entry is in its chain"
COMMAND: Final[click.Command] = prove_
