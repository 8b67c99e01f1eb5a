"""`chainlog unseen`: what nobody has seen for so many days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.filters import Named, type_option
from chainlog.cli.inquiry import open_inquiry
from chainlog.cli.options import as_of_option, json_option, limit_option, settings_option
from chainlog.cli.output import Sheet, cell_of, say_worth, show_answer, total_row
from chainlog.events.wording import SHORT_ID, day
from chainlog.export.words.catalogue import said
from chainlog.index.questions.unseen import UnseenFilter, each_unseen, grouped_unseen

if TYPE_CHECKING:
    from chainlog.index.questions.reply import Counted, Reply
    from chainlog.index.questions.unseen import UnseenGroup, UnseenItem

_HEADS: Final = ("holder", "type", ">items", ">value", "last seen, the longest ago")
_EACH_HEADS: Final = ("item", "holder", "type", ">value", "last seen", "entry")


@click.command()
@as_of_option
@click.option(
    "--days",
    type=click.IntRange(0, 36_500),
    default=365,
    show_default=True,
    help="Nobody saw it for more than so many days.",
)
@click.option("--holder", metavar="PARTY", type=Named("party"), help="Only what this party holds.")
@type_option
@click.option("--all-items", is_flag=True, help="What is not monitored, too.")
@click.option("--each", is_flag=True, help="A row for each item.")
@limit_option
@settings_option
@json_option
@click.pass_context
def unseen(
    ctx: click.Context,
    as_of: str | None,
    days: int,
    holder: str | None,
    kind: str | None,
    limit: int,
    settings: str | None,
    *,
    all_items: bool,
    each: bool,
    as_json: bool,
) -> None:
    """Say what nobody has physically seen, by scan or photo, in so many days.

    Items on hand, in transit, monitored.

    JSON: {as_of, rows: [{holder, type, items, value, oldest}] or, with --each, [{item, holder,
    type, value, seen, entry}], totals, unmet}.
    """
    only = UnseenFilter(days, holder, kind, unmonitored=all_items)
    with open_inquiry(ctx, as_of, settings) as inquiry:
        if each:
            show_answer(each_unseen(inquiry, only), _each, as_json=as_json, limit=limit)
        else:
            show_answer(grouped_unseen(inquiry, only), _grouped, as_json=as_json, limit=limit)


def _grouped(answer: Reply[UnseenGroup, Counted]) -> Sheet:
    totals = answer.totals
    return Sheet(
        _HEADS,
        [
            (
                one.holder,
                one.type,
                f"{one.items:,}",
                say_worth(one.value),
                said("{never} never", never=one.never) if one.never else day(one.oldest),
            )
            for one in answer.rows
        ],
        [total_row(_HEADS, items=f"{totals.items:,}", value=say_worth(totals.value))],
    )


def _each(answer: Reply[UnseenItem, Counted]) -> Sheet:
    totals = answer.totals
    return Sheet(
        _EACH_HEADS,
        [
            (
                one.item,
                one.holder,
                one.type,
                say_worth(one.value),
                cell_of("never") if one.seen is None else day(one.seen),
                one.entry.hex()[:SHORT_ID] if one.entry else "",
            )
            for one in answer.rows
        ],
        [
            total_row(
                _EACH_HEADS,
                item=said("total {items:,}", items=totals.items),
                value=say_worth(totals.value),
            )
        ],
    )


PLACE: Final = 50
SUMMARY: Final = "say what nobody has seen for so many days"
COMMAND: Final[click.Command] = unseen
