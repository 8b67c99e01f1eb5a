"""`chainlog unseen`: what nobody has seen for so many days."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import click

from chainlog.audit.counting import is_monitored
from chainlog.cli.check.coverage import _worth, states
from chainlog.cli.inquire import Answer, day, inquire, plain_worth, say_worth, worth_of
from chainlog.cli.options import as_of_option, json_option, limit_option, settings_option
from chainlog.custody.act import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chainlog.custody.state import Custody


@click.command()
@as_of_option
@click.option(
    "--days",
    type=click.IntRange(0, 36_500),
    default=365,
    show_default=True,
    help="Nobody saw it for more than so many days.",
)
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
    """Say what nobody has physically seen, by scan or photo, in so many days.

    Items on hand, in transit, monitored.

    JSON: {as_of, rows: [{holder, type, items, value, oldest}] or, with --each, [{item, holder,
    type, value, seen, entry}], totals}.
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
        row[0], row[at.index("value")] = (
            f"total {len(found):,}" if each else "total",
            say_worth(worth),
        )
        if not each:
            row[at.index("items")] = f"{len(found):,}"
        answer.totals.append(row)
        answer.show(inquiry, as_json=as_json, limit=limit)


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
            holder=holder,
            type=kind,
            items=len(some),
            value=plain_worth(worth),
            never=never,
            oldest=min(seen, default=None),
        )
    return answer


def _each_unseen(found: Sequence[Custody]) -> Answer:
    answer = Answer(("item", "holder", "type", ">value", "last seen", "entry"))
    for state in found:
        seen, worth = state.sighted, worth_of([_worth(state)])
        entry = seen.id.hex() if seen is not None else None
        answer.add(
            (
                state.key,
                state.holder,
                state.type,
                say_worth(worth),
                day(seen.when) if seen else "never",
                (entry or "")[:12],
            ),
            item=state.key,
            holder=state.holder,
            type=state.type,
            value=plain_worth(worth),
            seen=seen.when if seen else None,
            entry=entry,
        )
    return answer


COMMAND: Final[click.Command] = unseen
