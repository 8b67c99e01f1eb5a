"""CUST-NONHOLDER, -UNSIGNED, -SELF: handovers that do not add up.

They tell who handed on what they did not have, who signed both sides, and who never signed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.family import AuditSource, Family
from chainlog.audit.finding import FindingRule, Spot
from chainlog.audit.membership import Inside
from chainlog.custody.act import DAY_MS
from chainlog.events.kinds import kinds_that
from chainlog.events.phrase import name_kind
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.settings import Settings
    from chainlog.custody.act import Act
    from chainlog.custody.shipment import Consignment
    from chainlog.custody.state import ItemState
    from chainlog.events.phrase import Params

PLACE: Final = 30


class Custodians(Family):
    """Items handed on by one who did not hold them."""

    rules: ClassVar[tuple[FindingRule]] = (
        FindingRule(
            "CUST-NONHOLDER",
            "high",
            rule=(
                "dispatched, transferred, received from, expended, lost or destroyed by a party "
                "that, as is proven, did not hold it; or received, on its way, by one that it "
                "was not sent to"
            ),
            group="entry",
            words={
                "en": "{giver} said {kind} of {things}, but {how}: ask both parties",
                "uk": "{giver}: {kind}, {things}, але {how}: запитайте обидві сторони",
            },
        ),
    )

    @override
    def item(self, state: ItemState) -> Iterator[Spot]:
        """What the fold of one item noted."""
        for broken in state.breaks:
            if broken.code == "CUST-NONHOLDER":
                act = broken.act
                giver = act.giver or act.holder
                params: Params = {
                    "giver": giver,
                    "kind": name_kind(act.kind),
                    "how": broken.why,
                }
                yield Spot.at(act, broken.code, params, state.key, party=giver)


class Signatures(Family):
    """Handovers that the other party never signed, or that one key signed on both sides."""

    inside: Inside

    rules: ClassVar[tuple[FindingRule, FindingRule]] = (
        FindingRule(
            "CUST-UNSIGNED",
            "medium",
            rule=(
                "a transfer was not answered by the other party `unsigned_days` (14) after it "
                "happened; or a dispatch was received without the receiver's signature and not "
                "accepted"
            ),
            group="entry",
            words={
                "en": (
                    "{kind} of {things} from {giver} to {taker}: {other} has not signed in "
                    "{days} days; have it accept or refuse"
                ),
                "uk": (
                    "{kind}, {things}, від {giver} до {taker}: {other} не підписує вже {days} "
                    "дн.; нехай прийме або відмовиться"
                ),
            },
            variants={
                "received": {
                    "en": (
                        "{kind} of {things} from {giver} to {taker}: {other} did not sign it, "
                        "{name} did; have it accept or refuse"
                    ),
                    "uk": (
                        "{kind}, {things}, від {giver} до {taker}: замість {other} підпис "
                        "ставить {name}; нехай {other} прийме або відмовиться"
                    ),
                },
            },
        ),
        FindingRule(
            "CUST-SELF",
            "high",
            rule="one key signed both sides",
            group="entry",
            words={
                "en": (
                    "{name} signed both sides of {things} from {giver} to {taker}: have the "
                    "other party sign with its own key"
                ),
                "uk": (
                    "{name} підписує за обидві сторони: {things}, від {giver} до {taker}: нехай "
                    "друга сторона підпише власним ключем"
                ),
            },
        ),
    )
    kinds: ClassVar[frozenset[str]] = kinds_that("hands over")

    def __init__(self, source: AuditSource, settings: Settings) -> None:
        super().__init__(source, settings)
        self.inside = Inside(source)

    @override
    def act(self, act: Act) -> Iterator[Spot]:
        """Who signed a transfer for the other side."""
        if act.standing == "taken back":
            return
        other = act.giver if act.party == act.taker else act.taker
        accepts = self._accepts(act, other, {act.signer.programme})
        days = (self.source.as_of - act.when) // DAY_MS
        if not accepts and self.source.as_of - act.when > self.settings.unsigned_days * DAY_MS:
            yield self._unsigned(act, other, "CUST-UNSIGNED", {"days": days})
        if any(one.signer.key == act.signer.key for one in accepts):
            yield self._self(act, act)

    @override
    def consignment(self, consignment: Consignment) -> Iterator[Spot]:
        """Who signed for what was sent and received."""
        senders = {act.signer.key: act for act in consignment.dispatches}
        programmes = {act.signer.programme for act in consignment.dispatches}
        taken = [
            one
            for act in consignment.dispatches
            for one in self._accepts(act, act.taker, programmes)
        ]
        for act in consignment.receipts:
            taker, both = act.taker, {*programmes, act.signer.programme}
            accepts = [
                *self._accepts(act, taker, both),
                *(one for one in taken if one.party == taker),
            ]
            if not accepts and not (act.party == taker and self.inside.speaks(act, taker, both)):
                name = act.signer.name
                yield self._unsigned(act, taker, "CUST-UNSIGNED.received", {"name": name})
            giver = next(
                (senders[one.signer.key] for one in (act, *accepts) if one.signer.key in senders),
                None,
            )
            if giver is not None:
                yield self._self(act, giver)
        for sent in consignment.dispatches if not consignment.receipts else ():
            if any(
                one.signer.key == sent.signer.key
                for one in self._accepts(sent, sent.taker, programmes)
            ):
                yield self._self(sent, sent)

    def _accepts(self, act: Act, other: str, programmes: set[bytes]) -> list[Act]:
        """The answers of the other party, whether it agrees or not."""
        accepts = [
            one
            for one in act.answers
            if one.does.step == "accepts" and one.party == other and one.standing != "taken back"
        ]
        return [one for one in accepts if self.inside.speaks(one, other, programmes)]

    def _unsigned(self, act: Act, other: str, key: str, more: Params) -> Spot:
        params: Params = {
            "kind": name_kind(act.kind),
            "giver": act.giver,
            "taker": act.taker,
            "other": other,
            **more,
        }
        return Spot.at(act, key, params, *self._things(act), party=other)

    def _self(self, act: Act, giver: Act) -> Spot:
        taker = act.taker
        params: Params = {"name": giver.signer.name, "giver": act.giver, "taker": taker}
        entries = tuple(dict.fromkeys((*giver.ids, *act.ids)))
        return Spot.at(act, "CUST-SELF", params, *self._things(act), entries=entries, party=taker)

    def _things(self, act: Act) -> tuple[str, ...]:
        return tuple(key for key, touch in self.source.book.things(act) if touch.part == "lines")
