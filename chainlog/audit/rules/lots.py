"""LOT-*: balances that fall below zero, counts that are not the balance."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from chainlog.audit.family import Family
from chainlog.audit.finding import FindingRule, Spot
from chainlog.events.phrase import name_kind
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.custody.lot import LotState
    from chainlog.events.phrase import Params

PLACE: Final = 70


class Lots(Family):
    """Lots and money that do not add up."""

    rules: ClassVar[tuple[FindingRule, FindingRule]] = (
        FindingRule(
            "LOT-NEGATIVE",
            "high",
            rule="a holder's balance falls below zero, or a quantity is not above zero",
            group="lot, holder",
            words={
                "en": (
                    "{things}: {how} after {kind}: look for the receipt that is missing, or the "
                    "quantity that is wrong"
                ),
                "uk": (
                    "{things}: {how}, подія: {kind}: знайдіть отримання, якого бракує, або "
                    "хибну кількість"
                ),
            },
        ),
        FindingRule(
            "LOT-BALANCE",
            "high",
            rule="the latest count of a lot at a holder is not its balance there",
            group="inventory",
            words={
                "en": "{things}: {how}: count again, and record what was used, lost or found",
                "uk": (
                    "{things}: {how}: порахуйте ще раз і запишіть, що витрачено, втрачено або "
                    "знайдено"
                ),
            },
        ),
    )

    @override
    def lot(self, lot: LotState) -> Iterator[Spot]:
        """What the fold of one lot noted."""
        for broken in lot.breaks:
            act = broken.act
            party = (
                (act.taker if act.does.step == "receives" else act.giver) or act.holder or act.party
            )
            params: Params = {"how": broken.why}
            if broken.code == "LOT-NEGATIVE":
                params = {**params, "kind": name_kind(act.kind)}
                group: tuple[object, ...] = lot.key, party
            else:
                group = (act.id,)
            yield Spot.at(act, broken.code, params, lot.key, group=group, party=party)
