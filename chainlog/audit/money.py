"""FUND-*: money that was spent twice, lies idle, or comes from nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from chainlog.audit.family import Family
from chainlog.audit.finding import Spot
from chainlog.custody.act import DAY_MS, EXACT, format_decimal
from chainlog.custody.fund import Sum, read_funds
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.family import Book
    from chainlog.custody.act import Act


class _Readable:
    """The acts of which not so much is withheld that nothing can be read."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def acts(self, *kinds: str) -> Iterator[Act]:
        """Every such act of some kinds."""
        return (act for act in self.book.acts(*kinds) if act.fields)


class Funds(Family):
    """The tree of funds, from commitment to spending."""

    codes: ClassVar = ("FUND-OVER", "FUND-IDLE", "FUND-ORPHAN")

    @override
    def rest(self) -> Iterator[Spot]:
        """What each sum shows."""
        funds = read_funds(_Readable(self.source.book))
        for one in funds.values():
            if one.orphan:
                told = (
                    f"{one.step} of {format_decimal(one.amount)} {one.currency} from "
                    f"{one.sender} to {one.taker}"
                )
                yield self._spot(
                    "FUND-ORPHAN", one, f"{told} {one.orphan}: ask where it comes from"
                )
            over = EXACT.subtract(one.drawn, one.amount)
            if over > 0:
                told = (
                    f"{format_decimal(one.drawn)} {one.currency} was drawn on a {one.step} of "
                    f"{format_decimal(one.amount)}"
                )
                yield self._spot("FUND-OVER", one, f"{told}: {format_decimal(over)} too much")
            if one.step == "commitment" and not any(
                funds[child].step == "disbursement" for child in one.children
            ):
                yield from self._idle(one)

    def _idle(self, one: Sum) -> Iterator[Spot]:
        idle = self.source.as_of - one.act.when
        if idle > self.settings.idle_days * DAY_MS:
            told = f"the commitment of {format_decimal(one.amount)} {one.currency} by {one.sender}"
            yield self._spot(
                "FUND-IDLE",
                one,
                f"{told} has not been disbursed in {idle // DAY_MS} days: ask {one.sender}",
            )

    def _spot(self, code: str, one: Sum, says: str) -> Spot:
        act = one.act
        return Spot(
            code,
            (act.id,),
            says,
            act,
            (),
            act.ids,
            one.taker,
            act.text("place"),
            amount=(one.amount, one.currency),
        )
