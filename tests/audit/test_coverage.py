"""What share of the monitored items was seen in time."""

from __future__ import annotations

from decimal import Decimal

import pytest
from support.programmes import Chronicle, item, key

from chainlog.audit.coverage import sight
from chainlog.audit.settings import Settings
from chainlog.custody.act import milliseconds
from chainlog.custody.item import fold_item

DAY = 86_400_000
ARRIVED = milliseconds("2023-02-02T08:00:00Z")


@pytest.fixture
def told():
    told = Chronicle()
    told.register(
        item("SN-1", type="M777", value={"amount": "100", "currency": "USD", "basis": "list"})
    )
    return told


def seen(told, after=0, **settings):
    as_of = ARRIVED + after
    with told.items() as items:
        return sight(
            fold_item(key("SN-1"), items.book(as_of + 60_000).history(key("SN-1")), as_of),
            Settings(**settings),
            as_of,
        )


def test_what_is_not_there_or_not_monitored_or_no_more_is_not_counted(told):
    assert seen(told) is None
    told.take(item("SN-1"))
    one = seen(told)
    assert (one.key, one.type, one.unit, one.how, one.due, one.worth) == (
        key("SN-1"),
        "M777",
        "brigade",
        "unseen",
        False,
        (Decimal(100), "USD"),
    )
    assert one.arrival.kind == "receive"
    assert seen(told, in_country=("hq",)) is None
    told.lose(item("SN-1"), holder="brigade", at="2023-02-05")
    assert seen(told, 9 * DAY) is None
    told.register(item("SN-2"), monitoring="routine")
    told.take(item("SN-2"))
    with told.items() as items:
        assert (
            sight(fold_item(key("SN-2"), items.book().history(key("SN-2"))), Settings(), ARRIVED)
            is None
        )


@pytest.mark.parametrize(("after", "due"), [(90 * DAY, False), (90 * DAY + 1, True)])
def test_due_when_nobody_came(told, after, due):
    told.take(item("SN-1"))
    one = seen(told, after)
    assert (one.how, one.due) == ("unseen", due)


@pytest.mark.parametrize(("after", "how"), [(365 * DAY, "physical"), (365 * DAY + 1, "unseen")])
def test_a_scan_counts_for_a_year(told, after, how):
    told.take(item("SN-1"), entry_mode="scan")
    one = seen(told, after)
    assert (one.how, one.due) == (how, how == "unseen")


def test_a_word_is_a_word(told):
    told.take(item("SN-1"))
    told.count(item("SN-1"), holder="brigade", at="2023-03-01")
    one = seen(told, 91 * DAY)
    assert (one.how, one.due) == ("declared", True)
    told.count(item("SN-1"), holder="brigade", at="2023-03-02", entry_mode="scan")
    assert seen(told, 91 * DAY).how == "physical"
