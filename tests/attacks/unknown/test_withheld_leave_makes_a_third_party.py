"""A courier withholds of what the authority's leave was, and a lawful handover seems unlawful."""

from __future__ import annotations

import pytest
from support.copies import Copy
from support.programmes import item


def with_leave():
    told = Copy()
    told.register(item("SN-1"))
    told.leave = told.say(
        "hq",
        "consent",
        "2023-01-20",
        lines=[item("SN-1")],
        until="2023-12-31",
        to="shadow",
        **{"from": "depot"},
    )
    told.hand(item("SN-1"), to="shadow")
    return told


@pytest.mark.parametrize("path", ["lines/0", "to", "from", "until"])
def test_whether_there_was_leave_cannot_be_told(path):
    told = with_leave()
    told.hide(told.leave, path)
    assert "CUST-THIRD" not in told.codes()
    (found,) = told.only("BODY-WITHHELD")
    assert (found.severity, found.party) == ("high", "hq")
    assert "1 × CUST-THIRD" in found.sentence


def test_leave_for_another_is_none():
    told = with_leave()
    told.hide(told.leave, "lines/0")
    told.hand(item("SN-2"), to="stranger")
    assert [one.party for one in told.only("CUST-THIRD")] == ["stranger"]


def test_shown_it_was_lawful():
    assert "CUST-THIRD" not in with_leave().codes()
