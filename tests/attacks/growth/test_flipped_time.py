"""A worn disk flips one bit of the time in a header above the last checkpoint: the entry's id is
another, and nobody signed that.
"""

from __future__ import annotations

import pytest
from attacks.growth.yard import Yard

from chainlog.errors import ReadOnlyError
from chainlog.format.checkpoint import parse_checkpoint


@pytest.mark.parametrize("index", [6, 9, 10])
def test_it_is_not_signed(tmp_path, index):
    yard = Yard(tmp_path)
    yard.flip_time(index)
    before = yard.files()
    with pytest.raises(ReadOnlyError, match=f"entry {index}"):
        yard.make()
    assert yard.files() == before


def test_the_same_bit_flipped_back_is(tmp_path):
    yard = Yard(tmp_path)
    told = yard.told()
    for _ in range(2):
        yard.flip_time(9)
    assert parse_checkpoint(yard.make().text) == told
