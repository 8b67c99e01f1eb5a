"""`chainlog coverage` and `chainlog unseen`: which monitored items somebody saw in time, and which nobody did."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.act import DAY_MS
from chainlog.audit.counting import is_monitored
from chainlog.audit.coverage import Sight, sight
from chainlog.cli.inquiring import (
    Answer,
    Inquiry,
    as_of_option,
    day,
    inquire,
    json_option,
    limit_option,
    plain_worth,
    say_share,
    say_worth,
    settings_option,
    share,
    worth_of,
)
from chainlog.custody import Custody, fold_item
from chainlog.identity import is_item

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_HOWS: Final = ("physical", "declared", "unseen")


def states(inquiry: Inquiry) -> Iterator[Custody]:
    """Every item, as of the instant."""
    for key, touches in inquiry.items.book(inquiry.as_of).histories():
        if is_item(key):
            yield fold_item(key, touches, inquiry.instant)


@click.command()
@as_of_option
@click.option("--by", type=click.Choice(("type", "unit", "month")), multiple=True, help="A row for each; may be repeated. [default: type]")
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

    `physical`: by scan or photo within the last year; `declared`: by word alone; `unseen`: neither. `delinquent`: INV-INIT or INV-ANNUAL.
    A month is that of arrival. JSON: {as_of, rows: [{…by, items, value, physical, declared, unseen, delinquent: {items, value},
    delinquent_percent: {items, value}}], totals: the same of all}.
    """
    groups = by or ("type",)
    with inquire(ctx, as_of, settings) as inquiry:
        found = [one for state in states(inquiry) if (one := sight(state, inquiry.settings, inquiry.instant)) is not None]
        wanted = [one for one in found if (not kind or one.type == kind) and (not unit or one.unit == unit)]
        answer = Answer(
            (*groups, ">items", ">value", ">physical", ">declared", ">unseen", ">delinquent", ">%", ">delinquent value", ">% of value")
        )
        rows: defaultdict[tuple[str, ...], list[Sight]] = defaultdict(list)
        for one in wanted:
            rows[tuple(_group(one, name) for name in groups)].append(one)
        for names, some in sorted(rows.items()):
            answer.add((*names, *_cells(some)), **dict(zip(groups, names, strict=True)), **_numbers(some))
        answer.totals.append(("total", *[""] * (len(groups) - 1), *_cells(wanted)))
        answer.plain_totals = _numbers(wanted)
        answer.show(inquiry, as_json=as_json, limit=limit)


def _group(one: Sight, name: str) -> str:
    return {"type": one.type or "?", "unit": one.unit, "month": day(one.arrival.when)[:7]}[name]


def _cells(some: Sequence[Sight]) -> tuple[str, ...]:
    due = [one for one in some if one.due]
    worth, due_worth = worth_of(one.worth for one in some), worth_of(one.worth for one in due)
    shares = ", ".join(say_share(due_worth.get(currency, Decimal(0)), amount) for currency, amount in worth.items())
    counts = [f"{sum(one.how == how for one in some):,}" for how in _HOWS]
    return f"{len(some):,}", say_worth(worth), *counts, f"{len(due):,}", say_share(len(due), len(some)), say_worth(due_worth), shares


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
            "value": {currency: share(due_worth.get(currency, Decimal(0)), amount) for currency, amount in worth.items()},
        },
    }


def _counted(some: Iterable[Sight]) -> dict[str, Any]:
    kept = list(some)
    return {"items": len(kept), "value": plain_worth(worth_of(one.worth for one in kept))}


@click.command()
@as_of_option
@click.option("--days", type=click.IntRange(0, 36_500), default=365, show_default=True, help="Nobody saw it for more than so many days.")
@click.option("--holder", metavar="PARTY", help="Only what this party holds.")
@click.option("--type", "kind", metavar="TYPE", help="Only items of this type.")
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
    """Say what nobody has physically seen, by scan or photo, in so many days: items on hand, in transit, monitored.

    JSON: {as_of, rows: [{holder, type, items, value, oldest}] or, with --each, [{item, holder, type, value, seen, entry}], totals}.
    """
    with inquire(ctx, as_of, settings) as inquiry:
        horizon = inquiry.instant - days * DAY_MS
        found = [
            state
            for state in states(inquiry)
            if state.status in {"on hand", "in transit"}
            and (all_items or is_monitored(state, inquiry.settings))
            and (holder is None or state.holder == holder)
            and (kind is None or state.type == kind)
            and (state.sighted is None or state.sighted.when < horizon)
        ]
        found.sort(key=lambda state: (state.holder, state.type, state.key))
        answer = _each_unseen(found) if each else _grouped_unseen(found)
        worth = worth_of(_worth(state) for state in found)
        answer.plain_totals = {"items": len(found), "value": plain_worth(worth)}
        at = [heading.removeprefix(">") for heading in answer.headings]
        row = [""] * len(at)
        row[0], row[at.index("value")] = f"total {len(found):,}" if each else "total", say_worth(worth)
        if not each:
            row[at.index("items")] = f"{len(found):,}"
        answer.totals.append(row)
        answer.show(inquiry, as_json=as_json, limit=limit)


def _worth(state: Custody) -> tuple[Decimal, str] | None:
    return None if state.worth is None else (Decimal(state.worth["amount"]), state.worth["currency"])


def _grouped_unseen(found: Sequence[Custody]) -> Answer:
    answer = Answer(("holder", "type", ">items", ">value", "last seen, the longest ago"))
    groups: defaultdict[tuple[str, str], list[Custody]] = defaultdict(list)
    for state in found:
        groups[state.holder, state.type].append(state)
    for (holder, kind), some in groups.items():
        seen = [state.sighted.when for state in some if state.sighted is not None]
        never = len(some) - len(seen)
        oldest = f"{never} never" if never else day(min(seen))
        worth = worth_of(_worth(state) for state in some)
        answer.add(
            (holder, kind, f"{len(some):,}", say_worth(worth), oldest),
            holder=holder, type=kind, items=len(some), value=plain_worth(worth), never=never, oldest=min(seen, default=None),
        )  # fmt: skip
    return answer


def _each_unseen(found: Sequence[Custody]) -> Answer:
    answer = Answer(("item", "holder", "type", ">value", "last seen", "entry"))
    for state in found:
        seen, worth = state.sighted, worth_of([_worth(state)])
        entry = seen.id.hex() if seen is not None else None
        answer.add(
            (state.key, state.holder, state.type, say_worth(worth), day(seen.when) if seen else "never", (entry or "")[:12]),
            item=state.key, holder=state.holder, type=state.type, value=plain_worth(worth), seen=seen.when if seen else None, entry=entry,
        )  # fmt: skip
    return answer


COMMANDS: Final[dict[str, click.Command]] = {"coverage": coverage, "unseen": unseen}
