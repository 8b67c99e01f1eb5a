"""A backup is restored over a chain that is being written: the old folder goes, and an older one
takes its place.
"""

from __future__ import annotations

import shutil

import pytest


@pytest.mark.parametrize("when", ["before", "during"])
@pytest.mark.parametrize("kept", [True, False])
def test_nothing_is_acknowledged_and_what_was_is_saved(desk, kept, when):
    def restore():
        aside = desk.base / "aside"
        desk.chain_folder.rename(aside)
        shutil.copytree(desk.older.parent, desk.chain_folder)
        if not kept:
            shutil.rmtree(aside)

    done = desk.written(restore, when)
    assert "another file was put in its place" in done.error.message
    desk.do_as_told(done.error)
    desk.goes_on(done.told)
