"""A courier withholds to whom the depot handed things, and the audit has no such finding any more.

What hangs on that is listed apart by what it is about, and is nobody's finding.
"""

from __future__ import annotations

import json

from attacks.fuller.desks import site, withheld
from support.chains import transfer

HEAD = "cannot be told, because fields are hidden here; it accuses nobody:"


def heard(tmp_path, field):
    depot, hub = site(tmp_path, transfers=0), site(tmp_path, "hub", transfers=0)
    depot.tell("transfer", transfer(0, to="Тінь", note="said by telephone"))
    hub.sync(withheld(depot.stick(tmp_path, "stick"), tmp_path / "doctored", field))
    answer = json.loads(hub.run("audit", "--json").out)
    return hub, answer["untold"], {one["code"] for one in answer["findings"]}


def test_it_is_listed_apart(tmp_path):
    hub, untold, found = heard(tmp_path, "to")
    (third,) = (one for one in untold if one["code"] == "CUST-THIRD")
    assert third["items"]
    assert [one["party"] for one in third["hidden"]] == ["Склад 7"]
    assert "CUST-THIRD" not in found
    lines = hub.run("audit").out.splitlines()
    assert f"  1 × CUST-THIRD: {third['items'][0]}" in lines[lines.index(HEAD) :]
    assert HEAD not in hub.run("audit", "--code", "SHIP-OPEN").out


def test_where_all_that_decides_is_shown_nothing_is(tmp_path):
    hub, untold, found = heard(tmp_path, "note")
    assert untold == []
    assert "CUST-THIRD" in found
    assert HEAD not in hub.run("audit").out
