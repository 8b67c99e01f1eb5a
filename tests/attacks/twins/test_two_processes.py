"""Two processes write two copies at the same time, each taking what the other has when it is
refused; and some are killed. Of no index two entries are acknowledged.
"""

from __future__ import annotations

import random
import signal
import time

from attacks.twins.pair import acknowledged


def histories(twins, told):
    """What was acknowledged, and that one copy has all of it."""
    found = [one for text in told for one in acknowledged(text)]
    assert len({index for index, _ in found}) == len(found)
    assert twins.no_fork()
    longest = max(twins.ids(twins.first), twins.ids(twins.second), key=len)
    assert all(longest[index].hex() == entry for index, entry in found)
    return found


def test_no_index_is_acknowledged_twice(twins):
    writers = [
        twins.start("by_turns", folder, other, 25)
        for folder, other in ((twins.first, twins.second), (twins.second, twins.first))
    ]
    told = [writer.communicate(timeout=120) for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0], told
    assert len(histories(twins, [out for out, _ in told])) == 50


def test_nor_where_some_are_killed(twins):
    chance, told = random.Random(3), []
    for _ in range(3):
        writers = [
            twins.start("by_turns", folder, other, 10_000)
            for folder, other in ((twins.first, twins.second), (twins.second, twins.first))
        ]
        told += [writer.stdout.readline() for writer in writers]
        time.sleep(chance.uniform(0, 0.3))
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
        for writer in writers:
            told.append(writer.stdout.read())
            writer.communicate(timeout=60)
    assert histories(twins, told)


def test_one_alone_goes_on(twins):
    """The honest twin."""
    writer = twins.start("by_turns", twins.first, twins.second, 20)
    out, err = writer.communicate(timeout=60)
    assert (writer.returncode, len(acknowledged(out))) == (0, 20), err
    assert len(histories(twins, [out])) == 20
