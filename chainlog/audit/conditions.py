"""COND-ILL, PACK-BROKEN, VALUE-NONE: conditions, containers and values that cannot be so."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.family import Family, Source
from chainlog.audit.finding import Spot
from chainlog.custody.act import ZERO
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.audit.settings import Settings
    from chainlog.custody.act import Act
    from chainlog.custody.lot import Lot
    from chainlog.custody.state import Custody

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

    codes: ClassVar = ("COND-ILL",)

    @override
    def item(self, state: Custody) -> Iterator[Spot]:
        """What one item's condition shows."""
        for broken in state.breaks:
            if broken.code == "COND-ILL":
                act = broken.act
                says = f"{{things}}: {broken.how}: inspect it, and say its condition before and now"
                yield Spot(
                    "COND-ILL",
                    (act.id,),
                    says,
                    act,
                    (state.key,),
                    act.ids,
                    act.party,
                    act.text("place"),
                )
        if state.condition == "S" and state.status == "on hand" and state.last is not None:
            act = state.looked if state.looked is not None else state.last
            says = (
                f"{{things}} is scrap and still on hand with {state.holder}: record its "
                "destruction, or inspect it again"
            )
            yield Spot(
                "COND-ILL",
                (state.holder,),
                says,
                act,
                (state.key,),
                act.ids,
                state.holder,
                state.place,
            )


class Containers(Family):
    """Containers that were opened on the way, things in two of them, containers in themselves."""

    codes: ClassVar = ("PACK-BROKEN",)

    def __init__(self, source: Source, settings: Settings) -> None:
        super().__init__(source, settings)
        self.inside: dict[str, tuple[str, Act]] = {}

    @override
    def item(self, state: Custody) -> Iterator[Spot]:
        """What one item's containers show."""
        for broken in state.breaks:
            if broken.code == "PACK-BROKEN":
                says = f"{{things}}: {broken.how}: check the seal and count what is inside"
                yield self._spot(says, broken.act, state.key)
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
                first = min(ring)
                says = (
                    f"{{things}} stands in itself, by way of {len(ring)} containers: find out "
                    "what is really in what"
                )
                yield self._spot(says, self.inside[first][1], *sorted(ring))
            told.update(trail)

    def _spot(self, says: str, act: Act, *keys: str) -> Spot:
        return Spot(
            "PACK-BROKEN", (act.id,), says, act, keys, act.ids, act.party, act.text("place")
        )


class Values(Family):
    """Things without a value, or with two."""

    codes: ClassVar = ("VALUE-NONE",)

    @override
    def item(self, state: Custody) -> Iterator[Spot]:
        """What one item is said to be worth."""
        for broken in state.breaks:
            if broken.code == "VALUE-NONE":
                act = broken.act
                entries = (*(broken.other.ids if broken.other else ()), *act.ids)
                says = (
                    f"{{things}} with {state.holder}: two values, {broken.how}: correct the "
                    "one that is wrong"
                )
                yield Spot(
                    "VALUE-NONE",
                    (state.holder, state.type),
                    says,
                    act,
                    (state.key,),
                    entries,
                    state.holder,
                    state.place,
                )
        if worth_of(state.worth) is None and state.status in _HELD and state.since is not None:
            act = state.registered or state.since
            says = (
                f"{{things}} with {state.holder}: no value: register what it is worth, and by "
                "what reckoning"
            )
            yield Spot(
                "VALUE-NONE",
                (state.holder, state.type),
                says,
                act,
                (state.key,),
                act.ids,
                state.holder,
                state.place,
            )

    @override
    def lot(self, lot: Lot) -> Iterator[Spot]:
        """What one lot is said to be worth."""
        if lot.key.startswith("money:") or (
            lot.worth is not None and worth_of(lot.worth[0]) is not None
        ):
            return
        held: dict[tuple[str, str], Act] = {}
        for unit, balance in lot.balances.items():
            held |= {
                (act.text("from"), unit): act
                for act, left in balance.transit.values()
                if left > ZERO
            }
            held |= {
                (holder, unit): lot.since[unit, holder]
                for holder, left in balance.on_hand.items()
                if left > ZERO
            }
        for (holder, _), act in sorted(held.items(), key=lambda one: one[0]):
            says = (
                f"{{things}} with {holder}: no value: register what it is worth, and by what "
                "reckoning"
            )
            yield Spot(
                "VALUE-NONE",
                (holder, lot.type),
                says,
                act,
                (lot.key,),
                act.ids,
                holder,
                act.text("place"),
            )
