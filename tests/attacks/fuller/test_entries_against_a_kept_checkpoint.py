"""The hub keeps a checkpoint of entries that it lacks, and a stick brings others in their place.

The keys in force signed those too: a clone of the site's laptop did. The checkpoint came first, and
of what contradicts it nothing is taken. One that a key signed which might not promises nothing.
"""

from __future__ import annotations

import shutil

from attacks.fuller.desks import copied, holds, site
from support.chains import OWNER, STRANGER, transfer

from chainlog.format.checkpoint import parse_checkpoint, sign_checkpoint
from chainlog.format.note import format_note
from chainlog.store.checkpoints import checkpoint_name


def promised(tmp_path):
    """A depot, its clone, and a hub that keeps the depot's checkpoint of one entry more than it."""
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    twin = copied(depot, tmp_path, "twin")
    twin.run("chain", "only-copy")
    hub.sync(depot)
    old = depot.stick(tmp_path, "old")
    depot.tell("transfer", transfer(8))
    depot.checkpoint()
    shutil.copytree(
        depot.chain_folder() / "checkpoints", next(old.glob("chains/*")) / "checkpoints"
    )
    assert hub.sync(old).code == 4
    return depot, twin, hub


def test_the_other_branch_is_not_taken(tmp_path):
    depot, twin, hub = promised(tmp_path)
    held = hub.records(depot.chain)
    twin.tell("transfer", transfer(9, note="another"))
    twin.tell("transfer", transfer(10))
    for _ in range(2):
        said = hub.sync(twin)
        assert (said.code, "chain-fork" in said.out) == (3, True)
        assert hub.records(depot.chain) == held
    # The branch that it promised is.
    assert hub.sync(depot).code == 0
    assert hub.records(depot.chain) == depot.records()


def test_the_promised_one_is_taken_and_what_follows(tmp_path):
    depot, _, hub = promised(tmp_path)
    depot.tell("transfer", transfer(9))
    assert hub.sync(depot).code == 0
    assert hub.records(depot.chain) == depot.records()
    assert holds(hub)


def test_a_checkpoint_by_a_key_that_was_revoked_by_then_keeps_nobody_out(tmp_path):
    """The log's key was stolen, and the thief signs a checkpoint of what never was."""
    depot, hub = site(tmp_path), site(tmp_path, "hub", transfers=0)
    grant = {"key": STRANGER.key_id, "roles": ["log"], "holder": {"name": "the log"}}
    depot.tell("key.grant", grant, OWNER)
    hub.sync(depot)
    old = depot.stick(tmp_path, "old")
    true = parse_checkpoint(depot.checkpoint().text)
    false = sign_checkpoint(type(true)(true.origin, true.size + 2, bytes(32)), STRANGER)
    place = next(old.glob("chains/*")) / "checkpoints"
    place.mkdir()
    (place / checkpoint_name(parse_checkpoint(false.text))).write_bytes(format_note(false))
    assert hub.sync(old).code == 4
    depot.tell("key.revoke", {"key": STRANGER.key_id, "reason": "compromised"}, OWNER)
    depot.tell("transfer", transfer(8))
    said = hub.sync(depot)
    assert said.code == 0
    assert hub.records(depot.chain) == depot.records()
