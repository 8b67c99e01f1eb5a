"""Sync from another ledger's store: a mirror on a stick, a backup, a hub's disk.

What is there may have been changed by anybody.

For every chain there, in turn, after what is damaged here was put back (`repair.py`):

1. what both have is compared by its entries; where they differ, and theirs is signed by a key in
   force, somebody forked: both sides are kept as evidence and nothing is taken; nor is it where
   what follows contradicts a checkpoint that is kept here;
2. what follows ours is verified, a group at a time, by the very steps of `verify`, and a group is
   stored only then. What was verified is what is stored: nothing is read twice;
3. where theirs stops holding, what holds before is taken, and why is said;
4. of the entries that both have, fields and bodies are taken that theirs shows and ours does not;
5. the checkpoints that they keep of it are compared with what we hold, and kept.

Then what the chains say was erased is erased here, and the files that entries name are taken.

Our own chain is one of them: a restored backup takes back what it lost. Interrupted anywhere, it is
simply run again.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from chainlog.errors import StoreError
from chainlog.ledger.copies import settle
from chainlog.ledger.erase import carry_out
from chainlog.ledger.own_turn import finish
from chainlog.store.segment.shelf import SegmentShelf
from chainlog.sync.attachments import take_attachments
from chainlog.sync.chain import Taking
from chainlog.sync.checkpoints import give_back, take_checkpoints
from chainlog.sync.outcome import Synced, TakenChain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chainlog.ledger.ledger import Ledger
    from chainlog.store.shelf import Shelf


def sync_folder(
    ledger: Ledger,
    other: Path,
    *,
    parallel: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Synced:
    """Take from another ledger's folder what this one lacks. As `sync_store`."""
    return sync_store(ledger, SegmentShelf(other), parallel=parallel, progress=progress)


def sync_store(
    ledger: Ledger,
    other: Shelf,
    *,
    parallel: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Synced:
    """Take from another store what this ledger lacks; nothing is written there.

    Writes of ours are durable chain by chain.

    `parallel`: how many threads verify, all cores unless it is said. `progress`: called with the
    number of entries taken since the last call. The ledger is closed in between, so that marks
    count again. Raises NoLedgerError, UnknownOutcomeError, and StoreError where nothing can be
    taken at all; what was taken before is kept.
    """
    if ledger.engine.is_same(other):
        raise StoreError(
            "{place} is this ledger itself", place=other.place, hint="name another ledger's folder"
        )
    told = Synced()
    parallel = parallel or os.cpu_count() or 1
    with ThreadPoolExecutor(parallel) as workers:
        for chain in other.shelved():
            taking = Taking(
                ledger, other, chain, workers if parallel > 1 else None, parallel, progress
            )
            try:
                told.chains.append(taking.run())
                if told.chains[-1].after and told.chains[-1].problem is None:
                    _take_checkpoints(ledger, other, told.chains[-1])
                if told.chains[-1].agrees:
                    settle(ledger, ledger.held(chain))
                    finish(ledger, other.place)
            finally:
                ledger.close()
    # Of erasures, before their files are asked for, also those that a sync before was kept from.
    since = {
        one.chain: 0 if one.unerased else one.before
        for one in told.chains
        if one.unerased or one.after > one.before
    }
    told.erased = carry_out(ledger, since=since)
    told.given = give_back(ledger)
    begun = {one.chain: one.before for one in told.chains}
    held = {chain: ledger.held(chain).size for chain in ledger.engine.chains()}
    fresh = [(chain, begun.get(chain, size), size) for chain, size in held.items()]
    earlier = [(chain, 0, begun.get(chain, size)) for chain, size in held.items()]
    told.attachments = take_attachments(ledger, other, fresh, earlier)
    return told


def _take_checkpoints(ledger: Ledger, other: Shelf, told: TakenChain) -> None:
    ledger.close()
    try:
        told.checkpoints = take_checkpoints(ledger, other, told.chain)
    except StoreError as error:
        told.problem = error
