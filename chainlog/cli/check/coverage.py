"""`chainlog coverage` and `chainlog unseen`.

Which monitored items somebody saw in time, and which nobody did.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.audit.coverage import Sight, sight
from chainlog.cli.inquire import (
    Answer,
    Inquiry,
    day,
    inquire,
    plain_worth,
    say_share,
    say_worth,
    share,
    worth_of,
)
from chainlog.cli.options import as_of_option, json_option, limit_option, settings_option
from chainlog.custody.item import fold_item
from chainlog.events.things import is_item

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chainlog.custody.state import Custody
_HOWS: Final = ("physical", "declared", "unseen")


def states(inquiry: Inquiry) -> Iterator[Custody]:
    """Every item, as of the instant."""
    for key, touches in inquiry.items.book(inquiry.as_of).histories():
        if is_item(key):
            yield fold_item(key, touches, inquiry.instant)


@click.command()
@as_of_option
@click.option(
    "--by",
    type=click.Choice(("type", "unit", "month")),
    multiple=True,
    help="A row for each; may be repeated. [default: type]",
)
@click.option("--type", "kind", metavar="TYPE", help="Only items of this type.")
@click.option("--unit", metavar="PARTY", help="Only items that this party holds.")
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
    {items, value}}], totals: the same of all}.
    """
    groups = by or ("type",)
    with inquire(ctx, as_of, settings) as inquiry:
        found = [
            one
            for state in states(inquiry)
            if (one := sight(state, inquiry.settings, inquiry.instant)) is not None
        ]
        wanted = [
            one
            for one in found
            if (not kind or one.type == kind) and (not unit or one.unit == unit)
        ]
        answer = Answer(
            (
                *groups,
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
        )
        rows: defaultdict[tuple[str, ...], list[Sight]] = defaultdict(list)
        for one in wanted:
            rows[tuple(_group(one, name) for name in groups)].append(one)
        for names, some in sorted(rows.items()):
            answer.add(
                (*names, *_cells(some)), **dict(zip(groups, names, strict=True)), **_numbers(some)
            )
        answer.totals.append(("total", *[""] * (len(groups) - 1), *_cells(wanted)))
        answer.plain_totals = _numbers(wanted)
        answer.show(inquiry, as_json=as_json, limit=limit)


def _group(one: Sight, name: str) -> str:
    return {"type": one.type or "?", "unit": one.unit, "month": day(one.arrival.when)[:7]}[name]


def _cells(some: Sequence[Sight]) -> tuple[str, ...]:
    due = [one for one in some if one.due]
    worth, due_worth = worth_of(one.worth for one in some), worth_of(one.worth for one in due)
    shares = ", ".join(
        say_share(due_worth.get(currency, Decimal(0)), amount) for currency, amount in worth.items()
    )
    counts = [f"{sum(one.how == how for one in some):,}" for how in _HOWS]
    return (
        f"{len(some):,}",
        say_worth(worth),
        *counts,
        f"{len(due):,}",
        say_share(len(due), len(some)),
        say_worth(due_worth),
        shares,
    )


def _numbers(some: Sequence[Sight]) -> dict[str, Any]:
    due = [one for one in some if one.due]
    worth, due_worth = worth_of(one.worth for one in some), worth_of(one.worth for one in due)
    seen = {how: [one for one in some if one.how == how] for how in _HOWS}
    return {
        **_counted(some),
        **{how: _counted(ones) for how, ones in seen.items()},
        "delinquent": _counted(due),
        "delinquent_percent": {
            "items": share(len(due), len(some)),
            "value": {
                currency: share(due_worth.get(currency, Decimal(0)), amount)
                for currency, amount in worth.items()
            },
        },
    }


def _counted(some: Iterable[Sight]) -> dict[str, Any]:
    kept = list(some)
    return {"items": len(kept), "value": plain_worth(worth_of(one.worth for one in kept))}


def _worth(state: Custody) -> tuple[Decimal, str] | None:
    return (
        None if state.worth is None else (Decimal(state.worth["amount"]), state.worth["currency"])
    )


COMMAND: Final[click.Command] = coverage
