"""What was sent against what was received, consignment by consignment."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chainlog.custody.act import ZERO, plus
from chainlog.custody.shipment import consignments, verdict
from chainlog.events.things import is_item
from chainlog.index.questions.reply import JsonRow, Reply, for_people

if TYPE_CHECKING:
    from decimal import Decimal

    from chainlog.custody.shipment import Amounts, Consignment
    from chainlog.index.inquiry import Inquiry


@dataclass(frozen=True, slots=True)
class Reconciled(JsonRow):
    """One consignment: one document between two parties.

    `sent` is what was due; `difference` by how much more or less of each thing arrived. `at`: its
    place in the order of documents.
    """

    from_: str
    document: str
    to: str
    sent_on: int | None
    received_on: int | None
    sent: Amounts
    received: Amounts
    difference: Amounts
    verdict: str
    dispatches: tuple[bytes, ...]
    receipts: tuple[bytes, ...]
    at: int = for_people()


@dataclass(frozen=True, slots=True)
class ReconcileTotals:
    """How many consignments there are of each verdict."""

    verdicts: dict[str, int]

    @property
    def compared(self) -> int:
        """How many were both sent and received."""
        return self.verdicts.get("matches", 0) + self.verdicts.get("differs", 0)

    def plain(self) -> dict[str, Any]:
        """As JSON: only the verdicts that there are."""
        return {"consignments": sum(self.verdicts.values()), **self.verdicts}


@dataclass(frozen=True, slots=True)
class ConsignmentFilter:
    """Which consignments are meant; `since` and `until` in ms, of when it was sent or received."""

    sender: str | None = None
    taker: str | None = None
    document: str | None = None
    since: int | None = None
    until: int | None = None
    differing: bool = False

    def takes(self, one: Consignment) -> bool:
        """Whether a consignment is one of them."""
        acts = one.dispatches or one.receipts or one.advices
        when = min(act.when for act in acts)
        return (
            (self.sender is None or one.sender == self.sender)
            and (self.taker is None or one.taker == self.taker)
            and (self.document is None or one.document == self.document)
            and (self.since is None or when >= self.since)
            and (self.until is None or when <= self.until)
            and not (self.differing and verdict(one) != "differs")
        )


def reconciled(inquiry: Inquiry, only: ConsignmentFilter) -> Reply[Reconciled, ReconcileTotals]:
    """Every consignment, by when it was sent; those that nobody sent come last."""
    wanted = (one for one in consignments(inquiry.book()) if only.takes(one))
    rows = [_row(one, at) for at, one in enumerate(wanted)]
    counts = Counter(one.verdict for one in rows)
    rows.sort(key=lambda one: (one.sent_on is None, one.sent_on or 0))
    totals = ReconcileTotals(dict(sorted(counts.items())))
    return Reply(inquiry.instant, tuple(rows), totals, inquiry.unmet)


def by_unit(amounts: Amounts) -> dict[str, Decimal]:
    """So many items, and so much of each unit."""
    units: dict[str, Decimal] = {}
    for (key, unit), much in amounts.items():
        name = "items" if is_item(key) else unit
        units[name] = plus(units.get(name, ZERO), much)
    return units


def _row(one: Consignment, at: int) -> Reconciled:
    return Reconciled(
        one.sender,
        one.document,
        one.taker,
        min((act.when for act in one.dispatches), default=None),
        min((act.when for act in one.receipts), default=None),
        one.due,
        one.arrived,
        one.differences() if one.receipts else {},
        verdict(one),
        tuple(act.id for act in one.dispatches),
        tuple(act.id for act in one.receipts),
        at,
    )
