"""What a ledger lacks, or has against it, as far as it can be told without verifying anything.

The codes and the words are those of `verify`: forks that nobody settled, chains that are shorter or
other than they were acknowledged, chains of the programme that are not held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlog.errors import ChainlogError, Keyed, ReadOnlyError
from chainlog.events.event import Event
from chainlog.events.programme import Programme
from chainlog.events.wording import SHORT_ID
from chainlog.ledger.forks import unsettled_forks
from chainlog.verifier.report import Fault, because

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.events.roster import Roster
    from chainlog.ledger.ledger import Ledger


def lacks_of(ledger: Ledger, roster: Roster | None) -> Iterator[Fault]:
    """What stands against the chains held, and what is not held; `roster`: of the own chain."""
    held = sorted(ledger.engine.chains())
    for chain in held:
        yield from _forks(ledger, chain)
        yield from _against_mark(ledger, chain)
    if roster is not None:
        yield from _not_held(ledger, roster, set(held))


def _forks(ledger: Ledger, chain: bytes) -> Iterator[Fault]:
    for one in unsettled_forks(ledger, chain):
        says = Keyed(
            "fault.chain-fork",
            index=one.index,
            id=one.ours.hex()[:SHORT_ID],
            other=one.theirs.hex()[:SHORT_ID],
            where=ledger.engine.conflict_place(one),
        )
        yield Fault(chain.hex(), one.index, 2, "fork-kept", says)


def _against_mark(ledger: Ledger, chain: bytes) -> Iterator[Fault]:
    label, size = chain.hex(), ledger.held(chain).size
    try:
        mark = ledger.seen(chain)
    except ReadOnlyError as error:
        yield Fault(label, None, 8, "mark-unreadable", because(error.message))
        return
    if mark is None or mark.size == 0:
        return
    if mark.size > size:
        says = Keyed("fault.mark-ahead", n=mark.size, held=size)
        yield Fault(label, None, 8, "mark-ahead", says)
    elif ledger.entry(mark.size - 1, chain).entry.id != mark.id:
        at = mark.size - 1
        yield Fault(label, at, 8, "mark-other", Keyed("fault.mark-other", index=at))


def _not_held(ledger: Ledger, roster: Roster, held: set[bytes]) -> Iterator[Fault]:
    authority = roster.programme or ledger.chain
    if authority not in held:
        named = {"origin": roster.origin, "authority": authority.hex()}
        says = Keyed("fault.authority-absent.named", **named)
        yield Fault(authority.hex(), None, 9, "authority-absent", says)
        return
    for chain, standing in sorted(_programme(ledger, authority).sites.items()):
        if chain not in held and standing.admitted_at is not None and standing.accepted != 0:
            says = Keyed("fault.chain-absent.admitted", origin=standing.origin)
            yield Fault(chain.hex(), None, 9, "chain-absent", says)


def _programme(ledger: Ledger, authority: bytes) -> Programme:
    """Which sites an authority's chain admitted, as far as it can be read."""
    programme = Programme()
    try:
        for logged in ledger.read(chain=authority):
            header = logged.entry.header
            if header.kind.startswith("site.") and logged.fields is not None:
                programme.take(header.index, Event.parse(header.kind, logged.fields).detail)
    except ChainlogError:
        pass  # what cannot be read admits nobody
    return programme
