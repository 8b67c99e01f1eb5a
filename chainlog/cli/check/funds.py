"""`chainlog funds`: where the money went, from commitment to spending, as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.filters import Named
from chainlog.cli.inquiry import open_inquiry
from chainlog.cli.options import as_of_option, json_option, limit_option
from chainlog.cli.output import Sheet, say_quantity, say_worth, show_answer, total_row
from chainlog.events.wording import SHORT_ID, day
from chainlog.export.words.catalogue import said, words
from chainlog.export.words.events import choice_of
from chainlog.index.questions.funds import funds_of

if TYPE_CHECKING:
    from chainlog.index.questions.funds import FundRow, FundTotals
    from chainlog.index.questions.reply import Reply

_HEADS: Final = (
    "what",
    ">amount",
    "cur",
    "from",
    "to",
    "document",
    "date",
    ">drawn",
    ">left",
    "entry",
)
_DEEPEST: Final = 20


@click.command()
@as_of_option
@click.option(
    "--party",
    metavar="PARTY",
    type=Named("party"),
    help="Only trees in which this party gives or gets.",
)
@click.option(
    "--currency", metavar="CUR", type=Named("currency"), help="Only money in this currency."
)
@click.option(
    "--document",
    metavar="NUMBER",
    type=Named("document"),
    help="Only the tree of the commitment under this document.",
)
@limit_option
@json_option
@click.pass_context
def funds(
    ctx: click.Context,
    as_of: str | None,
    party: str | None,
    currency: str | None,
    document: str | None,
    limit: int,
    *,
    as_json: bool,
) -> None:
    """Say where the money went.

    It shows each commitment, what of it was disbursed, and what of that was spent or given back.

    JSON: {as_of, rows: [{depth, step, amount, currency, from, to, document, happened, drawn, left,
    orphan, entry, draws_on}], totals: by step, by currency, unmet}.
    """
    with open_inquiry(ctx, as_of) as inquiry:
        answer = funds_of(inquiry, party, currency, document)
    show_answer(answer, _sheet, as_json=as_json, limit=limit)


def _sheet(answer: Reply[FundRow, FundTotals]) -> Sheet:
    left = answer.totals.left
    return Sheet(
        _HEADS,
        [_cells(one) for one in answer.rows],
        [
            total_row(
                _HEADS,
                what=said("total {step}", step=choice_of(step)),
                amount=say_quantity(amount),
                cur=currency,
            )
            for step, currency, amount in answer.totals.steps
        ],
        [said("disbursed and not yet spent or given back: {left}", left=say_worth(left))]
        if left
        else (),
    )


def _cells(one: FundRow) -> tuple[str, ...]:
    indent = "  " * min(one.depth, _DEEPEST)
    return (
        indent + choice_of(one.step) + (f" ({words().phrase(one.flaw)})" if one.flaw else ""),
        say_quantity(one.amount),
        one.currency,
        one.from_,
        one.to,
        one.document,
        day(one.happened),
        say_quantity(one.drawn) if one.is_drawn_on else "",
        say_quantity(one.left) if one.is_drawn_on else "",
        one.entry.hex()[:SHORT_ID],
    )


PLACE: Final = 90
SUMMARY: Final = "say where the money went, as a tree"
COMMAND: Final[click.Command] = funds
