"""A worn disk damages an entry, or what it says, in the copy of a hub or of its own site.

`sync` said 'up to date' while `verify` said 'tampered'. It puts back what another copy has whole,
says how much, and keeps what lay there.
"""

from __future__ import annotations

import pytest
from attacks.damage.disks import SIZE, WAYS, Disk, pair
from attacks.fuller.desks import holds
from support.chains import transfer

LAST = SIZE - 1


@pytest.mark.parametrize("index", [0, 1, 5, LAST])
@pytest.mark.parametrize("way", WAYS)
def test_what_a_hub_has_of_a_site(tmp_path, way, index):
    depot, hub = pair(tmp_path)
    disk = Disk(hub, depot.chain)
    whole = disk.bytes()
    getattr(disk, way)(index)
    assert not holds(hub)
    said = hub.sync(depot)
    assert said.code == 0, said.out + said.err
    assert disk.bytes() == whole
    assert holds(hub)
    again = hub.sync(depot)
    assert (again.code, "up to date" in again.out) == (0, True)


@pytest.mark.parametrize("index", [0, 5, LAST])
@pytest.mark.parametrize("way", WAYS)
def test_what_a_site_has_of_itself(tmp_path, way, index):
    depot, hub = pair(tmp_path)
    disk = Disk(depot, depot.chain)
    whole = disk.bytes()
    getattr(disk, way)(index)
    said = depot.sync(hub)
    assert said.code == 0, said.out + said.err
    assert disk.bytes() == whole
    assert holds(depot)
    # It goes on as if nothing had been.
    depot.tell("transfer", transfer(99))
    assert holds(depot)


@pytest.mark.parametrize("index", [3, 4, 7, 8])
@pytest.mark.parametrize("way", WAYS)
def test_in_one_segment_of_several(tmp_path, way, index):
    depot, hub = pair(tmp_path)
    disk = Disk(hub, depot.chain)
    disk.roll(4, 8)
    whole = disk.bytes()
    before = [path.read_bytes() for path in disk.segments]
    getattr(disk, way)(index)
    said = hub.sync(depot)
    assert said.code == 0, said.out + said.err
    assert (disk.bytes(), [path.read_bytes() for path in disk.segments]) == (whole, before)
    assert holds(hub)


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_segment_that_is_gone(tmp_path, gone):
    depot, hub = pair(tmp_path)
    for desk in (depot, hub):
        Disk(desk, depot.chain).roll(4, 8)
    disk = Disk(hub, depot.chain)
    whole = disk.bytes()
    disk.segments[gone].unlink()
    assert not holds(hub)
    said = hub.sync(depot)
    assert said.code == 0, said.out + said.err
    assert disk.bytes() == whole
    assert holds(hub)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("left", [0, 100])
def test_a_segment_that_ends_early(tmp_path, place, left):
    depot, hub = pair(tmp_path)
    for desk in (depot, hub):
        Disk(desk, depot.chain).roll(4, 8)
    disk = Disk(hub, depot.chain)
    whole = disk.bytes()
    path = disk.segments[place]
    path.write_bytes(path.read_bytes()[:left])
    said = hub.sync(depot)
    assert said.code == 0, said.out + said.err
    assert disk.bytes() == whole
    assert holds(hub)


def test_many_at_once_and_it_is_counted_and_kept(tmp_path):
    depot, hub = pair(tmp_path)
    disk = Disk(hub, depot.chain)
    whole = disk.bytes()
    for way, index in (("body", 2), ("signature", 4), ("length", 6), ("salt", 9)):
        getattr(disk, way)(index)
    damaged = disk.bytes()
    said = hub.sync(depot)
    assert "damaged here, and are whole again: 4" in said.out
    assert disk.bytes() == whole
    (kept,) = (disk.folder / "lost+found").iterdir()
    assert str(kept) in said.out
    assert kept.read_bytes() == damaged


def test_what_is_new_comes_too(tmp_path):
    depot, hub = pair(tmp_path)
    Disk(hub, depot.chain).signature(5)
    depot.tell("transfer", transfer(99))
    said = hub.sync(depot)
    assert (said.code, "taken 1 entry, now 13" in said.out) == (0, True), said.out
    assert "whole again: 1" in said.out
    assert holds(hub)


def test_of_whole_copies_nothing_is_said(tmp_path):
    depot, hub = pair(tmp_path)
    Disk(hub, depot.chain).roll(4, 8)
    before = Disk(hub, depot.chain).bytes()
    said = hub.sync(depot)
    assert (said.code, "damage" in said.out, "up to date" in said.out) == (0, False, True)
    assert Disk(hub, depot.chain).bytes() == before
    assert not (Disk(hub, depot.chain).folder / "lost+found").exists()
