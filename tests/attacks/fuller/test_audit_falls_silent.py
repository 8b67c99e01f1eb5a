"""Three handovers to outsiders are three critical findings, until a courier withholds to whom.

The copy verifies, and the audit of it must not be quiet: it says of how many events how many fields
are not shown, whose, since when, and what they could change. With the fields, all is found.
"""

from __future__ import annotations

import json

import pytest
from attacks.fuller.desks import site, withheld
from support.chains import transfer


def found(desk):
    told = json.loads(desk.run("audit", "--json").out)
    return {one["code"]: one["severity"] for one in told["findings"]}


def passing_on(tmp_path):
    depot = site(tmp_path, transfers=0)
    for number in range(3):
        depot.tell("transfer", transfer(number, to="Тінь"))
    return depot


@pytest.mark.parametrize("fields", [("to",), ("lines",), ("to", "from", "lines", "event_time")])
def test_it_says_what_is_not_shown_and_finds_all_once_it_is(tmp_path, fields):
    depot, hub = passing_on(tmp_path), site(tmp_path, "hub", transfers=0)
    stick = depot.stick(tmp_path, "stick")
    hub.sync(withheld(stick, tmp_path / "doctored", *fields))
    silent = found(hub)
    assert silent["BODY-WITHHELD"] == "high"
    assert "CUST-THIRD" not in silent
    assert hub.run("audit", "--fail-on", "high").code == 5
    hub.sync(stick)
    whole = found(hub)
    assert (whole["CUST-THIRD"], "BODY-WITHHELD" in whole) == ("critical", False)


def test_of_a_whole_copy_nothing_is_withheld(tmp_path):
    depot, hub = passing_on(tmp_path), site(tmp_path, "hub", transfers=0)
    hub.sync(depot)
    told = found(hub)
    assert (told["CUST-THIRD"], "BODY-WITHHELD" in told) == ("critical", False)
