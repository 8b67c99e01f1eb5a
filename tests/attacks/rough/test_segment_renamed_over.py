"""A service brings an older segment, by rename, under a writer that has it open: what is recorded
from then on went into a file that nobody finds again, and was acknowledged.
"""

from __future__ import annotations

import pytest
from support.chains import CLERK
from support.command import run


@pytest.mark.parametrize("when", ["before", "during"])
def test_nothing_is_acknowledged_and_what_was_is_saved(desk, when):
    done = desk.written(lambda: desk.put_over(desk.older, desk.segment), when)
    assert "another file was put in its place" in done.error.message
    assert "ends with entry 3" in done.error.message
    assert str(desk.folder / "rescued") in done.error.message
    # An older copy lies there now, and nobody writes on it by accident.
    assert run("transfer", "--yes", folder=desk.folder).code != 0
    desk.do_as_told(done.error)
    assert len(desk.ids()) == (7 if when == "before" else 8)
    desk.goes_on(done.told)


@pytest.mark.parametrize("when", ["before", "during"])
def test_saved_a_second_time_it_lies_beside(desk, when):
    (desk.folder / "rescued").mkdir()
    done = desk.written(lambda: desk.put_over(desk.older, desk.segment), when)
    assert str(desk.folder / "rescued-2") in done.error.message
    desk.do_as_told(done.error)
    desk.goes_on(done.told)


def test_it_may_come_while_nobody_writes(desk):
    """The twin: the same bytes, put there by the same hand, between two commands and at once."""
    desk.write(2, 50)
    with desk.open(CLERK):
        desk.put_over(desk.segment, desk.segment)
    desk.goes_on()
