"""SHIP-*: what was sent and what arrived."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.family import Family
from chainlog.audit.finding import FindingRule, Spot
from chainlog.audit.phrases import ITEMS, NO_DOCUMENT, OF_LOT
from chainlog.custody.act import DAY_MS, format_decimal
from chainlog.events.things import is_item
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.custody.act import Act
    from chainlog.custody.shipment import Consignment
    from chainlog.events.phrase import Params, Value

PLACE: Final = 20


class Shipments(Family):
    """Consignments without a receipt, without a dispatch, or that do not match."""

    rules: ClassVar[tuple[FindingRule, FindingRule, FindingRule, FindingRule]] = (
        FindingRule(
            "SHIP-OPEN",
            "medium",
            rule="a dispatch has no receipt `open_days` (30) after it happened",
            group="consignment",
            words={
                "en": (
                    "{document} from {sender} to {taker}: {things} sent {days} days ago, with "
                    "no receipt: ask {taker}"
                ),
                "uk": (
                    "{document}, від {sender} до {taker}: {things} відправлено {days} дн. тому, "
                    "отримання не записано: запитайте в {taker}"
                ),
            },
        ),
        FindingRule(
            "SHIP-QTY",
            "high",
            rule="more or fewer arrived than were sent, by count of items or quantity of a lot",
            group="consignment",
            words={
                "en": (
                    "{document}, from {sender} to {taker}: received against sent {differences}: "
                    "{things}; find out where the difference went"
                ),
                "uk": (
                    "{document}, від {sender} до {taker}: отримано проти відправленого "
                    "{differences}: {things}; з'ясуйте, куди поділася різниця"
                ),
            },
        ),
        FindingRule(
            "SHIP-SERIAL",
            "high",
            rule="items arrived that were not sent",
            group="consignment",
            words={
                "en": (
                    "{document}, from {sender} to {taker}: {extra} items arrived that were not "
                    "sent: {things}; compare the plates with both papers"
                ),
                "uk": (
                    "{document}, від {sender} до {taker}: прибуло невідправлених предметів: "
                    "{extra}: {things}; звірте таблички з обома документами"
                ),
            },
            variants={
                "swapped": {
                    "en": (
                        "{document}, from {sender} to {taker}: {extra} items arrived that were "
                        "not sent, {short} that were sent did not: {things}; compare the plates "
                        "with both papers"
                    ),
                    "uk": (
                        "{document}, від {sender} до {taker}: прибуло невідправлених предметів: "
                        "{extra}, не прибуло відправлених: {short}: {things}; звірте таблички з "
                        "обома документами"
                    ),
                },
            },
        ),
        FindingRule(
            "SHIP-NOADVICE",
            "medium",
            rule="a receipt belongs to no dispatch and no advice",
            group="receipt",
            words={
                "en": (
                    "{taker} received {things} from {sender}, of which no dispatch or advice is "
                    "held: ask the sender"
                ),
                "uk": (
                    "{taker}: отримано {things} від {sender}, а ні відправлення, ні сповіщення "
                    "тут немає: запитайте відправника"
                ),
            },
        ),
    )

    @override
    def consignment(self, consignment: Consignment) -> Iterator[Spot]:
        """What one consignment shows."""
        if not consignment.receipts:
            yield from self._open(consignment)
        elif not consignment.dispatches and not consignment.advices:
            for act in consignment.receipts:
                things = (key for key, _ in self.source.book.things(act))
                taker = act.taker
                params: Params = {"taker": taker, "sender": act.giver}
                yield Spot.at(act, "SHIP-NOADVICE", params, *things, party=taker)
        else:
            yield from self._differing(consignment)

    def _open(self, consignment: Consignment) -> Iterator[Spot]:
        if not consignment.dispatches:
            return
        first = min(consignment.dispatches, key=lambda act: act.key)
        days = (self.source.as_of - first.when) // DAY_MS
        if self.source.as_of - first.when > self.settings.open_days * DAY_MS:
            params: Params = {
                "document": consignment.document,
                "sender": consignment.sender,
                "taker": consignment.taker,
                "days": days,
            }
            things = [key for key, _ in consignment.sent]
            yield _spot("SHIP-OPEN", consignment, consignment.dispatches, params, things)

    def _differing(self, consignment: Consignment) -> Iterator[Spot]:
        differences = consignment.differences()
        extra = [key for (key, _), much in differences.items() if is_item(key) and much > 0]
        short = [key for (key, _), much in differences.items() if is_item(key) and much < 0]
        params: Params = {
            "document": consignment.document or NO_DOCUMENT(),
            "sender": consignment.sender,
            "taker": consignment.taker,
        }
        receipts = consignment.receipts
        if extra:
            key, counts = "SHIP-SERIAL", {"extra": len(extra)}
            if short:
                key, counts = "SHIP-SERIAL.swapped", {"extra": len(extra), "short": len(short)}
            yield _spot(key, consignment, receipts, {**params, **counts}, extra + short)
        told: list[Value] = []
        if len(extra) != len(short):
            told.append(ITEMS(much=_more(len(extra) - len(short))))
        lots = [(key, unit, much) for (key, unit), much in differences.items() if not is_item(key)]
        told += [
            OF_LOT(much=("+" if much > 0 else "") + format_decimal(much), unit=unit, thing=key)
            for key, unit, much in lots
        ]
        if told:
            things = [
                *(short if len(extra) < len(short) else extra if len(extra) > len(short) else []),
                *(key for key, _, _ in lots),
            ]
            params = {**params, "differences": tuple(told)}
            yield _spot("SHIP-QTY", consignment, receipts, params, things)


def _spot(
    key: str, consignment: Consignment, acts: list[Act], params: Params, things: list[str]
) -> Spot:
    first = min(acts, key=lambda act: act.key)
    entries = tuple(entry for act in acts for entry in act.ids)
    group = (consignment.document, consignment.sender, consignment.taker, first.id)
    return Spot.at(
        first, key, params, *things, group=group, entries=entries, party=consignment.taker
    )


def _more(count: int) -> str:
    return f"+{count}" if count > 0 else str(count)
