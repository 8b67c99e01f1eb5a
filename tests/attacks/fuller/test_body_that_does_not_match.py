"""The hub lacks fields, and a courier offers a body with other words in their place.

Only what matches the entry's commitment is fuller. It is refused, and said to be tampered with each
time; what the same copy truly has is taken beside it.
"""

from __future__ import annotations

from attacks.fuller.desks import holds, rewrite, site, withheld

from chainlog.format.body import commit


def test_it_is_refused_and_said_each_time(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    stick = depot.stick(tmp_path, "stick")
    hub.sync(withheld(stick, tmp_path / "doctored", "note"))
    false, _ = commit({**depot.fields(1), "note": "all is well"}, bytes(32))
    rewrite(stick, depot.chain, {1: false})
    first = hub.sync(stick)
    assert (first.code, "more is shown now: 2" in first.out) == (3, True)
    assert "fault: entry 1: step 6" in first.out
    assert hub.fields(1, depot.chain).get("note") is None
    for _ in range(2):
        again = hub.sync(stick)
        assert (again.code, "fault: entry 1: step 6" in again.out) == (3, True)
    assert holds(hub)


def test_the_true_one_is_taken(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    stick = depot.stick(tmp_path, "stick")
    hub.sync(withheld(stick, tmp_path / "doctored", "note"))
    assert hub.sync(stick).code == 0
    assert hub.fields(1, depot.chain)["note"] == "note 0"
