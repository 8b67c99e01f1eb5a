"""A bit flips in a chain that was never signed for, in an entry that says who may sign."""

from __future__ import annotations

import pytest
from attacks.growth.yard import Yard
from support.chains import STRANGER

from chainlog.errors import ChainlogError
from chainlog.format.checkpoint import parse_checkpoint


def granted(tmp_path):
    yard = Yard(tmp_path, signed=0, size=4)
    grant = {"key": STRANGER.key_id, "roles": ["custodian"], "holder": {"name": "A helper"}}
    yard.govern("key.grant", grant)
    yard.write(3, 70)
    return yard


def test_it_is_not_signed(tmp_path):
    yard = granted(tmp_path)
    yard.flip_signature(4)
    before = yard.files()
    with pytest.raises(ChainlogError, match="entry 4 does not hold"):
        yard.make()
    assert yard.files() == before


def test_the_whole_chain_is(tmp_path):
    yard = granted(tmp_path)
    assert parse_checkpoint(yard.make().text) == yard.told()
