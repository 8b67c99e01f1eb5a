"""A site's log has signed with thousands of keys, so that of those that an auditor remembers only
the first were read: the last one, under which a rollback shows, was passed over, and then lost.
"""

from __future__ import annotations

import pytest
from support.chains import OWNER, STRANGER

from chainlog.errors import StoreError
from chainlog.events.event import Event
from chainlog.format.checkpoint import format_origin_line
from chainlog.format.keys import Ed25519Signer
from chainlog.format.note import ED25519_NOTE, VerifierKey, format_vkey
from chainlog.ledger.checkpoints import make_checkpoint
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.remembered import Memory

MANY, FAR_TOO_MANY = 2_500, 30_000


def signer(number):
    return Ed25519Signer.from_seed(number.to_bytes(32))


def keys_of(scene, count):
    name = format_origin_line("example.org/depot", scene.chain)
    for number in range(count):
        yield VerifierKey(name, ED25519_NOTE, signer(number).key_id[1:])


def memory_of(scene):
    return scene.home / "checkpoints" / scene.chain.hex()


@pytest.fixture
def remembered(scene):
    """The auditor saw a checkpoint under a key that was granted last."""
    grant = {"key": STRANGER.key_id, "roles": ["log"], "holder": {"name": "box"}}
    with Ledger.open(scene.honest, OWNER, marks=scene.base / "site" / "marks") as ledger:
        ledger.append(Event.parse("key.grant", grant))
        ledger.signer = STRANGER
        make_checkpoint(ledger)
    assert scene.run("verify", "honest").code == 0
    return memory_of(scene) / "keys"


def put_before(scene, path, count):
    known = path.read_text(encoding="utf-8")
    path.write_text("".join(f"{format_vkey(key)}\n" for key in keys_of(scene, count)) + known)


def test_the_last_key_counts(scene, remembered):
    put_before(scene, remembered, MANY)
    told = scene.run("verify", "stick")
    assert (told.code, "chain-rollback" in told.out) == (3, True)


def test_none_is_lost_when_one_is_added(scene, remembered):
    put_before(scene, remembered, MANY)
    before = remembered.read_text(encoding="utf-8")
    with Ledger.open(scene.honest, OWNER, marks=scene.base / "site" / "marks") as ledger:
        ledger.append(Event.parse("key.revoke", {"key": STRANGER.key_id, "reason": "retired"}))
        make_checkpoint(ledger)
    assert scene.run("verify", "honest").code == 0
    assert set(before.splitlines()) <= set(remembered.read_text(encoding="utf-8").splitlines())
    assert len(Memory(memory_of(scene)).keys) >= MANY + 1


def test_more_than_anybody_has_is_said_and_not_cut(scene, remembered):
    line = f"{format_vkey(next(keys_of(scene, 1)))}\n"
    remembered.write_text(line * FAR_TOO_MANY + remembered.read_text(encoding="utf-8"))
    with pytest.raises(StoreError, match="more keys than any chain ever had"):
        Memory(memory_of(scene))
    told = scene.run("verify", "stick")
    assert told.code not in {0, 3}
    assert "more keys than any chain ever had" in told.err + told.out


def test_a_few_keys_are_read_as_ever(scene, remembered):
    """The honest twin."""
    assert scene.run("verify", "honest").code == 0
    assert scene.run("verify", "stick").code == 3
