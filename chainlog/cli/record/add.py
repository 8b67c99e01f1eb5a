"""`chainlog add KIND FILE|-`, for programs; and the one way in which every verb records.

Before signing, a person sees each event in words on stderr and says yes; a program gives `--yes`.
With `--json` a recorded entry is printed as `wording.plain_entry` makes it, one a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.append import check_somebody, record, recording_options
from chainlog.cli.input import EVENTS_LIMIT, parse_events, read_input
from chainlog.cli.output import misuse
from chainlog.cli.recognise import OF_JSON, expecting
from chainlog.events.kinds import KINDS
from chainlog.export.words.catalogue import said

if TYPE_CHECKING:
    from chainlog.events.event import Event
    from chainlog.ledger.ledger import Ledger

# JSON from outside


@click.command()
@click.argument("kind")
@click.argument("file", metavar="FILE|-")
@recording_options
@click.pass_context
def add(ctx: click.Context, kind: str, file: str, *, yes: bool, as_json: bool) -> None:
    """Append events of KIND from FILE: one JSON object, or a line of JSON for each.

    All are checked before the first is recorded.

    Prints the id of each, or with --json the entry: {id, chain, index, time, author, kind, event}.
    """
    if kind not in KINDS or kind == "chain.open":
        told = (
            said("'chainlog init' opens a chain")
            if kind == "chain.open"
            else said("'chainlog schema' lists the kinds")
        )
        raise misuse(ctx, "no event of kind {kind!r} can be added; {told}", kind=kind, told=told)
    check_somebody(ctx, yes=yes or file == "-")
    if file == "-" and not yes:
        raise misuse(ctx, "events from stdin leave nobody to say yes before signing: give --yes")
    data = read_input(file, EVENTS_LIMIT)

    def events(_ledger: Ledger) -> list[Event]:
        with expecting(file, data, OF_JSON):
            return parse_events(kind, data)

    record(ctx, events, yes=yes, as_json=as_json, ids=True)


PLACE: Final = 30
SUMMARY: Final = "append events from JSON, for programs"
COMMAND: Final[click.Command] = add
