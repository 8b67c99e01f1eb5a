"""A service brings another file, by rename, in the place of one that was just kept: a checkpoint,
an attachment, a fork. Who asked for it would be told that it is kept.
"""

from __future__ import annotations

import shutil

import pytest
from support.chains import CLERK

from chainlog.errors import StoreError
from chainlog.store import durable
from chainlog.store.shelf import Conflict


def keep_checkpoint(desk):
    desk.make()


def keep_attachment(desk):
    with desk.open(CLERK) as ledger:
        ledger.engine.put_blob([b"photo"])


def keep_fork(desk):
    with desk.open(CLERK) as ledger:
        ours, theirs = (next(ledger.engine.read(desk.chain, n)) for n in (2, 3))
        conflict = Conflict(desk.chain, 2, ours.parsed.id, theirs.parsed.id)
        ledger.keep_conflict(conflict, ours, [theirs])


def struck(desk, path, whose):
    """When the names in the folder of such a file are synced, another file takes its place."""
    real = durable.sync_folder

    def strike(folder):
        real(folder)
        for one in [one for one in folder.iterdir() if one.is_file() and whose(one)]:
            desk.monkeypatch.setattr(durable, "sync_folder", real)
            (desk.base / path).write_bytes(b"other")
            (desk.base / path).replace(one)

    desk.monkeypatch.setattr(durable, "sync_folder", strike)


CASES = [
    (keep_checkpoint, lambda path: path.suffix == ".checkpoint"),
    (keep_attachment, lambda path: len(path.name) == 64),
    (keep_fork, lambda path: path.suffix == ".fork"),
]


@pytest.mark.parametrize(("keep", "whose"), CASES)
def test_it_is_not_said_to_be_kept(desk, keep, whose):
    struck(desk, "theirs", whose)
    with pytest.raises(StoreError, match="another file was put in its place"):
        keep(desk)
    # And kept once more, it is.
    keep(desk)


@pytest.mark.parametrize(("keep", "whose"), CASES)
def test_undisturbed_it_is_kept(desk, keep, whose):
    keep(desk)
    assert [path for path in desk.folder.rglob("*") if path.is_file() and whose(path)]
    shutil.rmtree(desk.backup)
    desk.goes_on()
