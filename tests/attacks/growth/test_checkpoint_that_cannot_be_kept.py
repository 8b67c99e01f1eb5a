"""A full disk lets a new checkpoint be kept beside the key and not in the ledger, or the other way
round: whoever has only the one would compare with what was never given out.
It is kept in both, or in none.
"""

from __future__ import annotations

import errno
import os

import pytest
from attacks.growth.yard import SIGNED, Yard
from support.notes import HUB

from chainlog.errors import StoreError
from chainlog.format.checkpoint import parse_checkpoint
from chainlog.store import durable


def kept(yard):
    return [
        {path.name: path.read_bytes() for path in folder.glob("*.checkpoint")}
        for folder in yard.folders
    ]


def full(monkeypatch, folder):
    """There is no room left below a folder, when a file is to be written there."""
    replace = durable.replace

    def refusing(path, *rest):
        if path.parent == folder:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(path, *rest)

    monkeypatch.setattr(durable, "replace", refusing)


@pytest.mark.parametrize("place", [0, 1])
def test_nothing_is_left_behind(tmp_path, monkeypatch, place):
    yard = Yard(tmp_path)
    before = kept(yard)
    full(monkeypatch, yard.folders[place])
    with pytest.raises(StoreError, match="No space left"):
        yard.make()
    assert kept(yard) == before


@pytest.mark.parametrize("place", [0, 1])
def test_nor_of_a_cosignature_of_one_that_was_kept(tmp_path, monkeypatch, place):
    yard = Yard(tmp_path)
    before, data = kept(yard), yard.signed(SIGNED, cosigned=[HUB])
    full(monkeypatch, yard.folders[place])
    with pytest.raises(StoreError, match="No space left"):
        yard.take(data)
    assert kept(yard) == before


def test_it_is_kept_in_both(tmp_path):
    yard = Yard(tmp_path)
    assert parse_checkpoint(yard.make().text) == yard.told()
    ours, memory = kept(yard)
    assert ours == memory
    assert len(ours) == 2
