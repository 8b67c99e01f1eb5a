"""What share of the monitored items in the country was seen in time, by count and by value."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chainlog.audit.coverage import Sight, sight
from chainlog.custody.worth import share, shares, worth_of
from chainlog.events.wording import day
from chainlog.index.questions.reply import Counted, JsonRow, Reply

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from decimal import Decimal

    from chainlog.index.inquiry import Inquiry


@dataclass(frozen=True, slots=True)
class Percent(JsonRow):
    """A share in whole per cent, by count and by value; None of nothing."""

    items: int | None
    value: dict[str, int | None]


@dataclass(frozen=True, slots=True)
class Coverage(JsonRow):
    """So many items, how they were seen, and how many of them are delinquent."""

    items: int
    value: dict[str, Decimal]
    physical: Counted
    declared: Counted
    unseen: Counted
    delinquent: Counted
    delinquent_percent: Percent


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """The coverage of one group: what it goes by, and by what name."""

    group: dict[str, str]
    coverage: Coverage

    def plain(self) -> dict[str, Any]:
        """As JSON: the names of the group beside its figures."""
        return {**self.group, **self.coverage.plain()}


def coverage_by(
    inquiry: Inquiry, groups: Collection[str], kind: str | None = None, unit: str | None = None
) -> Reply[CoverageRow, Coverage]:
    """A row for each group by `type`, `unit` or `month` of arrival, of items of a type or party."""
    seen = (sight(state, inquiry.settings, inquiry.instant) for state in inquiry.states())
    wanted = [
        one
        for one in seen
        if one is not None
        and (kind is None or one.type == kind)
        and (unit is None or one.unit == unit)
    ]
    rows: defaultdict[tuple[str, ...], list[Sight]] = defaultdict(list)
    for one in wanted:
        rows[tuple(_name(one, group) for group in groups)].append(one)
    return Reply(
        inquiry.instant,
        tuple(
            CoverageRow(dict(zip(groups, names, strict=True)), _coverage(some))
            for names, some in sorted(rows.items())
        ),
        _coverage(wanted),
        inquiry.unmet,
    )


def _name(one: Sight, group: str) -> str:
    return {"type": one.type or "?", "unit": one.unit, "month": day(one.arrival.when)[:7]}[group]


def _coverage(some: Sequence[Sight]) -> Coverage:
    every, due = _counted(some), _counted([one for one in some if one.due])
    return Coverage(
        every.items,
        every.value,
        _counted([one for one in some if one.how == "physical"]),
        _counted([one for one in some if one.how == "declared"]),
        _counted([one for one in some if one.how == "unseen"]),
        due,
        Percent(share(due.items, every.items), shares(due.value, every.value)),
    )


def _counted(some: Sequence[Sight]) -> Counted:
    return Counted(len(some), worth_of(one.worth for one in some))
