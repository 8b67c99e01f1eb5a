"""A folder is made read-only under its writer, as a file system does that met an error: what is
acknowledged all the same is there; what cannot be written is not acknowledged.
"""

from __future__ import annotations

import errno
import os

import pytest
from support.chains import CLERK

from chainlog.errors import UnknownOutcomeError


def test_what_is_acknowledged_is_there(desk):
    """The twin: the file was open before, and takes what is written."""
    with desk.open(CLERK) as ledger:
        ledger.append(desk.event(50))
        desk.chain_folder.chmod(0o555)
        told = [ledger.append(desk.event(51)).id]
    desk.chain_folder.chmod(0o755)
    desk.goes_on(told)


def test_what_cannot_be_written_is_not_acknowledged(desk):
    with desk.open(CLERK) as ledger:
        told = [ledger.append(desk.event(50)).id]

        def refuse(_descriptor, _data):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "write", refuse)
            with pytest.raises(UnknownOutcomeError, match="Read-only file system"):
                ledger.append(desk.event(51))
    desk.goes_on(told)
