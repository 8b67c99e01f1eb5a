"""LOT-*: balances that fall below zero, counts that are not the balance."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from chainlog.audit.family import Family
from chainlog.audit.finding import Spot
from chainlog.overrides import override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlog.custody.lot import Lot


class Lots(Family):
    """Lots and money that do not add up."""

    codes: ClassVar = ("LOT-NEGATIVE", "LOT-BALANCE")

    @override
    def lot(self, lot: Lot) -> Iterator[Spot]:
        """What the fold of one lot noted."""
        for broken in lot.breaks:
            act = broken.act
            party = (
                (act.taker if act.does.step == "receives" else act.giver) or act.holder or act.party
            )
            if broken.code == "LOT-NEGATIVE":
                says = (
                    f"{{things}}: {broken.how} after {act.kind}: look for the receipt that is "
                    "missing, or the quantity that is wrong"
                )
                yield Spot(
                    "LOT-NEGATIVE",
                    (lot.key, party),
                    says,
                    act,
                    (lot.key,),
                    act.ids,
                    party,
                    act.text("place"),
                )
            else:
                says = (
                    f"{{things}}: {broken.how}: count again, and record what was used, lost "
                    "or found"
                )
                yield Spot(
                    "LOT-BALANCE",
                    (act.id,),
                    says,
                    act,
                    (lot.key,),
                    act.ids,
                    party,
                    act.text("place"),
                )
