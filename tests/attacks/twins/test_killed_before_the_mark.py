"""A writer is killed when its entry lies on the disk, and is not marked yet: the other copy would
be written on from the entry before. It is not, until it was compared with the one that was left.
"""

from __future__ import annotations

import re
import shlex
import shutil

import pytest
from support.command import run


@pytest.fixture
def killed(twins):
    twins.killed(twins.first)
    assert len(twins.ids(twins.first)) == 4
    return twins


# Where each way out is taken (tests/hints).
pytestmark = pytest.mark.hint(
    "compare with it: chainlog {where}sync {other}; where it is lost, say so: chainlog "
    "{where}chain only-copy"
)


def ways(err):
    """The commands that a hint names."""
    hint = err.partition("hint: ")[2]
    return [shlex.split(one)[1:] for one in re.findall(r"chainlog .*?(?=;|$)", hint)]


def test_the_other_copy_is_not_written(killed):
    told = killed.transfer(killed.second)
    assert (told.code, str(killed.first) in told.err) == (1, True)
    assert "was being written" in killed.run("status", folder=killed.second).out
    assert len(killed.ids(killed.second)) == 3


def test_the_first_way_out_takes_what_was_kept(killed):
    compare, _ = ways(killed.transfer(killed.second).err)
    assert run(*compare).code == 0
    assert killed.transfer(killed.second).code == 0
    assert len(killed.ids(killed.second)) == 5
    assert killed.no_fork()


def test_the_second_way_out_is_for_a_copy_that_is_lost(killed):
    _, only = ways(killed.transfer(killed.second).err)
    shutil.rmtree(killed.first)
    assert killed.transfer(killed.second).code == 1
    assert run(*only).code == 0
    assert killed.transfer(killed.second).code == 0


def test_whoever_holds_nothing_of_it_settles_nothing(killed):
    shutil.copytree(killed.second, killed.base / "third")
    assert killed.run("sync", killed.base / "third", folder=killed.second).code == 0
    assert killed.transfer(killed.second).code == 1


def test_the_same_copy_goes_on(killed):
    """The honest twin: what was kept is marked, and then the other copy is told that it is old."""
    assert killed.transfer(killed.first).code == 0
    assert len(killed.ids(killed.first)) == 5
    told = killed.transfer(killed.second)
    assert (told.code, "was being written" in told.err) == (1, False)
    assert killed.run("sync", killed.first, folder=killed.second).code == 0
    assert killed.transfer(killed.second).code == 0


def test_the_same_copy_goes_on_where_it_was_moved(killed):
    """The honest twin."""
    killed.first.rename(killed.base / "moved")
    assert killed.transfer(killed.base / "moved").code == 0
