"""A courier withholds from whom things came, and whoever received them seems to have taken them."""

from __future__ import annotations

from support.copies import Copy
from support.programmes import item


def received():
    told = Copy()
    told.register(item("SN-1"))
    told.send(item("SN-1"))
    told.taken = told.take(item("SN-1"), entry_mode="scan")
    told.count(item("SN-1"), holder="brigade", entry_mode="scan")
    return told


def test_nobody_is_accused_of_taking_them():
    told = received()
    told.hide(told.taken, "from")
    codes = told.codes()
    assert not {"CUST-SPLIT", "CUST-NONHOLDER", "INV-EXTRA", "SHIP-NOADVICE"} & codes
    assert "BODY-WITHHELD" in codes


def test_shown_all_is_in_order():
    assert not {"CUST-SPLIT", "CUST-NONHOLDER", "INV-EXTRA"} & received().codes()
