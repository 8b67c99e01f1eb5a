"""Funds as a tree (docs/audit.md).

It tells what was committed, what of it was disbursed, and what of that was spent or given back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from chainlog.custody import breaks
from chainlog.custody.act import EXACT, ZERO, Act, plus
from chainlog.events.kinds import kinds_that

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.events.phrase import Phrase


class Sums(Protocol):
    """Where funds are read from."""

    def acts(self, *kinds: str) -> Iterator[Act]:
        """Every act of some kinds."""
        ...


@dataclass(slots=True)
class Sum:
    """One entry of money.

    `drawn`: what its children draw on it in its currency; `flaw`: why it hangs on nothing, where
    it should not.
    """

    act: Act
    step: str
    amount: Decimal
    currency: str
    sender: str
    taker: str
    parent: bytes | None
    children: list[bytes] = field(default_factory=list)
    drawn: Decimal = ZERO
    flaw: Phrase | None = None

    @property
    def orphan(self) -> str:
        """Why it hangs on nothing, in English; empty where it does not, or may."""
        return "" if self.flaw is None else self.flaw.say()

    @property
    def left(self) -> Decimal:
        """What nobody has drawn yet."""
        return EXACT.subtract(self.amount, self.drawn)


def read_funds(sums: Sums) -> dict[bytes, Sum]:
    """Every sum by the id of its entry, with its children in order of when they happened.

    An entry that withholds its own is none.
    """
    found: dict[bytes, Sum] = {}
    told = (
        act
        for act in sums.acts(*kinds_that("pays"))
        if act.standing != "taken back" and act.text("amount")
    )
    for act in sorted(told, key=lambda act: act.key):
        parent = act.fields.get("draws_on")
        amount = Decimal(act.text("amount"))
        found[act.id] = Sum(
            act, act.text("step"), amount, act.text("currency"), act.giver, act.taker, parent
        )
    for one in found.values():
        one.flaw = _flaw(one, found)
    for entry, one in found.items():
        if one.parent is not None and one.flaw is None:
            if _draws_on_itself(entry, found):
                one.flaw = breaks.ON_ITSELF()
                continue
            parent = found[one.parent]
            parent.children.append(entry)
            parent.drawn = plus(parent.drawn, one.amount)
    return found


def _flaw(one: Sum, found: dict[bytes, Sum]) -> Phrase | None:
    """Why a sum, by itself and by what it draws on, hangs on nothing."""
    if one.amount <= ZERO:
        return breaks.NO_AMOUNT()
    if one.parent is None:
        known = one.step == "commitment" or one.act.hides("draws_on")
        return None if known else breaks.ON_NOTHING()
    if one.parent not in found:
        return breaks.ON_ABSENT()
    parent = found[one.parent]
    if parent.currency == one.currency:
        return None
    return breaks.ON_OTHER_MONEY(currency=parent.currency)


def _draws_on_itself(entry: bytes, found: dict[bytes, Sum]) -> bool:
    """Whether a sum draws on itself by way of others.

    Ids allow no circle, but what was put in the place of an entry may close one.

    Of a circle the first that was replaced is left out.
    """
    if found[entry].act.standing != "replaced":
        return False
    at, seen = found[entry].parent, set[bytes]()
    while at in found and at != entry and at not in seen and not found[at].orphan:
        seen.add(at)
        at = found[at].parent
    return at == entry


def roots(found: dict[bytes, Sum]) -> list[Sum]:
    """The sums that hang on nothing, in order of when they happened.

    Commitments, and what is orphaned.
    """
    return [one for one in found.values() if one.parent is None or one.orphan]
