"""Somebody tidies up and renames a folder (the chain's, that of all chains, the ledger's) while it
is written: an entry in a file that lies elsewhere is in no ledger.
"""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("when", ["before", "during"])
@pytest.mark.parametrize("which", ["segment", "chain_folder", "chains", "folder"])
def test_nothing_is_acknowledged_and_it_is_said_how_to_put_it_back(desk, which, when):
    moved = desk.folder / "chains" if which == "chains" else getattr(desk, which)
    done = desk.written(lambda: moved.rename(moved.with_name("old one")), when)
    assert "it does not lie there any more" in done.error.message
    assert str(moved.with_name("old one")) in done.error.message
    desk.do_as_told(done.error)
    assert len(desk.ids()) == (7 if when == "before" else 8)
    desk.goes_on(done.told)
