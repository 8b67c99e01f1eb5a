"""SHIP-*: what was sent and what arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from chainlog.audit.family import Family
from chainlog.audit.finding import Spot
from chainlog.custody.act import DAY_MS, format_decimal
from chainlog.events.things import is_item
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.custody.act import Act
    from chainlog.custody.shipment import Consignment


class Shipments(Family):
    """Consignments without a receipt, without a dispatch, or that do not match."""

    codes: ClassVar = ("SHIP-OPEN", "SHIP-QTY", "SHIP-SERIAL", "SHIP-NOADVICE")

    @override
    def consignment(self, consignment: Consignment) -> Iterator[Spot]:
        """What one consignment shows."""
        if not consignment.receipts:
            yield from self._open(consignment)
        elif not consignment.dispatches and not consignment.advices:
            for act in consignment.receipts:
                between = f"{act.text('to')} received {{things}} from {act.text('from')}"
                says = f"{between}, of which no dispatch or advice is held: ask the sender"
                things = tuple(key for key, _ in self.source.book.things(act))
                yield Spot(
                    "SHIP-NOADVICE",
                    (act.id,),
                    says,
                    act,
                    things,
                    act.ids,
                    act.text("to"),
                    act.text("place"),
                )
        else:
            yield from self._differing(consignment)

    def _open(self, consignment: Consignment) -> Iterator[Spot]:
        if not consignment.dispatches:
            return
        first = min(consignment.dispatches, key=lambda act: act.key)
        days = (self.source.as_of - first.when) // DAY_MS
        if self.source.as_of - first.when > self.settings.open_days * DAY_MS:
            told = f"{consignment.document} from {consignment.sender} to {consignment.taker}"
            says = (
                f"{told}: {{things}} sent {days} days ago, with no receipt: ask {consignment.taker}"
            )
            yield self._spot(
                "SHIP-OPEN",
                consignment,
                consignment.dispatches,
                says,
                [key for key, _ in consignment.sent],
            )

    def _differing(self, consignment: Consignment) -> Iterator[Spot]:
        differences = consignment.differences()
        extra = [key for (key, _), much in differences.items() if is_item(key) and much > 0]
        short = [key for (key, _), much in differences.items() if is_item(key) and much < 0]
        where = (
            f"{consignment.document or 'no document'}, from {consignment.sender} to "
            f"{consignment.taker}"
        )
        if extra:
            instead = f", {len(short)} that were sent did not" if short else ""
            says = (
                f"{where}: {len(extra)} items arrived that were not sent{instead}: "
                f"{{things}}; compare the plates with both papers"
            )
            yield self._spot("SHIP-SERIAL", consignment, consignment.receipts, says, extra + short)
        told = []
        if len(extra) != len(short):
            told.append(f"{_more(len(extra) - len(short))} items")
        lots = [(key, unit, much) for (key, unit), much in differences.items() if not is_item(key)]
        told += [
            f"{'+' if much > 0 else ''}{format_decimal(much)} {unit} of {key}"
            for key, unit, much in lots
        ]
        if told:
            things = [
                *(short if len(extra) < len(short) else extra if len(extra) > len(short) else []),
                *(key for key, _, _ in lots),
            ]
            says = (
                f"{where}: received against sent {', '.join(told)}: {{things}}; find out "
                "where the difference went"
            )
            yield self._spot("SHIP-QTY", consignment, consignment.receipts, says, things)

    def _spot(
        self, code: str, consignment: Consignment, acts: list[Act], says: str, things: list[str]
    ) -> Spot:
        first = min(acts, key=lambda act: act.key)
        entries = tuple(entry for act in acts for entry in act.ids)
        group = (consignment.document, consignment.sender, consignment.taker, first.id)
        return Spot(
            code, group, says, first, tuple(things), entries, consignment.taker, first.text("place")
        )


def _more(count: int) -> str:
    return f"+{count}" if count > 0 else str(count)
