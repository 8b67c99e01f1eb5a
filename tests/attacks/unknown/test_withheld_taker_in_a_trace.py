"""A courier withholds to whom a thing went: its trace accuses whoever hands it on, or is warned of.

The depot handed it over, and the next holder records from a copy that hides that. Nobody knows who
had it: it is said that it cannot be told.
"""

from __future__ import annotations

from attacks.fuller.desks import site, withheld
from support.chains import transfer

THING = transfer(1)["lines"]


def handed_on(tmp_path):
    depot = site(tmp_path, transfers=0)
    depot.tell("transfer", transfer(1, to="Рота А"))
    depot.tell("transfer", {**transfer(1, to="Рота Б"), "from": "Рота А"})
    return depot


def traced(desk):
    serial = THING[0]["item"].get("serial") or f"uii:{THING[0]['item']['uii']}"
    return desk.run("trace", serial).out


def test_a_trace_says_that_it_cannot_be_told(tmp_path):
    depot, hub = handed_on(tmp_path), site(tmp_path, "hub", transfers=0)
    stick = depot.stick(tmp_path, "stick")
    hub.sync(withheld(stick, tmp_path / "doctored", "to"))
    told = traced(hub)
    assert "CUST-NONHOLDER: cannot tell, since fields of entry " in told
    assert "did not have it" not in told
    hub.sync(stick)
    assert "CUST-NONHOLDER" not in traced(hub)


def test_of_an_honest_copy_it_was_theirs(tmp_path):
    depot, hub = handed_on(tmp_path), site(tmp_path, "hub", transfers=0)
    hub.sync(depot)
    assert "CUST-NONHOLDER" not in traced(hub)
