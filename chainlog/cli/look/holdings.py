"""`chainlog holdings`: who holds what, where, on whose signature, as of a date."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import click

from chainlog.cli.inquire import (
    Answer,
    Inquiry,
    day,
    inquire,
    plain_worth,
    say_quantity,
    say_worth,
    worth_of,
)
from chainlog.cli.options import as_of_option, json_option, limit_option
from chainlog.custody.act import ZERO, format_decimal, plus
from chainlog.custody.item import fold_item
from chainlog.custody.lot import fold_lot
from chainlog.events.things import is_item
from chainlog.events.wording import SHORT_ID
from chainlog.index.views import Holding, item_holding, lot_holdings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_STATUSES: Final = ("on hand", "in transit", "lost", "expended", "destroyed")


def holdings_as_of(inquiry: Inquiry, holder: str | None) -> Iterator[Holding]:
    """What there is, as of the instant asked for.

    Where all that is held counts, it comes from the kept views. Otherwise every history is folded
    as of the instant.
    """
    if inquiry.as_of is None:
        yield from inquiry.items.views.holdings(holder)
        return
    found: list[Holding] = []
    for key, touches in inquiry.items.book(inquiry.as_of).histories():
        if is_item(key):
            state = fold_item(key, touches, inquiry.as_of)
            found += [item_holding(state)] if state.status != "unknown" else []
        elif not key.startswith("container:"):
            found += lot_holdings(fold_lot(key, touches))
    found.sort(key=lambda one: (not is_item(one.key), one.key, one.status, one.holder))
    yield from (one for one in found if holder is None or one.holder == holder)


def plain_holding(one: Holding) -> dict[str, Any]:
    """A holding as JSON; ids as hex, times in ms."""
    since = one.since
    return {
        "thing": one.key,
        "status": one.status,
        "holder": one.holder,
        "bound_for": one.bound_for,
        "place": one.place,
        "type": one.type,
        "condition": one.condition,
        "container": one.container,
        "agreement": one.agreement,
        "quantity": format_decimal(one.quantity),
        "unit": one.unit,
        "value": plain_worth(worth_of([one.worth])),
        "since": None
        if since is None
        else {
            "entry": since.id.hex(),
            "kind": since.kind,
            "happened": since.happened,
            "document": since.document,
            "signer": since.signer.name,
            "party": since.signer.party,
        },
    }


@click.command()
@as_of_option
@click.option("--holder", metavar="PARTY", help="Only what this party holds, or held last.")
@click.option("--place", metavar="PLACE", help="Only what is at this place.")
@click.option("--type", "kind", metavar="TYPE", help="Only things of this type.")
@click.option(
    "--status",
    type=click.Choice(_STATUSES),
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
    value}}, and with --each rows of {thing, status, holder, bound_for, place, type, condition,
    container, agreement, quantity, unit, value, since}.
    """
    with inquire(ctx, as_of) as inquiry:
        wanted = [
            one
            for one in holdings_as_of(inquiry, holder)
            if (not place or one.place == place)
            and (not kind or one.type == kind)
            and (not status or one.status in status)
        ]
        (_each if each else _grouped)(wanted).show(inquiry, as_json=as_json, limit=limit)


def _each(wanted: Iterable[Holding]) -> Answer:
    answer = Answer(
        (
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
    )
    kept = list(wanted)
    for one in kept:
        since = one.since
        told = (
            (day(since.happened), since.signer.name, since.id.hex()[:SHORT_ID])
            if since
            else ("", "", "")
        )
        where = f"{one.holder} → {one.bound_for}" if one.bound_for else one.holder
        much = f"{say_quantity(one.quantity)} {one.unit}".strip()
        worth = say_worth(worth_of([one.worth]))
        row = (
            one.key,
            one.status,
            where,
            one.container or one.place,
            one.type,
            one.condition,
            much,
            worth,
            one.agreement,
            *told,
        )
        answer.add(row, **plain_holding(one))
    _total(answer, kept)
    return answer


def _grouped(wanted: Iterable[Holding]) -> Answer:
    kept = list(wanted)
    groups: defaultdict[tuple[str, ...], list[Holding]] = defaultdict(list)
    for one in kept:
        where = f"{one.holder} → {one.bound_for}" if one.bound_for else one.holder
        groups[
            where, one.status, one.type, one.condition if is_item(one.key) else "", one.unit
        ].append(one)
    answer = Answer(("holder", "status", "type", "condition", ">quantity", "unit", ">value"))
    for (where, status, kind, condition, unit), some in sorted(groups.items()):
        much = ZERO
        for one in some:
            much = plus(much, one.quantity)
        worth = worth_of(one.worth for one in some)
        answer.add(
            (where, status, kind, condition, say_quantity(much), unit or "items", say_worth(worth)),
            holder=where,
            status=status,
            type=kind,
            condition=condition,
            quantity=format_decimal(much),
            unit=unit,
            value=plain_worth(worth),
        )
    _total(answer, kept)
    return answer


def _total(answer: Answer, kept: list[Holding]) -> None:
    """Items add up; quantities of lots do not, in different units, but what they are worth does."""
    count = sum(is_item(one.key) for one in kept)
    worth = worth_of(one.worth for one in kept)
    answer.plain_totals = {"items": count, "value": plain_worth(worth)}
    by_status = {status: [one for one in kept if one.status == status] for status in _STATUSES}
    answer.plain_totals["by_status"] = {
        status: {
            "items": sum(is_item(one.key) for one in some),
            "value": plain_worth(worth_of(one.worth for one in some)),
        }
        for status, some in by_status.items()
        if some
    }
    blank = [""] * len(answer.headings)
    places = [heading.removeprefix(">") for heading in answer.headings]
    for label, some in (
        *((status, some) for status, some in by_status.items() if some),
        ("all", kept),
    ):
        row = list(blank)
        row[0], row[places.index("status")] = "total", label
        row[places.index("quantity")] = say_quantity(
            Decimal(sum(is_item(one.key) for one in some))
        ) + (" items" if "unit" not in places else "")
        if "unit" in places:
            row[places.index("unit")] = "items"
        row[places.index("value")] = say_worth(worth_of(one.worth for one in some))
        answer.totals.append(row)


COMMAND: Final[click.Command] = holdings
