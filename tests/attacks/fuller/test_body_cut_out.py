"""Whoever has the disk of a mirror cuts bodies out of it, and the hub takes the chain from there.

That verifies as 'cannot tell'; what is worse is that it stayed so: the next full copy was 'up to
date', and the bodies never came.
"""

from __future__ import annotations

from attacks.fuller.desks import holds, rewrite, site


def test_the_bodies_come_with_a_copy_that_has_them(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    stick = depot.stick(tmp_path, "stick")
    cut = depot.stick(tmp_path, "cut")
    rewrite(cut, depot.chain, {1: b"", 3: b""})
    hub.sync(cut)
    assert [bool(one.body) for one in hub.records(depot.chain)] == [True, False, True, False]
    assert not holds(hub)
    assert "more is shown now: 2" in hub.sync(stick).out
    assert hub.records(depot.chain) == depot.records()
    assert holds(hub)


def test_a_copy_without_them_takes_nothing_away(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    cut = depot.stick(tmp_path, "cut")
    rewrite(cut, depot.chain, {1: b"", 3: b""})
    hub.sync(depot)
    assert "up to date" in hub.sync(cut).out
    assert hub.records(depot.chain) == depot.records()
