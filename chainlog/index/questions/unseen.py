"""What nobody has physically seen, by scan or photo, for so many days."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainlog.audit.rules.counts import is_monitored
from chainlog.custody.act import DAY_MS
from chainlog.custody.worth import read_money, worth_of
from chainlog.index.questions.reply import Counted, JsonRow, Reply

if TYPE_CHECKING:
    from chainlog.custody.state import ItemState
    from chainlog.custody.worth import Worth
    from chainlog.index.inquiry import Inquiry


@dataclass(frozen=True, slots=True)
class UnseenGroup(JsonRow):
    """What one holder has of one type.

    `never`: how many of it nobody ever saw; `oldest`: the sighting that is the longest ago, in ms.
    """

    holder: str
    type: str
    items: int
    value: Worth
    never: int
    oldest: int | None


@dataclass(frozen=True, slots=True)
class UnseenItem(JsonRow):
    """One item; `seen`: when last, in ms, by which `entry`."""

    item: str
    holder: str
    type: str
    value: Worth
    seen: int | None
    entry: bytes | None


@dataclass(frozen=True, slots=True)
class UnseenFilter:
    """Which items are meant: unseen for more than so many days, monitored unless `unmonitored`."""

    days: int
    holder: str | None = None
    type: str | None = None
    unmonitored: bool = False


def each_unseen(inquiry: Inquiry, only: UnseenFilter) -> Reply[UnseenItem, Counted]:
    """A row for each item, by holder, type and name."""
    wanted = _wanted(inquiry, only)
    rows = (
        UnseenItem(
            state.key,
            state.holder,
            state.type,
            _worth([state]),
            state.sighted.when if state.sighted else None,
            state.sighted.id if state.sighted else None,
        )
        for state in wanted
    )
    return Reply(inquiry.instant, tuple(rows), Counted(len(wanted), _worth(wanted)), inquiry.unmet)


def grouped_unseen(inquiry: Inquiry, only: UnseenFilter) -> Reply[UnseenGroup, Counted]:
    """A row for each holder and type."""
    wanted = _wanted(inquiry, only)
    groups: defaultdict[tuple[str, str], list[ItemState]] = defaultdict(list)
    for state in wanted:
        groups[state.holder, state.type].append(state)
    rows = (_group(*names, some) for names, some in groups.items())
    return Reply(inquiry.instant, tuple(rows), Counted(len(wanted), _worth(wanted)), inquiry.unmet)


def _wanted(inquiry: Inquiry, only: UnseenFilter) -> list[ItemState]:
    horizon = inquiry.instant - only.days * DAY_MS
    wanted = [
        state
        for state in inquiry.states()
        if state.status in {"on hand", "in transit"}
        and (only.unmonitored or is_monitored(state, inquiry.settings))
        and (only.holder is None or state.holder == only.holder)
        and (only.type is None or state.type == only.type)
        and (state.sighted is None or state.sighted.when < horizon)
    ]
    return sorted(wanted, key=lambda state: (state.holder, state.type, state.key))


def _group(holder: str, kind: str, some: list[ItemState]) -> UnseenGroup:
    seen = [state.sighted.when for state in some if state.sighted is not None]
    never = len(some) - len(seen)
    return UnseenGroup(holder, kind, len(some), _worth(some), never, min(seen, default=None))


def _worth(some: list[ItemState]) -> Worth:
    return worth_of(read_money(state.worth) for state in some)
