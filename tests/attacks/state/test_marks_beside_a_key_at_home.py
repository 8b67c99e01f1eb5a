"""Whoever hands over a key puts a mark beside it, and the reader copies both home: of the reader's
own chain, and further than any copy will ever be. It would stop that chain for good, as the state
of a witness would stop the witness. What is in use from here stays as it is; what lies there is
said.
"""

from __future__ import annotations

import re
import subprocess

import pytest
from attacks.state.test_marks_beside_a_key_on_a_stick import chain_of, lay, marks
from support.chains import CLERK, STRANGER

from chainlog.ledger.ledger import Ledger
from chainlog.ledger.marks import Marks
from chainlog.ledger.signers.files import write_key
from chainlog.ledger.state import State
from chainlog.ledger.takeover import take_over
from chainlog.store.engine import Head

NOT_TAKEN = (
    "the mark {mark}, beside the key, says that more of a chain was acknowledged than is known "
    "here, and is not taken; if it is yours: cp {file} {marks}; if it is not: rm {file}"
)


def test_my_own_chain_goes_on(scene):
    own = scene.own()
    key = lay(scene.base / "from-hq", chain_of(own))
    told = scene.run("--key", key, "status", folder=own)
    assert "is not taken" in told.err
    assert marks(scene).get(chain_of(own)).size == 1
    assert scene.transfer(folder=own).code == 0


@pytest.mark.hint(NOT_TAKEN)
def test_what_is_said_lets_go_of_it(scene):
    own = scene.own()
    key = lay(scene.base / "from-hq", chain_of(own))
    told = scene.run("--key", key, "status", folder=own)
    subprocess.run(["sh", "-c", re.search(r"if it is not: (rm .*)", told.err)[1]], check=True)
    assert scene.run("--key", key, "status", folder=own).err == ""


def test_nor_is_a_witness_in_use_stopped(scene):
    used, log = scene.home / "witness" / ("0" * 16), "1" * 64
    used.mkdir(parents=True)
    (used / "vkey").write_text("mine")
    key = lay(scene.base / "from-hq", scene.chain, 4)
    theirs = key.parent / "witness" / used.name
    theirs.mkdir(parents=True)
    (theirs / f"{log}.begun").touch()
    take_over(State(scene.home), key.parent)
    assert [path.name for path in used.iterdir()] == ["vkey"]


def test_nor_by_more_checkpoints_than_are_read(scene):
    own = scene.own()
    key = lay(scene.base / "from-hq", scene.chain, 4)
    theirs = key.parent / "checkpoints" / chain_of(own).hex()
    theirs.mkdir(parents=True)
    for number in range(10_001):
        (theirs / f"{number:020d}-{number:064x}.checkpoint").touch()
    assert scene.run("--key", key, "status", folder=own).code == 0
    assert scene.transfer(folder=own).code == 0
    assert scene.run("verify", folder=own).code == 0


@pytest.mark.hint(NOT_TAKEN)
def test_what_is_mine_is_taken(scene):
    """The honest twin: the mark is that of an earlier version, and the command takes it."""
    own = scene.own()
    key = lay(scene.base / "earlier", chain_of(own), 9)
    told = scene.run("--key", key, "status", folder=own)
    subprocess.run(["sh", "-c", re.search(r"if it is yours: (cp .*); if", told.err)[1]], check=True)
    assert marks(scene).get(chain_of(own)).size == 9
    assert scene.transfer(folder=own).code != 0


def test_a_mark_from_there_opens_no_key_that_a_stick_names(scene):
    """The stick's chain has a mark then, and nothing was recorded in it from here all the same."""
    (scene.stick / "k").mkdir()
    write_key(scene.stick / "k" / "key.pem", CLERK, None)
    (scene.home / "key.pem").unlink()
    scene.name_key("k/key.pem")
    with Ledger.open(scene.stick) as ledger:
        size = ledger.head.size
    Marks(scene.base / "from-hq" / "marks").put(scene.chain, Head(size, b"x" * 32))
    write_key(scene.base / "from-hq" / "key.pem", STRANGER, None)
    assert scene.run("--key", scene.base / "from-hq" / "key.pem", "key", "show").code == 0
    assert marks(scene).has(scene.chain)
    told = scene.transfer(folder=scene.stick)
    assert (told.code, "nothing was recorded in it from here" in told.err) == (1, True)
