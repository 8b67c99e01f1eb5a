"""A courier withholds how things were looked at: whoever scanned them seems not to have looked."""

from __future__ import annotations

from support.copies import Copy
from support.programmes import item


def scanned():
    told = Copy()
    told.register(item("SN-1"), item("SN-2"))
    told.send(item("SN-1"), item("SN-2"))
    told.taken = told.take(item("SN-1"), item("SN-2"), entry_mode="scan")
    return told


def test_nobody_is_delinquent_who_may_have_looked():
    told = scanned()
    told.hide(told.taken, "entry_mode")
    assert not {"INV-INIT", "INV-ANNUAL", "INV-DECLARED"} & told.codes()
    (found,) = told.only("BODY-WITHHELD")
    assert "2 × INV-INIT" in found.sentence


def test_shown_it_was_looked_at():
    assert not {"INV-INIT", "BODY-WITHHELD"} & scanned().codes()
