"""`chainlog log`: entries in the order of their chain, newest last.

As JSON lines it streams, so any length will do.
"""

from __future__ import annotations

from collections import deque
from itertools import chain as chain_of
from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.filters import check_kinds, nearest, none_such, parse_span, say_nothing_meant
from chainlog.cli.options import chain_option, chosen, find_chain, json_flag
from chainlog.cli.output import emit, stream, table
from chainlog.cli.session import open_ledger
from chainlog.errors import KeyFormError
from chainlog.events.wording import SHORT_ID, format_time, printable
from chainlog.export.jsonl import plain_entry
from chainlog.export.words.catalogue import said
from chainlog.export.words.events import name_of, summary
from chainlog.format.keys import format_key_id, parse_key_text
from chainlog.ledger.holders import holders_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.format.opened import Logged
    from chainlog.ledger.ledger import Ledger

SHOWN: Final = 20


def _authors(ledger: Ledger, chain: bytes, named: str) -> set[bytes]:
    """The keys that `clk1:…` or a holder's name means. Raises UsageError."""
    if named.startswith("clk1:"):
        try:
            return {parse_key_text(named)}
        except KeyFormError as error:
            raise click.BadParameter(error.message) from None
    held = holders_of(ledger, chain, ledger.engine.head(chain).size - 1)
    found = {key for key, holder in held.items() if holder["name"] == named}
    if not found:
        near = nearest(named, {holder["name"] for holder in held.values()})
        raise click.BadParameter(
            none_such(named, near)
            if near
            else said(
                "nobody in this chain is called {named!r}; 'chainlog key list' names who is",
                named=named,
            )
        )
    return found


def _row(logged: Logged, held: dict[bytes, dict[str, str]]) -> list[str]:
    header = logged.entry.header
    signer = held.get(header.author)
    name = printable(signer["name"]) if signer else format_key_id(header.author)[:17] + "…"
    return [
        str(header.index),
        logged.entry.id.hex()[:SHORT_ID],
        format_time(header.time),
        name,
        name_of(header.kind),
        summary(logged),
    ]


@click.command()
@click.option("--kind", metavar="KIND", help="Only entries of this kind.")
@click.option("--author", metavar="KEY|NAME", help="Only entries by this key (clk1:…) or holder.")
@click.option("--since", metavar="DATE", help="Only entries whose clock says so, or later (UTC).")
@click.option("--until", metavar="DATE", help="Only entries whose clock says so, or earlier (UTC).")
@chain_option
@click.option(
    "-n",
    "--limit",
    type=click.IntRange(min=1),
    help=f"At most so many, the newest; {SHOWN} for people unless said.",
)
@click.option("--all", "all_", is_flag=True, help="All of them.")
@json_flag("A line of JSON for each: {id, chain, index, time, author, kind, event}.")
@click.pass_context
def log(
    ctx: click.Context,
    kind: str | None,
    author: str | None,
    since: str | None,
    until: str | None,
    prefix: str | None,
    limit: int | None,
    *,
    all_: bool,
    as_json: bool,
) -> None:
    """List entries, newest last.

    Where not all of the chain can be read, that is said, and the exit code is 4.
    """
    times = parse_span(ctx, since, until)
    if limit is None and not all_ and not as_json:
        limit = SHOWN
    with open_ledger(ctx) as ledger:
        chain = find_chain(ledger, prefix)
        size = ledger.readable(chain).size
        kinds = () if kind is None else (kind,)
        check_kinds(ledger, chain, size, kinds)
        authors = None if author is None else _authors(ledger, chain, author)
        filtered = any(one is not None for one in (kind, authors, *times))
        start = max(0, size - limit) if limit is not None and not filtered else 0
        wanted = chosen(ledger.read_linked(start, size, chain), kinds, times, authors)
        found: Iterator[Logged] = iter(deque(wanted, limit)) if limit is not None else wanted
        first = next(found, None)
        say_nothing_meant(first is not None, size)
        found = found if first is None else chain_of([first], found)
        stream(ctx)
        if as_json:
            for logged in found:
                emit(plain_entry(logged))
        else:
            held = holders_of(ledger, chain, size - 1)
            table(
                ("entry", "id", "clock", "signed by", "kind", "what"),
                (_row(logged, held) for logged in found),
            )
        ledger.check_whole(chain)


PLACE: Final = 20
SUMMARY: Final = "list entries"
COMMAND: Final[click.Command] = log
