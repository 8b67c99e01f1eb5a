"""An attempt to open a chain that did not finish is gone on with, and leaves no second chain."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest
from support.chains import OWNER, opening

from chainlog.errors import StoreError
from chainlog.ledger.begun import NAME
from chainlog.ledger.ledger import Ledger
from chainlog.store import durable


def create(base, **how):
    with Ledger.create(
        base / "ledger", opening(**how), OWNER, marks=base / "home" / "marks"
    ) as ledger:
        return ledger.chain, ledger.engine.shelved()


@pytest.fixture(params=["make_folder", "sync_data", "sync_folder", "write_all"])
def begun(request, tmp_path, monkeypatch):
    """The folder in which an attempt ended after entry 0 was kept, each time somewhere else."""
    real, path = getattr(durable, request.param), tmp_path / "ledger" / NAME

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
    kept = (begun / "ledger" / NAME).read_bytes()
    chain, held = create(begun)
    assert held == [chain]
    with Ledger.open(begun / "ledger", marks=begun / "home" / "marks") as ledger:
        record = next(ledger.engine.read(chain))
    assert record.entry in kept
    assert not (begun / "ledger" / NAME).exists()


def test_who_means_another_chain_is_told_how_to_let_go_of_it(begun):
    with pytest.raises(StoreError, match="another chain was begun") as caught:
        create(begun, origin="example.org/another")
    for path in map(Path, shlex.split(caught.value.hint.partition("rm -r ")[2])):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    chain, held = create(begun, origin="example.org/another")
    assert held == [chain]
