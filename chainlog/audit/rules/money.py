"""FUND-*: money that was spent twice, lies idle, or comes from nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.family import Family
from chainlog.audit.finding import FindingRule, Spot
from chainlog.audit.phrases import name_step
from chainlog.custody.act import DAY_MS, EXACT, format_decimal
from chainlog.custody.fund import Sum, read_funds
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.family import ActBook
    from chainlog.custody.act import Act
    from chainlog.events.phrase import Params

PLACE: Final = 150


class _Readable:
    """The acts of which not so much is withheld that nothing can be read."""

    def __init__(self, book: ActBook) -> None:
        self.book = book

    def acts(self, *kinds: str) -> Iterator[Act]:
        """Every such act of some kinds."""
        return (act for act in self.book.acts(*kinds) if act.fields)


class Funds(Family):
    """The tree of funds, from commitment to spending."""

    rules: ClassVar[tuple[FindingRule, FindingRule, FindingRule]] = (
        FindingRule(
            "FUND-OVER",
            "high",
            rule="what draws on a sum is more than the sum",
            group="entry drawn on",
            words={
                "en": "{drawn} {currency} was drawn on a {step} of {amount}: {over} too much",
                "uk": ("використано {drawn} {currency}, джерело: {step} на {amount}: зайве {over}"),
            },
        ),
        FindingRule(
            "FUND-IDLE",
            "medium",
            rule="a commitment is not disbursed at all after `idle_days` (180)",
            group="commitment",
            words={
                "en": (
                    "the commitment of {amount} {currency} by {sender} has not been disbursed "
                    "in {days} days: ask {sender}"
                ),
                "uk": (
                    "зобов'язання на {amount} {currency} від {sender} не виплачується вже "
                    "{days} дн.: запитайте в {sender}"
                ),
            },
        ),
        FindingRule(
            "FUND-ORPHAN",
            "medium",
            rule=(
                "a disbursement, expenditure or return draws on nothing, on an entry that is "
                "not held, or that is not money of that currency; or a sum is not above zero"
            ),
            group="entry",
            words={
                "en": (
                    "{step} of {amount} {currency} from {sender} to {taker} {why}: ask where it "
                    "comes from"
                ),
                "uk": (
                    "{step}, {amount} {currency}, від {sender} до {taker}: {why}: з'ясуйте, "
                    "звідки ці гроші"
                ),
            },
        ),
    )

    @override
    def rest(self) -> Iterator[Spot]:
        """What each sum shows."""
        funds = read_funds(_Readable(self.source.book))
        for one in funds.values():
            if one.flaw is not None:
                params: Params = {
                    "step": name_step(one.step),
                    "amount": format_decimal(one.amount),
                    "currency": one.currency,
                    "sender": one.sender,
                    "taker": one.taker,
                    "why": one.flaw,
                }
                yield _spot("FUND-ORPHAN", one, params)
            over = EXACT.subtract(one.drawn, one.amount)
            if over > 0:
                params = {
                    "drawn": format_decimal(one.drawn),
                    "currency": one.currency,
                    "step": name_step(one.step),
                    "amount": format_decimal(one.amount),
                    "over": format_decimal(over),
                }
                yield _spot("FUND-OVER", one, params)
            if one.step == "commitment" and not any(
                funds[child].step == "disbursement" for child in one.children
            ):
                yield from self._idle(one)

    def _idle(self, one: Sum) -> Iterator[Spot]:
        idle = self.source.as_of - one.act.when
        if idle > self.settings.idle_days * DAY_MS:
            params: Params = {
                "amount": format_decimal(one.amount),
                "currency": one.currency,
                "sender": one.sender,
                "days": idle // DAY_MS,
            }
            yield _spot("FUND-IDLE", one, params)


def _spot(key: str, one: Sum, params: Params) -> Spot:
    return Spot.at(one.act, key, params, party=one.taker, amount=(one.amount, one.currency))
