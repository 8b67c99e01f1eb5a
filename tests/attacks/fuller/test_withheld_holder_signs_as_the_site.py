"""A receiver's key signs as the site, once the courier withholds for whom it was granted.

The port grants a key to a man of the brigade's, who receives from the port: two parties. Whoever
withholds the holder in that grant made him one of the port's, and both sides one. He is of a party
of his own, '(withheld)', and his answer is nobody's whom a roster names.
"""

from __future__ import annotations

import json

from attacks.fuller.desks import site, withheld
from support.chains import OWNER, STRANGER, transfer


def with_a_guest(tmp_path):
    depot = site(tmp_path, transfers=0)
    grant = {
        "key": STRANGER.key_id,
        "roles": ["custodian"],
        "holder": {"name": "M. Bondar", "party": "Рота Б"},
    }
    depot.tell("key.grant", grant, OWNER)
    depot.tell("transfer", {**transfer(1), "from": "Рота Б", "to": "Склад 7"}, STRANGER)
    return depot


def party(desk):
    (row,) = json.loads(desk.run("trace", "1ABC2/M777/SN-1", "--json").out)["history"]
    return row["party"]


def test_he_is_of_a_party_of_his_own(tmp_path):
    depot, hub = with_a_guest(tmp_path), site(tmp_path, "hub", transfers=0)
    stick = depot.stick(tmp_path, "stick")
    hub.sync(withheld(stick, tmp_path / "doctored", "holder"))
    assert party(hub) == "(withheld)"
    said = hub.run("audit", "--code", "BODY-WITHHELD")
    assert "for whom it was signed" in said.out
    hub.sync(stick)
    assert party(hub) == "Рота Б"


def test_shown_he_is_of_his_own_party(tmp_path):
    depot, hub = with_a_guest(tmp_path), site(tmp_path, "hub", transfers=0)
    hub.sync(depot)
    assert party(hub) == "Рота Б"
