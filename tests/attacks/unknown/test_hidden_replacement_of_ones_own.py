"""The depot corrects an entry of its own, hides what it puts there, and hands over the copy.

By that one field nobody could be found to have done anything: not the brigade, which hands on what
the port has. What the depot hides may be about what the depot had, and about nothing else.
"""

from __future__ import annotations

from support.copies import Copy
from support.programmes import item, key

SPLIT = {"CUST-SPLIT", "CUST-NONHOLDER"}


def handed_on(serial):
    told = Copy()
    told.register(item("SN-1"), item("SN-3"))
    told.register(item("SN-2"), holder="port")
    wrong = told.hand(item("SN-3"))
    told.hand(item(serial), by="brigade", at="2023-03-01", to="hq", **{"from": "brigade"})
    meant = {
        "event_time": "2023-02-01T08:00:00Z",
        "from": "depot",
        "to": "brigade",
        "lines": [item("SN-1")],
    }
    told.hide(told.undo(wrong, replacement=meant), "replacement")
    return told


def test_it_explains_nothing_about_what_the_depot_never_had():
    told = handed_on("SN-2")
    assert [one.items for one in told.audit() if one.code in SPLIT] == [(key("SN-2"),)]
    (unsigned,) = told.only("CUST-UNSIGNED")
    assert (unsigned.party, unsigned.items) == ("hq", (key("SN-2"),))
    (found,) = told.only("BODY-WITHHELD")
    assert (found.severity, found.party) == ("high", "depot")
    assert not any(code in found.sentence for code in SPLIT)


def test_of_what_the_depot_had_nobody_is_accused():
    told = handed_on("SN-1")
    assert not SPLIT & told.codes()
    assert "BODY-WITHHELD" in told.codes()
