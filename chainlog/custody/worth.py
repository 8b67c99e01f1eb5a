"""Sums of money by currency, and shares in per cent. Currencies are never added to each other."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from chainlog.custody.act import ZERO, format_decimal, plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# An amount and its currency.
Money: TypeAlias = tuple[Decimal, str]
# Sums of money by currency.
Worth: TypeAlias = dict[str, Decimal]


def read_money(told: Mapping[str, str] | None) -> Money | None:
    """What an event's `value` says, None where it has none."""
    return None if told is None else (Decimal(told["amount"]), told["currency"])


def worth_of(amounts: Iterable[Money | None]) -> Worth:
    """Sums of money by currency, in the order of the currencies' names."""
    sums: Worth = {}
    for money in amounts:
        if money is not None:
            sums[money[1]] = plus(sums.get(money[1], ZERO), money[0])
    return dict(sorted(sums.items()))


def worth_together(worths: Iterable[Mapping[str, Decimal]]) -> Worth:
    """The sum of sums, by currency."""
    return worth_of((amount, currency) for worth in worths for currency, amount in worth.items())


def plain_worth(worth: Mapping[str, Decimal]) -> dict[str, str]:
    """Sums of money as JSON: decimals as text, by currency."""
    return {currency: format_decimal(amount) for currency, amount in worth.items()}


def share(part: Decimal | int, whole: Decimal | int) -> int | None:
    """A share in per cent, rounded half up to a whole one; None of nothing."""
    if not whole:
        return None
    return int((Decimal(part) * 200 + whole) // (Decimal(whole) * 2))


def shares(part: Mapping[str, Decimal], whole: Mapping[str, Decimal]) -> dict[str, int | None]:
    """What share of each sum another one is, in per cent, by the currencies of the whole."""
    return {currency: share(part.get(currency, ZERO), amount) for currency, amount in whole.items()}
