"""The set that the seed files come to.

Their rows, and the serialised items and shares of lots that the rows make.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from chainlog.demo.remarks import Clock, Correction, Late, PlantedFinding, Statement
    from chainlog.demo.rows import (
        Claim,
        Design,
        Disposal,
        Inspection,
        Keyholder,
        Leg,
        LossRow,
        LotRow,
        MoneyRow,
        Packing,
        Party,
        Site,
        Stocktaking,
        Use,
    )


@dataclass(frozen=True, slots=True, eq=False)
class SeedItem:
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

    lot: LotRow
    quantity: Decimal


Thing: TypeAlias = SeedItem | Share


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
    lots: tuple[LotRow, ...]
    legs: tuple[Leg, ...]
    stocktakings: tuple[Stocktaking, ...]
    inspections: tuple[Inspection, ...]
    losses: tuple[LossRow, ...]
    uses: tuple[Use, ...]
    disposals: tuple[Disposal, ...]
    packings: tuple[Packing, ...]
    funds: tuple[MoneyRow, ...]
    corrections: tuple[Correction, ...]
    statements: tuple[Statement, ...]
    delays: tuple[Late, ...]
    clocks: tuple[Clock, ...]
    findings: tuple[PlantedFinding, ...]
    items: tuple[SeedItem, ...]
    closing: datetime
