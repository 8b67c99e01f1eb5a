"""Two couriers withhold each another field of one entry, so that no copy on the way is the whole.

What both show is put together, whichever came first; no field that was here goes.
"""

from __future__ import annotations

import pytest
from attacks.fuller.desks import holds, site, withheld


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_what_each_shows_is_put_together(tmp_path, order):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    stick = depot.stick(tmp_path, "stick")
    withheld(stick, tmp_path / "one", "note")
    withheld(stick, tmp_path / "two", "from", "to")
    hub.sync(tmp_path / order[0])
    said = hub.sync(tmp_path / order[1])
    assert "more is shown now: 3" in said.out
    assert [hub.fields(index, depot.chain) for index in range(4)] == [
        depot.fields(index) for index in range(4)
    ]
    assert holds(hub)
    assert "up to date" in hub.sync(tmp_path / "one").out


def test_of_two_alike_nothing_is_gained(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    doctored = withheld(depot.stick(tmp_path, "stick"), tmp_path / "one", "note")
    hub.sync(doctored)
    held = hub.records(depot.chain)
    again = withheld(tmp_path / "stick", tmp_path / "two", "note", "from")
    said = hub.sync(again)
    assert ("up to date" in said.out, "not shown here: 3" in said.out) == (True, True)
    assert hub.records(depot.chain) == held
