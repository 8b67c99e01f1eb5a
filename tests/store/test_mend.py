"""A segment that is damaged makes room for a whole one, and is kept."""

from __future__ import annotations

import os

import pytest
from support.chains import small_chain

from chainlog.errors import LockedError
from chainlog.store.engine import EMPTY
from chainlog.store.segment.engine import SegmentEngine

A = small_chain(6)
PAIRS = [(entry.raw, body) for entry, body in zip(A.entries, A.bodies, strict=True)]


@pytest.fixture
def engine(tmp_path):
    made = SegmentEngine(tmp_path / "ledger")
    made.append(A.chain, EMPTY, PAIRS)
    made.close()
    yield made
    made.close()


def segment_of(engine):
    (path,) = engine.folder_of(A.chain).glob("*.seg")
    return path


@pytest.mark.parametrize("links", [True, False])
def test_each_damaged_one_is_kept(engine, monkeypatch, links):
    def refusing(*_args):
        raise OSError("one name a file here")

    if not links:
        monkeypatch.setattr(os, "link", refusing)
    path = segment_of(engine)
    for number in (0, 1):
        path.write_bytes(b"damage %d" % number)
        aside = engine.mend(A.chain, 0, PAIRS)
        assert aside == str(path.parent / "lost+found" / f"{'0' * 20}-0-{number}")
        assert (path.parent / "lost+found" / f"{'0' * 20}-0-{number}").read_bytes() == (
            b"damage %d" % number
        )
        assert path.read_bytes() == A.segment()
        assert engine.head(A.chain).size == 6


def test_of_one_that_is_gone_nothing_is_kept(engine):
    segment_of(engine).unlink()
    assert engine.mend(A.chain, 0, PAIRS) == ""
    assert segment_of(engine).read_bytes() == A.segment()


def test_whoever_writes_is_not_disturbed(engine, monkeypatch, tmp_path):
    monkeypatch.setattr("chainlog.store.segment.mend._LOCK_SECONDS", 0.05)
    other = SegmentEngine(tmp_path / "ledger")
    other.prepare(A.chain)
    before = segment_of(engine).read_bytes()
    with pytest.raises(LockedError):
        engine.mend(A.chain, 0, PAIRS[:1])
    assert segment_of(engine).read_bytes() == before
    # Who has it open himself lets go of it.
    other.mend(A.chain, 0, PAIRS)
    other.close()
