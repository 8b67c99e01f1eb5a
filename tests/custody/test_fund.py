"""Funds as a tree: nothing drawn is counted twice or not at all, and no circle closes."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal, Inexact, localcontext
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.acts import Acting, digest

from chainlog.custody.fund import read_funds, roots


class Money(Acting):
    """What is said of money; `acts` of some kinds, as a book gives them."""

    def tell(self, step, amount, parent=None, *, chain="hq", at=None, currency="USD"):
        return self.say(
            chain,
            "fund",
            len(self.acts) if at is None else at,
            **fields(step, amount, parent, currency),
        )

    def redraw(self, act, step, amount, parent=None, currency="USD"):
        self.replace(act, act, **fields(step, amount, parent, currency))

    def read(self):
        return read_funds(Book(self.acts))


class Book:
    def __init__(self, told):
        self.told = told

    def acts(self, *kinds):
        return (act for act in self.told if act.kind in kinds)


def fields(step, amount, parent, currency):
    draws = {} if parent is None else {"draws_on": getattr(parent, "id", parent)}
    return {
        "step": step,
        "amount": amount,
        "currency": currency,
        "from_": "donor",
        "to": "depot",
        **draws,
    }


def test_from_commitment_to_spending():
    told = Money()
    promised = told.tell("commitment", "100.5")
    paid = told.tell("disbursement", "60.25", promised)
    spent, back = told.tell("expenditure", "50", paid), told.tell("return", "10.25", paid)
    told.say("hq", "attest", 9, entry=paid.id)
    found = told.read()
    assert list(found) == [promised.id, paid.id, spent.id, back.id]
    one = found[promised.id]
    assert (one.step, one.amount, one.currency, one.sender, one.taker, one.parent) == (
        "commitment",
        Decimal("100.5"),
        "USD",
        "donor",
        "depot",
        None,
    )
    assert (one.children, one.drawn, one.left, one.orphan) == (
        [paid.id],
        Decimal("60.25"),
        Decimal("40.25"),
        "",
    )
    assert (found[paid.id].children, found[paid.id].left) == ([spent.id, back.id], 0)
    assert [root.act.id for root in roots(found)] == [promised.id]


def test_children_stand_in_order_of_when_they_happened():
    told = Money()
    promised = told.tell("commitment", "10", at=50)
    late, early = (
        told.tell("disbursement", "3", promised, at=40),
        told.tell("disbursement", "9", promised, at=20),
    )
    found = told.read()
    assert list(found) == [early.id, late.id, promised.id]
    assert (found[promised.id].children, found[promised.id].left) == ([early.id, late.id], -2)


@pytest.mark.parametrize("step", ["disbursement", "expenditure", "return"])
def test_what_draws_on_nothing_hangs_on_nothing(step):
    told = Money()
    promised = told.tell("commitment", "10")
    for orphan in (
        told.tell(step, "1"),
        told.tell(step, "1", digest("not held")),
        told.tell(step, "1", promised, currency="EUR"),
    ):
        assert told.read()[orphan.id].orphan
    noted = told.say("hq", "attest", 9, entry=promised.id)
    told.tell(step, "1", noted)
    found = told.read()
    assert [one.orphan for one in found.values()] == [
        "",
        "draws on nothing",
        "draws on an entry that is not held, or is no money",
        "draws on money in USD",
        "draws on an entry that is not held, or is no money",
    ]
    assert (found[promised.id].children, found[promised.id].left) == ([], 10)
    assert [one.act.id for one in roots(found)] == list(found)


@pytest.mark.parametrize("amount", ["0", "-5"])
def test_no_amount_draws_nothing(amount):
    told = Money()
    promised = told.tell("commitment", "10")
    told.tell("disbursement", amount, promised)
    told.tell("commitment", amount)
    found = told.read()
    assert [one.orphan for one in found.values()] == [
        "",
        "is no amount above zero",
        "is no amount above zero",
    ]
    assert found[promised.id].left == 10


def test_what_was_taken_back_is_no_money():
    told = Money()
    promised = told.tell("commitment", "10")
    paid = told.tell("disbursement", "3", promised)
    told.take_back(paid)
    assert told.read()[promised.id].left == 10
    told.redraw(paid, "disbursement", "4", promised)
    assert told.read()[promised.id].left == 6
    told.take_back(promised)
    assert told.read()[paid.id].orphan == "draws on an entry that is not held, or is no money"


def test_a_sum_that_is_withheld_is_not_held():
    told = Money()
    promised = told.tell("commitment", "10")
    paid = told.tell("disbursement", "3", promised)
    told.acts[0] = msgspec.structs.replace(promised, fields={})
    assert {entry: one.orphan for entry, one in told.read().items()} == {
        paid.id: "draws on an entry that is not held, or is no money"
    }


def test_corrections_close_no_circle():
    told = Money()
    promised = told.tell("commitment", "10")
    paid = told.tell("disbursement", "8", promised)
    spent = told.tell("expenditure", "5", paid)
    told.redraw(promised, "disbursement", "10", spent)
    found = told.read()
    assert (found[promised.id].orphan, found[promised.id].left, found[spent.id].left) == (
        "draws on what draws on it",
        2,
        5,
    )
    assert [one.act.id for one in roots(found)] == [promised.id]
    told.redraw(promised, "disbursement", "10", promised)
    assert told.read()[promised.id].orphan == "draws on what draws on it"
    # A circle that it draws on, and is not in, is broken by one that is.
    told.redraw(paid, "disbursement", "8", spent)
    told.redraw(promised, "disbursement", "10", paid)
    found = told.read()
    assert [one.orphan for one in found.values()] == ["", "draws on what draws on it", ""]
    assert [one.act.id for one in roots(found)] == [paid.id]


AMOUNTS = st.one_of(
    st.sampled_from(["0", "-5", "9" * 30, "0." + "0" * 28 + "1", "9" * 29 + ".5"]),
    st.integers(1, 99).map(str),
)
STEPS = st.sampled_from(["commitment", "disbursement", "expenditure", "return"])
CURRENCIES = st.sampled_from(["USD", "USD", "EUR"])


@st.composite
def stories(draw):
    told = Money()
    for _ in range(draw(st.integers(0, 12))):
        parent = draw(st.sampled_from([None, digest("not held"), *told.acts]))
        told.tell(
            draw(STEPS),
            draw(AMOUNTS),
            parent,
            chain=draw(st.sampled_from("ab")),
            at=draw(st.integers(0, 9)),
            currency=draw(CURRENCIES),
        )
    for act in told.acts[:]:
        fate = draw(st.integers(0, 5))
        if fate == 0:
            told.take_back(act)
        elif fate == 1:
            told.redraw(
                act, draw(STEPS), draw(AMOUNTS), draw(st.sampled_from(told.acts)), draw(CURRENCIES)
            )
    return told


@given(stories(), st.randoms(use_true_random=False))
def test_every_sum_is_what_was_drawn_and_what_is_left(told, random):
    with localcontext() as poor:
        poor.prec, poor.traps[Inexact] = 5, True  # what does not ask for exactness fails here
        found = told.read()
        left = {entry: one.left for entry, one in found.items()}
    again = told.acts[:]
    random.shuffle(again)
    assert list(read_funds(Book(again)).items()) == list(found.items())
    assert {act.id for act in told.acts if act.standing != "taken back"} == set(found)
    for entry, one in found.items():
        children = [found[child] for child in one.children]
        assert all(
            child.parent == entry
            and child.currency == one.currency
            and child.amount > 0
            and not child.orphan
            for child in children
        )
        assert Fraction(one.drawn) == sum(Fraction(child.amount) for child in children)
        assert Fraction(one.amount) == Fraction(one.drawn) + Fraction(left[entry])
        assert one.orphan or one.amount > 0
        assert bool(one.orphan) or one.parent is not None or one.step == "commitment"
    # Every sum hangs on one root, once: no circle, nothing left out.
    pending, seen = [one.act.id for one in roots(found)], Counter()
    while pending:
        at = pending.pop()
        seen[at] += 1
        assert seen[at] == 1
        pending += found[at].children
    assert seen.keys() == found.keys()
