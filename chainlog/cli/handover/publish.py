"""`chainlog publish DIR`: a chain as plain files that any web server can serve.

Other people's tools can check them (C2SP tlog-tiles).

What is published, kinds, times and authors of every entry, is there for all to see and is never
taken back; what entries say is not in it. So a person is asked, and a program says `--yes`.

JSON: {folder, chain, origin, size, before, root, files}
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.confirm import confirm
from chainlog.cli.input import read_note
from chainlog.cli.options import chain_option, find_chain, json_flag
from chainlog.cli.output import emit, misuse, progress_shown, say
from chainlog.cli.session import open_ledger
from chainlog.errors import Sentence, StoreError
from chainlog.events.wording import SHORT_ID, printable
from chainlog.export.tiles import publish_chain, published_checkpoint
from chainlog.export.words.catalogue import said, words
from chainlog.format.checkpoint import parse_checkpoint, parse_origin_line
from chainlog.format.note import format_note, parse_note
from chainlog.ledger.checkpoints import standing_checkpoints

if TYPE_CHECKING:
    from chainlog.export.tiles import Published
    from chainlog.ledger.ledger import Ledger


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@chain_option
@click.option(
    "--checkpoint",
    "file",
    metavar="FILE|-",
    help="Publish as far as this checkpoint goes; otherwise, the newest that is kept.",
)
@click.option("--yes", is_flag=True, help="Do not ask before publishing.")
@json_flag("Print {folder, chain, origin, size, before, root, files}.")
@click.pass_context
def publish(
    ctx: click.Context,
    folder: Path,
    prefix: str | None,
    file: str | None,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    """Publish a chain into DIR, for a web server to serve.

    Who signed what kind of entry when, and never what it says.

    What was published before is left as it is, so that publishing again costs only what is new.
    """
    if not yes and (file == "-" or not sys.stdin.isatty()):
        raise misuse(ctx, "nobody is here to say yes before publishing: give --yes")
    with open_ledger(ctx) as ledger:
        chain = find_chain(ledger, prefix)
        note = _newest(ledger, chain) if file is None else read_note(file)
        if not yes:
            _ask(folder, note)
        with progress_shown() as progress:
            published = publish_chain(ledger, chain, note, folder, progress=progress)
    if as_json:
        emit(_plain(folder, chain, published))
    else:
        click.echo(_told(folder, chain, published))


def _newest(ledger: Ledger, chain: bytes) -> bytes:
    """The newest checkpoint that is kept of a chain, signed by its log, and fits what is held.

    Raises StoreError where there is none.
    """
    kept = standing_checkpoints(ledger, chain)
    if not kept:
        hint = said("make one with 'chainlog checkpoint', or name a file with --checkpoint")
        raise StoreError(
            "no checkpoint that is kept here is one of chain {chain}",
            chain=chain.hex()[:SHORT_ID],
            hint=hint,
        )
    return format_note(kept[-1])


def _ask(folder: Path, note: bytes) -> None:
    """Say what will be seen by whom, and ask. Aborts unless the person says yes."""
    checkpoint, before = parse_checkpoint(parse_note(note).text), published_checkpoint(folder)
    origin, chain = parse_origin_line(checkpoint.origin)
    say(said("chain    {chain} {origin}", chain=chain.hex()[:SHORT_ID], origin=printable(origin)))
    say(
        said("entries  {size}", size=checkpoint.size)
        + (
            said(", of which {size} are published already", size=before.size)
            if before is not None
            else ""
        )
    )
    say(said("to       {folder}", folder=folder))
    say(
        said(
            "Whoever can read this folder sees the kind, the time and the key of the "
            "author of each of these entries, and how many there are."
        )
    )
    say(said("What the entries say is not in it. What others have fetched cannot be taken back."))
    confirm(said("publish this?"), Sentence("not published"))


def _told(folder: Path, chain: bytes, published: Published) -> str:
    checkpoint = published.checkpoint
    more = checkpoint.size - published.before
    return said(
        "{chain}: {more} entries published to {folder}, now {size} ({files})",
        chain=chain.hex()[:SHORT_ID],
        more=more,
        folder=folder,
        size=checkpoint.size,
        files=words().count("count.files_written", published.files),
    )


def _plain(folder: Path, chain: bytes, published: Published) -> dict[str, object]:
    checkpoint = published.checkpoint
    return {
        "folder": str(folder),
        "chain": chain.hex(),
        "origin": parse_origin_line(checkpoint.origin)[0],
        "size": checkpoint.size,
        "before": published.before,
        "root": checkpoint.root.hex(),
        "files": published.files,
    }


PLACE: Final = 40
SUMMARY: Final = "publish a chain as files that any web server can serve"
COMMAND: Final[click.Command] = publish
