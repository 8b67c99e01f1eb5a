"""The depot hands things to an outsider, and withholds to whom: what cannot be told is counted.

BODY-WITHHELD is as grave as ever, names whose entries hide it, and which findings hang on them.
"""

from __future__ import annotations

import pytest
from support.copies import Copy
from support.programmes import item


def to_an_outsider():
    told = Copy()
    told.register(item("SN-1"), item("SN-2"))
    told.handed = told.hand(item("SN-1"), to="shadow")
    told.hand(item("SN-2"), to="shadow")
    return told


@pytest.mark.parametrize("path", ["to", "event_time"])
def test_what_cannot_be_told_is_counted_beside_whose_it_is(path):
    told = to_an_outsider()
    told.hide(told.handed, path)
    (found,) = told.only("BODY-WITHHELD")
    assert (found.severity, found.party, found.entries) == ("high", "depot", (told.handed.id,))
    assert "1 × CUST-THIRD" in found.sentence
    assert [len(one.items) for one in told.only("CUST-THIRD")] == [1]


def test_what_hides_no_more_than_a_place_stays():
    told = to_an_outsider()
    told.hide(told.hand(item("SN-1"), to="shadow", place="B-1"), "place")
    assert len(told.only("CUST-THIRD")) == 3


def test_shown_both_are_found():
    assert len(to_an_outsider().only("CUST-THIRD")) == 2
