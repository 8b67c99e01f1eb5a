"""A courier withholds whether the other party agreed, and it seems never to have signed at all."""

from __future__ import annotations

from support.copies import Copy
from support.programmes import item


def answered(**more):
    told = Copy()
    told.register(item("SN-1"))
    handed = told.hand(item("SN-1"))
    told.answer = told.say(
        "brigade", "accept", "2023-02-02", agreed=True, entry=handed.id.hex(), **more
    )
    return told


def test_that_it_answered_is_shown_all_the_same():
    told = answered()
    told.hide(told.answer, "agreed")
    assert "CUST-UNSIGNED" not in told.codes()
    assert "BODY-WITHHELD" in told.codes()


def test_what_it_answered_may_be_this():
    told = answered()
    told.hide(told.answer, "entry")
    assert "CUST-UNSIGNED" not in told.codes()
    (found,) = told.only("BODY-WITHHELD")
    assert "CUST-UNSIGNED" in found.sentence


def test_shown_it_has_signed():
    assert "CUST-UNSIGNED" not in answered().codes()
