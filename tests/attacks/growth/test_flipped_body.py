"""Whoever has the disk changes what an entry above the last checkpoint says, in its body.

The root is the same; but the owner would vouch for a chain that does not verify.
"""

from __future__ import annotations

import pytest
from attacks.growth.yard import Yard

from chainlog.errors import ReadOnlyError
from chainlog.format.checkpoint import parse_checkpoint


def test_it_is_not_vouched_for(tmp_path):
    yard = Yard(tmp_path)
    yard.flip_body(7)
    before = yard.files()
    with pytest.raises(ReadOnlyError, match="entry 7 does not hold: "):
        yard.make()
    assert yard.files() == before


def test_a_body_that_is_not_held_is_no_damage(tmp_path):
    """Bodies of custody may be absent: what was signed is the entry."""
    yard = Yard(tmp_path)
    told = yard.told()
    yard.put([(one.entry, b"" if n == 7 else one.body) for n, one in enumerate(yard.records)])
    assert parse_checkpoint(yard.make().text) == told
