"""Somebody tidies up and renames a folder (the chain's, that of all chains, the ledger's) while it
is written: an entry in a file that lies elsewhere is in no ledger.
"""

from __future__ import annotations

import errno
import os

import pytest
from support.chains import CLERK

from chainlog.errors import UnknownOutcomeError


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


def test_in_a_folder_made_read_only_what_is_acknowledged_is_there(desk):
    """A twin: the file was open before, and takes what is written."""
    with desk.open(CLERK) as ledger:
        ledger.append(desk.event(50))
        desk.chain_folder.chmod(0o555)
        told = [ledger.append(desk.event(51)).id]
    desk.chain_folder.chmod(0o755)
    desk.goes_on(told)


def test_where_it_cannot_be_written_it_is_not_acknowledged(desk):
    """A twin: the system says that the file system is read-only by now, as after an error."""
    with desk.open(CLERK) as ledger:
        told = [ledger.append(desk.event(50)).id]

        def refuse(_descriptor, _data):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "write", refuse)
            with pytest.raises(UnknownOutcomeError, match="Read-only file system"):
                ledger.append(desk.event(51))
    desk.goes_on(told)
