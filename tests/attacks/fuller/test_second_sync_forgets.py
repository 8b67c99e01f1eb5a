"""The stick has a checkpoint of more entries than anybody brought; or of others than are held.

The first sync said so, kept it, and the second had nothing to say: the same stick, the same hub,
and all was well.
"""

from __future__ import annotations

import shutil

from attacks.fuller.desks import copied, site
from support.chains import transfer


def test_entries_that_nobody_brought_are_missed_each_time(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    stick = depot.stick(tmp_path, "stick")
    depot.tell("transfer", transfer(8))
    depot.checkpoint()
    shutil.copytree(
        depot.chain_folder() / "checkpoints", next(stick.glob("chains/*")) / "checkpoints"
    )
    first = hub.sync(stick)
    assert (first.code, "there are entries that neither side has here" in first.out) == (4, True)
    for _ in range(2):
        again = hub.sync(stick)
        assert (again.code, "there are entries that neither side has here" in again.out) == (
            4,
            True,
        )
    # With them, it is well.
    assert hub.sync(depot).code == 0
    assert hub.sync(stick).code == 0


def test_a_fork_that_a_checkpoint_shows_is_said_each_time(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    twin = copied(depot, tmp_path, "twin")
    twin.run("chain", "only-copy")
    hub.sync(depot)
    depot.tell("transfer", transfer(8))
    hub.sync(depot)
    stick = depot.stick(tmp_path, "stick")
    twin.tell("transfer", transfer(9))
    twin.checkpoint()
    shutil.copytree(
        twin.chain_folder() / "checkpoints", next(stick.glob("chains/*")) / "checkpoints"
    )
    for _ in range(3):
        said = hub.sync(stick)
        assert (said.code, "it was forked" in said.out) == (3, True)


def test_one_that_fits_is_said_once_and_well_each_time(tmp_path):
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    depot.checkpoint()
    first, again = hub.sync(depot), hub.sync(depot)
    assert (first.code, "1 checkpoint taken" in first.out) == (0, True)
    assert (again.code, "checkpoint" in again.out) == (0, False)
