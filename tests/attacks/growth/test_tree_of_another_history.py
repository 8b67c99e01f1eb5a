"""Whoever has the disk and the log's key lays the tree of another history beside the chain, and
brings its checkpoint: 'it fits', says who looks at the tree alone.
"""

from __future__ import annotations

from attacks.growth.yard import SIZE, Yard, other_ids
from support.chains import OWNER
from support.notes import HUB

from chainlog.format.merkle import root
from chainlog.ledger.checkpoints import checkpoints_of, standing_checkpoints


def laid(tmp_path):
    yard = Yard(tmp_path)
    ids = other_ids(yard)
    yard.poison_tree(ids)
    return yard, yard.signed(root=root(ids), signer=OWNER, cosigned=[HUB])


def test_it_is_a_fork(tmp_path):
    yard, forged = laid(tmp_path)
    assert yard.take(forged).state == "forked"
    with yard.open() as ledger:
        assert len(checkpoints_of(ledger, yard.chain)) == 2
        assert len(standing_checkpoints(ledger, yard.chain)) == 1


def test_the_checkpoint_of_what_lies_here_fits(tmp_path):
    yard, _ = laid(tmp_path)
    assert yard.take(yard.signed()).state == "fits"
    assert yard.told().size == SIZE
