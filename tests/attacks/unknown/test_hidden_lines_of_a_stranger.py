"""A site that nobody admitted hides what it received, from the depot and from all.

The authority took nobody's word there, so what is hidden there explains nothing: CHAIN-FOREIGN is
said of the stranger, and that the brigade hands on what it never had.
"""

from __future__ import annotations

from audit.test_handovers import stranger
from support.copies import Copy
from support.programmes import item, key


def hidden_by(site):
    told = Copy()
    told.register(item("SN-1"))
    by = stranger(told, programme=told.ledgers["hq"].chain) if site == "stranger" else site
    taken = told.take(item("SN-1"), by=by, at="2023-02-03")
    told.hand(item("SN-1"), by="brigade", at="2023-03-01", to="port", **{"from": "brigade"})
    told.hide(taken, "from", "to", "lines/0", "document", "event_time")
    return told


def test_it_explains_nothing():
    told = hidden_by("stranger")
    split = [one for one in told.audit() if one.code in {"CUST-SPLIT", "CUST-NONHOLDER"}]
    assert [one.items for one in split] == [(key("SN-1"),)]
    assert {"CHAIN-FOREIGN", "BODY-WITHHELD"} <= told.codes()


def test_of_a_site_that_was_admitted_it_may_be_what_is_missing():
    told = hidden_by("brigade")
    assert not {"CUST-SPLIT", "CUST-NONHOLDER", "CHAIN-FOREIGN"} & told.codes()
