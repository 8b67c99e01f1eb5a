"""The stick was pulled out too early: the chain's segment is there, and it is empty.

'Up to date, 0 entries' would send the courier home. Nothing was read, so nothing is fine, whether
the hub has the chain already or not.
"""

from __future__ import annotations

import pytest
from attacks.fuller.desks import site


@pytest.mark.parametrize("known", [False, True])
def test_it_is_said_each_time_that_nothing_was_read(tmp_path, known):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    if known:
        hub.sync(depot)
    stick = depot.stick(tmp_path, "stick")
    for path in stick.glob("chains/*/*.seg"):
        path.write_bytes(b"")
    for _ in range(2):
        said = hub.sync(stick)
        assert (said.code, "up to date" in said.out) == (4, False)
        assert "no entry can be read there" in said.out


def test_a_whole_one_is_taken_and_then_up_to_date(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    stick = depot.stick(tmp_path, "stick")
    assert [hub.sync(stick).code for _ in range(2)] == [0, 0]
