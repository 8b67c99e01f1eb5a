"""`chainlog losses`: what is gone, and how late its final report came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.filters import Named, OneOf
from chainlog.cli.inquiry import open_inquiry
from chainlog.cli.options import as_of_option, json_option, limit_option, settings_option
from chainlog.cli.output import Sheet, say_worth, show_answer, total_row
from chainlog.events.wording import SHORT_ID, day
from chainlog.export.words.catalogue import said, words
from chainlog.export.words.events import choice_of
from chainlog.index.questions.losses import LossFilter, losses_of

if TYPE_CHECKING:
    from chainlog.index.questions.losses import LossTotals, ReportedLoss
    from chainlog.index.questions.reply import Reply

_HEADS: Final = (
    "lost on",
    "holder",
    "cause",
    "place",
    ">items",
    ">value",
    "reported",
    "final",
    ">days",
    "entry",
)
_CAUSES: Final = ("combat", "lost", "stolen", "captured")


@click.command()
@as_of_option
@click.option("--holder", metavar="PARTY", type=Named("party"), help="Only losses of this party.")
@click.option("--cause", type=OneOf(_CAUSES), help="Only losses of this cause.")
@click.option("--late", is_flag=True, help="Only those whose final report came too late.")
@limit_option
@settings_option
@json_option
@click.pass_context
def losses(
    ctx: click.Context,
    as_of: str | None,
    holder: str | None,
    cause: str | None,
    limit: int,
    settings: str | None,
    *,
    late: bool,
    as_json: bool,
) -> None:
    """Say what was lost, when, and how late the final report came.

    And of how many losses nobody knows the date.

    JSON: {as_of, rows: [{holder, cause, lost_on, reported, final, delay_days, things, items, value,
    entries}], totals: {reports, items, value, final, dated, undated, mean_delay_days, late},
    unmet}. The
    mean is over final reports that have a date of loss, and over no others.
    """
    with open_inquiry(ctx, as_of, settings) as inquiry:
        answer = losses_of(inquiry, LossFilter(holder, cause, late=late))
    allowed = inquiry.settings.loss_days
    show_answer(answer, lambda answer: _sheet(answer, allowed), as_json=as_json, limit=limit)


def _sheet(answer: Reply[ReportedLoss, LossTotals], allowed: int) -> Sheet:
    totals = answer.totals
    row = total_row(
        _HEADS,
        items=f"{totals.items:,}",
        value=say_worth(totals.value),
        reported=f"{totals.reports:,}",
        final=f"{totals.final:,}",
    )
    return Sheet(
        _HEADS, [_cells(one) for one in answer.rows], [row], [_say_delays(totals, allowed)]
    )


def _cells(one: ReportedLoss) -> tuple[str, ...]:
    return (
        one.lost_on or said("no date"),
        one.holder,
        choice_of(one.cause),
        one.place or said("no place"),
        f"{one.items:,}",
        say_worth(one.value),
        day(one.reported),
        words().say("cell.not_final") if one.final is None else day(one.final),
        "" if one.delay_days is None else f"{one.delay_days:,}",
        one.entries[-1].hex()[:SHORT_ID],
    )


def _say_delays(totals: LossTotals, allowed: int) -> str:
    told = said("no final report has a date of loss to reckon from")
    if totals.mean_delay_days is not None:
        told = said(
            "mean delay {mean_delay_days} days, over {reports}",
            mean_delay_days=totals.mean_delay_days,
            reports=words().count("count.final_reports", totals.delays),
        )
    return said(
        "{told}; {undated} of {reports} losses have no date and are in no mean; "
        "{late} came later than {allowed} days; {open} are not final",
        told=told,
        undated=totals.undated,
        reports=totals.reports,
        late=totals.late,
        allowed=allowed,
        open=totals.open,
    )


PLACE: Final = 60
SUMMARY: Final = "say what was lost, and how late it was reported"
COMMAND: Final[click.Command] = losses
