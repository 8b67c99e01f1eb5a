"""SIGKILL at any moment of a loop of appends, 200 times.

Every acknowledged entry is there, and the chain goes on.
"""

from __future__ import annotations

import os
import random
import signal
import time

from driver import OPENING, SIGNER, transfer

from chainlog.ledger.at_path import verify_path
from chainlog.ledger.ledger import Ledger
from chainlog.verifier.report import Level, Verdict

KILLS = 200


def appending_child(ledger, marks):
    """A child that appends for ever and writes each acknowledged id to a pipe."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            with Ledger.open(ledger, SIGNER, marks=marks) as opened:
                n = 0
                while True:
                    group = [transfer(n + k) for k in range(1 + n % 5)]
                    for entry in opened.append_many(group):
                        os.write(write, entry.id)
                    n += 1
        finally:
            os._exit(1)
    os.close(write)
    return child, read


def drain(descriptor):
    data = b""
    while more := os.read(descriptor, 65536):
        data += more
    os.close(descriptor)
    return [data[at : at + 32] for at in range(0, len(data) - 31, 32)]


def test_every_acknowledged_entry_survives_a_kill(tmp_path):
    chance = random.Random(7)
    place, marks = tmp_path / "ledger", tmp_path / "marks"
    Ledger.create(place, OPENING, SIGNER, marks=marks).close()
    acknowledged, torn = [], 0
    for kill in range(KILLS):
        child, pipe = appending_child(place, marks)
        time.sleep(chance.uniform(0.002, 0.05))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        acknowledged += drain(pipe)
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
    print(f"{KILLS} kills, {len(acknowledged)} acknowledged, {len(held)} held, {torn} torn tails")
