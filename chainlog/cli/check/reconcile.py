"""`chainlog reconcile`: what was shipped against what was received, consignment by consignment."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.inquire import Answer, day, inquire
from chainlog.cli.options import as_of_option, json_option, limit_option, parse_moment
from chainlog.custody.act import format_decimal
from chainlog.custody.shipment import Consignment, consignments, verdict
from chainlog.events.things import is_item

if TYPE_CHECKING:
    from chainlog.custody.shipment import Amounts

_SHOWN: Final = 3


@click.command()
@as_of_option
@click.option("--from", "sender", metavar="PARTY", help="Only what this party sent.")
@click.option("--to", "taker", metavar="PARTY", help="Only what was sent to this party.")
@click.option("--document", metavar="NUMBER", help="Only what went under this document.")
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
    open, …}}.
    """
    first, last = parse_moment(since), parse_moment(until, end=True)
    answer = Answer(
        (
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
    )
    counts: Counter[str] = Counter()
    with inquire(ctx, as_of) as inquiry:
        for one in consignments(inquiry.items.book(inquiry.as_of)):
            acts = one.dispatches or one.receipts or one.advices
            when = min(act.when for act in acts)
            told = verdict(one)
            if (
                (sender is None or one.sender == sender)
                and (taker is None or one.taker == taker)
                and (document is None or one.document == document)
                and (first is None or when >= first)
                and (last is None or when <= last)
                and not (differing and told != "differs")
            ):
                counts[told] += 1
                _row(answer, one, told)
        compared = counts["matches"] + counts["differs"]
        answer.plain_totals = {"consignments": sum(counts.values()), **dict(sorted(counts.items()))}
        others = ", ".join(
            f"{counts[name]} {name}" for name in ("open", "no dispatch", "advised") if counts[name]
        )
        answer.words.append(
            f"{counts['differs']} of {compared} shipments that were received do not match"
            + (f"; {others}" if others else "")
        )
        answer.rows.sort(key=lambda row: row[3])
        answer.plain.sort(key=lambda row: (row["sent_on"] is None, row["sent_on"] or 0))
        answer.show(inquiry, as_json=as_json, limit=limit)


def _row(answer: Answer, one: Consignment, told: str) -> None:
    sent_on = min((act.when for act in one.dispatches), default=None)
    received_on = min((act.when for act in one.receipts), default=None)
    differences = one.differences() if one.receipts else {}
    answer.add(
        (
            one.document,
            one.sender,
            one.taker,
            day(sent_on),
            _much(one.due),
            day(received_on),
            _much(one.arrived),
            told,
            _differing(differences),
        ),
        **{"from": one.sender},
        document=one.document,
        to=one.taker,
        sent_on=sent_on,
        received_on=received_on,
        sent=_plain(one.due),
        received=_plain(one.arrived),
        difference=_plain(differences),
        verdict=told,
        dispatches=[act.id.hex() for act in one.dispatches],
        receipts=[act.id.hex() for act in one.receipts],
    )


def _much(amounts: Amounts) -> str:
    """So many items, and so much of each unit."""
    units: dict[str, Decimal] = {}
    for (key, unit), much in amounts.items():
        name = "items" if is_item(key) else unit
        units[name] = units.get(name, Decimal(0)) + much
    return ", ".join(f"{format_decimal(much)} {unit}" for unit, much in units.items())


def _differing(differences: Amounts) -> str:
    told = [
        f"{'+' if much > 0 else ''}{format_decimal(much)} {unit + ' of ' if unit else ''}{key}"
        for (key, unit), much in differences.items()
    ]
    return ", ".join(told[:_SHOWN]) + (
        f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    )


def _plain(amounts: Amounts) -> dict[str, str]:
    return {f"{key} {unit}".strip(): format_decimal(much) for (key, unit), much in amounts.items()}


COMMAND: Final[click.Command] = reconcile
