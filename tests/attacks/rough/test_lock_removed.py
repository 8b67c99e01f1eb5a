"""Somebody removes the lock file ('it is empty, and in the way'), or a service replaces it: another
program takes a lock of its own, and both acknowledge an entry of one index. Two processes.
"""

from __future__ import annotations

import json
import multiprocessing
import re
import shutil

import pytest
from support.chains import CLERK, transfer

from chainlog.errors import ChainlogError
from chainlog.events.event import Event
from chainlog.ledger.ledger import Ledger


def record(folder, marks, ear, mouth):
    """A second program: opens the ledger, and records whenever it is told to."""
    with Ledger.open(folder, CLERK, marks=marks) as ledger:
        while (number := ear.recv()) is not None:
            try:
                entry = ledger.append(Event.parse("transfer", transfer(number)))
                mouth.send(["told", entry.header.index, entry.id.hex()])
            except ChainlogError as error:
                mouth.send(["refused", error.code, error.message])


class Other:
    """The second program, as the first sees it."""

    def __init__(self, desk):
        # A user's own, of another home: the marks of one home would keep them apart.
        self.home = shutil.copytree(desk.home, desk.base / "another home")
        self.ear, self.mouth = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("fork").Process(
            target=record, args=(desk.folder, self.home / "marks", self.mouth, self.mouth)
        )
        self.process.start()

    def says(self, number):
        self.ear.send(number)
        assert self.ear.poll(30)
        return self.ear.recv()

    def ends(self):
        self.ear.send(None)
        self.process.join(30)
        assert self.process.exitcode == 0


@pytest.fixture
def other(desk):
    one = Other(desk)
    yield one
    one.ends()


def remove(desk):
    (desk.chain_folder / "lock").unlink()


def replace(desk):
    (desk.base / "empty").touch()
    (desk.base / "empty").replace(desk.chain_folder / "lock")


@pytest.mark.parametrize("strike", [remove, replace])
def test_one_of_two_at_most_acknowledges(desk, other, strike):
    with desk.open(CLERK) as ledger:
        told = [ledger.append(desk.event(50)).id]
        assert other.says(60)[:2] == ["refused", "locked"]
        strike(desk)
        word, index, entry = other.says(61)
        assert (word, index) == ("told", 5)
        with pytest.raises(ChainlogError) as caught:
            ledger.append(desk.event(51))
        assert caught.value.code == "unknown-outcome"
        assert "nothing was written" in caught.value.message
        assert re.search("lock: (it does not lie|another file was put)", caught.value.message)
        told.append(bytes.fromhex(entry))
    # The second goes on, and the first once it opened the ledger anew.
    told.append(bytes.fromhex(other.says(62)[2]))
    other.ear.send(None)
    other.process.join(30)
    desk.goes_on(told)
    other.ends = lambda: None


@pytest.mark.parametrize("strike", [remove, replace])
def test_it_is_seen_before_the_acknowledgement_too(desk, strike):
    done = desk.written(lambda: strike(desk), "during")
    assert "lock: " in done.error.message
    assert "up to entry 7, is not acknowledged" in done.error.message
    assert "all that was written here, up to entry 7, lies there now" in done.error.message
    desk.do_as_told(done.error)
    desk.goes_on(done.told)


def test_two_processes_take_turns(desk, other):
    """The twin: nobody touches the lock."""
    told = []
    for number in range(3):
        with desk.open(CLERK) as ledger:
            told.append(ledger.append(desk.event(50 + number)).id)
            assert other.says(60)[:2] == ["refused", "locked"]
    answer = other.says(61)
    assert answer[:2] == ["told", 7], json.dumps(answer)
    assert desk.ids()[4:7] == told
