"""What share of the monitored items was seen in time.

By scan or photo, by word alone, not at all (docs/audit.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chainlog.audit.rules.conditions import worth_of
from chainlog.audit.rules.counts import delinquency, is_monitored
from chainlog.custody.act import DAY_MS

if TYPE_CHECKING:
    from decimal import Decimal

    from chainlog.audit.settings import Settings
    from chainlog.custody.act import Act
    from chainlog.custody.state import ItemState


@dataclass(frozen=True, slots=True)
class Sight:
    """One monitored item in the country and not ended.

    `how` it was seen in time, or not; `due`: whether it is delinquent.
    """

    key: str
    type: str
    unit: str
    arrival: Act
    how: Literal["physical", "declared", "unseen"]
    due: bool
    worth: tuple[Decimal, str] | None


def sight(state: ItemState, settings: Settings, as_of: int) -> Sight | None:
    """How a monitored item in the country was seen.

    None for one that is not monitored, not there yet, or no more.
    """
    arrival = state.arrival(frozenset(settings.in_country))
    if (
        arrival is None
        or state.status not in {"on hand", "in transit"}
        or not is_monitored(state, settings)
    ):
        return None
    horizon = as_of - settings.annual_days * DAY_MS
    since = max(arrival.when, horizon)
    how: Literal["physical", "declared", "unseen"] = "unseen"
    if state.sighted is not None and state.sighted.when >= since:
        how = "physical"
    elif state.looked is not None and state.looked.when >= since:
        how = "declared"
    return Sight(
        state.key,
        state.type,
        state.holder,
        arrival,
        how,
        delinquency(state, settings, as_of) is not None,
        worth_of(state.worth),
    )
