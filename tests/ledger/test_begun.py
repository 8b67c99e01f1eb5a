"""An attempt to open a chain that did not finish is gone on with, and leaves no second chain."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest
from support.chains import OWNER, opening, transfer

from chainlog.errors import StoreError
from chainlog.events.event import Event
from chainlog.ledger.begun import begun_at
from chainlog.ledger.ledger import Ledger
from chainlog.ledger.marks import Marks
from chainlog.store import durable


def create(base, **how):
    with Ledger.create(
        base / "ledger", opening(**how), OWNER, marks=base / "home" / "marks"
    ) as ledger:
        return ledger.chain, ledger.engine.shelved()


def kept_at(base):
    return begun_at(Marks(base / "home" / "marks"), base / "ledger")


@pytest.fixture(params=["make_folder", "sync_data", "sync_folder", "write_all"])
def begun(request, tmp_path, monkeypatch):
    """The folder in which an attempt ended after entry 0 was kept, each time somewhere else."""
    real, path = getattr(durable, request.param), kept_at(tmp_path)

    def failing(*arguments):
        if path.exists():
            raise OSError(5, "Input/output error")
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(durable, request.param, failing)
        with pytest.raises(StoreError, match="Input/output error"):
            create(tmp_path)
    return tmp_path


def test_the_same_chain_is_opened_to_its_end(begun):
    kept = kept_at(begun).read_bytes()
    chain, held = create(begun)
    assert held == [chain]
    with Ledger.open(begun / "ledger", marks=begun / "home" / "marks") as ledger:
        record = next(ledger.engine.read(chain))
    assert record.entry in kept
    assert not kept_at(begun).exists()


def test_who_means_another_chain_is_told_how_to_let_go_of_it(begun):
    with pytest.raises(StoreError, match="another chain was begun") as caught:
        create(begun, origin="example.org/another")
    for path in map(Path, shlex.split(caught.value.hint.partition("rm -r ")[2])):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    chain, held = create(begun, origin="example.org/another")
    assert held == [chain]


def test_one_that_was_opened_and_went_is_begun_no_second_time(begun):
    kept = kept_at(begun).read_bytes()
    chain, _ = create(begun)
    shutil.rmtree(begun / "ledger")
    kept_at(begun).write_bytes(kept)  # it could not be removed
    assert create(begun)[0] != chain


def test_one_that_is_damaged_is_not_gone_on_with(begun):
    data = bytearray(kept_at(begun).read_bytes())
    for at in range(0, len(data), 7):
        bad = data.copy()
        bad[at] ^= 1
        kept_at(begun).write_bytes(bad)
        chain, _ = create(begun)
        with Ledger.open(begun / "ledger", marks=begun / "home" / "marks") as ledger:
            assert ledger.verify().holds_by_itself(chain.hex())
        shutil.rmtree(begun / "ledger")


def test_a_chain_that_has_more_is_not_begun(begun):
    kept = kept_at(begun).read_bytes()
    create(begun)
    with Ledger.open(begun / "ledger", OWNER, marks=begun / "home" / "marks") as ledger:
        ledger.append(Event.parse("transfer", transfer()))
    (begun / "ledger" / "ledger.toml").unlink()
    kept_at(begun).write_bytes(kept)
    with pytest.raises(StoreError, match="more of this chain than its beginning"):
        create(begun)
