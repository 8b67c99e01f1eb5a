"""`chainlog reconcile`: what was shipped against what was received, consignment by consignment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.filters import Named, parse_span
from chainlog.cli.inquiry import open_inquiry
from chainlog.cli.options import as_of_option, json_option, limit_option
from chainlog.cli.output import Sheet, cell_of, show_answer
from chainlog.custody.act import format_decimal
from chainlog.events.wording import day
from chainlog.export.words.catalogue import said, words
from chainlog.index.questions.reconcile import ConsignmentFilter, by_unit, reconciled

if TYPE_CHECKING:
    from chainlog.custody.shipment import Amounts
    from chainlog.index.questions.reconcile import Reconciled, ReconcileTotals
    from chainlog.index.questions.reply import Reply

_HEADS: Final = (
    "document",
    "from",
    "to",
    "sent on",
    ">sent",
    "received on",
    ">received",
    "verdict",
    "difference",
)
_SHOWN: Final = 3


@click.command()
@as_of_option
@click.option(
    "--from", "sender", metavar="PARTY", type=Named("party"), help="Only what this party sent."
)
@click.option(
    "--to", "taker", metavar="PARTY", type=Named("party"), help="Only what was sent to this party."
)
@click.option(
    "--document",
    metavar="NUMBER",
    type=Named("document"),
    help="Only what went under this document.",
)
@click.option(
    "--since", metavar="DATE", help="Only what was sent, or else received, on that day or later."
)
@click.option(
    "--until", metavar="DATE", help="Only what was sent, or else received, by the end of that day."
)
@click.option("--differing", is_flag=True, help="Only what does not match.")
@limit_option
@json_option
@click.pass_context
def reconcile(
    ctx: click.Context,
    as_of: str | None,
    sender: str | None,
    taker: str | None,
    document: str | None,
    since: str | None,
    until: str | None,
    limit: int,
    *,
    differing: bool,
    as_json: bool,
) -> None:
    """Compare what was sent with what was received, by consignment.

    One document between two parties.

    JSON: {as_of, rows: [{document, from, to, sent_on, received_on, sent, received, difference:
    {thing: quantity}, verdict, dispatches, receipts}], totals: {consignments, matches, differs,
    open, …}, unmet}.
    """
    first, last = parse_span(ctx, since, until)
    only = ConsignmentFilter(sender, taker, document, first, last, differing=differing)
    with open_inquiry(ctx, as_of) as inquiry:
        answer = reconciled(inquiry, only)
    show_answer(answer, _sheet, as_json=as_json, limit=limit)


def _sheet(answer: Reply[Reconciled, ReconcileTotals]) -> Sheet:
    # For people by the day, and of one day by document; what nobody sent comes first.
    ordered = sorted(answer.rows, key=lambda one: (day(one.sent_on), one.at))
    totals = answer.totals
    told = said(
        "{verdicts} of {compared} shipments that were received do not match",
        verdicts=totals.verdicts.get("differs", 0),
        compared=totals.compared,
    )
    others = ", ".join(
        words().say("cell.how_many", count=totals.verdicts[name], what=cell_of(name))
        for name in ("open", "no dispatch", "advised", "withheld")
        if name in totals.verdicts
    )
    return Sheet(
        _HEADS,
        [_cells(one) for one in ordered],
        sentences=[f"{told}; {others}" if others else told],
    )


def _cells(one: Reconciled) -> tuple[str, ...]:
    return (
        one.document,
        one.from_,
        one.to,
        day(one.sent_on),
        _much(one.sent),
        day(one.received_on),
        _much(one.received),
        cell_of(one.verdict),
        _differing(one.difference),
    )


def _much(amounts: Amounts) -> str:
    """So many items, and so much of each unit."""
    return ", ".join(
        words().count("cell.so_many_items", int(much))
        if unit == "items"
        else f"{format_decimal(much)} {unit}"
        for unit, much in by_unit(amounts).items()
    )


def _differing(differences: Amounts) -> str:
    told = [
        said(
            "{much} {unit} of {thing}" if unit else "{much} {thing}",
            much=("+" if much > 0 else "") + format_decimal(much),
            unit=unit,
            thing=key,
        )
        for (key, unit), much in differences.items()
    ]
    return ", ".join(told[:_SHOWN]) + (
        said(" and {count} more", count=len(told) - _SHOWN) if len(told) > _SHOWN else ""
    )


PLACE: Final = 40
SUMMARY: Final = "compare what was sent with what was received"
COMMAND: Final[click.Command] = reconcile
