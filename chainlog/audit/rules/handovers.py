"""CUST-NONHOLDER, -UNSIGNED, -SELF: handovers that do not add up.

They tell who handed on what they did not have, who signed both sides, and who never signed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.family import AuditSource, Family
from chainlog.audit.finding import FindingRule, Spot
from chainlog.audit.membership import Inside
from chainlog.custody.act import DAY_MS, HANDOVERS, LEAVINGS
from chainlog.events.kinds import kinds_that
from chainlog.events.phrase import name_kind
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from chainlog.audit.settings import Settings
    from chainlog.custody.act import Act
    from chainlog.custody.shipment import Consignment
    from chainlog.custody.state import ItemState
    from chainlog.events.phrase import Params

PLACE: Final = 30
_IN_PERSON: Final = kinds_that("hands over")


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
                "happened, nor what was sent, used up, lost or destroyed by who had it, where "
                "another signed it; or a dispatch was received without the receiver's signature "
                "and not accepted"
            ),
            group="entry, party",
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
                "holder": {
                    "en": (
                        "{kind} of {things}: {name} signed it, and {other}, who had them, has not "
                        "in {days} days; have it accept or refuse"
                    ),
                    "uk": (
                        "{kind}, {things}: підпис ставить {name}, а {other}, за ким це рахувалося, "
                        "не підписує вже {days} дн.; нехай прийме або відмовиться"
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
    kinds: ClassVar[frozenset[str]] = LEAVINGS

    def __init__(self, source: AuditSource, settings: Settings) -> None:
        super().__init__(source, settings)
        self.inside = Inside(source)

    @override
    def act(self, act: Act) -> Iterator[Spot]:
        """Who signed what left somebody's hands for another side."""
        if act.standing == "taken back":
            return
        days = (self.source.as_of - act.when) // DAY_MS
        late = self.source.as_of - act.when > self.settings.unsigned_days * DAY_MS
        for other in self._others(act):
            accepts = self._accepts(act, other, {act.signer.programme}, {act.chain})
            if not accepts and late:
                more: Params = {"days": days}
                if other == act.taker or act.kind in HANDOVERS:
                    yield self._unsigned(act, other, "CUST-UNSIGNED", more)
                else:
                    more = {"days": days, "name": act.signer.name}
                    yield self._unsigned(act, other, "CUST-UNSIGNED.holder", more)
        if act.kind in _IN_PERSON and any(
            one.signer.key == act.signer.key
            for other in self._others(act)
            for one in self._accepts(act, other, {act.signer.programme})
        ):
            yield self._self(act, act)

    def _others(self, act: Act) -> list[str]:
        """Whose word an act is not, though it left their hands or came into them.

        Whether what was sent arrived, its receipt says.
        """
        sides = (act.giver, act.taker) if act.kind in _IN_PERSON else (act.giver,)
        programmes = {act.signer.programme}
        for key in self._things(act):
            known = self.source.things.get(key)
            programmes.update(known.programmes if known is not None else ())
        own = [
            side
            for side in sides
            if side == act.party and self.inside.speaks(act, side, programmes)
        ]
        others = [side for side in dict.fromkeys(sides) if side not in own]
        # Who hands over to themselves has nobody else to ask.
        return others or ([act.giver] if act.kind in _IN_PERSON else [])

    @override
    def consignment(self, consignment: Consignment) -> Iterator[Spot]:
        """Who signed for what was sent and received."""
        senders = {act.signer.key: act for act in consignment.dispatches}
        programmes = {act.signer.programme for act in consignment.dispatches}
        there = {act.chain for act in consignment.dispatches}
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
            signed = (act, *accepts)
            if not any(
                one.party == taker and self.inside.speaks(one, taker, both, there) for one in signed
            ):
                name = act.signer.name
                yield self._unsigned(act, taker, "CUST-UNSIGNED.received", {"name": name})
            giver = next(
                (senders[one.signer.key] for one in signed if one.signer.key in senders),
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

    def _accepts(
        self, act: Act, other: str, programmes: set[bytes], there: Collection[bytes] = ()
    ) -> list[Act]:
        """The answers of the other party, whether it agrees or not.

        Of one with a chain of its own none that stands in the chains `there`.
        """
        accepts = [
            one
            for one in act.answers
            if one.does.step == "accepts" and one.party == other and one.standing != "taken back"
        ]
        return [one for one in accepts if self.inside.speaks(one, other, programmes, there)]

    def _unsigned(self, act: Act, other: str, key: str, more: Params) -> Spot:
        params: Params = {"kind": name_kind(act.kind), "other": other, **more}
        if key != "CUST-UNSIGNED.holder":
            params = {**params, "giver": act.giver, "taker": act.taker}
        group = act.id, other
        return Spot.at(act, key, params, *self._things(act), group=group, party=other)

    def _self(self, act: Act, giver: Act) -> Spot:
        taker = act.taker
        params: Params = {"name": giver.signer.name, "giver": act.giver, "taker": taker}
        entries = tuple(dict.fromkeys((*giver.ids, *act.ids)))
        return Spot.at(act, "CUST-SELF", params, *self._things(act), entries=entries, party=taker)

    def _things(self, act: Act) -> tuple[str, ...]:
        return tuple(key for key, touch in self.source.book.things(act) if touch.part == "lines")
