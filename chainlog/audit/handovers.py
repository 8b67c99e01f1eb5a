"""CUST-*: handovers that do not add up.

They tell who handed on what they did not have, who signed both sides, who never signed, and what
left the programme.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from chainlog.audit.family import Family, Source
from chainlog.audit.finding import Spot
from chainlog.custody.act import DAY_MS, HANDOVERS, end_of
from chainlog.events.kinds import kinds_that
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.settings import Settings
    from chainlog.custody.act import Act
    from chainlog.custody.shipment import Consignment
    from chainlog.custody.state import Custody


class Inside:
    """Who is in a programme: its chains, and the parties that they name."""

    def __init__(self, source: Source) -> None:
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
    """Items handed on by one who did not hold them, or given two holders."""

    codes: ClassVar = ("CUST-NONHOLDER", "CUST-SPLIT")

    @override
    def item(self, state: Custody) -> Iterator[Spot]:
        """What the fold of one item noted."""
        for broken in state.breaks:
            act, other = broken.act, broken.other
            if broken.code == "CUST-NONHOLDER":
                giver = act.text("from") or act.text("holder")
                says = f"{giver} said {act.kind} of {{things}}, but {broken.how}: ask both parties"
                yield Spot(
                    "CUST-NONHOLDER",
                    (act.id,),
                    says,
                    act,
                    (state.key,),
                    act.ids,
                    giver,
                    act.text("place"),
                )
            elif broken.code == "CUST-SPLIT" and other is not None:
                holders = sorted({one.text("to") or one.text("holder") for one in (act, other)})
                says = (
                    f"{{things}} was given to {' and to '.join(holders)} in two chains, "
                    "neither after the other: find who has it"
                )
                first, second = sorted((act, other), key=lambda one: (one.chain, one.index))
                entries = (*first.ids, *second.ids)
                giver = act.text("from") or act.text("holder")
                yield Spot(
                    "CUST-SPLIT",
                    (state.key,),
                    says,
                    act,
                    (state.key,),
                    entries,
                    giver,
                    act.text("place"),
                )


class Signatures(Family):
    """Handovers that the other party never signed, or that one key signed on both sides."""

    codes: ClassVar = ("CUST-UNSIGNED", "CUST-SELF")
    kinds: ClassVar = kinds_that("hands over")

    def __init__(self, source: Source, settings: Settings) -> None:
        super().__init__(source, settings)
        self.inside = Inside(source)

    @override
    def act(self, act: Act) -> Iterator[Spot]:
        """Who signed a transfer for the other side."""
        if act.standing == "taken back":
            return
        other = act.text("from") if act.party == act.text("to") else act.text("to")
        accepts = self._accepts(act, other, {act.signer.programme})
        days = (self.source.as_of - act.when) // DAY_MS
        if not accepts and self.source.as_of - act.when > self.settings.unsigned_days * DAY_MS:
            yield self._unsigned(
                act, other, f"has not signed in {days} days; have it accept or refuse"
            )
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
            for one in self._accepts(act, act.text("to"), programmes)
        ]
        for act in consignment.receipts:
            taker, both = act.text("to"), {*programmes, act.signer.programme}
            accepts = [
                *self._accepts(act, taker, both),
                *(one for one in taken if one.party == taker),
            ]
            if not accepts and not (act.party == taker and self.inside.speaks(act, taker, both)):
                yield self._unsigned(
                    act, taker, f"did not sign it, {act.signer.name} did; have it accept or refuse"
                )
            giver = next(
                (senders[one.signer.key] for one in (act, *accepts) if one.signer.key in senders),
                None,
            )
            if giver is not None:
                yield self._self(act, giver)
        for sent in consignment.dispatches if not consignment.receipts else ():
            if any(
                one.signer.key == sent.signer.key
                for one in self._accepts(sent, sent.text("to"), programmes)
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

    def _unsigned(self, act: Act, other: str, how: str) -> Spot:
        says = (
            f"{act.kind} of {{things}} from {act.text('from')} to {act.text('to')}: {other} {how}"
        )
        return Spot(
            "CUST-UNSIGNED",
            (act.id,),
            says,
            act,
            self._things(act),
            act.ids,
            other,
            act.text("place"),
        )

    def _self(self, act: Act, giver: Act) -> Spot:
        between = f"{{things}} from {act.text('from')} to {act.text('to')}"
        says = (
            f"{giver.signer.name} signed both sides of {between}: have the other party sign "
            "with its own key"
        )
        entries = tuple(dict.fromkeys((*giver.ids, *act.ids)))
        return Spot(
            "CUST-SELF",
            (act.id,),
            says,
            act,
            self._things(act),
            entries,
            act.text("to"),
            act.text("place"),
        )

    def _things(self, act: Act) -> tuple[str, ...]:
        return tuple(key for key, touch in self.source.book.things(act) if touch.part == "lines")


class ThirdParties(Family):
    """What was passed outside the programme without leave."""

    codes: ClassVar = ("CUST-THIRD",)
    kinds: ClassVar = HANDOVERS

    def __init__(self, source: Source, settings: Settings) -> None:
        super().__init__(source, settings)
        self.inside = Inside(source)
        # Leave given: by item, giver and taker, the acts that give it.
        self.leave: dict[tuple[str, str, str], list[Act]] = {}
        for act in source.book.acts(*kinds_that("consents")):
            if act.standing != "taken back" and act.chain == act.signer.programme:
                for key, _ in source.book.things(act):
                    self.leave.setdefault((key, act.text("from"), act.text("to")), []).append(act)

    @override
    def item(self, state: Custody) -> Iterator[Spot]:
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
            taker = act.text("to")
            passed = f"{{things}} went from {act.text('from')} to {taker}, outside the programme"
            says = f"{passed}, with no consent in force: get consent, or get them back"
            yield Spot("CUST-THIRD", (act.id,), says, act, loose, act.ids, taker, act.text("place"))

    def is_inside(self, act: Act, programme: bytes | None = None) -> bool:
        """Whether the taker of a handover is in a programme.

        That of the chain that says it, unless another is meant.
        """
        taker = act.text("to")
        return (
            taker in self.settings.programme_parties
            or taker in self.inside.of(programme or act.signer.programme)[1]
        )

    def leaves(self, act: Act, key: str, programme: bytes | None = None) -> Iterator[Act]:
        """The consents that are in force for handing on a thing.

        From that party to that party, on that day, of that programme.
        """
        for leave in self.leave.get((key, act.text("from"), act.text("to")), ()):
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
