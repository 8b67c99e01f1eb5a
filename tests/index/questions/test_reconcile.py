"""Consignments: each once, with its verdict, and by how much it differs."""

from __future__ import annotations

from decimal import Decimal

from chainlog.index.questions.reconcile import ConsignmentFilter, by_unit, reconciled


def test_what_was_sent_against_what_arrived(inquiry):
    reply = reconciled(inquiry, ConsignmentFilter())
    short, under_way = reply.rows
    assert (short.document, short.verdict, under_way.verdict) == ("WB-1", "differs", "open")
    assert by_unit(short.sent) == {"items": Decimal(2), "RD": Decimal(300)}
    assert by_unit(short.difference) == {"items": Decimal(-1), "RD": Decimal(-50)}
    assert (under_way.received_on, under_way.difference) == (None, {})
    assert reply.totals.verdicts == {"differs": 1, "open": 1}
    assert reply.totals.compared == 1
    assert reply.plain()["totals"] == {"consignments": 2, "differs": 1, "open": 1}


def test_the_difference_is_what_arrived_less_what_was_due(inquiry):
    for row in reconciled(inquiry, ConsignmentFilter()).rows:
        if row.receipts:
            for thing in {**row.sent, **row.received}:
                more = row.received.get(thing, 0) - row.sent.get(thing, 0)
                assert row.difference.get(thing, 0) == more


def test_filters_of_consignments(inquiry):
    def documents(**only):
        return [one.document for one in reconciled(inquiry, ConsignmentFilter(**only)).rows]

    assert documents(differing=True) == ["WB-1"]
    assert documents(document="WB-2") == documents(since=1_677_600_000_000) == ["WB-2"]
    assert documents(until=1_677_600_000_000) == ["WB-1"]
    assert documents(sender="brigade") == documents(taker="depot") == []
