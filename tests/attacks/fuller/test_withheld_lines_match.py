"""A shipment of two arrives as one, and somebody withholds the other line on both papers' copies.

What is left of the dispatch is what is left of the receipt: 'matches'. Nobody can tell whether it
does, and that is what must be said.
"""

from __future__ import annotations

import json

from attacks.fuller.desks import site, withheld
from support.chains import EVENT_TIME, transfer


def shipment(tmp_path):
    depot = site(tmp_path, transfers=0)
    lines = [transfer(number)["lines"][0] for number in range(3)]
    paper = {"event_time": EVENT_TIME, "from": "Порт", "to": "Склад 7", "document": "WB-1"}
    depot.tell("dispatch", {**paper, "lines": lines[:2]})
    depot.tell("receive", {**paper, "lines": [lines[0], lines[2]]})
    return depot


def verdict(desk):
    (row,) = json.loads(desk.run("reconcile", "--json").out)["rows"]
    return row["verdict"]


def test_it_is_not_said_to_match(tmp_path):
    depot, hub = shipment(tmp_path), site(tmp_path, "hub", transfers=0)
    stick = depot.stick(tmp_path, "stick")
    hub.sync(withheld(stick, tmp_path / "doctored", "lines/1"))
    assert verdict(hub) == "withheld"
    hub.sync(stick)
    assert verdict(hub) == "differs"


def test_shown_it_differs(tmp_path):
    depot, hub = shipment(tmp_path), site(tmp_path, "hub", transfers=0)
    hub.sync(depot)
    assert verdict(hub) == "differs"
