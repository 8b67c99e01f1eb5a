"""A service brings an older copy of a segment that is not the last, by rename, under a writer: what
is recorded goes into the last one, which lies there, and no reader comes that far.
"""

from __future__ import annotations

import os
import shutil

import pytest
from attacks.rough.desk import Desk
from support.chains import CLERK
from support.command import run

from chainlog.errors import UnknownOutcomeError
from chainlog.store.segment import engine


@pytest.fixture
def long(desk, monkeypatch):
    """A chain of some segments, of which the backup has the beginning of the second."""
    begin = engine.SegmentEngine.__init__

    def begun(self, *given, **more):
        begin(self, *given, **{**more, "segment_limit": 1800})

    monkeypatch.setattr(engine.SegmentEngine, "__init__", begun)
    desk.write(1, 20)
    shutil.rmtree(desk.backup)
    shutil.copytree(desk.folder, desk.backup)
    for number in range(12):
        desk.write(1, 30 + number)
    assert len(list(desk.chain_folder.glob("*.seg"))) > 3
    return desk


def second(desk, folder):
    return sorted((folder / desk.chain_folder.relative_to(desk.folder)).glob("*.seg"))[1]


def cut(desk):
    """It is as long as in the backup, and nothing else of it changed."""
    desk.put_over(second(desk, desk.backup), second(desk, desk.folder))


def remove(desk):
    second(desk, desk.folder).unlink()


def add(desk):
    """One of another device lies behind the last."""
    shutil.copy(second(desk, desk.folder), desk.chain_folder / f"{99:020d}.seg")


@pytest.mark.parametrize("when", ["before", "during"])
@pytest.mark.parametrize("strike", [cut, remove, add])
@pytest.mark.parametrize("settled", [True, False])
def test_nothing_is_acknowledged(long, strike, when, settled):
    with long.open(CLERK) as ledger:
        ledger.append(long.event(50))
        if settled:
            # Nothing changed in the folder for a long while.
            os.utime(long.chain_folder, (0, 0))
            ledger.append(long.event(51))
        if when == "before":
            strike(long)
        else:
            long.during(lambda: strike(long))
        with pytest.raises(UnknownOutcomeError, match=r"put in its place|lie there|put it beside"):
            ledger.append(long.event(52))
        with pytest.raises(UnknownOutcomeError):
            ledger.append(long.event(53))


@pytest.mark.parametrize("strike", [cut, remove])
def test_a_whole_copy_mends_it(long, strike):
    hub = Desk(long.base / "hub", long.monkeypatch)
    shutil.rmtree(hub.folder)
    shutil.copytree(long.folder, hub.folder)
    long.monkeypatch.setenv("CHAINLOG_HOME", str(long.home))
    strike(long)
    run("sync", hub.folder, folder=long.folder)
    long.goes_on(hub.ids())


def test_undisturbed_it_goes_on_over_many_segments(long):
    """The twin: the folder changes by what the writer itself does, and by files of no chain."""
    told = []
    with long.open(CLERK) as ledger:
        for number in range(12):
            (long.chain_folder / f"notes {number}.txt").touch()
            told.append(ledger.append(long.event(50 + number)).id)
    long.goes_on(told)


def test_a_sealed_segment_that_got_another_number_is_the_same(long):
    """A twin: `rsync` wrote the same bytes anew, with their time; or a FAT disk counted anew."""
    with long.open(CLERK) as ledger:
        ledger.append(long.event(50))
        path = second(long, long.folder)
        shutil.copy2(path, long.base / "same")
        (long.base / "same").rename(path)
        told = [ledger.append(long.event(51)).id]
    long.goes_on(told)
