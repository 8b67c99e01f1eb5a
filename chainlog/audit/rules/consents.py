"""CUST-THIRD: what left the programme, and the leave that it had."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.family import AuditSource, Family
from chainlog.audit.finding import FindingRule, Spot
from chainlog.audit.membership import Inside
from chainlog.custody.act import HANDOVERS, end_of
from chainlog.events.kinds import kinds_that
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.settings import Settings
    from chainlog.custody.act import Act
    from chainlog.custody.state import ItemState
    from chainlog.events.phrase import Params

PLACE: Final = 40


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
            until = leave.text("until")  # nobody knows until when one is that hides it
            if (
                until
                and leave.when <= act.when <= end_of(until)
                and leave.signer.programme == (programme or act.signer.programme)
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
