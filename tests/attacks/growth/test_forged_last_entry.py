"""Whoever has the disk, and no key, appends an entry in the keeper's name under a signature of
nothing, and a row into the index, by which it seems to have been acknowledged.

Nothing is signed over it, and nothing is appended to it.
"""

from __future__ import annotations

import pytest
from attacks.growth.yard import SIZE, Yard
from support.chains import CLERK, OWNER, transfer

from chainlog.errors import ReadOnlyError
from chainlog.format import canonical
from chainlog.format.body import commit
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.format.entry import Header


class Nobody:
    """Signs anything with zeros, in the name of another."""

    def __init__(self, whose):
        self.key_id = whose.key_id

    def sign(self, _message):
        return bytes(64)


def appended(yard, signer):
    """The chain with one entry more, by the keeper's name."""
    last = yard.records[-1].parsed
    body, digest = commit(transfer(99), bytes(32))
    said = Header(
        1, yard.chain, last.id, SIZE, 0, last.header.time + 1, CLERK.key_id, "transfer", digest
    )
    data = canonical.pack(said)
    entry = data + signer.sign(b"chainlog/v1/entry\n" + data)
    yard.put([*((one.entry, one.body) for one in yard.records), (entry, body)])


@pytest.mark.parametrize("verb", ["checkpoint", "append"])
def test_nothing_is_built_on_it(tmp_path, verb):
    yard = Yard(tmp_path)
    appended(yard, Nobody(CLERK))
    before = yard.segment.read_bytes()
    with pytest.raises(ReadOnlyError, match="entry 12, which was not acknowledged here, cannot be"):
        yard.make(OWNER) if verb == "checkpoint" else yard.write(1, 200)
    assert yard.segment.read_bytes() == before
    assert max(int(one.name[:20]) for one in yard.folders[0].glob("*.checkpoint")) < SIZE


def test_what_a_crash_left_by_the_keeper_is_built_on(tmp_path):
    yard = Yard(tmp_path)
    appended(yard, CLERK)
    assert parse_checkpoint(yard.make().text) == yard.told(SIZE + 1)
    yard.write(1, 200)
