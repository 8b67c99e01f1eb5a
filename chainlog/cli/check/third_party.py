"""`chainlog third-party`: what went outside the programme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.filters import Named
from chainlog.cli.inquiry import open_inquiry
from chainlog.cli.options import as_of_option, json_option, limit_option, settings_option
from chainlog.cli.output import Sheet, say_worth, show_answer, total_row
from chainlog.events.wording import SHORT_ID, day
from chainlog.export.words.catalogue import said, words
from chainlog.export.words.events import name_of
from chainlog.index.questions.third_party import third_party_handovers

if TYPE_CHECKING:
    from chainlog.index.questions.reply import Reply
    from chainlog.index.questions.third_party import Handover, HandoverTotals

_HEADS: Final = ("date", "kind", "from", "to", "document", ">things", ">value", "consent", "entry")


@click.command("third-party")
@as_of_option
@click.option(
    "--to", "taker", metavar="PARTY", type=Named("party"), help="Only what went to this party."
)
@click.option("--without-consent", is_flag=True, help="Only what had no consent in force.")
@limit_option
@settings_option
@json_option
@click.pass_context
def third_party(
    ctx: click.Context,
    as_of: str | None,
    taker: str | None,
    limit: int,
    settings: str | None,
    *,
    without_consent: bool,
    as_json: bool,
) -> None:
    """Say what went to a party outside the programme, and whether the authority had given leave.

    JSON: {as_of, rows: [{date, kind, from, to, document, things, value, without_consent, entry,
    consents}], totals: {handovers, things, without_consent, value}, unmet}.
    """
    with open_inquiry(ctx, as_of, settings) as inquiry:
        answer = third_party_handovers(inquiry, taker, without_consent=without_consent)
    show_answer(answer, _sheet, as_json=as_json, limit=limit)


def _sheet(answer: Reply[Handover, HandoverTotals]) -> Sheet:
    totals = answer.totals
    refused = totals.without_consent
    row = total_row(
        _HEADS,
        things=f"{totals.things:,}",
        value=say_worth(totals.value),
        consent=said("{refused:,} without", refused=refused) if refused else "",
    )
    return Sheet(_HEADS, [_cells(one) for one in answer.rows], [row])


def _cells(one: Handover) -> tuple[str, ...]:
    return (
        day(one.date),
        name_of(one.kind),
        one.from_,
        one.to,
        one.document,
        f"{len(one.things):,}",
        say_worth(one.value),
        _say_consent(one),
        one.entry.hex()[:SHORT_ID],
    )


def _say_consent(one: Handover) -> str:
    loose = len(one.without_consent)
    if loose:
        return (
            words().say("cell.none")
            if loose == len(one.things)
            else said("NONE for {loose}", loose=loose)
        )
    return ", ".join(
        said("{entry} until {until}", entry=entry.hex()[:SHORT_ID], until=until[:10])
        for entry, until in zip(one.consents, one.until, strict=True)
    )


PLACE: Final = 70
SUMMARY: Final = "say what went outside the programme"
COMMAND: Final[click.Command] = third_party
