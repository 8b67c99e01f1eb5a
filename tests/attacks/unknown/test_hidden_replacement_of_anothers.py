"""The brigade corrects an entry of the port's, which it may not, and hides what it puts there.

Whatever that says, it changes nothing: CORRECT-FOREIGN is said, and all else that was found too.
"""

from __future__ import annotations

from support.copies import Copy
from support.programmes import item


def corrected(by):
    told = Copy()
    told.register(item("SN-1"), holder="port")
    handed = told.hand(item("SN-1"), by="port", to="hq", **{"from": "port"})
    told.hand(item("SN-1"), by="port", at="2023-03-01", to="brigade", **{"from": "port"})
    meant = {
        "event_time": "2023-02-01T08:00:00Z",
        "from": "port",
        "to": "depot",
        "lines": [item("SN-9")],
    }
    told.hide(told.undo(handed, by=by, replacement=meant), "replacement")
    return told


def test_it_explains_nothing():
    told = corrected("brigade")
    assert {"CORRECT-FOREIGN", "CUST-NONHOLDER", "CUST-UNSIGNED"} <= told.codes()
    (found,) = told.only("BODY-WITHHELD")
    assert (found.severity, found.party) == ("high", "brigade")
    assert "cannot be told without them: no finding;" in found.sentence


def test_by_the_port_itself_nobody_is_accused():
    told = corrected("port")
    assert not {"CORRECT-FOREIGN", "CUST-NONHOLDER"} & told.codes()
