"""The courier withholds who holds a key that a site granted: an entry that governs.

Its name comes with a fuller copy, like any other field; whoever may sign is the same all the while.
"""

from __future__ import annotations

from attacks.fuller.desks import holds, site, withheld
from support.chains import OWNER, STRANGER, transfer


def granting(tmp_path):
    depot = site(tmp_path, transfers=1)
    holder = {"name": "S. Petrenko", "party": "Рота Б"}
    grant = {"key": STRANGER.key_id, "roles": ["custodian"], "holder": holder}
    depot.tell("key.grant", grant, OWNER)
    depot.tell("transfer", transfer(7), STRANGER)
    return depot


def test_the_name_comes(tmp_path):
    depot, hub = granting(tmp_path), site(tmp_path, "hub", transfers=0)
    stick = depot.stick(tmp_path, "stick")
    hub.sync(withheld(stick, tmp_path / "doctored", "holder"))
    assert "holder" not in hub.fields(2, depot.chain)
    assert "more is shown now: 1" in hub.sync(stick).out
    assert hub.fields(2, depot.chain)["holder"]["name"] == "S. Petrenko"
    assert holds(hub)


def test_of_an_honest_copy_it_is_there(tmp_path):
    depot, hub = granting(tmp_path), site(tmp_path, "hub", transfers=0)
    hub.sync(depot)
    assert hub.fields(2, depot.chain)["holder"]["name"] == "S. Petrenko"
