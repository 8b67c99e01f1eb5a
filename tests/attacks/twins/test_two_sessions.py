"""Two copies are open at once, as two windows of `enter` would be: the one that is behind writes on
from what it read, forks the chain, and pulls the mark back. It is refused, and told where to look.
"""

from __future__ import annotations

import re
import shlex

import pytest
from attacks.twins.pair import event
from support.command import run

from chainlog.errors import BehindMarkError


def test_the_copy_that_is_behind_is_refused(twins):
    with twins.open(twins.first) as one, twins.open(twins.second) as other:
        one.prepare()
        other.prepare()
        for number in range(4):
            one.append(event(number))
        assert twins.marks.get(twins.chain).size == 7
        with pytest.raises(BehindMarkError):
            other.append(event(9))
        assert twins.marks.get(twins.chain) == one.head
    assert twins.no_fork()


def test_the_hint_leads_out(twins):
    with twins.open(twins.first) as ledger:
        ledger.append(event(2))
    told = twins.transfer(twins.second)
    assert told.code == 1, told
    way = shlex.split(re.search(r"chainlog (--ledger .*)", told.err)[1])
    assert run(*way).code == 0
    assert twins.transfer(twins.second).code == 0
    assert twins.marks.get(twins.chain).size == 5
    assert twins.transfer(twins.first).code == 1
    assert twins.no_fork()


def test_one_after_the_other_both_are_written(twins):
    """The honest twin: whoever takes what the other has first, goes on."""
    for number in range(3):
        for folder, other in ((twins.first, twins.second), (twins.second, twins.first)):
            assert twins.run("sync", other, folder=folder).code == 0
            with twins.open(folder) as ledger:
                ledger.append(event(number))
    assert len(twins.ids(twins.second)) == 9
    assert twins.no_fork()
