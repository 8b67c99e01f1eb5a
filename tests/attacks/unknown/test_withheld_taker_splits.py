"""A courier withholds to whom things went, and every later holder seems to have had no right.

The depot sent, the brigade received and handed on: all in order. Without `to` nobody knows who has
the things after the first of these, and nobody may be accused of having them.
"""

from __future__ import annotations

from support.copies import Copy
from support.programmes import item


def passing_on():
    told = Copy()
    told.register(item("SN-1"))
    told.sent = told.send(item("SN-1"))
    told.taken = told.take(item("SN-1"), entry_mode="scan")
    told.hand(item("SN-1"), by="brigade", at="2023-03-01", to="port", **{"from": "brigade"})
    return told


def test_nobody_is_accused_of_having_what_came_from_nowhere():
    told = passing_on()
    told.hide(told.taken, "to")
    told.hide(told.sent, "to")
    assert not {"CUST-SPLIT", "CUST-NONHOLDER", "SHIP-NOADVICE", "SHIP-OPEN"} & told.codes()
    (depot, brigade) = sorted(told.only("BODY-WITHHELD"), key=lambda one: one.party == "brigade")
    assert (depot.severity, depot.party, brigade.party) == ("high", "depot", "brigade")


def test_shown_all_is_in_order():
    assert not {"CUST-SPLIT", "CUST-NONHOLDER", "BODY-WITHHELD"} & passing_on().codes()
