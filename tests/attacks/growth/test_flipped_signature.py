"""A worn disk flips one bit of a signature above the last checkpoint, not in the last entry.

Signed over, it would fork the site for ever: no whole copy has that root. The entry is named, and
nothing is signed nor left behind.
"""

from __future__ import annotations

import pytest
from attacks.growth.yard import Yard

from chainlog.errors import ReadOnlyError
from chainlog.format.checkpoint import parse_checkpoint


def test_it_is_not_signed(tmp_path):
    yard = Yard(tmp_path)
    yard.flip_signature(8)
    before = yard.files()
    with pytest.raises(ReadOnlyError, match=r"entry 8 does not hold: .*signature") as told:
        yard.make()
    assert "chainlog sync WHO" in told.value.hint
    assert yard.files() == before


def test_the_whole_chain_is(tmp_path):
    yard = Yard(tmp_path)
    assert parse_checkpoint(yard.make().text) == yard.told()
