"""The depot has a handover erased, by law: whoever has the things after it seems to have no right.

Nothing said that anything depends on what was erased. The next holder is accused of nothing; and
the depot, which erased it, is named with what cannot be told any more.
"""

from __future__ import annotations

from support.copies import Copy
from support.programmes import item


def handed_on():
    told = Copy()
    told.register(item("SN-1"), by="depot")
    told.handed = told.hand(item("SN-1"), to="port")
    told.hand(item("SN-1"), by="port", at="2023-02-03", to="brigade", **{"from": "port"})
    return told


def test_the_next_is_not_accused_and_the_erased_is_said():
    told = handed_on()
    told.erase(told.handed)
    assert not {"CUST-SPLIT", "CUST-NONHOLDER"} & told.codes()
    (found,) = told.only("BODY-WITHHELD")
    assert (found.severity, found.party, found.entries) == ("high", "depot", (told.handed.id,))
    assert found.sentence.startswith("1 events of depot were erased, the first in entry 2 of depot")
    assert "CUST-SPLIT" in found.sentence


def test_shown_all_is_in_order():
    assert not {"CUST-SPLIT", "CUST-NONHOLDER", "BODY-WITHHELD"} & handed_on().codes()
