"""`chainlog holdings`: who holds what, where, on whose signature, as of a date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.filters import Named, OneOf
from chainlog.cli.inquiry import open_inquiry
from chainlog.cli.options import as_of_option, json_option, limit_option
from chainlog.cli.output import Sheet, cell_of, say_quantity, say_worth, show_answer, total_row
from chainlog.events.wording import SHORT_ID, day
from chainlog.export.words.catalogue import said
from chainlog.index.questions.holdings import (
    STATUSES,
    HoldingFilter,
    each_holding,
    grouped_holdings,
)

if TYPE_CHECKING:
    from chainlog.index.questions.holdings import HeldGroup, HeldThing, HoldingTotals
    from chainlog.index.questions.reply import Reply

_HEADS: Final = ("holder", "status", "type", "condition", ">quantity", "unit", ">value")
_EACH_HEADS: Final = (
    "thing",
    "status",
    "holder",
    "place",
    "type",
    "condition",
    ">quantity",
    ">value",
    "agreed",
    "since",
    "signed by",
    "entry",
)


@click.command()
@as_of_option
@click.option(
    "--holder",
    metavar="PARTY",
    type=Named("party"),
    help="Only what this party holds, or held last.",
)
@click.option("--place", metavar="PLACE", type=Named("place"), help="Only what is at this place.")
@click.option(
    "--type", "kind", metavar="TYPE", type=Named("type"), help="Only things of this type."
)
@click.option(
    "--status",
    type=OneOf(STATUSES),
    multiple=True,
    help="Only things in this state; otherwise all.",
)
@click.option(
    "--each",
    is_flag=True,
    help="A row for each thing, with the entry and the signature that it rests on.",
)
@limit_option
@json_option
@click.pass_context
def holdings(
    ctx: click.Context,
    as_of: str | None,
    holder: str | None,
    place: str | None,
    kind: str | None,
    status: tuple[str, ...],
    limit: int,
    *,
    each: bool,
    as_json: bool,
) -> None:
    """Say who holds what, as of now or of a date; with --each, on whose signature.

    JSON: {as_of, rows: [{holder, status, type, condition, quantity, unit, value}], totals: {items,
    value}, unmet}, and with --each rows of {thing, status, holder, bound_for, place, type,
    condition, container, agreement, quantity, unit, value, since}.
    """
    only = HoldingFilter(holder, place, kind, status)
    with open_inquiry(ctx, as_of) as inquiry:
        if each:
            show_answer(each_holding(inquiry, only), _each, as_json=as_json, limit=limit)
        else:
            show_answer(grouped_holdings(inquiry, only), _grouped, as_json=as_json, limit=limit)


def _grouped(answer: Reply[HeldGroup, HoldingTotals]) -> Sheet:
    return Sheet(
        _HEADS,
        [
            (
                one.holder,
                cell_of(one.status),
                one.type,
                one.condition,
                say_quantity(one.quantity),
                one.unit or cell_of("items"),
                say_worth(one.value),
            )
            for one in answer.rows
        ],
        [
            total_row(
                _HEADS,
                status=cell_of(label),
                quantity=f"{some.items:,}",
                unit=cell_of("items"),
                value=say_worth(some.value),
            )
            for label, some in answer.totals.labelled
        ],
    )


def _each(answer: Reply[HeldThing, HoldingTotals]) -> Sheet:
    return Sheet(
        _EACH_HEADS,
        [_cells(one) for one in answer.rows],
        [
            total_row(
                _EACH_HEADS,
                status=cell_of(label),
                quantity=said("{items:,} items", items=some.items),
                value=say_worth(some.value),
            )
            for label, some in answer.totals.labelled
        ],
    )


def _cells(one: HeldThing) -> tuple[str, ...]:
    since = one.since
    return (
        one.thing,
        cell_of(one.status),
        f"{one.holder} → {one.bound_for}" if one.bound_for else one.holder,
        one.container or one.place,
        one.type,
        one.condition,
        f"{say_quantity(one.quantity)} {one.unit}".strip(),
        say_worth(one.value),
        cell_of(one.agreement),
        "" if since is None else day(since.happened),
        "" if since is None else since.signer,
        "" if since is None else since.entry.hex()[:SHORT_ID],
    )


PLACE: Final = 50
SUMMARY: Final = "say who holds what, as of a date"
COMMAND: Final[click.Command] = holdings
