"""The index has other ids than the records, but for the last, and the stored tree is gone.

Nobody signed two histories: what is derived is made anew from the records, and everything goes on.
"""

from __future__ import annotations

import pytest
from attacks.growth.yard import SIGNED, SIZE, Yard

from chainlog.export.tiles import publish_chain
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.merkle import verify_inclusion
from chainlog.ledger.proofs import prove


def poisoned(tmp_path):
    yard = Yard(tmp_path / "site")
    told, note = yard.told(), yard.signed()
    yard.poison_index()
    return yard, told, note


def test_the_site_goes_on_signing(tmp_path):
    yard, told, _ = poisoned(tmp_path)
    assert parse_checkpoint(yard.make().text) == told


@pytest.mark.parametrize("index", range(SIZE))
def test_every_entry_is_proven(tmp_path, index):
    yard, told, _ = poisoned(tmp_path)
    note = yard.make()
    with yard.open() as ledger:
        one = ledger.entry(index).entry
        made = prove(ledger, yard.chain, index, [note])
    verify_inclusion(one.id, index, SIZE, made.hashes, told.root)


def test_the_chain_is_published(tmp_path):
    yard, told, note = poisoned(tmp_path)
    with yard.open() as ledger:
        assert publish_chain(ledger, yard.chain, note, tmp_path / "www").checkpoint == told


def test_a_true_checkpoint_fits(tmp_path):
    yard, _, note = poisoned(tmp_path)
    assert yard.take(note).state == "fits"
    assert yard.take(yard.signed(SIGNED, root=b"r" * 32)).state == "forked"
