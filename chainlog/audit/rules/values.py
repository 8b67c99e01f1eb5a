"""VALUE-NONE: things without a value, or with two."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.family import Family
from chainlog.audit.finding import FindingRule, Spot
from chainlog.audit.rules.conditions import worth_of
from chainlog.custody.act import ZERO
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.custody.act import Act
    from chainlog.custody.lot import LotState
    from chainlog.custody.state import ItemState

PLACE: Final = 140

_HELD: Final = frozenset({"on hand", "in transit"})


class Values(Family):
    """Things without a value, or with two."""

    rules: ClassVar[tuple[FindingRule]] = (
        FindingRule(
            "VALUE-NONE",
            "low",
            rule=(
                "an item or lot on hand or in transit has no value, or was given two under one "
                "basis with no correction"
            ),
            group="holder, type",
            words={
                "en": (
                    "{things} with {holder}: no value: register what it is worth, and by what "
                    "reckoning"
                ),
                "uk": (
                    "{things} у {holder}: немає вартості: зареєструйте, скільки це коштує і за "
                    "якою оцінкою"
                ),
            },
            variants={
                "two": {
                    "en": (
                        "{things} with {holder}: two values, {how}: correct the one that is wrong"
                    ),
                    "uk": "{things} у {holder}: дві вартості, {how}: виправте хибну",
                },
            },
        ),
    )

    @override
    def item(self, state: ItemState) -> Iterator[Spot]:
        """What one item is said to be worth."""
        for broken in state.breaks:
            if broken.code == "VALUE-NONE":
                act = broken.act
                entries = (*(broken.other.ids if broken.other else ()), *act.ids)
                yield Spot.at(
                    act,
                    "VALUE-NONE.two",
                    {"holder": state.holder, "how": broken.why},
                    state.key,
                    group=(state.holder, state.type),
                    entries=entries,
                    party=state.holder,
                    place=state.place,
                )
        if worth_of(state.worth) is None and state.status in _HELD and state.since is not None:
            act = state.registered or state.since
            yield Spot.at(
                act,
                "VALUE-NONE",
                {"holder": state.holder},
                state.key,
                group=(state.holder, state.type),
                party=state.holder,
                place=state.place,
            )

    @override
    def lot(self, lot: LotState) -> Iterator[Spot]:
        """What one lot is said to be worth."""
        if lot.key.startswith("money:") or (
            lot.worth is not None and worth_of(lot.worth[0]) is not None
        ):
            return
        held: dict[tuple[str, str], Act] = {}
        for unit, balance in lot.balances.items():
            held |= {
                (act.giver, unit): act for act, left in balance.transit.values() if left > ZERO
            }
            held |= {
                (holder, unit): lot.since[unit, holder]
                for holder, left in balance.on_hand.items()
                if left > ZERO
            }
        for (holder, _), act in sorted(held.items(), key=lambda one: one[0]):
            group = holder, lot.type
            yield Spot.at(act, "VALUE-NONE", {"holder": holder}, lot.key, group=group, party=holder)
