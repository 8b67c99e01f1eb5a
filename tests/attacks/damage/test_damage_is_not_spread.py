"""The other copy is the damaged one, or the damage cannot be judged.

`sync` compared only the last entry, and said 'up to date'. It says what is damaged there, each
time, takes nothing of it, and touches nothing where neither copy helps.
"""

from __future__ import annotations

import pytest
from attacks.damage.disks import SIZE, WAYS, Disk, copied, pair
from attacks.fuller.desks import holds
from support.chains import OWNER, transfer

from chainlog.ledger.erase import erase

LAST = SIZE - 1


@pytest.mark.parametrize(
    ("way", "index"),
    # Without its last record a copy is a shorter one, and whole.
    [(way, index) for way in WAYS for index in (1, 5, LAST) if (way, index) != ("hole", LAST)],
)
def test_theirs_is_damaged_and_ours_is_not(tmp_path, way, index):
    depot, hub = pair(tmp_path)
    stick = depot.stick(tmp_path, "stick")
    depot.folder, site = stick, depot.folder
    getattr(Disk(depot, depot.chain), way)(index)
    depot.folder = site
    disk = Disk(hub, depot.chain)
    before = {path: path.read_bytes() for path in disk.folder.rglob("*") if path.is_file()}
    for _ in range(2):
        said = hub.sync(stick)
        assert said.code in {3, 4}, said.out + said.err
        assert f"entry {index}" in said.out
    assert all(path.read_bytes() == data for path, data in before.items())
    assert holds(hub)
    assert hub.sync(depot).code == 0


@pytest.mark.parametrize("way", WAYS)
def test_each_is_damaged_elsewhere(tmp_path, way):
    """What can be had is had; where theirs cannot be read any further, that is said."""
    depot, hub = pair(tmp_path)
    stick = depot.stick(tmp_path, "stick")
    whole = Disk(hub, depot.chain).bytes()
    getattr(Disk(hub, depot.chain), way)(3)
    site, depot.folder = depot.folder, stick
    getattr(Disk(depot, depot.chain), way)(8)
    depot.folder = site
    said = hub.sync(stick)
    assert said.code in {3, 4}
    assert "whole again: 1" in said.out
    assert Disk(hub, depot.chain).bytes() == whole
    assert hub.sync(stick).code == said.code


@pytest.mark.parametrize("way", WAYS)
def test_both_are_damaged_alike(tmp_path, way):
    """Nothing is written, and nothing is called whole by whoever looks: that is `verify`."""
    depot, hub = pair(tmp_path)
    for desk in (depot, hub):
        getattr(Disk(desk, depot.chain), way)(5)
    before = Disk(hub, depot.chain).bytes()
    first, again = hub.sync(depot), hub.sync(depot)
    assert (first.code, first.out) == (again.code, again.out)
    assert Disk(hub, depot.chain).bytes() == before
    assert hub.run("verify").code == 3


@pytest.mark.parametrize("way", ["signature", "header", "frame", "zeros"])
def test_a_shorter_copy_does_not_help(tmp_path, way):
    depot, hub = pair(tmp_path, size=6)
    stick = depot.stick(tmp_path, "stick")
    for number in range(6):
        depot.tell("transfer", transfer(50 + number))
    assert hub.sync(depot).code == 0
    getattr(Disk(hub, depot.chain), way)(8)
    before = Disk(hub, depot.chain).bytes()
    first, again = hub.sync(stick), hub.sync(stick)
    assert (first.code, first.out) == (again.code, again.out)
    assert Disk(hub, depot.chain).bytes() == before
    assert hub.sync(depot).code == 0
    assert holds(hub)


@pytest.mark.parametrize("way", ["signature", "header", "frame", "zeros", "hole"])
def test_another_history_heals_nothing(tmp_path, way):
    """Both are signed; what was damaged here is not put back from a twin that went another way."""
    depot, hub = pair(tmp_path, size=6)
    twin = copied(depot, tmp_path, "twin")
    twin.run("chain", "only-copy")
    for number in range(6):
        depot.tell("transfer", transfer(50 + number))
        twin.tell("transfer", transfer(80 + number))
    assert hub.sync(depot).code == 0
    getattr(Disk(hub, depot.chain), way)(7)
    before = Disk(hub, depot.chain).bytes()
    first, again = hub.sync(twin), hub.sync(twin)
    assert first.code != 0, first.out
    assert (first.code, "fork" in first.out) == (again.code, "fork" in again.out)
    assert Disk(hub, depot.chain).bytes() == before
    # The true one heals it, and then the fork is one.
    assert hub.sync(depot).code == 0
    assert hub.sync(twin).code == 3


def test_what_was_erased_is_not_put_back(tmp_path):
    depot, hub = pair(tmp_path)
    stick = depot.stick(tmp_path, "stick")
    name = Disk(depot, depot.chain).records[5][1].parsed.id.hex()
    with depot.opened(OWNER) as ledger:
        erase(ledger, [bytes.fromhex(name)], "art. 17")
    assert hub.sync(depot).code == 0
    Disk(hub, depot.chain).signature(7)
    hub.sync(stick)
    assert [bool(one.body) for _, one in Disk(hub, depot.chain).records].count(False) == 1
    assert holds(hub)
