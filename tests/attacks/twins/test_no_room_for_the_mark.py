"""The disk of the user's state is full: an entry is kept, and its mark is not. The other copy would
be written on from the mark before. The user is told, nothing more is written until the mark can be,
and the other copy is not written before it was compared.
"""

from __future__ import annotations

import errno
import os
from types import SimpleNamespace

import pytest
from attacks.twins.pair import event

from chainlog.errors import StoreError


@pytest.fixture
def disk():
    """What makes room again."""
    real = os.pwrite

    def write(descriptor, data, at):
        if data.startswith(b"chainlog mark"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, data, at)

    with pytest.MonkeyPatch.context() as patch:
        yield SimpleNamespace(fill=lambda: patch.setattr(os, "pwrite", write), empty=patch.undo)


@pytest.fixture
def full(twins, disk):
    """One entry is kept while no mark can be."""
    with twins.open(twins.first) as ledger:
        ledger.prepare()
        disk.fill()
        ledger.append(event(2))
        yield ledger


def test_the_other_copy_is_not_written(twins, full):
    assert len(twins.ids(twins.first)) == 4
    with twins.open(twins.second) as other, pytest.raises(StoreError):
        other.append(event(3))
    full.close()
    assert twins.no_fork()


def test_it_is_said_and_nothing_more_is_written(twins, full):
    (notice,) = full.notices
    assert "what was recorded is kept" in notice
    with pytest.raises(StoreError, match="No space left") as raised:
        full.append(event(3))
    assert "make room" in raised.value.hint
    full.close()
    assert len(twins.ids(twins.first)) == 4


def test_once_there_is_room_it_goes_on(twins, full, disk):
    """The honest twin: the mark is made up for."""
    disk.empty()
    full.append(event(3))
    full.close()
    assert twins.marks.get(twins.chain).size == 5
