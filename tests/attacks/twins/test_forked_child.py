"""A process forks, as a web server or `multiprocessing` does, and its child writes by the parent's
`Ledger`: both have the lock, and acknowledge two entries at one index. The child is refused.
"""

from __future__ import annotations

import os

import pytest
from attacks.twins.pair import event

from chainlog.errors import ChainlogError
from chainlog.ledger.checkpoints import make_checkpoint
from chainlog.ledger.ledger import Ledger


def in_child(act):
    """What a forked child says of what it does."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            told = act()
        except ChainlogError as error:
            told = f"{error.message} | {error.hint}"
        except BaseException as error:  # noqa: BLE001  (told to the test)
            told = repr(error)
        os.write(writing, str(told).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return told


ACTS = {
    "append": lambda ledger: ledger.append(event(1)),
    "append many": lambda ledger: ledger.append_many([event(1), event(2)]),
    "prepare": lambda ledger: ledger.prepare(),
    "checkpoint": make_checkpoint,
    "extend": lambda ledger: ledger.extend(ledger.chain, ledger.head, []),
}


@pytest.mark.parametrize("act", ACTS)
def test_the_child_is_refused(twins, act):
    with twins.open(twins.first) as ledger:
        ledger.append(event(0))
        told = in_child(lambda: ACTS[act](ledger))
        assert "opened by another process" in told
        assert "Ledger.open" in told
        ledger.append(event(1))
    assert len(twins.ids(twins.first)) == 5
    assert twins.no_fork()


def test_what_the_child_closes_stays_the_parents(twins):
    with twins.open(twins.first) as ledger:
        ledger.append(event(0))
        assert in_child(ledger.close) == "None"
        assert "is writing this chain" in in_child(lambda: twins.open(twins.first).prepare())
        ledger.append(event(1))
    assert len(twins.ids(twins.first)) == 5


def test_the_child_reads_and_opens_its_own(twins):
    """The honest twin."""
    with twins.open(twins.first) as ledger:
        ledger.append(event(0))
        assert in_child(lambda: len(list(ledger.read()))) == "4"

    def own():
        with Ledger.open(twins.first, twins.signer) as opened:
            return opened.append(event(1)).header.index

    assert in_child(own) == "4"
    with twins.open(twins.first) as again:
        again.append(event(2))
    assert len(twins.ids(twins.first)) == 6
