"""`audit --item lot:…` of a lot with a slip in its number finds nothing, exit 0, as `uii:…` does;
a bare serial that nothing has was an error before. All are one, with what looks like them.
"""

from __future__ import annotations

import pytest

GIVEN = ["lot:1320/DEM-1", "uii:NOBODY", "container:K-9", "money:USD", "1ABC2/M777/HW-O", "HW-O"]


@pytest.mark.parametrize("item", GIVEN)
@pytest.mark.parametrize(
    "words", [("audit", "--item"), ("trace",), ("evidence", "make", "-o", "x")]
)
def test_a_thing_that_no_entry_names(depot, words, item):
    told = depot.ask(*words, item)
    assert told.code == 1
    assert item in told.err
    if item.endswith("HW-O"):
        assert "these look like it: 1ABC2/M777/HW-0" in told.err
    assert depot.ask("audit", "--item", item, "--fail-on", "low").code == 1


@pytest.mark.parametrize("item", ["1ABC2/M777/HW-0", "HW-0"])
def test_a_thing_that_there_is(depot, item):
    """The honest twin."""
    assert depot.ask("audit", "--item", item, "--fail-on", "low").code == 5
    assert depot.ask("trace", item).code == 0
