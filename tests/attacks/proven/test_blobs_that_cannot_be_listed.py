"""The stick's folder of attachments gives an error of input and output: 'nothing to take' would be
believed, and the photographs never come.
"""

from __future__ import annotations

import shutil

import pytest
from support.chains import CLERK, transfer
from support.command import run
from support.place import Place

from chainlog.errors import StoreError
from chainlog.events.event import Event
from chainlog.store.segment.shelf import SegmentShelf


@pytest.fixture
def stick(tmp_path, monkeypatch):
    """A copy with a photograph that the hub lacks, and a run of `sync` at the hub."""
    hub = Place(tmp_path / "hub")
    monkeypatch.setenv("CHAINLOG_HOME", str(hub.home))
    shutil.copytree(hub.base, tmp_path / "site")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8 a seal")
    site = Place.__new__(Place)
    site.base, site.folder, site.home = tmp_path, tmp_path / "site" / "ledger", tmp_path / "home"
    site.only_copy()
    with site.open(CLERK) as ledger:
        named = ledger.attach(tmp_path / "photo.jpg", "image/jpeg")
        ledger.append(Event.parse("transfer", transfer(9, attachments=[named])))
    return site.folder, lambda: run("sync", "--workers", "1", site.folder, folder=hub.folder)


def spoil(folder, how):
    """What lies there cannot be listed: a link to itself, or a file in the folder's place."""
    blobs = folder / "blobs"
    place = blobs if how != "one shard" else next(one for one in blobs.iterdir() if one.is_dir())
    shutil.move(place, folder.parent / "moved")
    if how == "a file":
        place.write_bytes(b"")
    else:
        place.symlink_to(place.name)


@pytest.mark.parametrize("how", ["a link to itself", "a file", "one shard"])
def test_it_is_said_each_time(stick, how):
    folder, sync = stick
    spoil(folder, how)
    with pytest.raises(StoreError, match="cannot be read"):
        list(SegmentShelf(folder).blobs())
    for _ in range(2):
        said = sync()
        assert said.code != 0
        assert "attachments in " in said.out + said.err


def test_a_folder_that_is_not_there_has_nothing(stick):
    folder, sync = stick
    shutil.rmtree(folder / "blobs")
    assert list(SegmentShelf(folder).blobs()) == []
    assert "cannot be read" not in (said := sync()).out + said.err


def test_what_can_be_listed_is_taken(stick):
    _, sync = stick
    said = sync()
    assert (said.code, "attachments: 1 taken" in said.out) == (0, True), said.out
