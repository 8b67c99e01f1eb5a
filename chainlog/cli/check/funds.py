"""`chainlog funds`: where the money went, from commitment to spending, as a tree."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import click

from chainlog.cli.inquire import (
    Answer,
    day,
    inquire,
    plain_worth,
    say_quantity,
    say_worth,
    worth_of,
)
from chainlog.cli.options import as_of_option, json_option, limit_option
from chainlog.custody.act import EXACT, ZERO, format_decimal
from chainlog.custody.fund import Sum, read_funds, roots
from chainlog.events.wording import SHORT_ID

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_STEPS: Final = ("commitment", "disbursement", "expenditure", "return")


@click.command()
@as_of_option
@click.option("--party", metavar="PARTY", help="Only trees in which this party gives or gets.")
@click.option("--currency", metavar="CUR", help="Only money in this currency.")
@click.option(
    "--document", metavar="NUMBER", help="Only the tree of the commitment under this document."
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
    orphan, entry, draws_on}], totals: by step, by currency}.
    """
    answer = Answer(
        ("what", ">amount", "cur", "from", "to", "document", "date", ">drawn", ">left", "entry")
    )
    with inquire(ctx, as_of) as inquiry:
        found = read_funds(inquiry.items.book(inquiry.as_of))
        for root in roots(found):
            tree = list(_tree(found, root))
            if (
                (currency is None or any(one.currency == currency for _, one in tree))
                and (party is None or any(party in {one.sender, one.taker} for _, one in tree))
                and (document is None or root.act.text("document") == document)
            ):
                for depth, one in tree:
                    _row(answer, depth, one)
        _total(answer)
        answer.show(inquiry, as_json=as_json, limit=limit)


def _tree(found: Mapping[bytes, Sum], root: Sum) -> Iterator[tuple[int, Sum]]:
    """A sum and all that draws on it, each before its children, with its depth."""
    pending = [(0, root)]
    while pending:
        depth, one = pending.pop()
        yield depth, one
        pending += [(depth + 1, found[child]) for child in reversed(one.children)]


def _row(answer: Answer, depth: int, one: Sum) -> None:
    act = one.act
    open_ended = one.step in {"commitment", "disbursement"}
    what = "  " * min(depth, 20) + one.step + (f" ({one.orphan})" if one.orphan else "")
    answer.add(
        (
            what,
            say_quantity(one.amount),
            one.currency,
            one.sender,
            one.taker,
            act.text("document"),
            day(act.when),
            say_quantity(one.drawn) if open_ended else "",
            say_quantity(one.left) if open_ended else "",
            act.id.hex()[:SHORT_ID],
        ),
        depth=depth,
        step=one.step,
        amount=format_decimal(one.amount),
        currency=one.currency,
        **{"from": one.sender},
        to=one.taker,
        document=act.text("document"),
        happened=act.when,
        drawn=format_decimal(one.drawn),
        left=format_decimal(one.left),
        orphan=one.orphan or None,
        entry=act.id.hex(),
        draws_on=one.parent.hex() if one.parent else None,
    )


def _total(answer: Answer) -> None:
    """What each step comes to, and what is left of what was disbursed."""
    sums: dict[str, dict[str, Decimal]] = {}
    for step in _STEPS:
        rows = [row for row in answer.plain if row["step"] == step]
        sums[step] = worth_of((Decimal(row["amount"]), row["currency"]) for row in rows)
        if rows:
            for currency, amount in sums[step].items():
                answer.totals.append(
                    (f"total {step}", say_quantity(amount), currency, "", "", "", "", "", "", "")
                )
    answer.plain_totals = {step: plain_worth(sums[step]) for step in _STEPS}
    left: dict[str, Decimal] = {}
    for currency, amount in sums["disbursement"].items():
        gone = EXACT.add(
            sums["expenditure"].get(currency, ZERO), sums["return"].get(currency, ZERO)
        )
        left[currency] = EXACT.subtract(amount, gone)
    answer.plain_totals["left"] = plain_worth(left)
    if left:
        answer.words.append(f"disbursed and not yet spent or given back: {say_worth(left)}")


COMMAND: Final[click.Command] = funds
