"""CUST-*: handovers that do not add up.

They tell who handed on what they did not have, who signed both sides, who never signed, and what
left the programme.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from chainlog.audit.family import AuditSource, Family
from chainlog.audit.finding import FindingRule, Spot
from chainlog.custody.act import DAY_MS, HANDOVERS, end_of
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


class Inside:
    """Who is in a programme: its chains, and the parties that they name."""

    def __init__(self, source: AuditSource) -> None:
        self.source = source
        self._known: dict[bytes, tuple[frozenset[bytes], frozenset[str]]] = {}

    def of(self, programme: bytes) -> tuple[frozenset[bytes], frozenset[str]]:
        """The chains and the parties of a programme."""
        if programme not in self._known:
            chains = frozenset(chain.id for chain in self.source.inside(programme))
            self._known[programme] = chains, self.source.parties(programme)
        return self._known[programme]

    def speaks(self, act: Act, party: str, programmes: set[bytes]) -> bool:
        """Whether an act of a party is its own.

        One of a programme's parties speaks in the chains of that programme, and in no other.

        Anybody may open a chain whose roster says that he signs for it.
        """
        return all(
            party not in parties or act.chain in chains
            for chains, parties in map(self.of, programmes)
        )


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


class ThirdParties(Family):
    """What was passed outside the programme without leave."""

    inside: Inside

    rules: ClassVar[tuple[FindingRule]] = (
        FindingRule(
            "CUST-THIRD",
            "critical",
            rule=(
                "passed to a party outside the programme without consent of the authority in "
                "force on that day, for that item, from that party, to that party"
            ),
            group="entry",
            words={
                "en": (
                    "{things} went from {giver} to {taker}, outside the programme, with no "
                    "consent in force: get consent, or get them back"
                ),
                "uk": (
                    "{things} передано від {giver} до {taker}, поза програму, без чинної згоди: "
                    "отримайте згоду або поверніть майно"
                ),
            },
        ),
    )
    kinds: ClassVar[frozenset[str]] = HANDOVERS

    def __init__(self, source: AuditSource, settings: Settings) -> None:
        super().__init__(source, settings)
        self.inside = Inside(source)
        # Leave given: by item, giver and taker, the acts that give it.
        self.leave: dict[tuple[str, str, str], list[Act]] = {}
        for act in source.book.acts(*kinds_that("consents")):
            if act.standing != "taken back" and act.chain == act.signer.programme:
                for key, _ in source.book.things(act):
                    self.leave.setdefault((key, act.giver, act.taker), []).append(act)

    @override
    def item(self, state: ItemState) -> Iterator[Spot]:
        """Whether it went there in a box, whose paper does not name it."""
        for act in state.carried:
            if act.kind in self.kinds:
                yield from self._loose(act, [state.key])

    @override
    def act(self, act: Act) -> Iterator[Spot]:
        """Whether it went to a party that no roster names."""
        if act.standing != "taken back":
            yield from self._loose(
                act, [key for key, touch in self.source.book.things(act) if touch.part == "lines"]
            )

    def _loose(self, act: Act, things: list[str]) -> Iterator[Spot]:
        """What of some things had no leave to go with an act."""
        loose = tuple(
            key
            for key in things
            if not all(self._may(act, key, programme) for programme in self._programmes(act, key))
        )
        if loose:
            taker = act.taker
            params: Params = {"giver": act.giver, "taker": taker}
            yield Spot.at(act, "CUST-THIRD", params, *loose, party=taker)

    def is_inside(self, act: Act, programme: bytes | None = None) -> bool:
        """Whether the taker of a handover is in a programme.

        That of the chain that says it, unless another is meant.
        """
        taker = act.taker
        return (
            taker in self.settings.programme_parties
            or taker in self.inside.of(programme or act.signer.programme)[1]
        )

    def leaves(self, act: Act, key: str, programme: bytes | None = None) -> Iterator[Act]:
        """The consents that are in force for handing on a thing.

        From that party to that party, on that day, of that programme.
        """
        for leave in self.leave.get((key, act.giver, act.taker), ()):
            if leave.when <= act.when <= end_of(leave.text("until")) and leave.signer.programme == (
                programme or act.signer.programme
            ):
                yield leave

    def _programmes(self, act: Act, key: str) -> set[bytes]:
        """The programmes whose leave it takes.

        They are that of the chain's authority and those that registered the thing, lest the taker
        be its own authority.
        """
        known = self.source.things.get(key)
        return {act.signer.programme, *(known.programmes if known is not None else ())}

    def _may(self, act: Act, key: str, programme: bytes) -> bool:
        return self.is_inside(act, programme) or any(True for _ in self.leaves(act, key, programme))


class Splits(Family):
    """Items that two chains give two holders."""

    rules: ClassVar[tuple[FindingRule]] = (
        FindingRule(
            "CUST-SPLIT",
            "critical",
            rule=(
                "two chains give it two holders, neither after the other, or one takes it from "
                "a party that by the other did not have it"
            ),
            group="item",
            words={
                "en": (
                    "{things} was given to {first} and to {second} in two chains, neither after "
                    "the other: find who has it"
                ),
                "uk": (
                    "{things} передано і до {first}, і до {second} у двох ланцюгах, жоден не "
                    "після іншого: з'ясуйте, у кого це"
                ),
            },
            variants={
                "one": {
                    "en": (
                        "{things} was given to {first} in two chains, neither after the other: "
                        "find who has it"
                    ),
                    "uk": (
                        "{things} передано до {first} у двох ланцюгах, жоден не після іншого: "
                        "з'ясуйте, у кого це"
                    ),
                },
            },
        ),
    )

    @override
    def item(self, state: ItemState) -> Iterator[Spot]:
        """What the fold of one item noted."""
        for broken in state.breaks:
            act, other = broken.act, broken.other
            if broken.code == "CUST-SPLIT" and other is not None:
                first, *rest = sorted(
                    {one.taker or one.holder or one.giver for one in (act, other)}
                )
                params: Params = {"first": first} | ({"second": rest[0]} if rest else {})
                both = sorted((act, other), key=lambda one: (one.chain, one.index))
                yield Spot.at(
                    act,
                    "CUST-SPLIT" if rest else "CUST-SPLIT.one",
                    params,
                    state.key,
                    group=(state.key,),
                    entries=tuple(entry for one in both for entry in one.ids),
                    party=act.giver or act.holder,
                )
