"""A courier without any key runs `withhold` on the stick that he carries, and the hub takes that.

The copy verifies. It must not be the last word: the site's own copy, whenever it comes, brings the
fields, and it is said of how many entries they came, and before that how many lack some.
"""

from __future__ import annotations

from attacks.fuller.desks import holds, site, withheld


def test_the_fields_come_with_the_next_stick(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    stick = depot.stick(tmp_path, "stick")
    first = hub.sync(withheld(stick, tmp_path / "doctored", "note", "lines"))
    assert (first.code, "entries with fields that are not shown here: 3" in first.out) == (0, True)
    second = hub.sync(stick)
    assert second.code == 0
    assert "up to date" not in second.out
    assert "entries of which more is shown now: 3" in second.out
    assert "not shown here" not in second.out
    assert hub.records(depot.chain) == depot.records()
    assert holds(hub)
    assert "up to date" in hub.sync(stick).out


def test_after_an_honest_stick_there_is_nothing_to_fill(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    stick = depot.stick(tmp_path, "stick")
    hub.sync(stick)
    held = hub.records(depot.chain)
    assert held == depot.records()
    # What shows less takes nothing away.
    said = hub.sync(withheld(stick, tmp_path / "doctored", "note"))
    assert (said.code, "up to date" in said.out) == (0, True)
    assert hub.records(depot.chain) == held
