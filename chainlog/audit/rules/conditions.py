"""COND-ILL, PACK-BROKEN: conditions and containers that cannot be so."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.family import AuditSource, Family
from chainlog.audit.finding import FindingRule, Spot
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.settings import Settings
    from chainlog.custody.act import Act
    from chainlog.custody.state import ItemState

PLACE: Final = 90

_HELD: Final = frozenset({"on hand", "in transit"})


def worth_of(told: dict[str, str] | None) -> tuple[Decimal, str] | None:
    """What something is worth, and in which currency; a value below nothing is none."""
    if told is None:
        return None
    amount = Decimal(told["amount"])
    return (amount, told["currency"]) if amount >= 0 else None


class Conditions(Family):
    """Conditions that do not add up.

    They are scrap on hand, unserviceable things handed on as serviceable, and conditions that
    improved by themselves.
    """

    rules: ClassVar[tuple[FindingRule]] = (
        FindingRule(
            "COND-ILL",
            "medium",
            rule=(
                "scrap on hand; F, G or H handed on as A to E; a condition that improved with "
                "no inspection that names the one before"
            ),
            group="entry, or holder",
            words={
                "en": "{things}: {how}: inspect it, and say its condition before and now",
                "uk": "{things}: {how}: огляньте й зазначте стан до та після",
            },
            variants={
                "scrap": {
                    "en": (
                        "{things} is scrap and still on hand with {holder}: record its "
                        "destruction, or inspect it again"
                    ),
                    "uk": (
                        "{things}: брухт, а досі рахується в {holder}: запишіть знищення або "
                        "огляньте ще раз"
                    ),
                },
            },
        ),
    )

    @override
    def item(self, state: ItemState) -> Iterator[Spot]:
        """What one item's condition shows."""
        for broken in state.breaks:
            if broken.code == "COND-ILL":
                yield Spot.at(broken.act, "COND-ILL", {"how": broken.why}, state.key)
        if state.condition == "S" and state.status == "on hand" and state.last is not None:
            act = state.looked if state.looked is not None else state.last
            yield Spot.at(
                act,
                "COND-ILL.scrap",
                {"holder": state.holder},
                state.key,
                group=(state.holder,),
                party=state.holder,
                place=state.place,
            )


class Containers(Family):
    """Containers that were opened on the way, things in two of them, containers in themselves."""

    rules: ClassVar[tuple[FindingRule]] = (
        FindingRule(
            "PACK-BROKEN",
            "medium",
            rule=(
                "moved or packed elsewhere while its container was sealed and did not move with "
                "it; in two containers; in itself"
            ),
            group="entry",
            words={
                "en": "{things}: {how}: check the seal and count what is inside",
                "uk": "{things}: {how}: перевірте пломбу й порахуйте вміст",
            },
            variants={
                "ring": {
                    "en": (
                        "{things} stands in itself, by way of {count} containers: find out what "
                        "is really in what"
                    ),
                    "uk": (
                        "{things} лежить у собі самому, через контейнери ({count}): з'ясуйте, "
                        "що в чому насправді"
                    ),
                },
            },
        ),
    )

    def __init__(self, source: AuditSource, settings: Settings) -> None:
        super().__init__(source, settings)
        self.inside: dict[str, tuple[str, Act]] = {}

    @override
    def item(self, state: ItemState) -> Iterator[Spot]:
        """What one item's containers show."""
        for broken in state.breaks:
            if broken.code == "PACK-BROKEN":
                yield Spot.at(broken.act, "PACK-BROKEN", {"how": broken.why}, state.key)
        if state.container and state.last is not None:
            self.inside[state.key] = state.container, state.last

    @override
    def rest(self) -> Iterator[Spot]:
        """Which containers stand in themselves by way of others."""
        told: set[str] = set()
        for start in sorted(self.inside):
            trail: dict[str, int] = {}
            at = start
            while at in self.inside and at not in told and at not in trail:
                trail[at] = len(trail)
                at = self.inside[at][0]
            if at in trail:
                ring = list(trail)[trail[at] :]
                act = self.inside[min(ring)][1]
                yield Spot.at(act, "PACK-BROKEN.ring", {"count": len(ring)}, *sorted(ring))
            told.update(trail)
