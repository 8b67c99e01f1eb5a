"""Another program cuts the segment under its writer, as a copy in place does when it begins: the
next record would stand after a gap, or after nothing.
"""

from __future__ import annotations

import os

import pytest
from support.command import run

from chainlog.errors import BehindMarkError


@pytest.mark.parametrize("when", ["before", "during"])
def test_nothing_is_acknowledged(desk, when):
    size = desk.older.stat().st_size
    done = desk.written(lambda: os.truncate(desk.segment, size), when)
    assert "another program wrote in it, or cut it" in done.error.message
    assert "ends with entry 3, and" in done.error.message
    # What was acknowledged is gone from here: nobody is accused, and nobody builds on what is left.
    assert run("verify", desk.folder).code != 3
    with pytest.raises(BehindMarkError):
        desk.write(1, 70)


def test_cut_within_what_was_not_acknowledged_it_goes_on(desk):
    """The twin: what was cut is the record that was being written."""
    done = desk.written(
        lambda: os.truncate(desk.segment, desk.segment.stat().st_size - 9), "during"
    )
    desk.goes_on(done.told)
