"""Coverage and what is unseen: every monitored item counts once, in rows and in totals."""

from __future__ import annotations

import pytest

from chainlog.custody.worth import worth_together
from chainlog.index.questions.coverage import coverage_by
from chainlog.index.questions.unseen import UnseenFilter, each_unseen, grouped_unseen


@pytest.mark.parametrize("groups", [("type",), ("unit",), ("type", "month")])
def test_coverage_adds_up(inquiry, groups):
    reply = coverage_by(inquiry, groups)
    totals = reply.totals
    assert totals.items == totals.physical.items + totals.declared.items + totals.unseen.items
    for how in ("physical", "declared", "unseen", "delinquent"):
        some = [getattr(one.coverage, how) for one in reply.rows]
        assert sum(one.items for one in some) == getattr(totals, how).items
        assert worth_together(one.value for one in some) == getattr(totals, how).value
    assert all(tuple(one.group) == groups for one in reply.rows)


def test_coverage_of_nothing_has_no_share(inquiry):
    reply = coverage_by(inquiry, ("type",), kind="boat")
    assert (reply.rows, reply.totals.items) == ((), 0)
    assert reply.totals.delinquent_percent.items is None
    assert reply.plain()["totals"]["delinquent_percent"] == {"items": None, "value": {}}


@pytest.mark.parametrize("only", [UnseenFilter(30), UnseenFilter(0, unmonitored=True)])
def test_unseen_adds_up(inquiry, only):
    each, grouped = each_unseen(inquiry, only), grouped_unseen(inquiry, only)
    assert each.totals == grouped.totals
    assert len(each.rows) == sum(one.items for one in grouped.rows) == each.totals.items > 0
    assert worth_together(one.value for one in each.rows) == each.totals.value
    assert worth_together(one.value for one in grouped.rows) == each.totals.value
    for row in grouped.rows:
        mine = [one for one in each.rows if (one.holder, one.type) == (row.holder, row.type)]
        assert row.never == sum(one.seen is None for one in mine)
        assert row.oldest == min((one.seen for one in mine if one.seen), default=None)


def test_nobody_else_holds_anything(inquiry):
    assert grouped_unseen(inquiry, UnseenFilter(0, holder="nobody")).rows == ()
