"""A worn disk flips a bit of an entry's index: it says that it stands much later. One entry is
damaged, and one is taken; those after it are whole here, whatever the other copy lacks.
"""

from __future__ import annotations

import pytest
from attacks.damage.disks import Disk, pair
from attacks.fuller.desks import holds, withheld
from support.chains import transfer


@pytest.fixture
def desks(tmp_path):
    """The depot wrote on since the hub took its chain."""
    depot, hub = pair(tmp_path)
    for number in range(50, 54):
        depot.tell("transfer", transfer(number))
    return depot, hub


@pytest.mark.parametrize("way", ["place", "header"])
def test_from_a_copy_that_has_less(desks, way):
    """With `header`, the honest twin: another bit."""
    depot, hub = desks
    disk = Disk(depot, depot.chain)
    whole = disk.bytes()
    getattr(disk, way)(5)
    told = depot.sync(hub)
    assert told.code == 0, told.out + told.err
    assert disk.bytes() == whole
    assert holds(depot)


@pytest.mark.parametrize("way", ["place", "header"])
def test_no_other_is_taken_from_there(tmp_path, desks, way):
    """A courier's copy has all entries, and withholds what they say."""
    depot, _ = desks
    copy = withheld(depot.folder, tmp_path / "copy", "note")
    getattr(Disk(depot, depot.chain), way)(5)
    assert "whole again: 1" in depot.sync(copy).out
    assert [depot.fields(index).get("note") for index in (6, 7)] == ["note 5", "note 6"]
