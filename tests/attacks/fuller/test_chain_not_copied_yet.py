"""A cloud folder shows the name of a chain, and has not brought what is in it.

A folder without a segment, or a file in its place, is no chain that is up to date. The others are
taken all the same.
"""

from __future__ import annotations

import shutil

import pytest
from attacks.fuller.desks import site


@pytest.mark.parametrize("how", ["folder", "file"])
def test_what_was_not_brought_is_named(tmp_path, how):
    depot, port = site(tmp_path), site(tmp_path, "port")
    hub = site(tmp_path, "hub", transfers=0)
    port.sync(depot)
    stick = port.stick(tmp_path, "stick")
    place = stick / "chains" / depot.chain.hex()
    shutil.rmtree(place)
    if how == "folder":
        place.mkdir()
    else:
        place.write_bytes(b"")
    for _ in range(2):
        said = hub.sync(stick)
        assert said.code == 4
        assert f"{depot.chain.hex()[:12]} ?: nothing taken" in said.out
        assert "no entry can be read there" in said.out
    assert hub.records(port.chain) == port.records()


def test_what_was_brought_is_taken(tmp_path):
    depot, port = site(tmp_path), site(tmp_path, "port")
    hub = site(tmp_path, "hub", transfers=0)
    port.sync(depot)
    assert hub.sync(port).code == 0
    assert hub.records(depot.chain) == depot.records()
