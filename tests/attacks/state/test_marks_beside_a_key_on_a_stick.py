"""A stick brings a key that its reader is to name, and marks beside it: taken for the reader's own
they would stop the reader's own chain as 'an older copy', or make another chain theirs.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest
from support.chains import CLERK
from support.command import run

from chainlog.ledger.ledger import Ledger
from chainlog.ledger.marks import Marks
from chainlog.ledger.signers.files import write_key
from chainlog.store.engine import Head


def lay(folder, chain, size=1_000_000):
    """A key, and a mark beside it as an earlier version would have kept it."""
    folder.mkdir(parents=True, exist_ok=True)
    write_key(folder / "key.pem", CLERK, None)
    Marks(folder / "marks").put(chain, Head(size, b"x" * 32))
    return folder / "key.pem"


def marks(scene):
    return Marks(scene.home / "marks")


def chain_of(folder):
    with Ledger.open(folder) as ledger:
        return ledger.chain


@pytest.mark.parametrize("where", ["k", "chains", "."])
def test_my_own_chain_goes_on(scene, where):
    own = scene.own()
    key = lay(scene.stick / where, chain_of(own))
    assert scene.run("--key", key, "log", folder=scene.stick).code == 0
    assert marks(scene).get(chain_of(own)).size == 1
    assert scene.transfer(folder=own).code == 0


def test_the_chain_on_the_stick_is_not_mine(scene):
    key = lay(scene.stick / "k", scene.chain, 4)
    for words in (("status",), ("verify",), ("log",)):
        assert scene.run("--key", key, *words, folder=scene.stick).code == 0
    assert not marks(scene).has(scene.chain)


def test_nor_from_another_disk(scene):
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        place = Path(name)
        if place.stat().st_dev == scene.base.stat().st_dev:
            pytest.skip("there is one disk here")
        told = scene.run("--key", lay(place, scene.chain), "log", folder=scene.honest)
        assert (told.code, "is not taken for your state" in told.err) == (0, True)
        assert not marks(scene).has(scene.chain)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_nor_what_is_somebody_elses(scene):
    key = lay(scene.base / "theirs", scene.chain)
    os.chown(scene.base / "theirs" / "marks", 65534, 65534)
    assert "is not taken" in scene.run("--key", key, "log", folder=scene.honest).err
    assert not marks(scene).has(scene.chain)


def test_whoever_says_that_it_is_theirs_copies_it(scene):
    """The honest twin: what is said works as it is typed, and then nothing more is said."""
    key = lay(scene.stick / "k", scene.chain, 4)
    told = scene.run("--key", key, "log", folder=scene.stick)
    subprocess.run(["sh", "-c", re.search(r"mkdir -p .*", told.err)[0]], check=True)
    assert marks(scene).get(scene.chain).size == 4
    assert scene.run("--key", key, "log", folder=scene.stick).err == ""


def test_what_lies_beside_my_own_key_is_taken_over(scene):
    """The honest twin: the README's layout, a key beside its ledger."""
    key = lay(scene.base / "work", scene.chain, 4)
    assert "is now in" in run("--key", key, "log", folder=scene.honest).err
    assert marks(scene).get(scene.chain).size == 4
