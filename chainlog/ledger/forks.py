"""Forks of a chain that nobody settled yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chainlog.errors import ChainlogError, Sentence
from chainlog.events.wording import SHORT_ID
from chainlog.ledger.rosters import walk_back

if TYPE_CHECKING:
    from chainlog.ledger.ledger import Ledger
    from chainlog.store.shelf import Conflict


def unsettled_forks(ledger: Ledger, chain: bytes | None = None) -> list[Conflict]:
    """The forks of a chain, this ledger's own unless it is said, that were met and are not settled.

    Of their index no `chain.fork` says that a branch is abandoned.
    """
    chain = ledger.chain if chain is None else chain
    kept = ledger.engine.conflicts(chain)
    if not kept:
        return []
    settled = set[Any]()
    try:
        for logged in walk_back(ledger.engine, chain, ledger.held(chain).size - 1):
            if logged.entry.header.kind == "chain.fork" and logged.fields is not None:
                settled.add(logged.fields.get("at"))
    except ChainlogError:
        pass  # what cannot be read settles nothing
    return [one for one in kept if one.index not in settled]


def say_fork(one: Conflict) -> str:
    """A fork that nobody settled, in words, and what to do."""
    return Sentence(
        "forked at entry {index}: another branch is kept in conflicts/ ({theirs}); record nothing "
        "more before the owner has decided which branch stands",
        index=one.index,
        theirs=one.theirs.hex()[:SHORT_ID],
    )
