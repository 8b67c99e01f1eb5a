"""Sums of money: exact, by currency, never across currencies; shares rounded half up."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from chainlog.custody.worth import plain_worth, read_money, share, shares, worth_of, worth_together

AMOUNTS = st.decimals(0, 10**20, places=2)
MONEY = st.tuples(AMOUNTS, st.sampled_from(["EUR", "UAH", "USD"]))


def test_what_a_value_says():
    assert read_money(None) is None
    assert read_money({"amount": "1.50", "currency": "EUR"}) == (Decimal("1.50"), "EUR")


@given(st.lists(st.none() | MONEY))
def test_sums_are_exact_and_in_order(amounts):
    worth = worth_of(amounts)
    assert list(worth) == sorted({one[1] for one in amounts if one is not None})
    for currency, amount in worth.items():
        told = (Fraction(one[0]) for one in amounts if one is not None and one[1] == currency)
        assert Fraction(amount) == sum(told)
    assert worth_together([worth_of([one]) for one in amounts]) == worth
    assert {name: Decimal(text) for name, text in plain_worth(worth).items()} == worth


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_share_is_rounded_half_up(part, whole):
    told = share(part, whole)
    assert told is not None
    assert Fraction(-1, 2) <= Fraction(100 * part, whole) - told < Fraction(1, 2)
    assert share(part, 0) is None


def test_shares_are_of_the_whole_s_currencies():
    whole = {"EUR": Decimal(0), "UAH": Decimal(8), "USD": Decimal(3)}
    part = {"USD": Decimal(1), "GBP": Decimal(5)}
    assert shares(part, whole) == {"EUR": None, "UAH": 0, "USD": 33}


def test_money_of_two_currencies_is_not_added_up():
    worth = worth_of([(Decimal("0.10"), "USD"), None, (Decimal(7), "EUR"), (Decimal("0.2"), "USD")])
    assert list(worth.items()) == [("EUR", Decimal(7)), ("USD", Decimal("0.30"))]
    assert plain_worth(worth_together([worth, {"UAH": Decimal(1), "USD": Decimal(1)}])) == {
        "EUR": "7",
        "UAH": "1",
        "USD": "1.3",
    }
