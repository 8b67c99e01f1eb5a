"""Where the money went, from commitment to spending, as a tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainlog.custody.act import EXACT, ZERO
from chainlog.custody.fund import Sum, read_funds, roots
from chainlog.custody.worth import worth_of
from chainlog.index.questions.reply import JsonRow, Reply, for_people

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from chainlog.custody.worth import Worth
    from chainlog.events.phrase import Phrase
    from chainlog.index.inquiry import Inquiry


@dataclass(frozen=True, slots=True)
class FundRow(JsonRow):
    """One sum of money.

    `depth`: how far it is from the commitment; `drawn`: what its children draw on it; `orphan`: why
    it hangs on nothing, where it should.
    """

    depth: int
    step: str
    amount: Decimal
    currency: str
    from_: str
    to: str
    document: str
    happened: int
    drawn: Decimal
    left: Decimal
    orphan: str | None
    entry: bytes
    draws_on: bytes | None
    # The same as `orphan`, in any language.
    flaw: Phrase | None = for_people()  # noqa: RUF009  (a field)

    @property
    def is_drawn_on(self) -> bool:
        """Whether others may draw on it."""
        return self.step in {"commitment", "disbursement"}


@dataclass(frozen=True, slots=True)
class FundTotals(JsonRow):
    """What each step comes to, and what is `left` of what was disbursed."""

    commitment: Worth
    disbursement: Worth
    expenditure: Worth
    return_: Worth
    left: Worth

    @property
    def steps(self) -> Iterator[tuple[str, str, Decimal]]:
        """Each step, currency and sum."""
        for step, worth in (
            ("commitment", self.commitment),
            ("disbursement", self.disbursement),
            ("expenditure", self.expenditure),
            ("return", self.return_),
        ):
            yield from ((step, currency, amount) for currency, amount in worth.items())


def funds_of(
    inquiry: Inquiry,
    party: str | None = None,
    currency: str | None = None,
    document: str | None = None,
) -> Reply[FundRow, FundTotals]:
    """Every tree in which a party or a currency has a part, or whose root is under a document."""
    sums = read_funds(inquiry.book())
    rows: list[FundRow] = []
    for root in roots(sums):
        tree = list(_tree(sums, root))
        if (
            (currency is None or any(one.currency == currency for _, one in tree))
            and (party is None or any(party in {one.sender, one.taker} for _, one in tree))
            and (document is None or root.act.text("document") == document)
        ):
            rows += [_row(depth, one) for depth, one in tree]
    return Reply(inquiry.instant, tuple(rows), _totals(rows), inquiry.unmet)


def _tree(sums: Mapping[bytes, Sum], root: Sum) -> Iterator[tuple[int, Sum]]:
    """A sum and all that draws on it, each before its children, with its depth."""
    pending = [(0, root)]
    while pending:
        depth, one = pending.pop()
        yield depth, one
        pending += [(depth + 1, sums[child]) for child in reversed(one.children)]


def _row(depth: int, one: Sum) -> FundRow:
    return FundRow(
        depth,
        one.step,
        one.amount,
        one.currency,
        one.sender,
        one.taker,
        one.act.text("document"),
        one.act.when,
        one.drawn,
        one.left,
        one.orphan or None,
        one.act.id,
        one.parent or None,
        one.flaw,
    )


def _totals(rows: list[FundRow]) -> FundTotals:
    commitment, disbursement, expenditure, returned = (
        worth_of((one.amount, one.currency) for one in rows if one.step == step)
        for step in ("commitment", "disbursement", "expenditure", "return")
    )
    left = {
        currency: EXACT.subtract(
            amount, EXACT.add(expenditure.get(currency, ZERO), returned.get(currency, ZERO))
        )
        for currency, amount in disbursement.items()
    }
    return FundTotals(commitment, disbursement, expenditure, returned, left)
