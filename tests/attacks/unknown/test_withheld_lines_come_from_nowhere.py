"""A courier withholds what was sent: what the brigade received and handed on came from nowhere."""

from __future__ import annotations

from support.copies import Copy
from support.programmes import item, key


def sent_by_two_papers():
    told = Copy()
    told.register(item("SN-1"))
    told.lines = told.hand(item("SN-1"), to="port")
    told.hand(item("SN-1"), by="port", at="2023-02-03", to="brigade", **{"from": "port"})
    return told


def test_a_port_that_may_have_got_it_is_not_accused_of_giving_what_it_did_not_have():
    told = sent_by_two_papers()
    told.hide(told.lines, "lines/0")
    found = told.audit()
    assert not {"CUST-SPLIT", "CUST-NONHOLDER"} & {one.code for one in found}
    (hidden,) = (one for one in found if one.code == "BODY-WITHHELD")
    assert "CUST-SPLIT" in hidden.sentence


def test_what_was_said_before_the_hidden_lines_is_still_found():
    told = Copy()
    told.register(item("SN-1"))
    told.hand(item("SN-1"), by="port", at="2023-02-03", to="brigade", **{"from": "port"})
    told.hide(told.hand(item("SN-2"), to="port", at="2023-04-01"), "lines/0")
    assert [one.items for one in told.only("CUST-SPLIT")] == [(key("SN-1"),)]


def test_shown_all_is_in_order():
    assert not {"CUST-SPLIT", "CUST-NONHOLDER"} & sent_by_two_papers().codes()
