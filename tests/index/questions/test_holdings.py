"""Holdings: what is told of each thing is what the groups and the totals add up to."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chainlog.custody.worth import worth_together
from chainlog.index.questions.holdings import HoldingFilter, each_holding, grouped_holdings

ALL = HoldingFilter()


@pytest.mark.parametrize(
    "only", [ALL, HoldingFilter(holder="brigade"), HoldingFilter(statuses=("lost",))]
)
def test_rows_add_up_to_the_totals(inquiry, only):
    for reply in (each_holding(inquiry, only), grouped_holdings(inquiry, only)):
        items = sum(one.quantity for one in reply.rows if not one.unit)
        assert items == reply.totals.items > 0
        assert worth_together(one.value for one in reply.rows) == reply.totals.value
        by_status = reply.totals.by_status.values()
        assert sum(one.items for one in by_status) == reply.totals.items
        assert worth_together(one.value for one in by_status) == reply.totals.value
        assert [label for label, _ in reply.totals.labelled][-1] == "all"


def test_groups_hold_each_thing_once(inquiry):
    each, grouped = each_holding(inquiry, ALL).rows, grouped_holdings(inquiry, ALL).rows
    for unit in {one.unit for one in each}:
        assert sum(one.quantity for one in each if one.unit == unit) == sum(
            one.quantity for one in grouped if one.unit == unit
        )
    assert len(
        {(one.holder, one.status, one.type, one.condition, one.unit) for one in grouped}
    ) == (len(grouped))


def test_a_thing_rests_on_an_entry_and_its_signature(inquiry):
    only = HoldingFilter(holder="brigade", type="howitzer")
    (gun,) = each_holding(inquiry, only).rows
    assert (gun.thing, gun.status, gun.quantity) == ("1ABC2/M777/SN-1", "lost", Decimal(1))
    assert gun.since is not None
    assert (gun.since.kind, gun.since.party) == ("loss", "brigade")
    assert gun.plain()["since"]["entry"] == gun.since.entry.hex()


def test_a_place_that_nobody_named_holds_nothing(inquiry):
    reply = each_holding(inquiry, HoldingFilter(place="nowhere"))
    assert (reply.rows, reply.totals.items, reply.totals.value) == ((), 0, {})
