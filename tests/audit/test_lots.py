"""LOT-*: each found, the nearest that is not, and what takes it away."""

from __future__ import annotations

import pytest
from support.programmes import Chronicle, lot

LOT = "lot:1320900007012/L-1"


@pytest.fixture
def told():
    return Chronicle()


def test_negative_is_more_than_there_was(told):
    told.register(lot("L-1", "10"))
    gone = told.hand(lot("L-1", "10.5"), place="Gate 2")
    (found,) = told.only("LOT-NEGATIVE", "2023-03-01")
    assert (found.severity, found.party, found.place, found.entries) == (
        "high",
        "depot",
        "Gate 2",
        (gone.id,),
    )
    assert (found.items, found.count, found.chain, found.index) == ((LOT,), 1, gone.chain, 1)
    assert "depot is left with -0.5 RD after transfer" in found.sentence


def test_negative_is_one_finding_for_a_lot_and_holder(told):
    told.hand(lot("L-1", "1"))
    told.hand(lot("L-1", "1"), at="2023-02-02")
    told.hand(lot("L-2", "1"), at="2023-02-02")
    told.say("port", "expend", "2023-02-03", lines=[lot("L-1", "1")], holder="port")
    assert [
        (one.party, one.items[0][-3:], len(one.entries))
        for one in told.only("LOT-NEGATIVE", "2023-03-01")
    ] == [
        ("depot", "L-1", 2),
        ("depot", "L-2", 1),
        ("port", "L-1", 1),
    ]


def test_all_of_it_is_not_negative_and_units_are_apart(told):
    told.register(lot("L-1", "10"))
    told.hand(lot("L-1", "10"))
    assert not told.only("LOT-NEGATIVE", "2023-03-01")
    told.hand(
        lot("L-1", "1", "BX"), by="brigade", to="port", at="2023-02-05", **{"from": "brigade"}
    )
    assert told.only("LOT-NEGATIVE", "2023-03-01")[0].party == "brigade"


@pytest.mark.parametrize(
    ("kind", "quantity", "found"),
    [
        ("register", "0", 1),
        ("register", "-1", 1),
        ("transfer", "0", 1),
        ("receive", "0", 0),
        ("receive", "-1", 1),
        ("inventory", "0", 0),
        ("inventory", "-1", 1),
    ],
)
def test_a_quantity_is_above_zero_but_one_may_count_and_receive_none(told, kind, quantity, found):
    say = {
        "register": told.register,
        "transfer": told.hand,
        "receive": told.take,
        "inventory": told.count,
    }[kind]
    say(lot("L-1", quantity))
    some = told.only("LOT-NEGATIVE", "2023-04-01")
    holder = {"register": "hq", "receive": "brigade"}.get(kind, "depot")
    assert [one.party for one in some] == [holder if kind != "register" else "depot"] * found


def test_negative_money_too(told):
    told.hand({"amount": "5", "currency": "USD"})
    (found,) = told.only("LOT-NEGATIVE", "2023-03-01")
    assert (found.items, "-5 USD" in found.sentence) == (("money:USD",), True)


def test_negative_goes_with_the_entry_or_with_the_receipt_that_was_missing(told):
    told.register(lot("L-1", "10"))
    gone = told.hand(lot("L-1", "12"))
    assert told.only("LOT-NEGATIVE", "2023-05-01")
    told.undo(
        gone,
        replacement={
            "event_time": "2023-02-01T08:00:00Z",
            "lines": [lot("L-1", "10")],
            "from": "depot",
            "to": "brigade",
        },
    )
    assert not told.only("LOT-NEGATIVE", "2023-07-01")
    told.say("depot", "expend", "2023-06-05", lines=[lot("L-1", "1")], holder="depot")
    assert told.only("LOT-NEGATIVE", "2023-07-01")
    told.take(lot("L-1", "1"), by="hq", to="depot", at="2023-01-20", **{"from": "port"})
    assert not told.only("LOT-NEGATIVE", "2023-07-01")


def test_found_again_beyond_what_there_was_is_by_who_found_it(told):
    told.say("port", "found", "2023-02-01", lines=[lot("L-1", "-1")])
    assert told.only("LOT-NEGATIVE", "2023-03-01")[0].party == "port"


@pytest.mark.parametrize(("counted", "found"), [("10", 0), ("9", 1), ("10.1", 1), ("0", 1)])
def test_balance_is_the_latest_count_against_the_ledger(told, counted, found):
    told.register(lot("L-1", "10"))
    count = told.count(lot("L-1", counted), place="Store 2")
    some = told.only("LOT-BALANCE", "2023-04-01")
    assert [(one.severity, one.party, one.place, one.entries, one.items) for one in some] == [
        ("high", "depot", "Store 2", (count.id,), (LOT,))
    ] * found


def test_balance_is_that_at_the_time_and_lines_of_one_count_add_up(told):
    told.register(lot("L-1", "10"))
    told.count(lot("L-1", "4"), lot("L-1", "6"))
    told.say("depot", "expend", "2023-03-05", lines=[lot("L-1", "3")], holder="depot")
    assert not told.only("LOT-BALANCE", "2023-04-01")


def test_balance_goes_with_the_next_count_and_with_a_correction(told):
    told.register(lot("L-1", "10"))
    count = told.count(lot("L-1", "9"))
    assert told.only("LOT-BALANCE", "2023-03-02")
    again = told.count(lot("L-1", "10"), at="2023-03-05")
    assert not told.only("LOT-BALANCE", "2023-04-01")
    told.undo(again)
    told.undo(count)
    assert not told.only("LOT-BALANCE", "2023-07-01")


def test_balance_is_by_inventory(told):
    told.register(lot("L-1", "10"), lot("L-2", "10"))
    told.count(lot("L-1", "9"), lot("L-2", "9"))
    (found,) = told.only("LOT-BALANCE", "2023-04-01")
    assert found.count == 2
