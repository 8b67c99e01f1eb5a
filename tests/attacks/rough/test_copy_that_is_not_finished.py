"""A segment is being copied here still, or was never finished, under the name that a service
gives it meanwhile: the chain is said to hold as far as it was copied before.
"""

from __future__ import annotations

import pytest
from support.command import run

NAMES = [
    (".00000000000000000000.seg.Xa1b2c", "rsync"),
    ("~syncthing~00000000000000000000.seg.tmp", "Syncthing"),
    (".syncthing.00000000000000000000.seg.tmp", "Syncthing"),
]


@pytest.mark.parametrize(("name", "by"), NAMES)
def test_it_is_said_that_it_is_not_finished(desk, name, by):
    (desk.chain_folder / name).write_bytes(desk.segment.read_bytes()[:700])
    told = run("verify", desk.folder)
    assert (told.code, told.out[:11]) == (4, "cannot tell")
    assert f"{by} has not finished copying this" in told.out


@pytest.mark.parametrize(("name", "by"), NAMES)
def test_once_it_is_it_holds(desk, name, by):
    """The twin."""
    (desk.chain_folder / name).write_bytes(desk.segment.read_bytes())
    (desk.chain_folder / name).replace(desk.segment)
    assert run("verify", desk.folder).code == 0, by
