"""Two threads write by one `Ledger`, each from the head that it read: of 120 entries 60 were lost,
though all of them were acknowledged.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import chain as joined

import pytest
from attacks.twins.pair import event

from chainlog.errors import LockedError, StoreError
from chainlog.verifier.report import Verdict

EACH = 30


def written(ledger, count=EACH):
    return [ledger.append(event(number)) for number in range(count)]


@pytest.mark.parametrize("threads", [2, 4])
def test_every_acknowledged_entry_is_there_once(twins, threads):
    with twins.open(twins.first) as ledger, ThreadPoolExecutor(threads) as pool:
        found = list(joined.from_iterable(pool.map(written, [ledger] * threads)))
        assert ledger.verify().verdict is Verdict.HOLDS
    ids = twins.ids(twins.first)
    assert len(ids) == 3 + threads * EACH
    assert all(ids[entry.header.index] == entry.id for entry in found)
    assert len({entry.id for entry in found}) == threads * EACH


def test_groups_of_two_threads_are_whole(twins):
    def grouped(number):
        return ledger.append_many(event(number + n) for n in range(600))

    with twins.open(twins.first) as ledger, ThreadPoolExecutor(2) as pool:
        found = [entry for entries in pool.map(grouped, (0, 600)) for entry in entries]
        assert ledger.verify().verdict is Verdict.HOLDS
    ids = twins.ids(twins.first)
    assert all(ids[entry.header.index] == entry.id for entry in found)
    assert len(ids) == 1203


@pytest.mark.parametrize("folder", ["first", "second"])
def test_two_ledgers_in_one_process_take_turns(twins, folder):
    """Of one folder the second is locked out; of two copies the one that is behind is refused."""
    with twins.open(twins.first) as one, twins.open(twins.base / folder) as other:
        other.head  # noqa: B018  (it was read before)
        one.append(event())
        with pytest.raises(StoreError) as raised:
            other.append(event())
        assert isinstance(raised.value, LockedError) == (folder == "first")
        one.append(event())
    assert twins.no_fork()


def test_one_thread_after_the_other(twins):
    """The honest twin."""
    with twins.open(twins.first) as ledger:
        for _ in range(2):
            with ThreadPoolExecutor(1) as pool:
                assert len(pool.submit(written, ledger, 3).result()) == 3
    assert len(twins.ids(twins.first)) == 9
