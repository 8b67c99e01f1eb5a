"""A correction of a slip in a handover's place becomes one that takes the whole handover back.

It replaced what was reported by the same with another place. With the replacement withheld, it read
as 'wrong, and nothing in its place', so that a handover to an outsider was out of the fold. The
handover stays there: the things are with the outsider. Whether it was one is not known, and that is
what is said.
"""

from __future__ import annotations

import json

from attacks.fuller.desks import site, withheld
from support.chains import EVENT_TIME, transfer


def corrected(tmp_path):
    depot = site(tmp_path, transfers=0)
    false = depot.tell("transfer", transfer(1, to="Тінь", place="B-1"))
    fixed = {**transfer(1, to="Тінь", place="B-2")}
    depot.tell(
        "correct",
        {
            "event_time": EVENT_TIME,
            "entry": false.id,
            "reason": "wrong_data",
            "replacement": fixed,
        },
    )
    return depot


def found(desk, code):
    told = json.loads(desk.run("audit", "--json").out)["findings"]
    return [one for one in told if one["code"] == code]


def third(desk):
    return [one["severity"] for one in found(desk, "CUST-THIRD")]


def held_by(desk):
    return [one["holder"] for one in json.loads(desk.run("holdings", "--json").out)["rows"]]


def test_the_handover_stays(tmp_path):
    depot, hub = corrected(tmp_path), site(tmp_path, "hub", transfers=0)
    stick = depot.stick(tmp_path, "stick")
    hub.sync(withheld(stick, tmp_path / "doctored", "replacement"))
    assert (held_by(hub), third(hub)) == (["Тінь"], [])
    (withheld_there,) = found(hub, "BODY-WITHHELD")
    assert withheld_there["severity"] == "high"
    assert "cannot be told without them: 1 × CUST-THIRD" in withheld_there["sentence"]
    assert hub.run("audit", "--fail-on", "high").code == 5
    hub.sync(stick)
    assert third(hub) == ["critical"]


def test_as_corrected_it_is_there_too(tmp_path):
    depot, hub = corrected(tmp_path), site(tmp_path, "hub", transfers=0)
    hub.sync(depot)
    assert third(hub) == ["critical"]
