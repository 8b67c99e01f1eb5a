"""`chainlog coverage`: what share of the monitored items somebody saw in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.filters import Named, OneOf, type_option
from chainlog.cli.inquiry import open_inquiry
from chainlog.cli.options import as_of_option, json_option, limit_option, settings_option
from chainlog.cli.output import Sheet, cell_of, say_percent, say_worth, show_answer
from chainlog.index.questions.coverage import coverage_by

if TYPE_CHECKING:
    from chainlog.index.questions.coverage import Coverage, CoverageRow
    from chainlog.index.questions.reply import Reply

# They stand after those of the groups.
_HEADS: Final = (
    ">items",
    ">value",
    ">physical",
    ">declared",
    ">unseen",
    ">delinquent",
    ">%",
    ">delinquent value",
    ">% of value",
)


@click.command()
@as_of_option
@click.option(
    "--by",
    type=OneOf(("type", "unit", "month")),
    multiple=True,
    help="A row for each; may be repeated. [default: type]",
)
@type_option
@click.option(
    "--unit", metavar="PARTY", type=Named("party"), help="Only items that this party holds."
)
@limit_option
@settings_option
@json_option
@click.pass_context
def coverage(
    ctx: click.Context,
    as_of: str | None,
    by: tuple[str, ...],
    kind: str | None,
    unit: str | None,
    limit: int,
    settings: str | None,
    *,
    as_json: bool,
) -> None:
    """Say what share of the monitored items in the country was seen in time, by count and by value.

    `physical`: by scan or photo within the last year; `declared`: by word alone; `unseen`: neither.
    `delinquent`: INV-INIT or INV-ANNUAL. A month is that of arrival. JSON: {as_of, rows: [{…by,
    items, value, physical, declared, unseen, delinquent: {items, value}, delinquent_percent:
    {items, value}}], totals: the same of all, unmet}.
    """
    groups = by or ("type",)
    with open_inquiry(ctx, as_of, settings) as inquiry:
        answer = coverage_by(inquiry, groups, kind, unit)
    show_answer(answer, lambda answer: _sheet(answer, groups), as_json=as_json, limit=limit)


def _sheet(answer: Reply[CoverageRow, Coverage], groups: tuple[str, ...]) -> Sheet:
    return Sheet(
        (*groups, *_HEADS),
        [(*one.group.values(), *_cells(one.coverage)) for one in answer.rows],
        [(cell_of("total"), *("" for _ in groups[1:]), *_cells(answer.totals))],
    )


def _cells(one: Coverage) -> tuple[str, ...]:
    return (
        f"{one.items:,}",
        say_worth(one.value),
        f"{one.physical.items:,}",
        f"{one.declared.items:,}",
        f"{one.unseen.items:,}",
        f"{one.delinquent.items:,}",
        say_percent(one.delinquent_percent.items),
        say_worth(one.delinquent.value),
        ", ".join(map(say_percent, one.delinquent_percent.value.values())),
    )


PLACE: Final = 30
SUMMARY: Final = "say what share of the monitored items was seen in time"
COMMAND: Final[click.Command] = coverage
