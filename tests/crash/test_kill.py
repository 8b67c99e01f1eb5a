"""SIGKILL at any moment of a loop of appends, 200 times: 50 in each of four chains.

Every acknowledged entry is there, and the chain goes on.
"""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from pathlib import Path

import pytest
from driver import OPENING, SIGNER, transfer

from chainlog.ledger.at_path import verify_path
from chainlog.ledger.ledger import Ledger
from chainlog.verifier.report import Level, Verdict

CHAINS, KILLS = 4, 50


def acknowledged_in(text):
    """The ids that a writer told in whole lines."""
    whole = text[: text.rfind("\n") + 1]
    return [bytes.fromhex(line.removeprefix("entry ")) for line in whole.splitlines()]


@pytest.fixture
def disk():
    """A folder on a disk: most of the kills come while the writer waits for it."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.parametrize("chain", range(CHAINS))
def test_every_acknowledged_entry_survives_a_kill(chain, driver, disk, record_property):
    chance = random.Random(7 + chain)
    place, marks = disk / "ledger", disk / "marks"
    Ledger.create(place, OPENING, SIGNER, marks=marks).close()
    acknowledged, torn = [], 0
    for kill in range(KILLS):
        child = driver.start("without_end", disk)
        os.kill(child, signal.SIGCONT)
        time.sleep(chance.uniform(0.002, 0.05))
        os.kill(child, signal.SIGKILL)
        done = driver.end(disk)
        assert done.code == -signal.SIGKILL, done
        acknowledged += acknowledged_in(done.out)
        # Signatures and bodies cost more as the chain grows: all of them are checked now and then,
        # and at the end.
        report = verify_path(place, parallel=1, level=Level.LINKS if kill % 20 else Level.FULL)
        assert report.verdict in {Verdict.HOLDS, Verdict.CANNOT_TELL}, report.faults
        if report.verdict is Verdict.CANNOT_TELL:
            torn += 1
            assert {one.code for one in report.missing} == {"torn-tail"}
        with Ledger.open(place, SIGNER, marks=marks) as opened:
            acknowledged.append(opened.append(transfer(0)).id)
    assert verify_path(place).verdict is Verdict.HOLDS
    with Ledger.open(place, marks=marks) as opened:
        held = [logged.entry.id for logged in opened.read()]
    assert len(held) == len(set(held))
    assert set(acknowledged) <= set(held)
    order = {entry_id: index for index, entry_id in enumerate(held)}
    assert [order[entry_id] for entry_id in acknowledged] == sorted(
        order[entry_id] for entry_id in acknowledged
    )
    assert len(acknowledged) > KILLS
    record_property(
        "counted", f"{KILLS} kills, {len(acknowledged)} acknowledged, {len(held)} held, {torn} torn"
    )
