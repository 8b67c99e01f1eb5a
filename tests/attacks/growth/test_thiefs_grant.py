"""A thief has the disk and a key of his own: he writes an entry that grants it the log, in the
owner's name and under a signature of nothing, signs a checkpoint over that, and takes the true
ones away. The owner is to sign on from there.
"""

from __future__ import annotations

import pytest
from attacks.growth.test_forged_last_entry import Nobody
from attacks.growth.yard import Yard
from support.chains import OWNER, STRANGER, Draft, opening, transfer
from support.notes import sign
from support.place import KEYS

from chainlog.errors import ReadOnlyError
from chainlog.format.checkpoint import Checkpoint, format_origin_line, parse_checkpoint
from chainlog.format.merkle import root
from chainlog.ledger.growth import OtherEntriesError, grown
from chainlog.store.checkpoints import checkpoints_in, keep_checkpoint

GRANT = {"key": STRANGER.key_id, "roles": ["log"], "holder": {"name": "A thief"}}


def history(signer):
    """A chain in which `signer` granted the key, as the owner's."""
    draft = Draft(opening(keys=KEYS))
    draft.add("key.grant", GRANT, signer)
    for n in range(8):
        draft.add("transfer", transfer(n), KEYS[1][0])
    return draft


def laid(tmp_path, signer):
    """It lies in the owner's ledger, with the thief's checkpoint of the first six."""
    yard, draft = Yard(tmp_path), history(signer)
    for old in (*yard.folders[0].glob("*"), *yard.folders[1].glob("*.checkpoint")):
        old.unlink()
    yard.chain_folder.rename(yard.folder / "chains" / draft.chain.hex())
    told = yard.folder / "ledger.toml"
    told.write_text(told.read_text("utf-8").replace(yard.chain.hex(), draft.chain.hex()), "utf-8")
    yard.chain = draft.chain
    yard.forget_marks()
    yard.put([(one.raw, body) for one, body in zip(draft.entries, draft.bodies, strict=True)])
    line = format_origin_line("example.org/depot", draft.chain)
    six = Checkpoint(line, 6, root([one.id for one in draft.entries[:6]]))
    keep_checkpoint(yard.folders[0], sign(six, STRANGER))
    yard.only_copy()
    return yard


def test_it_is_not_carried_on(tmp_path):
    yard = laid(tmp_path, Nobody(OWNER))
    with pytest.raises(ReadOnlyError, match="entry 1 "):
        yard.make()
    (six,) = checkpoints_in(yard.folders[0])
    with yard.open() as ledger, pytest.raises(OtherEntriesError, match="entry 1 does not hold"):
        grown(ledger, yard.chain, parse_checkpoint(six.text), 10)
    assert max(int(one.name[:20]) for one in yard.folders[0].glob("*.checkpoint")) == 6


def test_a_log_that_the_owner_granted_is(tmp_path):
    yard = laid(tmp_path, OWNER)
    assert parse_checkpoint(yard.make().text) == yard.told()
