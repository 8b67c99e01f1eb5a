"""In the place of the segment that is open comes a link, a pipe or a folder: nothing stands still,
and nothing is acknowledged.
"""

from __future__ import annotations

import os
import shutil

import pytest
from support.chains import CLERK


def link(desk):
    shutil.copy(desk.older, desk.base / "elsewhere")
    desk.segment.unlink()
    desk.segment.symlink_to(desk.base / "elsewhere")


def pipe(desk):
    desk.segment.unlink()
    os.mkfifo(desk.segment)


def folder(desk):
    desk.segment.unlink()
    desk.segment.mkdir()


def broken_link(desk):
    desk.segment.unlink()
    desk.segment.symlink_to("nowhere")


@pytest.mark.parametrize("when", ["before", "during"])
@pytest.mark.parametrize("strike", [link, pipe, folder, broken_link])
def test_nothing_is_acknowledged_and_what_was_is_saved(desk, strike, when):
    done = desk.written(lambda: strike(desk), when)
    assert str(desk.folder / "rescued") in done.error.message
    desk.do_as_told(done.error)
    desk.goes_on(done.told)


def test_a_link_to_the_very_file_is_as_good(desk):
    """The twin: it was moved to a larger disk, and a link put in its place."""
    with desk.open(CLERK) as ledger:
        told = [ledger.append(desk.event(50)).id]
        path, there = desk.segment, desk.base / "larger"
        path.rename(there)
        path.symlink_to(there)
        told.append(ledger.append(desk.event(51)).id)
    desk.goes_on(told)
