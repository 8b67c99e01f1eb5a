"""The holdings of the story's parties.

Who has what, in which condition, and what a row means by a word.

What the papers say is another matter: `tell` writes both, and where they differ there is something
for an audit to find.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chainlog.custody.act import format_decimal
from chainlog.demo.seeds import SeedItem, Share, Thing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chainlog.demo.rows import Design, LotRow, Name, SeedRow
    from chainlog.demo.seeds import Seeds

_NOTHING = Decimal(0)


class Holdings:
    """Who holds what at the moment.

    `named`: the things of rows that other rows may name (`things`).
    """

    lots: dict[Name, LotRow]
    condition: dict[SeedItem, str]

    def __init__(self, seeds: Seeds) -> None:
        self.lots = {lot.id: lot for lot in seeds.lots}
        self.holder: dict[SeedItem, str] = {}
        self.condition = {item: item.design.condition for item in seeds.items}
        self.stock: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self.tied: set[SeedItem] = set()  # packed, or promised to a paper already
        self.named: dict[str, list[Thing]] = {}

    def things(self, row: SeedRow, party: str, what: str, count: str) -> list[Thing]:
        """So many of what a party holds, or all.

        `what` is the id of a lot, of a row of the fleet or of a shipment, a category or a type;
        after a colon, the conditions asked for. What is packed or promised is passed over. Or it is
        the id of a row, and then what that row is about, whoever holds it: what fell short on a leg
        or went untold, what is in a container, what was lost or disposed of.

        Raises:
            IntakeError: the party does not hold so many.
        """
        if what in self.named and not count:
            return [*self.named[what]]
        if what in self.lots:
            return [Share(self.lots[what], self.amount(row, party, what, count))]
        found: list[Thing] = [*self.items(row, party, what, count)]
        if not found:
            raise row.fault("what", f"{party} holds nothing of {what} then")
        return found

    def amount(self, row: SeedRow, party: str, lot: str, count: str) -> Decimal:
        """A quantity of a lot, which the party must hold."""
        held = self.stock[party, lot]
        asked = Decimal(count) if count else held
        if not _NOTHING < asked <= held:
            raise row.fault("count", f"{party} holds {format_decimal(held)} of the lot {lot} then")
        return asked

    def items(
        self, row: SeedRow, party: str, what: str, count: str, *, tied: bool = False
    ) -> list[SeedItem]:
        """The items that `things` speaks of, in the order of the fleet.

        `tied`: packed or promised ones too.
        """
        if what in self.named:
            return self.choose(
                row,
                [thing for thing in self.named[what] if isinstance(thing, SeedItem)],
                party,
                what,
                count,
            )
        word, _, conditions = what.partition(":")
        pool = [
            item
            for item, holder in self.holder.items()
            if holder == party
            and (tied or item not in self.tied)
            and (not word or item.answers(word))
            and (not conditions or self.condition[item] in conditions)
        ]
        return self.choose(row, pool, party, what, count)

    def choose(
        self, row: SeedRow, pool: list[SeedItem], party: str, what: str, count: str
    ) -> list[SeedItem]:
        """So many out of a pool, by a hash of the row's own name and theirs.

        All, if it is not said how many.
        """
        if not count:
            return pool
        if not count.isdecimal() or not 0 < int(count) <= len(pool):
            raise row.fault("count", f"{party} holds {len(pool)} of {what} then, not {count}")
        chosen = set(
            sorted(
                pool,
                key=lambda item: digest(
                    row.source.partition(":")[0], getattr(row, "id", ""), item.name
                ),
            )[: int(count)]
        )
        return [item for item in pool if item in chosen]

    def others(
        self, row: SeedRow, things: Sequence[Thing], party: str, count: int
    ) -> list[SeedItem]:
        """So many items like the first of these which the party holds too."""
        (like, *_) = (thing for thing in things if isinstance(thing, SeedItem))
        pool = [item for item in self.items(row, party, like.design.type, "") if item not in things]
        return self.choose(row, pool, party, like.design.type, str(count))

    def take(self, row: SeedRow, things: Iterable[Thing], party: str) -> None:
        """Out of a party's hands."""
        for thing in things:
            if isinstance(thing, SeedItem):
                self.holder.pop(thing, None)
            else:
                self.stock[party, thing.lot.id] -= self.amount(
                    row, party, thing.lot.id, str(thing.quantity)
                )

    def put(self, things: Iterable[Thing], party: str) -> None:
        """Into a party's hands."""
        for thing in things:
            if isinstance(thing, SeedItem):
                self.holder[thing] = party
            else:
                self.stock[party, thing.lot.id] += thing.quantity

    def tie(self, things: Iterable[Thing]) -> None:
        """Nothing else may pick these."""
        self.tied.update(thing for thing in things if isinstance(thing, SeedItem))

    def untie(self, things: Iterable[Thing]) -> None:
        """They may be picked again."""
        self.tied.difference_update(thing for thing in things if isinstance(thing, SeedItem))

    def line(self, thing: Thing, *, first: bool = False, said: str | None = None) -> dict[str, Any]:
        """The line that lists a thing.

        The first time it says all about the thing. Later it says only a condition worth telling, or
        the one that is `said`.
        """
        if isinstance(thing, SeedItem):
            condition = said or self.condition[thing]
            about = (
                {"nsn": thing.design.nsn, "type": thing.design.type}
                | worth(thing.design, Decimal(1))
                if first
                else {}
            )
            return (
                {"item": thing.ref}
                | about
                | ({"condition": condition} if first or said or condition != "A" else {})
            )
        about = (
            {"type": thing.lot.type, "condition": "A"} | worth(thing.lot, thing.quantity)
            if first
            else {}
        )
        identity = {"nsn": thing.lot.nsn, "number": thing.lot.number}
        return {
            "lot": identity,
            "quantity": format_decimal(thing.quantity),
            "unit": thing.lot.unit_of_issue,
        } | about

    def lines(
        self, things: Iterable[Thing], *, first: bool = False, said: str | None = None
    ) -> list[dict[str, Any]]:
        """A line for each thing."""
        return [self.line(thing, first=first, said=said) for thing in things]


def about(thing: Thing) -> Design | LotRow:
    """The row that a thing comes from."""
    return thing.design if isinstance(thing, SeedItem) else thing.lot


def worth(row: Design | LotRow, quantity: Decimal) -> dict[str, Any]:
    """What a whole line is worth, if anybody says so."""
    if not row.unit_value:
        return {}
    return {
        "value": {
            "amount": format_decimal(Decimal(row.unit_value) * quantity),
            "currency": row.currency,
            "basis": row.basis,
        }
    }


def digest(*texts: str) -> str:
    """What stands in for chance."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
