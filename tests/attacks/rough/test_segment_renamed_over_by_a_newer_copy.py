"""A service brings back, by rename, the very bytes that it fetched a moment ago: all that was
acknowledged lies there, and what comes next would not.
"""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("when", ["before", "during"])
def test_nothing_is_acknowledged_and_nothing_needs_saving(desk, when):
    done = desk.written(lambda: desk.put_over(desk.segment, desk.segment), when)
    count = 7 if when == "before" else 8
    assert (
        f"all that was written here, up to entry {count - 1}, lies there now" in done.error.message
    )
    assert not (desk.folder / "rescued").exists()
    desk.do_as_told(done.error)
    assert len(desk.ids()) == count
    desk.goes_on(done.told)
