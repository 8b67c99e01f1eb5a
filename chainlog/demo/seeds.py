"""The set that the seed files come to.

Their rows, and the serialised items and shares of lots that the rows make.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from chainlog.demo.remarks import Clock, Correction, Finding, Late, Statement
    from chainlog.demo.rows import (
        Claim,
        Design,
        Disposal,
        Fund,
        Inspection,
        Keyholder,
        Leg,
        Loss,
        Lot,
        Packing,
        Party,
        Site,
        Stocktaking,
        Use,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One serialised item: `ref` is its identity as events write it."""

    design: Design
    shipment: str
    ref: dict[str, str]

    @property
    def name(self) -> str:
        """`MAKER/PART/SERIAL`, or the UII."""
        return "/".join(self.ref.values())

    def answers(self, word: str) -> bool:
        """Whether it is one of what a row means by that word."""
        return word in (self.shipment, self.design.category, self.design.type, self.design.id)


@dataclass(frozen=True, slots=True)
class Share:
    """Some of a lot."""

    lot: Lot
    quantity: Decimal


Thing: TypeAlias = Item | Share


@dataclass(frozen=True, slots=True)
class Seeds:
    """All that the files say, each row valid and every name in it known.

    `closing`: the instant as of which the findings are.
    """

    claims: tuple[Claim, ...]
    parties: tuple[Party, ...]
    sites: tuple[Site, ...]
    people: tuple[Keyholder, ...]
    fleet: tuple[Design, ...]
    lots: tuple[Lot, ...]
    legs: tuple[Leg, ...]
    stocktakings: tuple[Stocktaking, ...]
    inspections: tuple[Inspection, ...]
    losses: tuple[Loss, ...]
    uses: tuple[Use, ...]
    disposals: tuple[Disposal, ...]
    packings: tuple[Packing, ...]
    funds: tuple[Fund, ...]
    corrections: tuple[Correction, ...]
    statements: tuple[Statement, ...]
    delays: tuple[Late, ...]
    clocks: tuple[Clock, ...]
    findings: tuple[Finding, ...]
    items: tuple[Item, ...]
    closing: datetime
