"""An earlier version remembered a checkpoint that nobody signed: it lies in the auditor's own
folder, and would brand every honest copy for ever. It is judged as one that came along.
"""

from __future__ import annotations

import json

import pytest
from support.chains import OWNER, STRANGER

from chainlog.events.event import Event
from chainlog.format.checkpoint import Checkpoint, format_origin_line, sign_checkpoint
from chainlog.ledger.checkpoints import make_checkpoint, review
from chainlog.ledger.ledger import Ledger
from chainlog.store.checkpoints import keep_checkpoint


def remember(scene, signer, size=2, *, root=b"r" * 32):
    told = Checkpoint(format_origin_line("example.org/depot", scene.chain), size, root)
    keep_checkpoint(scene.home / "checkpoints" / scene.chain.hex(), sign_checkpoint(told, signer))


@pytest.mark.parametrize("size", [2, 400])
def test_no_honest_copy_is_branded(scene, size):
    remember(scene, STRANGER, size)
    told = scene.run("verify", "honest", "--json")
    assert (told.code, json.loads(told.out)["missing"]) == (0, [])


@pytest.mark.parametrize("size", [2, 400])
def test_nor_is_it_in_a_ledger_of_mine(scene, size):
    remember(scene, STRANGER, size)
    with Ledger.open(scene.honest, OWNER, marks=scene.home / "marks") as ledger:
        assert {one.state for one in review(ledger, scene.chain)} == {"fits"}
    hub = scene.own()
    assert scene.run("sync", scene.honest, folder=hub).code == 0


@pytest.mark.parametrize("size", [2, 400])
def test_one_that_the_log_signed_counts(scene, size):
    """The honest twin: it tells against the chain, as it always did."""
    remember(scene, OWNER, size)
    assert scene.run("verify", "honest").code == 3


def test_one_that_was_kept_counts_whatever_a_copy_says_of_its_key(scene):
    """The honest twin: kept with the key under which it held.

    A copy from before that key was granted is a rollback all the same.
    """
    grant = {"key": STRANGER.key_id, "roles": ["log"], "holder": {"name": "box"}}
    with Ledger.open(scene.honest, OWNER, marks=scene.base / "site" / "marks") as ledger:
        ledger.append(Event.parse("key.grant", grant))
        ledger.signer = STRANGER
        make_checkpoint(ledger)
    assert scene.run("verify", "honest").code == 0
    told = scene.run("verify", "stick")
    assert (told.code, "chain-rollback" in told.out) == (3, True)
