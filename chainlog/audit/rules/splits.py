"""CUST-SPLIT: two chains that say two things of who holds an item."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.family import Family
from chainlog.audit.finding import FindingRule, Spot
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.custody.state import ItemState
    from chainlog.events.phrase import Params

PLACE: Final = 50


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
