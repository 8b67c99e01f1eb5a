"""Money: each step's total is that of its rows, and what is left is what nobody spent."""

from __future__ import annotations

from decimal import Decimal

from chainlog.custody.worth import worth_of
from chainlog.index.questions.funds import funds_of


def test_steps_add_up(inquiry):
    reply = funds_of(inquiry)
    assert [(one.depth, one.step) for one in reply.rows] == [
        (0, "commitment"),
        (1, "disbursement"),
        (2, "expenditure"),
        (2, "return"),
    ]
    for step, currency, amount in reply.totals.steps:
        rows = [one for one in reply.rows if one.step == step]
        assert worth_of((one.amount, one.currency) for one in rows) == {currency: amount}
    assert reply.totals.left == {"USD": Decimal(10)}
    promised, paid = reply.rows[:2]
    assert (promised.drawn, promised.left) == (Decimal(60), Decimal("40.25"))
    assert (paid.draws_on, paid.left) == (promised.entry, Decimal(10))
    assert [one.is_drawn_on for one in reply.rows] == [True, True, False, False]
    assert reply.plain()["totals"]["return"] == {"USD": "9.5"}


def test_a_tree_is_shown_whole_or_not_at_all(inquiry):
    every = funds_of(inquiry).rows
    assert funds_of(inquiry, party="shop").rows == every
    assert funds_of(inquiry, currency="USD", document="C-1").rows == every
    assert funds_of(inquiry, currency="EUR").rows == ()
    assert funds_of(inquiry, party="nobody").totals.left == {}
