"""Another program appends to the segment under its writer: what follows would stand after bytes
that nobody reads past.
"""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("when", ["before", "during"])
@pytest.mark.parametrize("more", [b"\n", b"x" * 5000])
def test_nothing_is_acknowledged_and_the_next_opening_recovers(desk, more, when):
    def grow():
        with desk.segment.open("ab") as file:
            file.write(more)

    done = desk.written(grow, when)
    assert "another program wrote in it, or cut it" in done.error.message
    assert "all that was written here, up to entry" in done.error.message
    desk.goes_on(done.told)
